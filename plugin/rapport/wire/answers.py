"""What the sidecar answers requests with; specified in bridge/protocol/SPEC.md.

A reply is a map with `id` and either `reply`, the fields documented here, or `error`, a `Failure`.
"""

from typing import Any

import msgspec

from rapport.state import Event, Modality


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


class ProfileStatus(msgspec.Struct, frozen=True):
    """A profile that is in force. `source`: `control`, or the file that it is read from."""

    npc: str
    title: str
    reactions: tuple[str, ...]
    source: str


class ProfileText(msgspec.Struct, frozen=True):
    """A profile as it was set."""

    npc: str
    profile: str
    format: str
    source: str


class Profiles(msgspec.Struct, frozen=True):
    """The profiles that are in force."""

    profiles: tuple[ProfileStatus, ...]


class ProfileProblem(msgspec.Struct, frozen=True):
    """One mistake: `line` counts from 1 (0: of the whole), `key` is where, with dots."""

    line: int
    key: str
    what: str
    suggestion: str = ""


class ProfileReport(msgspec.Struct, frozen=True):
    """Every mistake of a profile; none: it can be used."""

    problems: tuple[ProfileProblem, ...]
    reactions: tuple[str, ...]


class Preset(msgspec.Struct, frozen=True):
    """A profile that comes with Rapport; `profile` is its text in TOML."""

    name: str
    title: str
    profile: str


class Presets(msgspec.Struct, frozen=True):
    """The profiles that come with Rapport."""

    presets: tuple[Preset, ...]


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
    | BaselineStatus | SettingsNow | Recording | ProfileStatus | ProfileText | Profiles
    | ProfileReport | Presets | Events | Done
)  # fmt: skip
