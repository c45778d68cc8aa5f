"""Sets Rapport up in `.venv` and runs it, its tests or its checks: `python3 dev.py --help`.

Needs nothing but Python 3.11 or newer, on Windows, macOS and Linux. Everything comes from
`requirements.lock.txt`, by hash, and is installed again only when that file changes.
"""

from __future__ import annotations  # so that an older Python gets as far as the message in main()

import argparse
import collections
import contextlib
import functools
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import Callable, NamedTuple  # noqa: UP035 - collections.abc's is no type before 3.9

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
LOCK, PROJECT = ROOT / "requirements.lock.txt", ROOT / "pyproject.toml"
STAMP = VENV / "rapport-setup.json"
"""Written last, so that a `.venv` without it is known to be half made."""
BUILT_FROM_SOURCE = "pyaudio=="
"""Needs system packages where there is no wheel; without it everything but the microphone works."""
ALL_TESTS = ["-n", "2", "--dist", "loadfile"]
"""Two processes, each test file in one of them: tests wait more than they work."""
HEARTBEAT_S = 10.0  # quiet steps tell how far they are this often


class Failed(Exception):
    """Ends the script with this one sentence."""


class SystemPackage(NamedTuple):
    """What Debian calls it, what it is for, and a program or file that shows it to be there."""

    name: str
    why: str
    probe: str

    def present(self) -> bool:
        found = glob.glob(self.probe)  # noqa: PTH207 - Path.glob takes no absolute pattern
        return bool(found or shutil.which(self.probe))


THIS_PYTHON = "python{}.{}".format(*sys.version_info)
HEADER, STDLIB = sysconfig.get_path("include") + "/Python.h", sysconfig.get_path("stdlib")
PULSE_PLUGIN = "/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so"
VENV_PACKAGE = SystemPackage(f"{THIS_PYTHON}-venv", "makes .venv", f"{STDLIB}/ensurepip")
BUILD_PACKAGES = (
    SystemPackage("gcc", "compiles PyAudio", "gcc"),
    SystemPackage("libc6-dev", "compiles PyAudio", "/usr/include/stdio.h"),
    SystemPackage(f"{THIS_PYTHON}-dev", "compiles PyAudio", HEADER),
    SystemPackage("portaudio19-dev", "microphones", "/usr/include/portaudio.h"),
)
TEST_PACKAGES = (
    SystemPackage("pulseaudio", "a microphone for tests", "pulseaudio"),
    SystemPackage("pulseaudio-utils", "plays into it", "paplay"),
    SystemPackage("libasound2-plugins", "lets PyAudio hear it", PULSE_PLUGIN),
    SystemPackage("strace", "the network trace", "strace"),
    SystemPackage("xvfb", "draws Godot without a screen", "Xvfb"),
    SystemPackage("mono-mcs", "compiles the Unity bridge", "mcs"),
    SystemPackage("mono-runtime", "runs its tests", "mono"),
)

SIGNS = {
    "No space left on device": "The disk is full.",
    "DO NOT MATCH THE HASHES": "A downloaded file is not the one in requirements.lock.txt.",
    "portaudio.h": "PortAudio is missing (macOS: brew install portaudio; Fedora: portaudio-devel).",
    "connection broken by": "The package registry cannot be reached; check the network.",
    "No matching distribution": "The package registry has no such file for this system.",
    "Unable to locate package": "Debian's package lists are not there yet, or out of date.",
    "Temporary failure resolving": "Debian's mirror cannot be reached; check the network.",
    "Could not get lock": "Another program is installing packages; try again when it is done.",
    "PermissionError": "A file is not writable, or a program still uses .venv.",
}
"""What commands print, and what it means. First match wins."""


say = functools.partial(print, flush=True)


def step(what: str, arguments: list[str], **environment: str) -> None:
    """Run a program quietly, but never silently. Raises Failed with its last lines."""
    say(f"{what} …")
    started = time.monotonic()
    lines: collections.deque[str] = collections.deque(maxlen=400)
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            while process.poll() is None:
                try:
                    process.wait(HEARTBEAT_S)
                except subprocess.TimeoutExpired:
                    newest = lines[-1].strip()[:100] if lines else ""
                    say(f"  {time.monotonic() - started:.0f} s  {newest}")
        except KeyboardInterrupt:  # the program got it too; let it leave things whole
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(HEARTBEAT_S)
            process.kill()
            raise
        reader.join()
    if process.returncode:
        output = "".join(lines)
        meaning = next((text for sign, text in SIGNS.items() if sign in output), "")
        if not meaning:
            say(*(f"  | {line}" for line in list(lines)[-12:]), sep="")
        raise Failed(f"{what} failed. {meaning or 'Its last lines stand above.'}")
    say(f"  done in {time.monotonic() - started:.0f} s")


def install_system_packages(wanted: tuple[SystemPackage, ...]) -> None:
    """Install what is missing on Debian and Ubuntu as root; elsewhere say what to run."""
    missing = [package for package in wanted if not package.present()]
    if not missing or not shutil.which("apt-get"):
        return
    say("Missing:", ", ".join(f"{package.name} ({package.why})" for package in missing))
    names = " ".join(package.name for package in missing)
    line = f"apt-get install -y --no-install-recommends {names}"
    if os.geteuid() != 0:
        say(f"To install what is missing, run this once:\n  sudo {line}")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        try:
            step("Installing system packages", line.split(), **quiet)
        except Failed:  # no package lists yet, or lists that name files which are gone
            step("Reading the package lists", ["apt-get", "update"], **quiet)
            step("Installing system packages", line.split(), **quiet)
    except Failed as failure:
        say(f"{failure}\nGoing on without; to install by hand, run this once:\n  {line}")


def digest(*files: Path) -> str:
    """Changes when one of the files does, or the checkout moves, or another Python is used."""
    place = f"{ROOT} {THIS_PYTHON} {sys.platform}".encode()
    return hashlib.sha256(b"\n".join([place, *(file.read_bytes() for file in files)])).hexdigest()


def read_stamp() -> dict[str, object]:
    """What the last complete setup wrote; empty when `.venv` is absent or half made."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and (BIN / f"python{EXE}").exists() else {}


def split_lock(text: str) -> tuple[str, str]:
    """The entries of the lock file with wheels everywhere, and the ones built from source."""
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    sources = [entry for entry in entries if entry.startswith(BUILT_FROM_SOURCE)]
    return "".join(entry for entry in entries if entry not in sources), "".join(sources)


def pip(what: str, *arguments: str) -> None:
    # The build tools are in the lock file too, so that nothing unlocked is fetched for a build.
    options = ["--no-deps", "--no-build-isolation", "--progress-bar", "off"]
    command = [str(BIN / f"python{EXE}"), "-m", "pip", "install", *options, *arguments]
    step(what, command, PIP_DISABLE_PIP_VERSION_CHECK="1")


def install_locked(what: str, entries: str) -> None:
    part = VENV / "installing.txt"
    part.write_text(entries, encoding="utf-8")
    pip(what, "--require-hashes", "-r", str(part))


def install_pyaudio(entries: str) -> bool:
    try:
        install_locked("Installing PyAudio", entries)
    except Failed as failure:
        say(f"{failure}\nGoing on without microphones.")
        return False
    return True


def prepare(packages: tuple[SystemPackage, ...] = ()) -> None:
    """Make `.venv` what the lock file says, doing only what is not done yet."""
    started = time.monotonic()
    lock, project, stamp = digest(LOCK), digest(LOCK, PROJECT), read_stamp()
    fresh = stamp.get("lock") != lock
    pyaudio = not fresh and bool(stamp.get("pyaudio"))
    if not pyaudio:
        packages = (VENV_PACKAGE, *BUILD_PACKAGES, *packages)
    install_system_packages(packages)
    pyaudio_due = not pyaudio and (fresh or all(known.present() for known in BUILD_PACKAGES))
    if stamp.get("project") == project and not pyaudio_due:
        return
    wheels, sources = split_lock(LOCK.read_text(encoding="utf-8"))
    STAMP.unlink(missing_ok=True)
    if fresh:
        say(f"Setting up {VENV} (downloads about 400 MB the first time)")
        if not VENV_PACKAGE.present():
            raise Failed(f"This Python cannot make .venv without {VENV_PACKAGE.name}.")
        step("Making .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])
        install_locked("Installing the locked packages", wheels)
    if pyaudio_due:
        pyaudio = install_pyaudio(sources)
    pip("Installing Rapport itself", "-e", str(ROOT))
    STAMP.write_text(json.dumps({"lock": lock, "project": project, "pyaudio": pyaudio}))
    say(f"Set up in {time.monotonic() - started:.0f} s.\n")


def run(program: str, *arguments: str, directory: Path | None = None) -> int:
    """Run a program of `.venv` in the foreground and return its exit code."""
    environment = dict(os.environ)
    models = ROOT.parent / "shared" / "models"
    if models.is_dir():  # a developer's copy of the face landmarker spares the download
        environment.setdefault("RAPPORT_MODELS__DIRECTORY", str(models))
    # Not os.execv: on Windows it returns to the prompt at once and loses the exit code.
    line = [str(BIN / f"{program}{EXE}"), *arguments]
    with subprocess.Popen(line, cwd=directory, env=environment) as process:
        while process.poll() is None:
            with contextlib.suppress(KeyboardInterrupt):  # it got it too, and ends in its own way
                process.wait()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def setup(_: list[str]) -> int:
    prepare()
    return 0


def check(arguments: list[str]) -> int:
    prepare()
    tools = (["ruff", "format", "--check", *arguments], ["ruff", "check", *arguments], ["mypy"])
    return max([run(*tool, directory=ROOT) for tool in tools])


def fetch_godot() -> None:
    """Have a Godot in the cache for the tests of its bridge; without one they are skipped."""
    try:
        step("Looking for Godot (fetched once)", [sys.executable, "tools/fetch_godot.py"])
    except Failed as failure:
        say(f"{failure}\nGoing on without the tests of the Godot bridge.")


def test(arguments: list[str]) -> int:
    prepare(TEST_PACKAGES)
    fetch_godot()
    checked = check([])
    tested = run("python", "-m", "pytest", *(arguments or ALL_TESTS), directory=ROOT)
    if checked:
        say("`dev.py check` failed; see what stands before the tests.")
    return tested or checked


def rapport(*arguments: str) -> int:
    prepare()
    return run("rapport", *arguments)


def package(arguments: list[str]) -> int:
    """One folder with the sidecar and all that it needs, to lie beside a game."""
    prepare()
    options = ["--noconfirm", "--distpath", "dist", "--workpath", "build/package", *arguments]
    done = run("python", "-m", "PyInstaller", *options, "packaging/rapport.spec", directory=ROOT)
    if not done:
        say(f"The sidecar lies in {ROOT / 'dist' / 'rapport'}; start {'rapport' + EXE} in it.")
    return done


def lock(arguments: list[str]) -> int:
    uv = shutil.which("uv")
    if not uv:
        raise Failed("Locking needs uv: pip install uv")
    options = ["--universal", "--generate-hashes", "--no-annotate", "--python-version", "3.11"]
    options += ["--group", "dev", "--group", "build", "-o", LOCK.name, *arguments]
    options += ["--custom-compile-command", "python3 dev.py lock"]
    step("Locking", [uv, "pip", "compile", PROJECT.name, *options], UV_NO_CONFIG="1")
    return 0


COMMANDS: dict[str, tuple[str, Callable[[list[str]], int]]] = {
    "setup": ("make or update .venv", setup),
    "demo": ("run `rapport demo` (try --seconds 20)", lambda rest: rapport("demo", *rest)),
    "run": ("run `rapport` with any arguments (try doctor)", lambda rest: rapport(*rest)),
    "test": ("check, then run all tests, two at once; arguments go to pytest", test),
    "check": ("ruff format --check, ruff check, mypy", check),
    "package": ("put the sidecar into one folder that needs no Python", package),
    "lock": ("make requirements.lock.txt anew with uv; --upgrade moves pins", lock),
}


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this script may be started with any Python
        raise Failed(f"Rapport needs Python 3.11 or newer; this is {THIS_PYTHON}.")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (text, _) in COMMANDS.items():  # no help of their own: -h goes to the program
        commands.add_parser(name, help=text, add_help=False, allow_abbrev=False)
    chosen, rest = parser.parse_known_args()
    return COMMANDS[chosen.command][1](rest)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # for Windows consoles
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; the next call makes .venv anew if it is half made.\n")
        sys.exit(130)  # as shells have it
