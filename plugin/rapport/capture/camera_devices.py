"""Which cameras there are, and opening one of them with OpenCV.

Linux tells the names of cameras without touching them. On Windows and macOS OpenCV 4 knows none:
cameras are found there by opening one index after the other (their light may blink), are called
`camera 0`, `camera 1` …, and one that another program holds cannot be told from one that is not
there until its first frame fails to come.
"""

import errno
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import msgspec

from rapport.errors import CameraBusy, CameraNotFound
from rapport.settings import Camera as CameraSettings

LINUX_CAMERAS = Path("/sys/class/video4linux")
LINUX_DEVICES = Path("/dev")
PROBED_INDICES = 5
"""Where names are unknown, indices 0 … 4 are tried: more cameras on one machine are rare."""

BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_MSMF}
BUFFERS = 2
"""Driver buffers: one is filled while the other is decoded. With a single one V4L2 drivers drop
every second frame; more would only hold old pictures."""


class CameraInfo(msgspec.Struct, frozen=True, order=True):
    """A camera that `settings.Camera.device` can name by `index` or by a part of `name`."""

    index: int
    name: str


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine, by index. Outside Linux each is opened for a moment."""
    return _listed_by_linux() if sys.platform == "linux" else _probed()


def display_name(device: str) -> str:
    """What messages call a camera: its setting, or of a URL the host only.

    The rest of a URL may hold a password.
    """
    if "://" not in device:
        return f"camera {device}"
    return f"the camera at {urlsplit(device).hostname or 'an address'}"


def open_camera(settings: CameraSettings) -> cv2.VideoCapture:
    """Open the camera that the settings name.

    :raises CameraNotFound: there is none by that index, name or address.
    :raises CameraBusy: it is there, but cannot be opened.
    """
    _quieten_opencv()
    if "://" in settings.device:
        return _open_url(settings)
    index = find_camera(settings.device)
    if sys.platform == "linux":
        _check_linux_node(index)
    capture = cv2.VideoCapture(index, BACKENDS.get(sys.platform, cv2.CAP_ANY))
    if not capture.isOpened():
        capture.release()
        if sys.platform == "linux":
            raise CameraBusy(f"camera {index} is there but cannot be opened")
        raise CameraNotFound(f"camera {index} is not there, or another program uses it")
    # USB cameras give 30 fps at 640x480 and above only as Motion JPEG; the order matters.
    for key, value in (
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, settings.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, settings.height),
        (cv2.CAP_PROP_FPS, settings.fps),
        (cv2.CAP_PROP_BUFFERSIZE, BUFFERS),
    ):
        capture.set(key, value)  # what a camera cannot do it ignores
    return capture


def find_camera(device: str) -> int:
    """The index of the camera that `device` names: an index, or a part of a name.

    :raises CameraNotFound: no camera has that name.
    """
    if device.strip().isdecimal():
        return int(device)
    cameras = list_cameras()
    for camera in cameras:
        if device.casefold() in camera.name.casefold():
            return camera.index
    names = ", ".join(f"{camera.name!r}" for camera in cameras) or "none"
    raise CameraNotFound(f"no camera is called {device!r}; there are: {names}")


def _open_url(settings: CameraSettings) -> cv2.VideoCapture:
    parameters = (
        (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(settings.open_timeout_s * 1000)),
        (cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(settings.read_timeout_s * 1000)),
        # Decoding in several threads costs a frame of delay each, and more processor time.
        (cv2.CAP_PROP_N_THREADS, 1),
    )
    flat = [number for parameter in parameters for number in parameter]
    capture = cv2.VideoCapture(settings.device, cv2.CAP_FFMPEG, flat)
    if not capture.isOpened():
        capture.release()
        raise CameraNotFound(f"{display_name(settings.device)} does not answer")
    return capture


def _listed_by_linux() -> list[CameraInfo]:
    cameras = []
    for entry in LINUX_CAMERAS.glob("video*"):
        try:
            number = int(entry.name.removeprefix("video"))
            name = (entry / "name").read_text(encoding="utf-8", errors="replace").strip()
            stream = (entry / "index").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue  # unplugged just now
        if stream == "0":  # the others carry a camera's metadata, not pictures
            cameras.append(CameraInfo(number, name))
    return sorted(cameras)


def _probed() -> list[CameraInfo]:
    _quieten_opencv()
    cameras = []
    for index in range(PROBED_INDICES):
        capture = cv2.VideoCapture(index, BACKENDS.get(sys.platform, cv2.CAP_ANY))
        if capture.isOpened():
            cameras.append(CameraInfo(index, f"camera {index}"))
        capture.release()
    return cameras


def _check_linux_node(index: int) -> None:
    """Ask the device node first: it says why, where OpenCV only says no."""
    try:
        os.close(os.open(LINUX_DEVICES / f"video{index}", os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
            raise CameraNotFound(f"there is no camera {index}") from None
        reason = os.strerror(error.errno or 0)
        raise CameraBusy(f"camera {index} is there but cannot be opened: {reason}") from None


def _quieten_opencv() -> None:
    """Keep OpenCV and its FFmpeg from printing what is told as an event anyway."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET
    # MSMF otherwise starts a hardware converter, which takes tens of seconds on some cameras.
    os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
