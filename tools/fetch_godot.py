"""Finds Godot 4 for the tests of its bridge, or fetches it: `python tools/fetch_godot.py`.

In this order: the program that the variable RAPPORT_GODOT names; `godot` or `godot4` on the path,
if it is 4.3 or newer; the copy in the user's cache; on Debian and Ubuntu the package of Debian's
unstable suite, unpacked into the cache with its libraries (no root, nothing installed, signatures
checked by apt; 170 MB to download, 510 MB on the disk). Elsewhere: install Godot, or name it.

Prints the path of the program. Needs nothing but Python.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VARIABLE = "RAPPORT_GODOT"
OLDEST = (4, 3)
SUITE = "sid"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = ("godot", "libgl1", "libglx-mesa0")
"""The engine, and what it opens at run time to draw without a graphics card."""
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale")
WRAPPER = """\
#!/bin/sh
T=$(dirname "$(readlink -f "$0")")
L=$T/usr/lib/{machine}
exec "$T/{loader}" --library-path "$L:$L/pulseaudio:$L/blas:$L/lapack" \\
  --argv0 godot "$T/usr/bin/godot" "$@"
"""


class Unobtainable(Exception):
    """Godot is not here and cannot be fetched; one sentence says why."""


def main() -> int:
    try:
        sys.stdout.write(f"{find() or fetch()}\n")
    except Unobtainable as why:
        sys.stderr.write(f"{why}\n")
        return 1
    return 0


def find() -> Path | None:
    """A Godot that can be used, or None."""
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [*map(shutil.which, ("godot", "godot4")), str(cached())]
    for candidate in candidates:
        if candidate and Path(candidate).is_file() and (version(Path(candidate)) >= OLDEST):
            return Path(candidate)
    return None


def cached() -> Path:
    """Where a fetched copy lies."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        folder = home / "Library" / "Caches"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return folder / "rapport-dev" / "godot" / "godot"


def version(program: Path) -> tuple[int, ...]:
    """Major and minor version of a Godot; (0,) if it is none."""
    try:
        told = subprocess.run(
            [str(program), "--headless", "--version"], capture_output=True, text=True, timeout=60
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    found = re.search(r"^(\d+)\.(\d+)", told, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else (0,)


def fetch() -> Path:
    """Unpack Debian's package into the cache.

    :raises Unobtainable: this is no Debian, or its packages cannot be reached.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and Path(KEYS).is_file()):
        raise Unobtainable(
            f"Godot 4.3 or newer is needed: install it, or name its program in {VARIABLE}"
        )
    target = cached().parent
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        unpacked = Path(folder) / "godot"
        unpacked.mkdir()
        for package in _downloaded(Path(folder)):
            _unpack(package, unpacked)
        _write_wrapper(unpacked)
        if version(unpacked / "godot") < OLDEST:
            raise Unobtainable("the Godot that was fetched does not start")
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)
    return cached()


def _downloaded(folder: Path) -> list[Path]:
    """Debian's packages of Godot and all that it needs, by an apt of its own that knows of nothing
    installed."""
    for name in ("lists/partial", "cache/archives/partial", "etc"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    sources, configuration = folder / "sources.list", folder / "apt.conf"
    sources.write_text(
        f"deb [signed-by={KEYS} check-valid-until=no] {_mirror()} {SUITE} main\n", encoding="utf-8"
    )
    options = {
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::Etc": folder / "etc",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::trustedparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": 3,
        "Debug::NoLocking": "true",
        "Dpkg::Use-Pty": "false",
    }
    lines = [f'{name} "{value}";\n' for name, value in options.items()]
    configuration.write_text("".join(lines), encoding="utf-8")
    environment = {**os.environ, "APT_CONFIG": str(configuration)}
    _run(["apt-get", "-qq", "update"], environment)
    _run(["apt-get", "-y", "-qq", "--download-only", "install", *PACKAGES], environment)
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _mirror() -> str:
    """The Debian mirror that this machine is set up for."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    mirrors = [line for line in told.splitlines() if line.endswith("/debian/")]
    if not mirrors:
        raise Unobtainable(f"no Debian mirror is set up here; name a Godot in {VARIABLE}")
    return mirrors[0]


def _unpack(package: Path, target: Path) -> None:
    with (
        subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE
        ) as unpacking,
        tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive,
    ):
        for member in archive:
            if not member.name.startswith(LEFT_OUT):
                archive.extract(member, target, filter="tar")


def _write_wrapper(folder: Path) -> None:
    """A program that starts Godot with its own libraries instead of the system's."""
    loaders = sorted(folder.glob("usr/lib*/ld-linux*")) + sorted(folder.glob("usr/lib/ld-linux*"))
    libraries = sorted(folder.glob("usr/lib/*-linux-gnu*"))
    if not loaders or not libraries:
        raise Unobtainable("the packages are not laid out as expected")
    wrapper = folder / "godot"
    wrapper.write_text(
        WRAPPER.format(machine=libraries[0].name, loader=loaders[0].relative_to(folder)),
        encoding="utf-8",
    )
    wrapper.chmod(0o755)


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise Unobtainable(f"{' '.join(command[:2])} failed: {last}")


if __name__ == "__main__":
    sys.exit(main())
