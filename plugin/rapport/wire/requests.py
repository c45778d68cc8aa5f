"""What a client may ask of the sidecar over the control endpoint, and what it is answered.

A request is one MessagePack map with `op` (what is asked), `id` (chosen by the client, repeated in
the reply) and the fields of that request. A reply is a map with `id` and either `reply`, the
fields documented here, or `error`. Both are specified in bridge/protocol/SPEC.md.

Unknown fields are ignored, so that a newer client may talk to an older sidecar; an unknown `op`,
a missing field and a value out of range are refused by name.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta

from rapport.state import SCHEMA, Event, Modality

NAME_CHARACTERS_MAX = 64
LINE_CHARACTERS_MAX = 2000
"""A line of dialogue; a longer one is refused, not cut, because half a sentence misleads."""

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_RESERVED = r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?"
AppId = Annotated[str, Meta(pattern=rf"\A(?!{_RESERVED}){_NAME}\Z")]
"""Reverse domain or any short name; never a path, on no system: no separator, no dot at the end,
and no name that Windows keeps for a device."""
ProfileName = AppId
PLAIN_TEXT = r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z"
"""No control character, line break or change of writing direction: what is shown in a list or on a
terminal must not draw anything else there."""
Title = Annotated[str, Meta(pattern=PLAIN_TEXT, min_length=1, max_length=NAME_CHARACTERS_MAX)]
Language = Annotated[str, Meta(pattern=r"\A[a-z]{2}(-[A-Za-z]{2,4})?\Z")]
Permission = Literal["camera", "microphone", "recording"]
"""What consent is given for, each by itself."""


AnswerType = TypeVar("AnswerType")


class Request(msgspec.Struct, Generic[AnswerType], frozen=True, kw_only=True, tag_field="op"):
    """Base of all requests; the type in brackets is that of the answer."""

    id: Id = 0
    """Chosen by the client, and repeated in the reply."""


class Hello(Request["Welcome"], frozen=True, tag="hello"):
    """Who is there; the first request of a connection. Answered by `Welcome`."""

    app: AppId
    name: Title
    schema: Annotated[int, Meta(ge=1, le=2**31 - 1)] = SCHEMA


class Describe(Request["Description"], frozen=True, tag="describe"):
    """Every request with its fields, every event kind, every model. Answered by `Description`."""


class GetStatus(Request["Status"], frozen=True, tag="status"):
    """What the sidecar does just now. Answered by `Status`."""


class GetTime(Request["Time"], frozen=True, tag="time"):
    """The sidecar's clock, for the offset by the midpoint method. Answered by `Time`."""


class TakeLease(Request["Lease"], frozen=True, tag="lease.take"):
    """Keep the capture alive for `seconds`; asked again before they are over, it goes on.
    Answered by `Lease`."""

    seconds: Annotated[float, Meta(gt=0.0, le=2.0)] = 1.5


class EndLease(Request["Done"], frozen=True, tag="lease.end"):
    """This application needs no capture any more. Answered by `Done`."""


class GetConsentText(Request["ConsentText"], frozen=True, tag="consent.text"):
    """The text to show before consent is asked for. Answered by `ConsentText`."""

    language: Language = "en"


class GrantConsent(Request["ConsentStatus"], frozen=True, tag="consent.grant"):
    """The player has seen that text and allowed these things to this application. Answered by
    `ConsentStatus`."""

    permissions: Annotated[tuple[Permission, ...], Meta(min_length=1, max_length=3)]
    language: Language
    text_version: Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=NAME_CHARACTERS_MAX)]
    days: Annotated[float, Meta(gt=0.0, le=366.0)] | None = None
    """How long it holds; None: a year, the longest there is."""


class RevokeConsent(Request["ConsentStatus"], frozen=True, tag="consent.revoke"):
    """Take these permissions of this application back, at once. Answered by `ConsentStatus`."""

    permissions: Annotated[tuple[Permission, ...], Meta(min_length=1, max_length=3)]


class GetConsent(Request["ConsentStatus"], frozen=True, tag="consent.status"):
    """What this application is allowed. Answered by `ConsentStatus`."""


class Pause(Request["Status"], frozen=True, tag="pause"):
    """Stop all capture, for every application, until `resume`. Answered by `Status`."""


class Resume(Request["Status"], frozen=True, tag="resume"):
    """End a pause. Answered by `Status`."""


class ListDevices(Request["Devices"], frozen=True, tag="devices.list"):
    """Cameras and microphones. Answered by `Devices`."""


class SelectDevice(Request["Status"], frozen=True, tag="devices.select"):
    """Use another camera or microphone from now on. Answered by `Status`."""

    kind: Literal["camera", "microphone"]
    device: Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=256)]


class Say(Request["Done"], frozen=True, tag="dialogue"):
    """A line of dialogue: what the player said, wrote or chose, or what a character said.
    Answered by `Done`."""

    speaker: Title
    text: Annotated[str, Meta(min_length=1, max_length=LINE_CHARACTERS_MAX)]
    role: Literal["player", "npc"] = "player"
    line: Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=NAME_CHARACTERS_MAX)] = ""
    """The game's own id of the line; the only part of it that is ever recorded."""
    at_ns: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    """When it was said, on the sidecar's clock; None: now."""


class StartBaseline(Request["BaselineStatus"], frozen=True, tag="baseline.start"):
    """Learn the player's resting face in the next five seconds, and the voice as it is heard.
    Answered by `BaselineStatus`."""

    profile: ProfileName = "player"


class StopBaseline(Request["BaselineStatus"], frozen=True, tag="baseline.stop"):
    """End the learning; what was learned is kept if it is enough. Answered by
    `BaselineStatus`."""


class ClearBaseline(Request["BaselineStatus"], frozen=True, tag="baseline.clear"):
    """Forget a player's resting face and voice. Answered by `BaselineStatus`."""

    profile: ProfileName = "player"


class GetSettings(Request["SettingsNow"], frozen=True, tag="settings.get"):
    """All settings and which of them may change now. Answered by `SettingsNow`."""


class SetSettings(Request["SettingsNow"], frozen=True, tag="settings.set"):
    """Change settings while running: all of them, or none if one is refused. Answered by
    `SettingsNow`."""

    values: Annotated[dict[str, bool | int | float | str], Meta(min_length=1, max_length=64)]
    """`group.key` -> value."""


class SetDuty(Request["Status"], frozen=True, tag="duty"):
    """How much of the machine the sidecar may use. Answered by `Status`."""

    level: Literal["off", "menu", "full"] = "full"
    budget_ms: Annotated[float, Meta(gt=0.0, le=1000.0)] | None = None
    """Milliseconds of processor time per camera frame on average, instead of a level's own."""


class StartRecording(Request["Recording"], frozen=True, tag="record.start"):
    """Write states and events to a file of this name in the user's recordings folder. Answered by
    `Recording`."""

    name: AppId


class StopRecording(Request["Recording"], frozen=True, tag="record.stop"):
    """End the recording. Answered by `Recording`."""


class GetEvents(Request["Events"], frozen=True, tag="events.since"):
    """The events after a sequence number. Answered by `Events`."""

    sequence: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Shutdown(Request["Done"], frozen=True, tag="shutdown"):
    """End the sidecar. Answered by `Done`."""


AnyRequest = (
    Hello | Describe | GetStatus | GetTime | TakeLease | EndLease | GetConsentText | GrantConsent
    | RevokeConsent | GetConsent | Pause | Resume | ListDevices | SelectDevice | Say
    | StartBaseline | StopBaseline | ClearBaseline | GetSettings | SetSettings | SetDuty
    | StartRecording | StopRecording | GetEvents | Shutdown
)  # fmt: skip


class ModelInfo(msgspec.Struct, frozen=True):
    """A model in use: what it does, its licence, and the processor that runs it."""

    id: str
    version: str
    task: str
    licence: str
    commercial_use: str
    provider: str


class Welcome(msgspec.Struct, frozen=True):
    """Versions, words and abilities. `capabilities` lists the requests that are understood."""

    schema: int
    version: str
    pid: int
    labels: tuple[str, ...]
    modalities: tuple[str, ...]
    conditions: tuple[str, ...]
    capabilities: tuple[str, ...]
    languages: tuple[str, ...]
    models: tuple[ModelInfo, ...]
    state_address: str
    events_address: str


class Description(msgspec.Struct, frozen=True):
    """`requests`: op -> JSON Schema of its fields."""

    requests: dict[str, Any]
    events: tuple[str, ...]
    models: tuple[ModelInfo, ...]


class Status(msgspec.Struct, frozen=True):
    """What the sidecar does just now. `capturing` follows the open devices, not the wish; an
    indicator shows exactly it. `waiting_for` says per permission why a device is not open: a
    stable code such as `consent_missing`, `lease_missing`, `paused`, `duty_off`, `disabled`."""

    pid: int
    capturing: tuple[Modality, ...]
    source: str
    """`live`, `clip`, `replay` or `simulation`."""
    paused: bool
    duty: str
    budget_ms: float | None
    recording: str
    """The name of the recording in progress, or empty."""
    applications: tuple[str, ...]
    """Ids of those that hold a lease."""
    waiting_for: dict[str, str]
    baseline: str
    state_address: str
    events_address: str


class Time(msgspec.Struct, frozen=True):
    """The sidecar's clocks when it answered."""

    now_ns: int
    now_wall: float


class Lease(msgspec.Struct, frozen=True):
    """The lease holds this long from now."""

    seconds: float


class ConsentText(msgspec.Struct, frozen=True):
    """Plain text to be shown as it is; `permissions` says in one sentence each what is sensed."""

    language: str
    version: str
    title: str
    body: str
    permissions: dict[str, str]
    agree: str
    decline: str
    rtl: bool = False


class Grant(msgspec.Struct, frozen=True):
    """One permission of one application. Times are seconds since the Unix epoch."""

    permission: str
    granted_wall: float
    until_wall: float
    text_version: str
    language: str


class ConsentStatus(msgspec.Struct, frozen=True):
    """What an application is allowed now."""

    app: str
    grants: tuple[Grant, ...]


class Device(msgspec.Struct, frozen=True):
    """`device` is what `devices.select` takes."""

    device: str
    name: str
    selected: bool = False


class Devices(msgspec.Struct, frozen=True):
    cameras: tuple[Device, ...]
    microphones: tuple[Device, ...]


class BaselineStatus(msgspec.Struct, frozen=True):
    """`status`: `none`, `learning` or `set`; `progress` of the learning, 0 ... 1."""

    profile: str
    status: str
    progress: float


class SettingsNow(msgspec.Struct, frozen=True):
    """`values`: `group.key` -> value; `live`: those that may change now."""

    values: dict[str, bool | int | float | str]
    live: tuple[str, ...]


class Recording(msgspec.Struct, frozen=True):
    """The recording that was started or ended; `path` is where it lies."""

    name: str
    path: str
    states: int
    events: int


class Events(msgspec.Struct, frozen=True):
    """The events after the sequence number, in order, as many as fit into a message: ask again
    after the last of them until none come. `complete` is false when events between that number and
    the first of these are not kept any more."""

    events: tuple[Event, ...]
    complete: bool


class Done(msgspec.Struct, frozen=True):
    """It is done, and there is nothing to tell."""


class Failure(msgspec.Struct, frozen=True):
    """Why a request was refused: a stable code, and sentences for people."""

    code: str
    what: str
    meaning: str = ""
    remedy: str = ""
    retryable: bool = False


Answer = (
    Welcome | Description | Status | Time | Lease | ConsentText | ConsentStatus | Devices
    | BaselineStatus | SettingsNow | Recording | Events | Done
)  # fmt: skip

REQUESTS: dict[str, type[Request[Any]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(AnyRequest)
}
"""`op` -> request."""


def answer_type(request: type[Request[AnswerType]]) -> type[AnswerType]:
    """What a request is answered with."""
    (base,) = getattr(request, "__orig_bases__")  # noqa: B009  mypy does not know the attribute
    (named,) = get_args(base)
    found: type[AnswerType] = globals()[named.__forward_arg__]
    return found
