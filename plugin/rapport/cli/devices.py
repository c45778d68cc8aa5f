"""`rapport devices`: the cameras and microphones of this machine."""

import msgspec
import typer
from rich import box
from rich.table import Table

from rapport.cli.options import ERR, OUT, AsJson, load_settings
from rapport.errors import AudioUnavailable


def devices(context: typer.Context, as_json: AsJson = False) -> None:
    """List cameras and microphones, as `--camera` and `--microphone` name them."""
    load_settings(context)
    from rapport.capture.camera_devices import list_cameras
    from rapport.capture.microphone_devices import MicrophoneInfo, list_microphones

    cameras = list_cameras()
    microphones: list[MicrophoneInfo] = []
    unavailable: AudioUnavailable | None = None
    try:
        microphones = list_microphones()
    except AudioUnavailable as error:
        unavailable = error
    if as_json:
        found = {
            "cameras": cameras,
            "microphones": microphones,
            "microphones_error": unavailable.code if unavailable else "",
        }
        OUT.print_json(msgspec.json.encode(found).decode())
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for column in ("device", "index", "name", "through"):
        table.add_column(column)
    for camera in cameras:
        table.add_row("camera", str(camera.index), camera.name, "")
    for microphone in microphones:
        through = f"{microphone.system}, {microphone.rate} Hz, {microphone.channels} ch"
        kind = "microphone *" if microphone.default else "microphone"
        table.add_row(kind, str(microphone.index), microphone.name, through)
    if cameras or microphones:
        OUT.print(table)
    if any(microphone.default for microphone in microphones):
        OUT.print("* the system's default", style="dim")
    if not cameras:
        OUT.print("No camera was found; `rapport doctor` says what to do.")
    if unavailable is not None:
        ERR.print(f"{unavailable} {unavailable.remedy}", markup=False)
    elif not microphones:
        OUT.print("No microphone was found; `rapport doctor` says what to do.")
