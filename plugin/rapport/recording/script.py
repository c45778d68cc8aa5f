"""Scripts: what a made-up player feels and does, and what goes wrong, second by second.

docs/recording.md describes them for people.
"""

import difflib
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rapport.errors import ScriptInvalid

SUFFIX = ".toml"
SCRIPT_BYTES_MAX = 256 * 1024
SECONDS_MAX = 3600.0
CUES_MAX = 1000

Time = Annotated[float, Meta(ge=0.0, le=SECONDS_MAX)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Shift = Annotated[float, Meta(ge=-1.0, le=1.0)]
Label = Literal[
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"
]
Signal = Literal["face", "voice"]
BurstName = Literal["laugh", "cheer", "sigh", "gasp", "cry", "ouch", "yuck", "huh"]


class Cue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From `at` on the player shows an emotion, until the next cue of the same signal or `until`
    (then it fades in the same time). `strength` 0: neutral, 1: as clear as it gets; `ramp`:
    seconds to get there. `valence` and `arousal` are added to those of the emotion."""

    at: Time
    label: Label
    until: Time | None = None
    strength: Share = 1.0
    ramp: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.5
    valence: Shift = 0.0
    arousal: Shift = 0.0
    signals: tuple[Signal, ...] = ("face", "voice")


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The player speaks."""

    at: Time
    until: Time


class Sound(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The player laughs, sighs …: a vocal burst, which is no speech. `confidence`: how sure it is
    heard."""

    at: Time
    until: Time
    name: BurstName
    confidence: Share = 0.9


class SaidLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of dialogue, by its id; for one of the player, the emotion that its words carry."""

    at: Time
    id: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Literal["player", "npc"] = "player"
    label: Label = "neutral"
    strength: Share = 0.8


TroubleName = Literal[
    "camera_lost",
    "face_lost",
    "dark",
    "covered",
    "turned_away",
    "blurred",
    "mic_lost",
    "noise",
    "silence",
]


class Trouble(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something is the matter with a signal for a while."""

    at: Time
    until: Time
    what: TroubleName


class Marked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The game names a moment, `late` seconds after it was."""

    at: Time
    id: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._-]{1,64}\Z")]
    late: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.0


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole script. `jitter`: how much the readings tremble, as a share."""

    title: Annotated[str, Meta(min_length=1, max_length=100)]
    seconds: Annotated[float, Meta(gt=0.0, le=SECONDS_MAX)]
    rate_hz: Annotated[float, Meta(ge=5.0, le=120.0)] = 30.0
    jitter: Share = 0.05
    camera: bool = True
    microphone: bool = True
    emotion: Annotated[tuple[Cue, ...], Meta(max_length=CUES_MAX)] = ()
    speaking: Annotated[tuple[Span, ...], Meta(max_length=CUES_MAX)] = ()
    burst: Annotated[tuple[Sound, ...], Meta(max_length=CUES_MAX)] = ()
    line: Annotated[tuple[SaidLine, ...], Meta(max_length=CUES_MAX)] = ()
    mark: Annotated[tuple[Marked, ...], Meta(max_length=CUES_MAX)] = ()
    trouble: Annotated[tuple[Trouble, ...], Meta(max_length=CUES_MAX)] = ()


CHOICES = {"label": Label, "what": TroubleName, "name": BurstName}
"""By the key that takes one of some words; `signals` is the other one."""
TABLES: dict[str, type[msgspec.Struct]] = {
    "emotion": Cue,
    "speaking": Span,
    "burst": Sound,
    "line": SaidLine,
    "mark": Marked,
    "trouble": Trouble,
}


def shipped() -> dict[str, Script]:
    """The scripts that come with Rapport, by name."""
    folder = resources.files("rapport.recording") / "scripts"
    texts = {
        entry.name.removesuffix(SUFFIX): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(SUFFIX)
    }
    return {name: parse(texts[name], name) for name in sorted(texts)}


def load(script: str) -> Script:
    """A script by the name of a shipped one, or by its path.

    :raises ScriptInvalid: there is none, or it says what no script can say.
    """
    path = Path(script)
    if path.suffix != SUFFIX and not path.exists():
        known = shipped()
        if script not in known:
            raise ScriptInvalid(f"there is no script {script!r}{_suggest(script, list(known))}")
        return known[script]
    try:
        with path.open("rb") as stream:
            text = stream.read(SCRIPT_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise ScriptInvalid(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(text) > SCRIPT_BYTES_MAX:
        raise ScriptInvalid(f"{path} is longer than {SCRIPT_BYTES_MAX // 1024} KiB")
    try:
        return parse(text.decode("utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise ScriptInvalid(f"{path}: {error}") from error


def parse(text: str, place: str) -> Script:
    """A script from its text.

    :param place: what it is called in errors.
    :raises ScriptInvalid: it is no TOML, or says what no script can say.
    """
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScriptInvalid(f"{place}: {error}") from error
    _check_keys(values, Script, place)
    for table, kind in TABLES.items():
        entries = values.get(table, [])
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            _check_keys(entry, kind, f"{place}: {table} {number + 1}")
    try:
        script = msgspec.convert(values, Script)
    except msgspec.ValidationError as error:
        raise ScriptInvalid(f"{place}: {_in_words(str(error))}") from error
    _check_times(script, place)
    return script


def _check_keys(values: object, kind: type[msgspec.Struct], place: str) -> None:
    if isinstance(values, dict):
        known = [field.name for field in msgspec.structs.fields(kind)]
        for key in values:
            if key not in known:
                raise ScriptInvalid(f"{place}: unknown key {key!r}{_suggest(key, known)}")


def _check_times(script: Script, place: str) -> None:
    for table in TABLES:
        for number, entry in enumerate(getattr(script, table)):
            until = getattr(entry, "until", None)
            where = f"{place}: {table} {number + 1}"
            if entry.at >= script.seconds:
                raise ScriptInvalid(f"{where}: at {entry.at:g} comes after the end of the script")
            if until is not None and until <= entry.at:
                raise ScriptInvalid(f"{where}: until {until:g} does not come after at {entry.at:g}")


def _in_words(error: str) -> str:
    """msgspec's message with the place as a person counts it, and a suggestion for a word."""
    reason, _, path = error.partition(" - at `$.")
    names = re.findall(r"\w+", path)
    place = " ".join(str(int(name) + 1) if name.isdigit() else name for name in names)
    word = re.search(r"Invalid enum value '(\w+)'", reason)
    if word:
        last = next(reversed(names), "")
        choices = CHOICES.get(last, Signal)
        reason += _suggest(word[1], list(choices.__args__))  # type: ignore[attr-defined]
    return f"{place}: {reason}" if place else reason


def _suggest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"
