"""Every error that Rapport raises, each with a stable code.

    RapportError
    ├── SettingsError
    │   ├── SettingsInvalid          settings_invalid
    │   └── SettingsUnreadable       settings_unreadable
    ├── CaptureError
    │   ├── CameraNotFound           camera_not_found
    │   ├── CameraBusy               camera_busy
    │   ├── CameraLost               camera_lost
    │   ├── MicrophoneNotFound       mic_not_found
    │   ├── MicrophoneLost           mic_lost
    │   ├── AudioUnavailable         audio_unavailable
    │   └── ClipUnreadable           clip_unreadable
    ├── ModelError
    │   ├── ModelMissing             model_missing
    │   ├── ModelTampered            model_tampered
    │   ├── ModelUnreadable          model_unreadable
    │   ├── ModelNotCleared          model_not_cleared
    │   └── DownloadFailed           download_failed
    └── WireError
        ├── PortInUse                port_in_use
        ├── AddressRefused           address_refused
        ├── DirectoryUnwritable      directory_unwritable
        ├── SidecarNotFound          sidecar_not_found
        ├── SidecarSilent            sidecar_silent
        └── MessageInvalid           message_invalid

An error says what happened (its message), what that means for the user (`meaning`) and what to
do (`remedy`). `retryable` says whether trying again can help. Messages name devices, files and
ports, never a frame, a sample, a word or an emotion.
"""

from typing import ClassVar


class RapportError(Exception):
    """Base of all; `what` is one sentence that says what happened."""

    code: ClassVar[str] = "rapport_error"
    meaning: str = "Rapport cannot do what was asked."
    remedy: ClassVar[str] = "Run `rapport doctor` to see what works and what does not."
    retryable: ClassVar[bool] = False

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} [{self.code}]"


class SettingsError(RapportError):
    """The settings cannot be used."""


class SettingsInvalid(SettingsError):
    """A key is unknown or a value is of the wrong type or out of range."""

    code = "settings_invalid"
    meaning = "Nothing was started, because a setting would not do what you meant."
    remedy = "Correct the key or value named above; `rapport --show-config` lists them all."


class SettingsUnreadable(SettingsError):
    """A settings file is missing, not readable or not TOML."""

    code = "settings_unreadable"
    meaning = "Nothing was started, because the settings file could not be read."
    remedy = "Check the path and that the file is valid TOML."


class CaptureError(RapportError):
    """Pixels or samples cannot be had."""


class CameraNotFound(CaptureError):
    """There is no such camera."""

    code = "camera_not_found"
    meaning = "There is no face evidence; the voice goes on alone."
    remedy = "Plug a camera in or choose one that `rapport devices` lists."
    retryable = True


class CameraBusy(CaptureError):
    """The camera is there but another program holds it, or the system refuses it."""

    code = "camera_busy"
    meaning = "There is no face evidence until the camera is free; the voice goes on alone."
    remedy = "Close the program that uses the camera, or allow camera access in the system."
    retryable = True


class CameraLost(CaptureError):
    """The camera stopped giving frames."""

    code = "camera_lost"
    meaning = "There is no face evidence until the camera is back; it is being looked for."
    remedy = "Check the cable; Rapport opens the camera again by itself."
    retryable = True


class MicrophoneNotFound(CaptureError):
    """There is no such microphone."""

    code = "mic_not_found"
    meaning = "There is no voice evidence; the face goes on alone."
    remedy = "Plug a microphone in or choose one that `rapport devices` lists."
    retryable = True


class MicrophoneLost(CaptureError):
    """The microphone stopped giving samples."""

    code = "mic_lost"
    meaning = "There is no voice evidence until the microphone is back; it is being looked for."
    remedy = "Check the cable; Rapport opens the microphone again by itself."
    retryable = True


class AudioUnavailable(CaptureError):
    """The audio library cannot be loaded or started."""

    code = "audio_unavailable"
    meaning = "No microphone can be used on this system; the face goes on alone."
    remedy = "Install PortAudio (Debian: apt-get install portaudio19-dev) and PyAudio."


class ClipUnreadable(CaptureError):
    """A file is no media, or holds neither video nor sound."""

    code = "clip_unreadable"
    meaning = "There is nothing to analyse in this file."
    remedy = "Give a media file with video or sound, for example MP4, MKV, MOV, WAV or Opus."


class ModelError(RapportError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """A model file is not there."""

    code = "model_missing"
    meaning = "The expert that needs this model stays silent; the others go on."
    remedy = "Run `rapport models pull` once while online."


class ModelTampered(ModelError):
    """A model file's SHA-256 is not the one in the manifest."""

    code = "model_tampered"
    meaning = "The model was not loaded: it is damaged, or not the one that was published."
    remedy = "Delete the file and run `rapport models pull`, or install Rapport again."


class ModelUnreadable(ModelError):
    """The runtime cannot load a model, or it has not the promised inputs and outputs."""

    code = "model_unreadable"
    meaning = "The expert that needs this model stays silent; the others go on."
    remedy = "Install Rapport again; report the message above if that does not help."


class ModelNotCleared(ModelError):
    """The licence policy lets this model not be used; `meaning` says what is missing for it."""

    code = "model_not_cleared"
    meaning = "What this model would have read is left out; everything else goes on."
    remedy = (
        "`rapport models list` shows every licence; where your use is not commercial, set"
        ' models.licence_policy to "any".'
    )

    def __init__(self, what: str, meaning: str = meaning) -> None:
        super().__init__(what)
        self.meaning = meaning


class DownloadFailed(ModelError):
    """A model could not be downloaded whole and with the right hash."""

    code = "download_failed"
    meaning = "The model is not there yet; what was downloaded so far is kept for the next try."
    remedy = "Check the connection and run `rapport models pull` again; it resumes."
    retryable = True


class WireError(RapportError):
    """States or events cannot be sent or received."""


class PortInUse(WireError):
    """Another program listens on a port that the settings ask for."""

    code = "port_in_use"
    meaning = "The sidecar was not started: engines could not have reached it."
    remedy = "Set wire.state_port and wire.events_port to 0 (any free port) or to free ports."


class AddressRefused(WireError):
    """The address to bind or to connect to is not loopback, or not one of this machine."""

    code = "address_refused"
    meaning = (
        "Nothing was started or connected: Rapport speaks only between programs on this machine."
    )
    remedy = "Set wire.host to 127.0.0.1, and connect to an address like tcp://127.0.0.1:5555."


class DirectoryUnwritable(WireError):
    """A directory that Rapport must write to refuses it."""

    code = "directory_unwritable"
    meaning = "Rapport could not leave the small file by which programs find it."
    remedy = "Make the directory writable, or set wire.runtime_directory to one that is."


class SidecarNotFound(WireError):
    """No running sidecar was found."""

    code = "sidecar_not_found"
    meaning = "There is nothing to receive."
    remedy = "Start one with `rapport run`, or `rapport run --source CLIP` without a camera."
    retryable = True


class SidecarSilent(WireError):
    """A sidecar was found, but nothing came from it in time."""

    code = "sidecar_silent"
    meaning = "The sidecar has ended, hangs, or is still starting."
    remedy = "Try again; if it stays silent, stop it and start it anew."
    retryable = True


class MessageInvalid(WireError):
    """A message is not what the protocol says: garbage, truncated, oversized or out of range."""

    code = "message_invalid"
    meaning = "The message was dropped; the ones after it are read as usual."
    remedy = "If it persists, update the client or the sidecar, so that both speak one schema."
