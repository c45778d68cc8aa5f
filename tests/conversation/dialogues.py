"""A made-up player whose readings are fed to a conversation, tick by tick."""

from rapport.conversation.conversation import Conversation, Read, Told
from rapport.conversation.utterance import Line, Utterance
from rapport.state import (
    LABELS,
    Condition,
    Distribution,
    Doubt,
    Evidence,
    Modality,
    Quality,
)

SECOND = 1_000_000_000
TICK_S = 0.05
LAST_S = 10.0
"""How long words count."""


def shares(label: str, probability: float = 0.72) -> Distribution:
    """One label with this probability; the others share the rest."""
    rest = (1.0 - probability) / (len(LABELS) - 1)
    return tuple(probability if name == label else rest for name in LABELS)


def reading(modality: Modality, at_ns: int, label: str, score: float = 0.9) -> Evidence:
    prosody = {"pitch_range": 4.0} if modality is Modality.VOICE else {}
    return Evidence(
        modality, at_ns, Condition.OK, Quality(score), shares(label), 0.1, 0.2, 0.0,
        present=True, prosody=prosody,
    )  # fmt: skip


def silence(at_ns: int) -> Evidence:
    return Evidence(Modality.VOICE, at_ns, Condition.SILENT, Quality(0.9))


def read(at_ns: int, label: str = "happiness") -> Read:
    return Read(reading(Modality.TEXT, at_ns, label), (0.5,) * 28)


class Listener:
    """A context network that only notes what it is asked to remember."""

    def __init__(self) -> None:
        self.remembered: list[Utterance] = []

    name = "listener-1"

    def hear(self, utterance: Utterance) -> Distribution | None:
        return shares("sadness") if self.remembered else None

    def expected(self, speaker: str, at_ns: int) -> Distribution | None:
        return shares("anger") if self.remembered else None

    def commit(self, utterance: Utterance) -> None:
        self.remembered.append(utterance)

    def take_back(self) -> None:
        self.remembered.pop()

    def forget(self) -> None:
        self.remembered.clear()


class Player:
    """Feeds a conversation. `speaks` holds spans in seconds, `label` what voice and face show."""

    def __init__(self, context: Listener | None = None, strength: float | None = None) -> None:
        self.context = context or Listener()
        self.judged: list[Utterance] = []
        self.strength = strength
        self.conversation = Conversation(self.context, self._judge)
        self.now_s = 0.0
        self.speaks: list[tuple[float, float]] = []
        self.face = True
        self.voice = "anger"
        self.over: list[Utterance] = []
        self.told: Told | None = None

    def _judge(self, utterance: Utterance) -> Doubt | None:
        self.judged.append(utterance)
        if self.strength is None:
            return None
        return Doubt(self.strength, "sarcasm", {Modality.TEXT: 0.1, Modality.FACE: 0.0})

    @property
    def now_ns(self) -> int:
        return round(self.now_s * SECOND)

    def say(
        self,
        text: str,
        role: str = "player",
        at_s: float | None = None,
        seconds: float | None = None,
        label: str = "happiness",
    ) -> None:
        start_ns = self.now_ns if at_s is None else round(at_s * SECOND)
        end_ns = start_ns + round((seconds or 0.0) * SECOND)
        speaker = "Anna" if role == "player" else "Mira"
        line = Line(
            speaker,
            "player" if role == "player" else "npc",
            text,
            start_ns,
            end_ns,
            text,
            seconds == 0.0,
        )
        self.conversation.say(line, read(min(end_ns, self.now_ns), label), self.now_ns)

    def until(self, end_s: float) -> Told:
        """Ticks until then; what was told last."""
        heard_ns = -1
        while self.now_s < end_s:
            self.now_s = round(self.now_s + TICK_S, 6)
            evidence = {}
            if self.face:
                evidence[Modality.FACE] = reading(Modality.FACE, self.now_ns, "neutral")
            if any(a <= self.now_s <= b for a, b in self.speaks):
                heard_ns = self.now_ns
                evidence[Modality.VOICE] = reading(Modality.VOICE, heard_ns, self.voice)
            else:
                evidence[Modality.VOICE] = silence(self.now_ns)
            self.told = self.conversation.tick(evidence, self.now_ns, LAST_S)
            if self.told.over is not None:
                self.over.append(self.told.over)
        assert self.told is not None
        return self.told
