"""Finding cameras: by Linux's own list, by name, and why one cannot be opened."""

import errno
import os
import sys
from pathlib import Path

import pytest

from rapport.capture import camera_devices
from rapport.capture.camera_devices import (
    CameraInfo,
    display_name,
    find_camera,
    list_cameras,
    open_camera,
)
from rapport.errors import CameraBusy, CameraNotFound
from rapport.settings import Camera as CameraSettings

pytestmark = pytest.mark.unit
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="is about Linux's device nodes")


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux with two cameras, one of which has a metadata node too, and no device nodes yet."""
    for number, name, stream in (
        (10, "Integrated Camera", 0),
        (11, "Integrated Camera", 1),
        (2, "Logitech C920", 0),
    ):
        node = tmp_path / "sys" / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(f"{name}\n", encoding="utf-8")
        (node / "index").write_text(f"{stream}\n", encoding="ascii")
    (tmp_path / "sys" / "video7").mkdir()  # going away just now
    (tmp_path / "dev").mkdir()
    monkeypatch.setattr(camera_devices, "LINUX_CAMERAS", tmp_path / "sys")
    monkeypatch.setattr(camera_devices, "LINUX_DEVICES", tmp_path / "dev")
    return tmp_path


@linux_only
def test_cameras_are_listed_by_index_without_metadata_nodes(linux: Path) -> None:
    assert list_cameras() == [
        CameraInfo(2, "Logitech C920"),
        CameraInfo(10, "Integrated Camera"),
    ]


@linux_only
@pytest.mark.parametrize(
    ("device", "index"), [("0", 0), (" 3 ", 3), ("logitech", 2), ("Integrated", 10)]
)
def test_a_camera_is_found_by_index_or_part_of_its_name(
    linux: Path, device: str, index: int
) -> None:
    assert find_camera(device) == index


@linux_only
def test_an_unknown_name_is_refused_with_the_names_there_are(linux: Path) -> None:
    with pytest.raises(CameraNotFound, match=r"'OBS'.*'Logitech C920', 'Integrated Camera'"):
        find_camera("OBS")


@linux_only
def test_a_missing_node_is_not_found(linux: Path) -> None:
    with pytest.raises(CameraNotFound):
        open_camera(CameraSettings(device="4"))


@linux_only
def test_a_node_that_is_no_camera_is_there_but_cannot_be_opened(linux: Path) -> None:
    (linux / "dev" / "video63").touch()
    with pytest.raises(CameraBusy):
        open_camera(CameraSettings(device="63"))


@linux_only
@pytest.mark.parametrize("code", [errno.EBUSY, errno.EACCES])
def test_a_node_that_the_system_refuses_is_busy(
    linux: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(camera_devices.os, "open", refuse)
    with pytest.raises(CameraBusy, match=os.strerror(code)):
        open_camera(CameraSettings(device="2"))


def test_messages_never_hold_the_secrets_of_a_url() -> None:
    assert display_name("rtsp://player:secret@10.0.0.7/x?token=abc") == "the camera at 10.0.0.7"
    assert display_name("3") == "camera 3"
