"""Finds Godot 4 for the tests of its bridge, or fetches it: `python tools/fetch_godot.py`.

In this order: the program that the variable RAPPORT_GODOT names, and no other; `godot` or `godot4`
on the path, if it is 4.3 or newer; the copy in the user's cache; the release of Godot's makers,
held to its known hash (60 to 150 MB); where that cannot be reached, on Debian and its like, the
package of Debian's unstable suite, unpacked into the cache with its libraries (no root, nothing
installed, signatures checked by apt; 170 MB to download, 510 MB on the disk).

Prints the path of the program. Needs nothing but Python.
"""

import hashlib
import http.client
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

VARIABLE = "RAPPORT_GODOT"
RELEASE = "4.6.2-stable"
RELEASES = "https://github.com/godotengine/godot-builds/releases/download"


class Archive(NamedTuple):
    """A release for one system: how its file's name ends, its hash, and the program in it."""

    ending: str
    sha256: str
    program: str


ARCHIVES = {
    ("Linux", "x86_64"): Archive(
        "linux.x86_64",
        "30e6b6d141f0cd5bebd629ad1d0ef1324e60091bb20662d026b402ba58c59937",
        f"Godot_v{RELEASE}_linux.x86_64",
    ),
    ("Linux", "aarch64"): Archive(
        "linux.arm64",
        "c9154154de14acb1f38a6c8618f01f4111ecbd1cdbcecd0a5151be42de2bd1c9",
        f"Godot_v{RELEASE}_linux.arm64",
    ),
    ("Darwin", "arm64"): Archive(
        "macos.universal",
        "666b2a64e4b5c59db0e4974605b888eb72eb7d4e60e870d2be6cc19727b50807",
        "Godot.app/Contents/MacOS/Godot",
    ),
    ("Windows", "AMD64"): Archive(
        "win64.exe",
        "14293422efb54b24a51f79d4cb55ab4001ef3d936e064a6c8af32e1f984024be",
        f"Godot_v{RELEASE}_win64_console.exe",  # the one that prints
    ),
}
ARCHIVES["Darwin", "x86_64"] = ARCHIVES["Darwin", "arm64"]
"""Another release: change RELEASE and all hashes; they stand on the page of the release."""
CONNECT_S = 20.0
CHUNK_BYTES = 1 << 20
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
    archive = ARCHIVES.get((platform.system(), platform.machine()))
    program = archive.program if archive and sys.platform in ("win32", "darwin") else "godot"
    return _folder() / program


def _folder() -> Path:
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        folder = home / "Library" / "Caches"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return folder / "rapport-dev" / "godot"


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
    """Have a Godot in the cache: the release of its makers, else Debian's package.

    :raises Unobtainable: neither can be had here, or the variable names something else.
    """
    if os.environ.get(VARIABLE):
        raise Unobtainable(f"{VARIABLE} names no Godot of version 4.3 or newer")
    reasons = []
    for unpack in (unpack_release, unpack_debian):
        target = _folder()
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            unpacked = Path(folder) / "godot"
            unpacked.mkdir()
            try:
                unpack(unpacked)
            except Unobtainable as why:
                reasons.append(str(why))
                continue
            if version(unpacked / cached().relative_to(target)) < OLDEST:
                reasons.append("the Godot that was fetched does not start")
                continue
            shutil.rmtree(target, ignore_errors=True)
            unpacked.rename(target)
            return cached()
    raise Unobtainable(
        f"Godot 4.3 or newer is needed: install it, or name its program in {VARIABLE} "
        f"({'; '.join(reasons)})"
    )


def unpack_release(target: Path) -> None:
    """Unpack the release of Godot's makers for this system.

    :raises Unobtainable: there is none, it cannot be reached, or it is not the one that is known.
    """
    archive = ARCHIVES.get((platform.system(), platform.machine()))
    if archive is None:
        raise Unobtainable("there is no release for this system")
    address = f"{RELEASES}/{RELEASE}/Godot_v{RELEASE}_{archive.ending}.zip"
    file = target.parent / "release.zip"
    found = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(address, timeout=CONNECT_S) as source,  # noqa: S310  a constant
            file.open("wb") as written,
        ):
            while part := source.read(CHUNK_BYTES):
                found.update(part)
                written.write(part)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Unobtainable(f"the release cannot be reached: {reason}") from error
    if found.hexdigest() != archive.sha256:
        raise Unobtainable("what came is not the release that is known")
    with zipfile.ZipFile(file) as zipped:
        zipped.extractall(target)  # noqa: S202  it is the one that is known
    program = target / archive.program
    program.chmod(0o755)
    if cached().name == "godot":
        program.rename(target / "godot")


def unpack_debian(target: Path) -> None:
    """Unpack Debian's package with its libraries.

    :raises Unobtainable: this is no Debian, or its packages cannot be reached.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and Path(KEYS).is_file()):
        raise Unobtainable("this is no Debian")
    for package in _downloaded(target.parent):
        _unpack(package, target)
    _write_wrapper(target)


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
