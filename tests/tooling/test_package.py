"""The packaged sidecar: built as `dev.py package` does, and started without this Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rapport.wire.client import connect

pytestmark = pytest.mark.tooling

BUILD_S = 600
READY_S = 60.0
MEGABYTES_MAX = 550
"""On Linux it has 430; what drives graphics cards would be 270 more."""


@pytest.mark.timeout(BUILD_S + 120)
def test_the_packaged_sidecar_runs_where_there_is_no_python(
    repository: Path, tmp_path: Path, demo_clip: Path
) -> None:
    folders = ["--distpath", str(tmp_path / "dist"), "--workpath", str(tmp_path / "build")]
    built = subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", *folders, "packaging/rapport.spec"],
        cwd=repository, capture_output=True, text=True, timeout=BUILD_S,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-3000:]
    folder = tmp_path / "dist" / "rapport"
    program = folder / ("rapport.exe" if sys.platform == "win32" else "rapport")
    size = sum(path.lstat().st_size for path in folder.rglob("*")) / 1e6
    print(f"{size:.0f} MB")  # noqa: T201  a figure
    assert size < MEGABYTES_MAX
    assert not list(folder.rglob("*providers_cuda*"))
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(tmp_path),
        "RAPPORT_WIRE__RUNTIME_DIRECTORY": str(tmp_path / "run"),
    }
    started = [str(program), "run", "--source", str(demo_clip), "--loop"]
    with subprocess.Popen(
        started, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as sidecar:
        try:
            with connect(READY_S, tmp_path / "run") as client:
                read = next(s for s in client.states(READY_S) if s.face_present and s.probabilities)
            assert read.modalities
        finally:
            sidecar.terminate()
            _, said = sidecar.communicate(timeout=READY_S)
    assert b"rror" not in said, said
