"""How states and events are said: in plain words, and in one line."""

from rapport.state import (
    UNCERTAIN,
    Appraisal,
    Cause,
    Condition,
    Contradiction,
    ConversationState,
    EmotionState,
    Event,
    EventKind,
    Mood,
    Reaction,
)

CONDITIONS = {
    Condition.OK: "ok",
    Condition.STARTING: "starting",
    Condition.ABSENT: "nobody there",
    Condition.OCCLUDED: "covered",
    Condition.LOW_LIGHT: "too dark",
    Condition.OVEREXPOSED: "too bright",
    Condition.BLURRED: "blurred",
    Condition.TURNED_AWAY: "turned away",
    Condition.SILENT: "not speaking",
    Condition.NOISY: "noisy",
    Condition.CLIPPED: "clipped",
    Condition.STALE: "too old",
    Condition.LOST: "device lost",
    Condition.FAILED: "cannot work",
    Condition.DISABLED: "off",
}

EVENTS = {
    EventKind.STARTED: "started",
    EventKind.STOPPING: "stopping",
    EventKind.ENDED: "the clip has ended",
    EventKind.STATUS: "status",
    EventKind.CAMERA_BUSY: "the camera is busy",
    EventKind.CAMERA_LOST: "the camera is lost",
    EventKind.CAMERA_BACK: "the camera is back",
    EventKind.MIC_LOST: "the microphone is lost",
    EventKind.MIC_BACK: "the microphone is back",
    EventKind.FACE_FOUND: "face found",
    EventKind.FACE_LOST: "face lost",
    EventKind.SPEECH_BEGAN: "speech began",
    EventKind.SPEECH_ENDED: "speech ended",
    EventKind.EXPERT_FAILED: "an expert cannot work",
    EventKind.CONSENT_GRANTED: "the player allows",
    EventKind.CONSENT_REVOKED: "the player does not allow it any more",
    EventKind.PAUSED: "paused",
    EventKind.RESUMED: "goes on",
    EventKind.LEASE_TAKEN: "a game is there",
    EventKind.LEASE_LOST: "a game is gone",
    EventKind.BASELINE_SET: "the player's rest is known",
    EventKind.BASELINE_FAILED: "the player's rest was not learned",
    EventKind.RECORDING_BEGAN: "recording",
    EventKind.RECORDING_ENDED: "the recording has ended",
    EventKind.REACTION_BEGAN: "reaction",
    EventKind.REACTION_UPDATED: "reaction goes on",
    EventKind.REACTION_ENDED: "reaction has ended",
    EventKind.PROFILE_LOADED: "a profile is in force",
    EventKind.PROFILE_REFUSED: "a profile has mistakes; the one before stays",
    EventKind.PROFILE_CLEARED: "a profile is cleared",
    EventKind.MOMENT_MARKED: "the game marks",
}

SHOWN_FROM = 0.3
"""A granular state is named from this value and this confidence on."""
SHOWN_MAX = 3

STEADY_PER_S = 0.03
"""A trend of valence below this is called steady: one twentieth of the range in three seconds."""


VOLATILITIES = ((0.15, "steady"), (0.4, "moving"), (float("inf"), "swinging"))
"""What a volatility below each is called."""


def printable(text: str) -> str:
    """A text of another program, without what would move the cursor of this terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def condition(condition: Condition) -> str:
    """A condition in words."""
    return CONDITIONS.get(condition, printable(condition))


def event(event: Event) -> str:
    """An event in words, with its code if there is one, or with the reaction."""
    ended = event.kind is EventKind.REACTION_ENDED
    told = "" if event.reaction is None else reaction(event.reaction, ended)
    parts = [
        EVENTS.get(event.kind, event.kind),
        f"[{event.code}]" if event.code else "",
        event.detail,
        told,
    ]
    return printable(" ".join(part for part in parts if part))


def reaction(found: Reaction, ended: bool = False) -> str:
    """A reaction, how strong it is, and why: `mira: comfort 0.72, frustration 0.72 (voice)`."""
    why = ", ".join(filter(None, map(cause, found.why)))
    strength = "" if ended else f" {found.strength:.2f}"
    return f"{found.npc}: {found.name}{strength}, {why or found.reason}"


def cause(found: Cause) -> str:
    """A signal and its value; the level is in the profile."""
    value = found.word or ("unknown" if found.value is None else f"{found.value:.2f}")
    return f"{found.signal} {value}" + (f" ({found.modality})" if found.modality else "")


def granular(state: EmotionState, characters: int | None = None) -> str:
    """The granular states that stand out, the strongest first; empty: none does.

    :param characters: how long it may be; those that do not fit are left out.
    """
    shown = sorted(
        (-found.value, name)
        for name, found in state.granular.items()
        if found.value >= SHOWN_FROM and found.confidence >= SHOWN_FROM
    )
    said = [f"{name} {-value:.2f}" for value, name in shown[:SHOWN_MAX]]
    while characters is not None and len(" · ".join(said)) > characters:
        said.pop()
    return " · ".join(said)


def mood(found: Mood) -> str:
    """The mood in one line: `-0.51 lately, -0.26 for minutes, swinging`."""
    moves = next(word for below, word in VOLATILITIES if found.volatility < below)
    short, long = signed(found.valence), signed(found.long_valence)
    return f"{short} lately, {long} for minutes, {moves}"


def conversation(found: ConversationState) -> str:
    """Where the dialogue stands: `6 said, quiet for 24 s`."""
    if found.pause_s is None:
        return f"{found.utterances} said, {printable(found.role) or 'somebody'} speaks"
    return f"{found.utterances} said, quiet for {found.pause_s:.0f} s"


def moment(name: str, found: Appraisal) -> str:
    """A moment, its course and how far it goes that way: `betrayal escalating 0.80`."""
    strength = f" {found.strength:.2f}" if found.confidence and found.strength else ""
    return printable(f"{name} {found.course}{strength}")


def contradiction(found: Contradiction) -> str:
    """A contradiction and what it denies: `sarcasm, not happiness`; else how sure it is."""
    kind = found.kind.replace("_", " ")
    denied = found.before not in (found.after, UNCERTAIN)
    return printable(f"{kind}, not {found.before}" if denied else f"{kind} {found.strength:.2f}")


def past(state: EmotionState) -> str:
    """The contradiction and the moments, the newest first; empty: there are none."""
    said = [] if state.contradiction is None else [contradiction(state.contradiction)]
    said += [moment(name, found) for name, found in reversed(state.moments.items())]
    return " · ".join(said)


def trend(per_s: float | None) -> str:
    """The trend of valence in words."""
    if per_s is None:
        return "unknown"
    if abs(per_s) < STEADY_PER_S:
        return "steady"
    return f"{'rising' if per_s > 0 else 'falling'} {per_s:+.2f}/s"


def signed(value: float | None) -> str:
    """A number in -1 ... +1, or a dash."""
    return "-" if value is None else f"{value:+.2f}"


def label(state: EmotionState) -> str:
    """The label with its confidence; `uncertain` says how likely its best guess would be."""
    if state.probabilities is None:
        return "unknown"
    if state.label == UNCERTAIN:
        return f"uncertain (at most {state.confidence * 100:.0f} %)"
    return f"{state.label} {state.confidence * 100:.0f} %"


def silent(seconds: float | None) -> str:
    """That no state comes, None: that there never was one."""
    since = "no state yet" if seconds is None else f"no state for {seconds:.0f} s"
    return f"{since}; waiting for a sidecar"


def line(state: EmotionState, rate_hz: float | None, age_ms: float) -> str:
    """A state in one line, for where there is no terminal to draw on."""
    signals = "  ".join(
        f"{modality} {part.weight:.2f} {condition(part.condition)}"
        for modality, part in state.modalities.items()
        if part.condition is not Condition.DISABLED
    )
    rate = "" if rate_hz is None else f"  {rate_hz:.1f} states/s"
    return (
        f"{label(state):<24}  valence {signed(state.valence)}  arousal {signed(state.arousal)}"
        f"  {signals or 'no signal'}{rate}  {age_ms:.0f} ms old"
        + "".join(f"  {more}" for more in (granular(state), past(state)) if more)
    )
