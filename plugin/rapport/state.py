"""The vocabulary of Rapport: labels, conditions, evidence, the published emotion state, events.

Every other room speaks in these words; this module imports nothing else of ours. The same names
are used on the wire and in the engine bridges. All structs are immutable.

Times named ``*_ns`` are nanoseconds on this machine's monotonic clock (`capture.clock.now_ns`),
the same clock in every process of the machine. Times named ``*_wall`` are seconds since the Unix
epoch.
"""

from enum import StrEnum
from typing import Annotated, Self

import msgspec

SCHEMA = 5
"""Version of the wire messages. Fields are only ever added, at the end, with a default, so that
every reader reads every version; it counts up with each addition. A message that does not say its
own is of the first."""

NEVER = -1
"""The capture time of evidence that rests on no signal at all."""

LABELS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)
"""The basic emotions, in this order everywhere (the order of FER+, Barsoum et al. 2016)."""

UNCERTAIN = "uncertain"
"""The label of a state that names no emotion, because the evidence does not carry one."""

LABEL_VAD = (
    (0.00, 0.00, 0.00),
    (0.81, 0.51, 0.46),
    (0.40, 0.67, -0.13),
    (-0.63, -0.27, -0.33),
    (-0.51, 0.59, 0.25),
    (-0.60, 0.35, 0.11),
    (-0.64, 0.60, -0.43),
    (-0.30, -0.10, 0.40),
)
"""Valence, arousal and dominance of each label, in the order of `LABELS`, each in -1 ... +1.

Happiness to fear: Russell & Mehrabian 1977, "Evidence for a three-factor theory of emotions"
(happy, surprised, sad, angry, disgusted, fearful). Contempt: the value of reproach in Gebhard
2005, "ALMA", Table 1, in the disdainful octant of Mehrabian 1996. Neutral is the origin by
definition.
"""

BURSTS = ("laugh", "cheer", "sigh", "gasp", "cry", "ouch", "yuck", "huh")
"""Vocal bursts, sounds of feeling without words, in this order everywhere."""

GRANULAR = (
    "frustration",
    "confusion",
    "overwhelm",
    "boredom",
    "engagement",
    "amusement",
    "scepticism",
    "grief",
)
"""Granular states: compositions over time of the evidence that there is, in this order
everywhere. `reactions.granular` defines each."""

CONTRADICTIONS = ("sarcasm", "masking", "forced_politeness")
"""What it may be when the words, the voice and the face of an utterance contradict each other, in
this order everywhere: glad words said otherwise; a face that smiles over a voice or words of
distress; thanks, praise or agreement said with neither warmth nor open anger."""

COURSES = ("escalating", "steady", "recovering", "unknown")
"""Where the player has gone since a named moment: under more strain than before it and not on the
way back, neither, or relieved again; or too little is known."""

Distribution = Annotated[tuple[float, ...], msgspec.Meta(min_length=8, max_length=8)]
"""Eight probabilities in the order of `LABELS`; they sum to one."""


class _Word(StrEnum):
    """A word of the wire. One that only a newer sidecar knows is kept as it came instead of being
    refused, so that a word can be added without breaking old readers; it is no listed member."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word


class Modality(_Word):
    """A kind of evidence; each has one expert."""

    FACE = "face"
    VOICE = "voice"
    TEXT = "text"
    APPRAISAL = "appraisal"
    """What a language model makes of the conversation; only where it is switched on."""


class Condition(_Word):
    """What is the matter with a signal. Anything but `OK` and `NOISY` carries no distribution,
    unless the expert documents otherwise."""

    OK = "ok"
    STARTING = "starting"
    """Not ready yet: the model is being loaded or the device opened."""
    ABSENT = "absent"
    """Face: nobody is seen. Voice: the source has sound, but no player was ever heard."""
    OCCLUDED = "occluded"
    LOW_LIGHT = "low_light"
    OVEREXPOSED = "overexposed"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    SILENT = "silent"
    """Nobody speaks just now."""
    NOISY = "noisy"
    CLIPPED = "clipped"
    STALE = "stale"
    """The last reading is too old to be used."""
    LOST = "lost"
    """The device is gone or stalled; it is being looked for."""
    FAILED = "failed"
    """The expert cannot work (its model is missing or was refused); the log has the error code."""
    DISABLED = "disabled"
    """Not captured: switched off, not consented to, or the source has no such track."""


class Measure(msgspec.Struct, frozen=True, gc=False):
    """One measured number of a signal's quality.

    `value` is in the unit that the measure's name implies (documented by the expert that takes
    it); `score` is the same mapped to 0 (useless) ... 1 (as good as it gets).
    """

    value: float
    score: float


class Quality(msgspec.Struct, frozen=True, gc=False):
    """How good a signal is now: a total score in 0 ... 1 and the measures it comes from."""

    score: float = 0.0
    measures: dict[str, Measure] = {}


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One expert's reading of one modality.

    `captured_ns` is when the newest signal that the reading rests on was captured, or `NEVER`.
    `distribution`, `valence`, `arousal` and `dominance` are None where the expert has no honest
    answer; `condition` then says why. `present` says that there is somebody to read: a face is
    in the picture, the player is speaking. `model` names what the numbers came from. `bursts` are
    the probabilities of `BURSTS` while one is heard, and None while none is; what is missing to
    one is the probability that it is none of them. `prosody` is how it was said (voice only; the
    names and units are `experts.voice.expert`'s), empty where nothing is known of it.
    """

    modality: Modality
    captured_ns: int
    condition: Condition
    quality: Quality = Quality()
    distribution: Distribution | None = None
    valence: float | None = None
    arousal: float | None = None
    dominance: float | None = None
    present: bool = False
    model: str = ""
    bursts: tuple[float, ...] | None = None
    prosody: dict[str, float] = {}


class Doubt(msgspec.Struct, frozen=True, gc=False):
    """Why the utterance of just now is not to be taken at its word.

    `strength` is the probability that its modalities contradict each other, 0 ... 1; `kind` is one
    of `CONTRADICTIONS` once that is likely enough to be said, and empty before. `keeps` is what
    share of its trust each modality keeps in the fusion, 0 ... 1; one that is not named keeps all.
    `line` is the game's own id of the line.
    """

    strength: float
    kind: str = ""
    keeps: dict[Modality, float] = {}
    line: str = ""


class Burst(msgspec.Struct, frozen=True, gc=False):
    """A vocal burst that is heard just now: one of `BURSTS`, and the probability that it is it."""

    name: str
    confidence: float


class ModalityState(msgspec.Struct, frozen=True, gc=False):
    """One modality's part in a published state.

    `weight` is its share of the fused result, 0 ... 1; the weights of all modalities sum to one,
    or are all zero when nothing could be read. `age_ms` is how old its evidence was when the
    state was made (None: there never was any).
    """

    weight: float
    condition: Condition
    quality: Quality = Quality()
    age_ms: float | None = None
    distribution: Distribution | None = None
    valence: float | None = None
    arousal: float | None = None
    model: str = ""


class Granular(msgspec.Struct, frozen=True, gc=False):
    """One of `GRANULAR`: how far the player is in that state, 0 ... 1, and how sure that is,
    0 ... 1. `confidence` is about the evidence, `value` about the player: half of the evidence
    for much frustration is no evidence for half of it."""

    value: float
    confidence: float


class Contradiction(msgspec.Struct, frozen=True, gc=False):
    """That the words, the voice and the face of the newest utterance contradict each other.

    `kind` is one of `CONTRADICTIONS`; `strength` 0 ... 1 is how sure that is. `before` is the
    label that the evidence would have without that knowledge, `after` the one with it (both as
    `EmotionState.label`). `line` is the game's own id of the line, if it gave one.
    """

    kind: str
    strength: float
    before: str
    after: str
    line: str = ""


class Mood(msgspec.Struct, frozen=True, gc=False):
    """Where the emotion has been: its average over the last seconds (short term) and over the last
    minutes (long term), in -1 ... +1; `volatility` 0 (steady) ... 1 is how much it moves about.
    `confidence` 0 ... 1 is how much of that time was seen or heard at all."""

    valence: float
    arousal: float
    long_valence: float
    long_arousal: float
    volatility: float
    confidence: float


class Appraisal(msgspec.Struct, frozen=True, gc=False):
    """How the player has taken a moment that the game has named.

    `course` is one of `COURSES`, `strength` 0 ... 1 how far it goes that way, `confidence` 0 ... 1
    how much of the time since then (and before) was seen or heard. `since_s` is how long ago the
    moment was, in seconds.
    """

    course: str
    strength: float
    confidence: float
    since_s: float


class ConversationState(msgspec.Struct, frozen=True, gc=False):
    """Where the dialogue stands.

    `utterances` counts what was said so far, by anybody. `line` is the game's id of the newest
    line, `role` who said it (`player` or `npc`, empty before anything was said). `pause_s` is how
    long nobody has spoken, None while somebody does or nothing was said yet. `reading` is what
    the player's newest utterance expresses after all that came before it, `expected` what the
    conversation so far lets expect of the player now; both None where nothing can be said.
    """

    utterances: int = 0
    line: str = ""
    role: str = ""
    pause_s: float | None = None
    reading: Distribution | None = None
    expected: Distribution | None = None


class EmotionState(msgspec.Struct, frozen=True, gc=False):
    """The published result: how the player seems to feel now, and why we think so.

    `probabilities` is None, and `label` is `UNCERTAIN`, when there is nothing to go by: no
    evidence, or evidence too old. `label` is `UNCERTAIN` too when no emotion stands out;
    `probabilities` then still says what little is known. `confidence` is the calibrated
    probability that `label` is right, 0 ... 1, and 0 for `UNCERTAIN` without probabilities.
    `valence`, `arousal` and `dominance` are in -1 ... +1. `trend` is the slope of valence in
    1/s over the last seconds. `incongruence` is 0 (the modalities agree) ... 1 (they contradict
    each other), None with fewer than two readable modalities; while an utterance with words is
    judged, it is the probability that its words, voice and face contradict each other, and
    `contradiction` says what that is once it is likely. `speaking` and `face_present` are
    None when that modality is not captured at all. `burst` is the laugh or sigh that is heard just
    now, if there is one; it has no part in the emotion, because a laugh is not speech. `replay`
    says that nobody is sensed just now: the state comes from a recording or a script. `granular`
    holds those of `GRANULAR` that something is known about. `mood` is None until something was
    seen or heard. `moments` holds the named moments of the game that are still followed.
    `conversation` is None until something was said.
    """

    captured_ns: int
    captured_wall: float
    label: str
    confidence: float
    modalities: dict[Modality, ModalityState]
    probabilities: Distribution | None = None
    valence: float | None = None
    arousal: float | None = None
    dominance: float | None = None
    trend: float | None = None
    speaking: bool | None = None
    face_present: bool | None = None
    incongruence: float | None = None
    baseline: str = "none"
    schema: int = 1
    sequence: int = 0
    published_ns: int = 0
    published_wall: float = 0.0
    burst: Burst | None = None
    replay: bool = False
    granular: dict[str, Granular] = {}
    contradiction: Contradiction | None = None
    mood: Mood | None = None
    moments: dict[str, Appraisal] = {}
    conversation: ConversationState | None = None


class EventKind(_Word):
    """What an event tells."""

    STARTED = "started"
    STOPPING = "stopping"
    ENDED = "ended"
    """The source came to its end (a clip)."""
    STATUS = "status"
    CAMERA_BUSY = "camera_busy"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"
    MIC_LOST = "mic_lost"
    MIC_BACK = "mic_back"
    FACE_FOUND = "face_found"
    FACE_LOST = "face_lost"
    SPEECH_BEGAN = "speech_began"
    SPEECH_ENDED = "speech_ended"
    EXPERT_FAILED = "expert_failed"
    CONSENT_GRANTED = "consent_granted"
    CONSENT_REVOKED = "consent_revoked"
    """A permission was taken back or has run out; its device is released."""
    PAUSED = "paused"
    RESUMED = "resumed"
    LEASE_TAKEN = "lease_taken"
    LEASE_LOST = "lease_lost"
    """An application fell silent without giving its lease back."""
    BASELINE_SET = "baseline_set"
    BASELINE_FAILED = "baseline_failed"
    RECORDING_BEGAN = "recording_began"
    RECORDING_ENDED = "recording_ended"
    REACTION_BEGAN = "reaction_began"
    REACTION_UPDATED = "reaction_updated"
    """The strength of a reaction has changed."""
    REACTION_ENDED = "reaction_ended"
    PROFILE_LOADED = "profile_loaded"
    """An NPC has a profile, or another one."""
    PROFILE_REFUSED = "profile_refused"
    """A profile's file was changed and has mistakes; the one before stays."""
    PROFILE_CLEARED = "profile_cleared"
    MOMENT_MARKED = "moment_marked"
    """The game has named a moment; `detail` is its name."""


class Cause(msgspec.Struct, frozen=True, gc=False):
    """One condition that decided a reaction: the signal, its value then, and the level that it
    crossed.

    `value` is None where the signal was unknown or is a word (then `word` is it); `level` is the
    enter level where the reaction began and the exit level where it ended, None for words and
    flags. `modality` carried the signal: the one with the largest part in it; empty where none
    did (the game's own context, or several alike).
    """

    signal: str
    value: float | None = None
    level: float | None = None
    word: str = ""
    modality: str = ""


class Reaction(msgspec.Struct, frozen=True, gc=False):
    """A designer's rule that has fired, goes on, or has ended.

    `firing` is the same from its begin to its end, and counts up. `strength` is 0 ... 1.
    `reason` is why: `entered` (its conditions came true), `strength` (an update), `left` (they
    came untrue), `unknown` (nothing is known any more), `replaced` (another of its group has
    priority), `profile` (the profile was changed or cleared), `stopped` (the sidecar stops).
    `app` is the application that set the profile; empty for a profile from a file.
    """

    name: str
    npc: str
    firing: int
    strength: float
    reason: str
    why: tuple[Cause, ...] = ()
    app: str = ""


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that happened once. Events are never dropped silently: `sequence` counts up by
    one, so that a reader sees a gap.

    `code` is the stable code of the error behind it (empty if there is none) and `detail` one
    sentence for people; neither ever holds a frame, a sample or an emotion value. `reaction` is
    there in the three kinds of reaction events, and only there; it tells of the player and goes
    into no log.
    """

    kind: EventKind
    at_ns: int
    at_wall: float
    code: str = ""
    detail: str = ""
    schema: int = 1
    sequence: int = 0
    reaction: Reaction | None = None
