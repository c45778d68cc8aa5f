"""The real pipeline under a trace of its system calls: no network but loopback, nothing on disk."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

pytestmark = pytest.mark.privacy

SECONDS = 30
"""Telemetry that was seen in other versions of the libraries came after about ten."""

INTERNET = re.compile(r"sa_family=AF_INET6?\b.*?(?:inet_addr|inet_pton)\(([^)]*)\)")
LOOPBACK = re.compile(r'"127\.|"::1"|"::ffff:127\.')
NO_ADDRESS = re.compile(r'"0\.0\.0\.0"|"::"')
"""What a socket has before it is bound; to be bound to it means to be reached from anywhere."""
OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]*)", ([A-Z_|]+)')
WRITABLE = ("O_WRONLY", "O_RDWR", "O_CREAT")


def strangers(trace: Iterable[str]) -> list[str]:
    """The lines that name an internet address other than loopback."""
    return [line for line in trace if (found := INTERNET.search(line)) and _strange(line, found)]


def _strange(line: str, found: re.Match[str]) -> bool:
    if " bind(" not in line and NO_ADDRESS.search(found.group(1)):
        return False
    return not LOOPBACK.search(found.group(1))


def written(trace: Iterable[str]) -> set[str]:
    """The files that were opened to be written."""
    found = (OPENED.search(line) for line in trace)
    return {m.group(1) for m in found if m and any(flag in m.group(2) for flag in WRITABLE)}


def test_the_trace_reader_knows_strangers_and_files() -> None:
    head = "{sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("
    lines = [
        f'1 connect(3, {head}"192.0.2.1")}}, 16)',
        f'1 bind(3, {head}"127.0.0.1")}}, 16)',
        "1 connect(3, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), "
        'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28)',
        '1 connect(3, {sa_family=AF_UNIX, sun_path="/run/x"}, 16)',
        f'1 bind(3, {head}"0.0.0.0")}}, 16)',
        f'1 getsockname(3, {head}"0.0.0.0")}}, [16]) = 0',
        '1 openat(AT_FDCWD, "/tmp/frame.png", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3',
        '1 openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3',
    ]
    assert strangers(lines) == [lines[0], lines[2], lines[4]]
    assert written(lines) == {"/tmp/frame.png"}


@pytest.mark.skipif(sys.platform != "linux", reason="strace is a Linux program")
def test_half_a_minute_of_the_real_pipeline_reaches_nobody_and_keeps_nothing(
    clean_environment: dict[str, str], demo_clip: Path, tmp_path: Path
) -> None:
    if not shutil.which("strace"):
        pytest.skip("needs strace (Debian: strace)")
    # CI is unset because libraries hold their telemetry back where they see it.
    environment = {k: v for k, v in clean_environment.items() if k != "CI"}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    trace = tmp_path / "trace"
    work = tmp_path / "work"
    work.mkdir()
    command = ["strace", "-f", "-s", "256", "-e", "trace=network,open,openat,creat"]
    command += ["--seccomp-bpf", "-o", str(trace), sys.executable, "-m", "rapport.cli", "run"]
    command += ["--source", str(demo_clip), "--loop", "--seconds", str(SECONDS)]
    subprocess.run(
        command, env=environment, cwd=work, capture_output=True, check=True, timeout=SECONDS + 60
    )
    lines = trace.read_text(errors="replace").splitlines()
    assert any('inet_addr("127.0.0.1")' in line for line in lines), "the trace saw no socket"
    assert strangers(lines) == []
    assert not list(work.iterdir())
    runtime = clean_environment["RAPPORT_WIRE__RUNTIME_DIRECTORY"]
    kept = {name for name in written(lines) if not name.startswith((runtime, "/dev/", "/proc/"))}
    assert kept == set()
    left = {file.name: file.stat().st_size for file in Path(runtime).iterdir()}
    assert left in ({}, {"sidecar.lock": 0})
