"""All settings, one immutable value object a group, from defaults, a TOML file and the environment.

The order is: defaults, then the file, then environment variables such as `RAPPORT_CAMERA__FPS=15`
(group and key joined by two underscores). An unknown key and a value of the wrong type or out of
range are refused with name, place and range.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import msgspec.inspect
import platformdirs
from msgspec import Meta

from rapport.errors import SettingsInvalid, SettingsUnreadable

ENVIRONMENT_PREFIX = "RAPPORT_"
CONFIG_VARIABLE = "RAPPORT_CONFIG"
"""Environment variable that names the settings file."""

Seconds = Annotated[float, Meta(gt=0.0, le=600.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Port = Annotated[int, Meta(ge=0, le=65535)]


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it is kept what the player allows."""

    directory: str = ""
    """Where the record of consent lies; empty: the user's own data folder."""


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where pixels come from."""

    enabled: bool = True
    device: str = "0"
    """Index, part of the name, or URL (http, rtsp) of the camera."""
    width: Annotated[int, Meta(ge=160, le=3840)] = 640
    height: Annotated[int, Meta(ge=120, le=2160)] = 480
    fps: Annotated[int, Meta(ge=5, le=120)] = 30
    open_timeout_s: Seconds = 2.0
    read_timeout_s: Seconds = 1.5
    retry_max_s: Seconds = 5.0
    """The longest wait between two tries to open a camera that is gone."""


class Microphone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where samples come from."""

    enabled: bool = True
    device: str = ""
    """Index or part of the name of the microphone; empty: the system's default."""
    stall_s: Seconds = 1.0
    """A microphone that calls back less often than this is lost."""
    retry_max_s: Seconds = 5.0


class Face(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How faces are read."""

    tracker: Literal["auto", "mediapipe", "compact"] = "auto"
    detection_confidence: Share = 0.5
    tracking_confidence: Share = 0.5


class Voice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How voices are read."""

    interval_s: Annotated[float, Meta(ge=0.032, le=1.0)] = 0.1
    """Time between two readings while somebody speaks."""
    speech_threshold: Share = 0.5
    """Speech probability from which the voice activity detector calls it speech."""


class Fusion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How evidence becomes a state."""

    abstain_below: Share = 0.4
    """Below this confidence the label is `uncertain`."""
    abstain_margin: Share = 0.1
    """With a lead over the second label that is smaller than this, the label is `uncertain`."""
    fast_s: Seconds = 0.15
    """Smoothing time constant when the evidence is good and clear."""
    slow_s: Seconds = 1.5
    """Smoothing time constant when the evidence is poor or faint."""
    face_stale_s: Seconds = 0.5
    """Face evidence older than this is not used."""
    voice_stale_s: Seconds = 2.0
    """Voice evidence older than this is not used."""
    text_stale_s: Seconds = 10.0
    """Text evidence older than this is not used."""
    appraisal_stale_s: Seconds = 60.0
    """What a language model made of a conversation is not used when that is older than this."""
    forget_s: Seconds = 3.0
    """Without any evidence for this long, the state is unknown."""


class Appraiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language model that is asked what it makes of the conversation; docs/appraiser.md."""

    enabled: bool = False
    endpoint: str = "http://127.0.0.1:8080/v1"
    """The base address of an OpenAI-compatible endpoint."""
    remote: bool = False
    """The endpoint may be another machine, where the player allows `text` too."""
    model: Annotated[str, Meta(max_length=200)] = ""
    """What the endpoint calls the model; many that serve only one need no name."""
    key_file: str = ""
    """A file that holds the key, where the endpoint asks for one."""
    response_format: Literal["json_schema", "json_object", "text"] = "json_schema"
    """How the endpoint is told the form of an answer; `text`: by the prompt alone."""
    question: Annotated[str, Meta(max_length=2000)] = ""
    """What the designer wants to be minded, in plain words; empty: nothing in particular."""
    template: str = ""
    """A prompt template of your own; empty: the one that comes with Rapport."""
    timeout_s: Seconds = 20.0
    """A whole answer that takes longer is given up."""
    every_s: Annotated[float, Meta(ge=0.0, le=600.0)] = 2.0
    """The least time from one request to the next."""
    max_lines: Annotated[int, Meta(ge=1, le=200)] = 24
    """How many of the newest lines of the dialogue the model is shown."""


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which models are used, and where they are."""

    directory: str = ""
    """Another directory to look in, before the packaged and the downloaded models."""
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    licence_policy: Literal["any", "commercial"] = "any"
    """`commercial`: only models that the manifest clears for commercial use are loaded."""


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where states and events go, and requests come from."""

    host: str = "127.0.0.1"
    state_port: Port = 0
    """0: any free port; programs find it through the file in the runtime directory."""
    events_port: Port = 0
    runtime_directory: str = ""
    """Where the file is written by which programs find the sidecar; empty: the user's own."""
    minimum_rate_hz: Annotated[float, Meta(ge=20.0, le=120.0)] = 25.0
    """States a second when no camera sets the pace."""
    control_port: Port = 0
    curve_server_secret: str = ""
    """The secret key file of the sidecar (`rapport keys`); with it everything is encrypted, and
    `host` may be another address than loopback."""
    curve_clients: str = ""
    """Folder of the public key files of those who may read; in its subfolder `control`, of those
    who may control too."""


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one settings object."""

    consent: Consent = Consent()
    camera: Camera = Camera()
    microphone: Microphone = Microphone()
    face: Face = Face()
    voice: Voice = Voice()
    fusion: Fusion = Fusion()
    appraiser: Appraiser = Appraiser()
    models: Models = Models()
    wire: Wire = Wire()
    log: Log = Log()


LIVE = (
    *(f"fusion.{field.name}" for field in msgspec.structs.fields(Fusion)),
    # Not where the words go to, nor which files are read: that is not for a game to change.
    *(f"appraiser.{key}" for key in ("enabled", "question", "timeout_s", "every_s", "max_lines")),
    "wire.minimum_rate_hz",
    "log.level",
)
"""The settings that may change while a sidecar runs."""


def default_path() -> Path:
    """The settings file that is read, if it exists, when none is named."""
    return Path(platformdirs.user_config_dir("rapport", appauthor=False)) / "rapport.toml"


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    :param path: a TOML file; None: the one that `RAPPORT_CONFIG` names, else `default_path`
        if it exists.
    :raises SettingsUnreadable: a file that was named is missing or not TOML.
    :raises SettingsInvalid: a key is unknown, a value of the wrong type or out of range.
    """
    if path is None and environment.get(CONFIG_VARIABLE):
        path = Path(environment[CONFIG_VARIABLE])
    if path is None and default_path().is_file():
        path = default_path()
    from_file = _read_toml(path) if path else {}
    settings = _convert(from_file, str(path), strict=True)
    from_environment = _read_environment(environment)
    if not from_environment:
        return settings
    merged = msgspec.to_builtins(settings)
    _check_keys(from_environment, "the environment", name=_variable)
    for group, values in from_environment.items():
        merged[group].update(values)
    return _convert(merged, "the environment", strict=False, name=_variable)


def flattened(settings: Settings) -> dict[str, bool | int | float | str]:
    """Every setting by `group.key`."""
    groups = msgspec.to_builtins(settings)
    return {_dotted(group, key): value for group in groups for key, value in groups[group].items()}


def with_values(
    settings: Settings, values: Mapping[str, bool | int | float | str], place: str
) -> Settings:
    """The settings with some others, by `group.key`; none is changed if one is refused.

    :param place: where the values come from, for the message of an error.
    :raises SettingsInvalid: as `load`.
    """
    merged = msgspec.to_builtins(settings)
    given: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, _, key = name.partition(".")
        given.setdefault(group, {})[key] = value
    _check_keys(given, place)
    for group, changed in given.items():
        merged[group].update(changed)
    return _convert(merged, place, strict=True)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsUnreadable(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsUnreadable(f"{path}: {error}") from error


def _read_environment(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in environment.items():
        group, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).partition("__")
        if name.startswith(ENVIRONMENT_PREFIX) and separator:
            found.setdefault(group.lower(), {})[key.lower()] = value
    return found


_Namer = Callable[..., str]


def _dotted(group: str, key: str = "") -> str:
    return f"{group}.{key}" if key else group


def _variable(group: str, key: str = "") -> str:
    return f"{ENVIRONMENT_PREFIX}{group.upper()}__{key.upper()}"


def _check_keys(values: Mapping[str, Any], place: str, name: _Namer = _dotted) -> None:
    groups = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for group, content in values.items():
        if group not in groups:
            raise SettingsInvalid(f"{place}: unknown group {group!r}{_suggest(group, groups)}")
        if not isinstance(content, Mapping):
            raise SettingsInvalid(f"{place}: {group!r} must be a table of keys and values")
        known = {field.name for field in msgspec.structs.fields(groups[group])}
        for key in content:
            if key not in known:
                raise SettingsInvalid(
                    f"{place}: unknown key {name(group, key)!r}{_suggest(key, known)}"
                )


def _suggest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"


def _convert(values: dict[str, Any], place: str, strict: bool, name: _Namer = _dotted) -> Settings:
    _check_keys(values, place)
    try:
        return msgspec.convert(values, Settings, strict=strict)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        group, _, key = where.rstrip("`").partition(".")
        raise SettingsInvalid(
            f"{place}: {name(group, key)}: {reason} (allowed: {allowed(group, key)})"
        ) from error


def allowed(group: str, key: str) -> str:
    """What a setting may be, in words: its range, its choices, or its type."""
    fields = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    types = {field.name: field.type for field in msgspec.structs.fields(fields[group])}
    match msgspec.inspect.type_info(types[key]):
        case msgspec.inspect.IntType() as number:
            return f"a whole number, {_range(number)}"
        case msgspec.inspect.FloatType() as number:
            return f"a number, {_range(number)}"
        case msgspec.inspect.LiteralType() as choices:
            return " | ".join(str(value) for value in choices.values)
        case msgspec.inspect.BoolType():
            return "true | false"
    return "text"


def _range(number: msgspec.inspect.IntType | msgspec.inspect.FloatType) -> str:
    above = f"above {number.gt:g}" if number.gt is not None else f"{number.ge:g}"
    return f"{above} to {number.le:g}"
