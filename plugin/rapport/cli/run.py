"""`rapport run`: the sidecar itself."""

import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from rapport.cli import ctrl_c_ends_at_once
from rapport.cli.options import OUT, Profiles, SecondsToRun, load_settings
from rapport.conversation.transcript import read_transcript
from rapport.settings import Camera, Microphone, Settings

if TYPE_CHECKING:
    from rapport.sidecar.profile_files import ProfileFile

Group = TypeVar("Group", Camera, Microphone)

WAITING = {
    "consent_missing": "you have not allowed it; `rapport consent grant` asks you.",
    "lease_missing": "no game holds a lease yet.",
}
"""Why a device is not open, for those reasons that the user does not know already."""

END_SIGNALS = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""What besides Ctrl-C asks a program to end; each system has some of them."""


def run(
    context: typer.Context,
    source: Annotated[
        Path | None,
        typer.Option(help="Play this clip in real time instead.", metavar="CLIP"),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Play the clip again and again.")] = False,
    transcript: Annotated[
        Path | None,
        typer.Option(
            help="What is said in the clip: JSON lines, see docs/conversation.md.", metavar="FILE"
        ),
    ] = None,
    seconds: SecondsToRun = None,
    camera: Annotated[
        str | None,
        typer.Option(
            help="Index, part of the name, or URL of the camera.",
            metavar="DEVICE",
            show_default=False,
        ),
    ] = None,
    microphone: Annotated[
        str | None,
        typer.Option(
            help="Index or part of the name of the microphone.",
            metavar="DEVICE",
            show_default=False,
        ),
    ] = None,
    no_camera: Annotated[bool, typer.Option("--no-camera", help="Do not capture pixels.")] = False,
    no_microphone: Annotated[
        bool, typer.Option("--no-microphone", help="Do not capture sound.")
    ] = False,
    lease: Annotated[
        bool,
        typer.Option(
            "--lease",
            help="Capture only while a game holds a lease, and end when none has for a while.",
        ),
    ] = False,
    parent_pid: Annotated[
        int | None,
        typer.Option(
            help="End when this process does: the game that started the sidecar.",
            metavar="PID",
            min=1,
            show_default=False,
        ),
    ] = None,
    profile: Profiles = None,
) -> None:
    """Capture, read and publish until Ctrl-C: camera and microphone, or a clip.

    Programs find the sidecar by themselves; `rapport watch` shows what it publishes.
    """
    for why, wrong in {
        "--loop needs --source: only a clip can be played again": loop and source is None,
        "--transcript needs --source: it tells what is said in a clip": transcript and not source,
        "--source plays a clip instead of a device": source and (camera or microphone),
        "--camera and --no-camera contradict each other": camera and no_camera,
        "--microphone and --no-microphone contradict each other": microphone and no_microphone,
    }.items():
        if wrong:
            raise typer.BadParameter(why)
    settings = load_settings(context)
    settings = msgspec.structs.replace(
        settings,
        camera=_device(settings.camera, camera, no_camera),
        microphone=_device(settings.microphone, microphone, no_microphone),
    )
    profiles = characters(profile)
    said = () if transcript is None else read_transcript(transcript)
    with ctrl_c_ends_at_once():
        from rapport.sidecar.lifetime import Lifetime, process
        from rapport.sidecar.live import Sidecar
        from rapport.wire import discovery
        from rapport.wire.claim import claimed

    lifetime = Lifetime(leased=lease, parent=None if parent_pid is None else process(parent_pid))
    runtime = discovery.directory(settings.wire.runtime_directory or None)
    end_on_signals()
    with (
        suppress(KeyboardInterrupt),
        claimed(runtime),
        Sidecar(
            settings, source, loop, lifetime=lifetime, profiles=profiles, transcript=said
        ) as sidecar,
    ):
        status = sidecar.status()
        captured = _captured(settings, source, loop, status.waiting_for)
        OUT.print(
            f"{captured}. States on {status.state_address}, "
            f"events on {status.events_address}. Ctrl-C stops.",
            markup=False,
            soft_wrap=True,
        )
        for device, code in status.waiting_for.items():
            if code in WAITING:
                OUT.print(f"The {device} stays closed: {WAITING[code]}", soft_wrap=True)
        sidecar.wait(seconds)
    OUT.print("Stopped.")


def characters(told: list[str] | None) -> "tuple[ProfileFile, ...]":
    """What `--profile` says: characters, and where their profiles are.

    :raises typer.BadParameter: one is not NPC=FILE, or a character is named twice.
    """
    if not told:
        return ()
    from rapport.sidecar.profile_files import ProfileFile
    from rapport.wire.requests import Npc

    found: dict[str, ProfileFile] = {}
    for one in told:
        npc, _, place = one.partition("=")
        try:
            msgspec.convert(npc, Npc)
        except msgspec.ValidationError:
            place = ""
        if not place:
            raise typer.BadParameter(
                f"--profile {one}: say it as NPC=FILE, for example mira=mira.toml"
            )
        if npc in found:
            raise typer.BadParameter(f"--profile {one}: {npc} has a profile already")
        found[npc] = ProfileFile(npc, place)
    return tuple(found.values())


def end_on_signals() -> None:
    """Let the system's requests to end do what Ctrl-C does, so that devices are released."""
    for name in END_SIGNALS:
        number = getattr(signal, name, None)
        # Ignored is a wish too: `nohup rapport run` outlives its terminal.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _device(group: Group, device: str | None, off: bool) -> Group:
    """The settings of a device with what the command line says of it."""
    if off:
        return msgspec.structs.replace(group, enabled=False)
    if device is not None:
        return msgspec.structs.replace(group, enabled=True, device=device)
    return group


def _captured(
    settings: Settings, source: Path | None, loop: bool, waiting_for: Mapping[str, str]
) -> str:
    """What is captured, in words; not what waits for consent or a lease."""
    if source is not None:
        return f"Playing {source}{' again and again' if loop else ''}"
    camera, microphone = settings.camera, settings.microphone
    devices = []
    if "camera" not in waiting_for:
        from rapport.capture.camera_devices import display_name

        devices.append(display_name(camera.device))
    if "microphone" not in waiting_for:
        devices.append(f"microphone {microphone.device}".strip())
    if devices:
        return "Capturing " + " and ".join(devices)
    off = not (camera.enabled or microphone.enabled)
    return "Capturing nothing" + (": both are switched off" if off else " yet")
