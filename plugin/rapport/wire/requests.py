"""What a client may ask of the sidecar over the control endpoint, and what it is answered.

A request is one MessagePack map with `op` (what is asked), `id` (chosen by the client, repeated in
the reply) and the fields of that request. `answers` has what it is answered with; both are
specified in bridge/protocol/SPEC.md.

Unknown fields are ignored, so that a newer client may talk to an older sidecar; an unknown `op`,
a missing field and a value out of range are refused by name.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta

from rapport.state import SCHEMA
from rapport.wire.answers import (
    BaselineStatus,
    ConsentStatus,
    ConsentText,
    Description,
    Devices,
    Done,
    Events,
    Lease,
    Presets,
    ProfileReport,
    Profiles,
    ProfileStatus,
    ProfileText,
    Recording,
    SettingsNow,
    Status,
    Time,
    Welcome,
)

NAME_CHARACTERS_MAX = 64
LINE_CHARACTERS_MAX = 2000
"""A line of dialogue; a longer one is refused, not cut, because half a sentence misleads."""

PROFILE_CHARACTERS_MAX = 32_000
"""A profile of reactions as text; half of what a message may be."""
CONTEXT_VALUES_MAX = 64

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
Npc = AppId
"""A character (or a system of the game) that reacts."""
ContextWord = Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=NAME_CHARACTERS_MAX)]
ProfileFormat = Literal["toml", "json"]
Permission = Literal["camera", "microphone", "recording", "text"]
"""What consent is given for, each by itself."""


AnswerType = TypeVar("AnswerType")


class Request(msgspec.Struct, Generic[AnswerType], frozen=True, kw_only=True, tag_field="op"):
    """Base of all requests; the type in brackets is that of the answer."""

    id: Id = 0
    """Chosen by the client, and repeated in the reply."""


class Hello(Request[Welcome], frozen=True, tag="hello"):
    """Who is there; the first request of a connection. Answered by `Welcome`."""

    app: AppId
    name: Title
    schema: Annotated[int, Meta(ge=1, le=2**31 - 1)] = SCHEMA


class Describe(Request[Description], frozen=True, tag="describe"):
    """Every request with its fields, every event kind, every model. Answered by `Description`."""


class GetStatus(Request[Status], frozen=True, tag="status"):
    """What the sidecar does just now. Answered by `Status`."""


class GetTime(Request[Time], frozen=True, tag="time"):
    """The sidecar's clock, for the offset by the midpoint method. Answered by `Time`."""


class TakeLease(Request[Lease], frozen=True, tag="lease.take"):
    """Keep the capture alive for `seconds`; asked again before they are over, it goes on.
    Answered by `Lease`."""

    seconds: Annotated[float, Meta(gt=0.0, le=2.0)] = 1.5


class EndLease(Request[Done], frozen=True, tag="lease.end"):
    """This application needs no capture any more. Answered by `Done`."""


class GetConsentText(Request[ConsentText], frozen=True, tag="consent.text"):
    """The text to show before consent is asked for. Answered by `ConsentText`."""

    language: Language = "en"


class GrantConsent(Request[ConsentStatus], frozen=True, tag="consent.grant"):
    """The player has seen that text and allowed these things to this application. Answered by
    `ConsentStatus`."""

    permissions: Annotated[tuple[Permission, ...], Meta(min_length=1, max_length=4)]
    language: Language
    text_version: Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=NAME_CHARACTERS_MAX)]
    days: Annotated[float, Meta(gt=0.0, le=366.0)] | None = None
    """How long it holds; None: a year, the longest there is."""


class RevokeConsent(Request[ConsentStatus], frozen=True, tag="consent.revoke"):
    """Take these permissions of this application back, at once. Answered by `ConsentStatus`."""

    permissions: Annotated[tuple[Permission, ...], Meta(min_length=1, max_length=4)]


class GetConsent(Request[ConsentStatus], frozen=True, tag="consent.status"):
    """What this application is allowed. Answered by `ConsentStatus`."""


class Pause(Request[Status], frozen=True, tag="pause"):
    """Stop all capture, for every application, until `resume`. Answered by `Status`."""


class Resume(Request[Status], frozen=True, tag="resume"):
    """End a pause. Answered by `Status`."""


class ListDevices(Request[Devices], frozen=True, tag="devices.list"):
    """Cameras and microphones. Answered by `Devices`."""


class SelectDevice(Request[Status], frozen=True, tag="devices.select"):
    """Use another camera or microphone from now on. Answered by `Status`."""

    kind: Literal["camera", "microphone"]
    device: Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=256)]


class Say(Request[Done], frozen=True, tag="dialogue"):
    """A line of dialogue: what the player said, wrote or chose, or what a character said.
    Answered by `Done`."""

    speaker: Title
    text: Annotated[str, Meta(min_length=1, max_length=LINE_CHARACTERS_MAX)]
    role: Literal["player", "npc"] = "player"
    line: Annotated[str, Meta(pattern=PLAIN_TEXT, max_length=NAME_CHARACTERS_MAX)] = ""
    """The game's own id of the line; the only part of it that is ever recorded."""
    at_ns: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    """When it began, on the sidecar's clock; None: now, or, with `seconds`, so long ago."""
    seconds: Annotated[float, Meta(ge=0.0, le=600.0)] | None = None
    """How long it took to say; 0: it was typed or chosen; None: not known. With a microphone open,
    a line of the player's that was not typed is taken for what was spoken at that time, or has
    just ended."""


class Mark(Request[Done], frozen=True, tag="dialogue.mark"):
    """Name a moment, good or bad: from now on `moments` of every state says how the player has
    taken it. Named again, it begins anew. Answered by `Done`."""

    moment: AppId
    at_ns: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    """When it was, on the sidecar's clock; None: now."""


class StartBaseline(Request[BaselineStatus], frozen=True, tag="baseline.start"):
    """Learn the player's resting face in the next five seconds, and the voice as it is heard.
    Answered by `BaselineStatus`."""

    profile: ProfileName = "player"


class StopBaseline(Request[BaselineStatus], frozen=True, tag="baseline.stop"):
    """End the learning; what was learned is kept if it is enough. Answered by
    `BaselineStatus`."""


class ClearBaseline(Request[BaselineStatus], frozen=True, tag="baseline.clear"):
    """Forget a player's resting face and voice. Answered by `BaselineStatus`."""

    profile: ProfileName = "player"


class GetSettings(Request[SettingsNow], frozen=True, tag="settings.get"):
    """All settings and which of them may change now. Answered by `SettingsNow`."""


class SetSettings(Request[SettingsNow], frozen=True, tag="settings.set"):
    """Change settings while running: all of them, or none if one is refused. Answered by
    `SettingsNow`."""

    values: Annotated[dict[str, bool | int | float | str], Meta(min_length=1, max_length=64)]
    """`group.key` -> value."""


class SetDuty(Request[Status], frozen=True, tag="duty"):
    """How much of the machine the sidecar may use. Answered by `Status`."""

    level: Literal["off", "menu", "full"] = "full"
    budget_ms: Annotated[float, Meta(gt=0.0, le=1000.0)] | None = None
    """Milliseconds of processor time per camera frame on average, instead of a level's own."""


class StartRecording(Request[Recording], frozen=True, tag="record.start"):
    """Write states and events to a file of this name in the user's recordings folder. Answered by
    `Recording`."""

    name: AppId


class StopRecording(Request[Recording], frozen=True, tag="record.stop"):
    """End the recording. Answered by `Recording`."""


class SetProfile(Request[ProfileStatus], frozen=True, tag="profile.set"):
    """Let a character react by this profile from now on, instead of the one that it has. Answered
    by `ProfileStatus`."""

    npc: Npc
    profile: Annotated[str, Meta(min_length=1, max_length=PROFILE_CHARACTERS_MAX)]
    """Its text."""
    format: ProfileFormat = "json"


class GetProfile(Request[ProfileText], frozen=True, tag="profile.get"):
    """The profile of a character, as it was set. Answered by `ProfileText`."""

    npc: Npc


class ListProfiles(Request[Profiles], frozen=True, tag="profile.list"):
    """The characters that react for this application, and those with a profile from a file.
    Answered by `Profiles`."""


class ClearProfile(Request[Done], frozen=True, tag="profile.clear"):
    """A character does not react any more. Answered by `Done`."""

    npc: Npc


class CheckProfile(Request[ProfileReport], frozen=True, tag="profile.check"):
    """What is wrong with a profile; nothing is changed. Answered by `ProfileReport`."""

    profile: Annotated[str, Meta(min_length=1, max_length=PROFILE_CHARACTERS_MAX)]
    format: ProfileFormat = "json"


class ListPresets(Request[Presets], frozen=True, tag="profile.presets"):
    """The profiles that come with Rapport. Answered by `Presets`."""


class SetContext(Request[Done], frozen=True, tag="profile.context"):
    """Tell the game's own variables, on which a character's profile may build. Answered by
    `Done`."""

    npc: Npc
    values: Annotated[
        dict[AppId, bool | float | ContextWord | None],
        Meta(min_length=1, max_length=CONTEXT_VALUES_MAX),
    ]
    """Name -> value; None: not known any more. Those that are not named stay as they are."""


class GetEvents(Request[Events], frozen=True, tag="events.since"):
    """The events after a sequence number. Answered by `Events`."""

    sequence: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Shutdown(Request[Done], frozen=True, tag="shutdown"):
    """End the sidecar. Answered by `Done`."""


AnyRequest = (
    Hello | Describe | GetStatus | GetTime | TakeLease | EndLease | GetConsentText | GrantConsent
    | RevokeConsent | GetConsent | Pause | Resume | ListDevices | SelectDevice | Say
    | Mark | StartBaseline | StopBaseline | ClearBaseline | GetSettings | SetSettings | SetDuty
    | StartRecording | StopRecording | SetProfile | GetProfile | ListProfiles | ClearProfile
    | CheckProfile | ListPresets | SetContext | GetEvents | Shutdown
)  # fmt: skip

REQUESTS: dict[str, type[Request[Any]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(AnyRequest)
}
"""`op` -> request."""


def answer_type(request: type[Request[AnswerType]]) -> type[AnswerType]:
    """What a request is answered with."""
    (base,) = getattr(request, "__orig_bases__")  # noqa: B009  mypy does not know the attribute
    found: type[AnswerType]
    (found,) = get_args(base)
    return found
