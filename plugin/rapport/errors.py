"""Every error that Rapport raises, each with a stable code.

    RapportError
    ├── SettingsError
    │   ├── SettingsInvalid          settings_invalid
    │   └── SettingsUnreadable       settings_unreadable
    ├── ConsentError
    │   ├── ConsentMissing           consent_missing
    │   ├── ConsentRefused           consent_refused
    │   ├── ConsentInvalid           consent_invalid
    │   ├── ConsentTextUnknown       consent_text_unknown
    │   ├── ConsentUnreadable        consent_unreadable
    │   └── ConsentUnwritable        consent_unwritable
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
    ├── AppraiserError
    │   ├── TemplateInvalid          template_invalid
    │   ├── EndpointInvalid          endpoint_invalid
    │   ├── EndpointRefused          endpoint_refused
    │   ├── TextNotAllowed           text_not_allowed
    │   ├── EndpointUnreachable      endpoint_unreachable
    │   ├── EndpointSlow             endpoint_slow
    │   ├── EndpointFailed           endpoint_failed
    │   └── AnswerInvalid            answer_invalid
    ├── ControlError
    │   ├── SettingNotLive           setting_not_live
    │   ├── ProfileUnusable          profile_unusable
    │   └── NotAvailable             not_available
    ├── ReactionError
    │   ├── ProfileInvalid           profile_invalid
    │   ├── ProfileMissing           profile_missing
    │   ├── ProfileLimit             profile_limit
    │   ├── ProfileExists            profile_exists
    │   └── PictureFailed            picture_failed
    ├── RecordingError
    │   ├── RecordingFailed          recording_failed
    │   ├── RecordingUnreadable      recording_unreadable
    │   ├── ExportFailed             export_failed
    │   ├── ScriptInvalid            script_invalid
    │   └── TranscriptInvalid        transcript_invalid
    └── WireError
        ├── AlreadyRunning           already_running
        ├── PortInUse                port_in_use
        ├── AddressRefused           address_refused
        ├── DirectoryUnwritable      directory_unwritable
        ├── SidecarNotFound          sidecar_not_found
        ├── SidecarSilent            sidecar_silent
        ├── MessageInvalid           message_invalid
        ├── AccessDenied             access_denied
        ├── KeysUnreadable           keys_unreadable
        ├── RequestRefused           request_refused
        ├── RequestInvalid           request_invalid
        ├── RequestUnknown           request_unknown
        ├── HelloFirst               hello_first
        ├── TooManyRequests          too_many_requests
        └── InternalError            internal_error

An error says what happened (its message), what that means for the user (`meaning`) and what to
do (`remedy`). `retryable` says whether trying again can help. Messages name devices, files and
ports, never a frame, a sample, a word or an emotion.
"""


class RapportError(Exception):
    """Base of all; `what` is one sentence that says what happened."""

    code: str = "rapport_error"
    meaning: str = "Rapport cannot do what was asked."
    remedy: str = "Run `rapport doctor` to see what works and what does not."
    retryable: bool = False

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


class ConsentError(RapportError):
    """The player's consent is not there, or cannot be given or read."""


class ConsentMissing(ConsentError):
    """The player has not allowed this, or not any more."""

    code = "consent_missing"
    meaning = "The device stays closed; what the player has allowed goes on."
    remedy = "Ask in the game, or run `rapport consent grant` or `rapport consent page`."


class ConsentRefused(ConsentError):
    """The player was asked and said no, or did not answer."""

    code = "consent_refused"
    meaning = "Nothing was allowed, and nothing is captured for it; the game plays on without."
    remedy = "Nothing needs to be done; the player may say yes later in the same way."


class ConsentInvalid(ConsentError):
    """Consent was asked for or taken back for something that there is not."""

    code = "consent_invalid"
    meaning = "Nothing was written; what was allowed before is as it was."
    remedy = "Name an application, and camera, microphone, recording or text, for at most 366 days."


class ConsentTextUnknown(ConsentError):
    """The text that the player is said to have seen is not the current one."""

    code = "consent_text_unknown"
    meaning = "Nothing was allowed: the player must have seen the text as it is now."
    remedy = "Show the text that `consent.text` gives, and answer with its version and language."


class ConsentUnreadable(ConsentError):
    """The record of consent is damaged, was changed by hand, or is another user's."""

    code = "consent_unreadable"
    meaning = "Nothing counts as allowed, so no camera or microphone is opened."
    remedy = "Keep a copy with `rapport consent export`, then `rapport consent erase`; allow anew."


class ConsentUnwritable(ConsentError):
    """The record of consent cannot be written."""

    code = "consent_unwritable"
    meaning = "The answer was not kept, so nothing new is allowed."
    remedy = "Make room on the disk and the user's data folder writable, or set consent.directory."
    retryable = True


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


class AppraiserError(RapportError):
    """The language model cannot be asked, or its answer cannot be used."""


class TemplateInvalid(AppraiserError):
    """A prompt template is missing, not readable, or has not the placeholders that it must."""

    code = "template_invalid"
    meaning = "No language model is asked; face, voice and words go on."
    remedy = "Correct the file that appraiser.template names; docs/appraiser.md lists placeholders."


class EndpointInvalid(AppraiserError):
    """The address of the language model is none, or its key cannot be read."""

    code = "endpoint_invalid"
    meaning = "No language model is asked; face, voice and words go on."
    remedy = (
        "Set appraiser.endpoint to a base address such as http://127.0.0.1:8080/v1, and "
        "appraiser.key_file to a file with nothing but the key, if one is needed."
    )


class EndpointRefused(AppraiserError):
    """The language model is on another machine, and that is not allowed, or not without https."""

    code = "endpoint_refused"
    meaning = "Nothing was sent, and the address was not even looked up."
    remedy = (
        "Use 127.0.0.1, ::1 or localhost. Another machine needs appraiser.remote = true and the "
        "player's consent to `text`, and https outside your own network."
    )


class TextNotAllowed(AppraiserError):
    """The player has not allowed that words are sent to another machine, or not any more."""

    code = "text_not_allowed"
    meaning = "Nothing is sent, and the language model says nothing; the rest goes on."
    remedy = "Ask the player for the permission `text`, or use a language model on this machine."


class EndpointUnreachable(AppraiserError):
    """Nobody answers at the address of the language model."""

    code = "endpoint_unreachable"
    meaning = "The language model says nothing until it is there; it is tried again, less often."
    remedy = "Start its server, and check the port in appraiser.endpoint."
    retryable = True


class EndpointSlow(AppraiserError):
    """The language model's answer was not complete in time."""

    code = "endpoint_slow"
    meaning = "This answer is given up; it is tried again, less often."
    remedy = "Use a smaller model or one without thinking, or raise appraiser.timeout_s."
    retryable = True


class EndpointFailed(AppraiserError):
    """The language model's server refused the request, broke off, or sent far too much."""

    code = "endpoint_failed"
    meaning = "This answer is lost; it is tried again, less often."
    remedy = "Read the server's own log; check appraiser.endpoint, appraiser.model and the key."
    retryable = True


class AnswerInvalid(AppraiserError):
    """The language model answered something else than what was asked for."""

    code = "answer_invalid"
    meaning = "The answer is not used; the next one is asked for after a pause that grows."
    remedy = "Use a server that honours `response_format`, or a larger model."


class ControlError(RapportError):
    """A request was understood, but cannot be fulfilled."""


class SettingNotLive(ControlError):
    """A setting can only be changed before the sidecar is started."""

    code = "setting_not_live"
    meaning = "No setting was changed."
    remedy = "Change it in the settings file and start again; `settings.get` lists the live ones."


class ProfileUnusable(ControlError):
    """A player's baseline cannot be read or written."""

    code = "profile_unusable"
    meaning = "The player's own rest is not known; readings are as for anybody."
    remedy = "Check that the user's data folder is writable, and learn the baseline again."


class NotAvailable(ControlError):
    """The request makes no sense for what this sidecar does just now."""

    code = "not_available"
    meaning = "Nothing was changed."
    remedy = "See `status`: a clip or a replay has no devices, no baseline and no recording."


class ReactionError(RapportError):
    """Reactions cannot be had as asked."""


class ProfileInvalid(ReactionError):
    """A profile of reactions is no TOML or JSON, or says what no profile can say."""

    code = "profile_invalid"
    meaning = "The profile is not used; the one that was in force stays in force."
    remedy = "Correct the place named above; `rapport profile check FILE` lists every mistake."


class ProfileMissing(ReactionError):
    """A character has no profile, or a file or preset is not there."""

    code = "profile_missing"
    meaning = "Nothing was changed, and nothing reacts by it."
    remedy = "Set one with `profile.set` or `--profile NPC=FILE`; docs/reactions.md shows how."


class ProfileLimit(ReactionError):
    """More characters than a sidecar keeps profiles for."""

    code = "profile_limit"
    meaning = "This character does not react; the others do."
    remedy = "Clear the profiles of characters that are not in the scene (`profile.clear`)."


class ProfileExists(ReactionError):
    """A profile cannot be written, most often because there is a file of that name."""

    code = "profile_exists"
    meaning = "Nothing was written; what was there before is as it was."
    remedy = "Give another name, in a folder that you may write to."


class PictureFailed(ReactionError):
    """A picture of a trial cannot be drawn or written."""

    code = "picture_failed"
    meaning = "There is no picture; the profile and the session are as they were."
    remedy = 'Drawing needs `pip install "rapport-sidecar[plot]"`, and a FILE.svg or FILE.png.'


class RecordingError(RapportError):
    """A session cannot be recorded, read or played."""


class RecordingFailed(RecordingError):
    """A recording cannot be begun or cannot go on: no room, no right, no such folder."""

    code = "recording_failed"
    meaning = "The recording has ended; what was written before can be read, and the rest goes on."
    remedy = "Give a new file in a folder that you may write to, on a disk with room."


class RecordingUnreadable(RecordingError):
    """A file is missing, is no recorded session, or was written by a newer Rapport."""

    code = "recording_unreadable"
    meaning = "There is nothing to play or to show."
    remedy = "Give a file that `rapport record` has written; a newer one needs a newer Rapport."


class ExportFailed(RecordingError):
    """A session cannot be written in another format."""

    code = "export_failed"
    meaning = "The session itself is as it was; no complete table was written."
    remedy = "Choose another place or format; Parquet needs `pip install rapport-sidecar[parquet]`."


class ScriptInvalid(RecordingError):
    """A script for `rapport simulate` is missing, is no TOML, or says what no script can say."""

    code = "script_invalid"
    meaning = "Nothing was started, because the script would not do what you meant."
    remedy = "Correct the place named above; docs/recording.md describes scripts."


class TranscriptInvalid(RecordingError):
    """A transcript beside a clip is missing, or a line of it is not what it must be."""

    code = "transcript_invalid"
    meaning = "Nothing was started, because what is said in the clip would be misread."
    remedy = "Correct the line named above; docs/conversation.md describes transcripts."


class WireError(RapportError):
    """States or events cannot be sent or received."""


class AlreadyRunning(WireError):
    """This user has a running sidecar."""

    code = "already_running"
    meaning = "No second one was started: one sidecar serves all games of a user."
    remedy = "Use the one that runs (`rapport watch`), or end it first."


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
    remedy = (
        "Set wire.host to 127.0.0.1, and connect to an address like tcp://127.0.0.1:5555. "
        "Another address needs CURVE keys: make them with `rapport keys`, then set "
        "wire.curve_server_secret and wire.curve_clients."
    )


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


class AccessDenied(WireError):
    """The sidecar let nobody in with this token or key."""

    code = "access_denied"
    meaning = "The sidecar did not let this program in: its token or key is not one it knows."
    remedy = "Read the token anew from the file in the runtime directory: each start has its own."
    retryable = True


class KeysUnreadable(WireError):
    """A CURVE key file is missing, not readable, or holds no such key."""

    code = "keys_unreadable"
    meaning = "Nothing was started or connected, because nothing could have been encrypted."
    remedy = "Make keys with `rapport keys FOLDER NAME`, and name their files in the settings."


class RequestRefused(WireError):
    """The sidecar refused a request; `code`, `meaning` and `remedy` are those of its reply."""

    code = "request_refused"
    meaning = "The sidecar understood the request, and did not do it."
    remedy = "Read what it says; bridge/protocol/SPEC.md lists every code."

    def __init__(
        self,
        what: str,
        code: str = code,
        meaning: str = meaning,
        remedy: str = remedy,
        retryable: bool = False,
    ) -> None:
        super().__init__(what)
        self.code, self.meaning, self.remedy, self.retryable = code, meaning, remedy, retryable


class RequestInvalid(WireError):
    """A request is not what the protocol says: a field is missing, mistyped or out of range."""

    code = "request_invalid"
    meaning = "Nothing was done: the request does not say clearly what is wanted."
    remedy = "Correct the field named; bridge/protocol/SPEC.md lists every field and its range."


class RequestUnknown(WireError):
    """There is no such request."""

    code = "request_unknown"
    meaning = "Nothing was done: this sidecar does not know what was asked for."
    remedy = "Ask only for what `capabilities` in the reply to `hello` lists, or update Rapport."


class HelloFirst(WireError):
    """A request came before `hello`, or from a client that was forgotten because of its silence."""

    code = "hello_first"
    meaning = "Nothing was done: the sidecar does not know which application asks."
    remedy = "Send `hello`, then the request again."
    retryable = True


class TooManyRequests(WireError):
    """A client asks more often than the sidecar answers."""

    code = "too_many_requests"
    meaning = "This request was not looked at, so that other clients are served."
    remedy = "Ask less often, and wait for a reply before asking again."
    retryable = True


class InternalError(WireError):
    """A request failed for a reason that lies in the sidecar."""

    code = "internal_error"
    meaning = "The request was not carried out, or not wholly; the sidecar goes on."
    remedy = "Report it with the sidecar's log, which holds no personal data."
