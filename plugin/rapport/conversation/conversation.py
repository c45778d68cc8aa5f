"""The conversation: lines that a game tells and turns that the microphone hears become utterances,
each with what was seen and heard meanwhile, read after all that came before."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from rapport.conversation.collect import COLLECTED, Collector
from rapport.conversation.memory import REMEMBERED, Context, DialogueMemory
from rapport.conversation.standing import Standing
from rapport.conversation.turns import Turns, follow
from rapport.conversation.utterance import Line, Utterance
from rapport.state import (
    ConversationState,
    Distribution,
    Doubt,
    Evidence,
    Modality,
)

PLAYER = "player"
"""The speaker of all that the player says, whatever name the game gives with a line."""
LATE_NS = 3_000_000_000
"""A transcript may come this long (3 s) after its speech has ended."""
WAITED_FOR_NS = 1_500_000_000
"""How long (1.5 s) speech waits for its words before it counts as said without any."""
SHOWN_BEFORE_NS, SHOWN_AFTER_NS = 1_500_000_000, 1_000_000_000
"""What the face shows from 1.5 s before to 1 s after a line that was typed or chosen belongs to
the line."""
EXPECTED_EVERY_NS = 1_000_000_000
"""Between utterances only the pause grows: once a second is often enough."""


class Read(NamedTuple):
    """A line as the text expert reads it by itself: the evidence, and the probabilities of its 28
    emotions (None: it could not be read)."""

    words: Evidence
    emotions: tuple[float, ...] | None


class Told(NamedTuple):
    """What the conversation says at one tick: the evidence of the text modality, the doubt about
    the newest words, where the dialogue stands (None: nothing was said yet), and an utterance
    that is over and part of the memory now, if there is one."""

    words: Evidence
    doubt: Doubt | None = None
    state: ConversationState | None = None
    over: Utterance | None = None


class Conversation:
    """Keeps the dialogue. Not safe to share between threads.

    A line of the player's belongs to the speech that goes on or has just ended, if there is any;
    else it was typed or chosen. Speech without a line is an utterance without words. Of a
    character only the lines are known.
    """

    def __init__(
        self,
        context: Context | None = None,
        judge: Callable[[Utterance], Doubt | None] = lambda _utterance: None,
    ) -> None:
        """
        :param context: None: every line is read by itself.
        :param judge: says whether an utterance contradicts itself.
        """
        self.memory = DialogueMemory(context)
        self._standing = Standing(judge)
        self._collector = Collector()
        self._turns = Turns()
        self._going_on: Utterance | None = None
        """The player's: being said, or waiting for its words or the last looks at the face."""
        self._over_ns = 0
        """When that one is over, unless its speech still goes on."""
        self._over: deque[Utterance] = deque(maxlen=REMEMBERED)
        """Those that are over and were not told yet."""
        self._expected: Distribution | None = None
        self._expect_ns = 0

    def say(self, line: Line, read: Read | None, now_ns: int) -> None:
        """A line came.

        :param read: how its words read by themselves; None: they cannot be read at all.
        """
        if line.role != "player":
            if self._turns.going_on is None:
                self._finish(now_ns)  # answered: what the player shows now is about the answer
            said = self.memory.begin(line.speaker, line.role, line.start_ns, line.end_ns)
            self._remember(_with_words(said, line, read))
            return
        spoken = self._spoken(line) or self._typed(line)
        said = _with_words(spoken, line, read)
        if said.words is not None and self._standing.newest(said.words):
            self._standing.take(said.words, self.memory.read(said), self.memory.model)
        if self._going_on is not None and said.end_ns < self._going_on.start_ns:
            self._remember(self._judged(said, now_ns))  # late: the player says something else now
            return
        if self._going_on is not None and said.number != self._going_on.number:
            self._finish(now_ns)
        self._going_on = said
        self._over_ns = _span(said)[1]
        self._finish_unless_spoken(now_ns)

    def tick(self, evidence: Mapping[Modality, Evidence], now_ns: int, words_last_s: float) -> Told:
        """See and hear the newest readings, and say where the conversation stands.

        :param evidence: of face and voice, as their experts read them; others are passed over.
        :param words_last_s: how long words count, in seconds; so long does a doubt about them.
        """
        for modality in COLLECTED:
            if modality in evidence:
                self._collector.add(evidence[modality])
        if Modality.VOICE in evidence:
            self._turns = follow(self._turns, evidence[Modality.VOICE], now_ns)
            self._follow_speech(now_ns)
        going_on = self._going_on
        if going_on is not None and going_on.words is None:
            self._standing.speak_on()
        if going_on is not None and self._standing.due(now_ns):
            self._judged(going_on, now_ns)
        if going_on is not None and going_on.words is None and self._turns.going_on is None:
            self._standing.fall_silent()
        self._finish_unless_spoken(now_ns)
        over = self._over.popleft() if self._over else None
        doubt = self._standing.doubt(now_ns, words_last_s)
        return Told(self._standing.words, doubt, self._state(now_ns), over)

    def forget(self, modality: Modality) -> None:
        """Forget what face or voice has shown: it may not be used any more. What was said stays."""
        if modality not in COLLECTED:
            return
        self._collector.forget(modality)
        self.memory.forget(modality)
        self._over.clear()
        self._standing.forget()
        if modality is Modality.VOICE:
            self._turns = Turns()

    def _spoken(self, line: Line) -> Utterance | None:
        """The player's speech whose words these are, if they are not known yet: it goes on, or
        waits for them, or was the last that anybody said."""
        for said in () if line.typed else (self._going_on, self.memory.last):
            if said is None or said.role != "player" or said.words is not None:
                continue
            if line.end_ns >= said.start_ns and line.start_ns <= said.end_ns + LATE_NS:
                return said if said is self._going_on else self.memory.take_back()
        return None

    def _typed(self, line: Line) -> Utterance:
        """The utterance of a line that was not heard."""
        return self.memory.begin(PLAYER, "player", line.start_ns, line.end_ns)

    def _follow_speech(self, now_ns: int) -> None:
        """Begin, lengthen and end the utterance of a turn."""
        turn, going_on = self._turns.going_on or self._turns.ended, self._going_on
        if turn is None or not turn.counts:
            return
        if going_on is not None and turn.start_ns <= going_on.end_ns:
            end_ns = max(going_on.end_ns, turn.end_ns)
            self._going_on = msgspec.structs.replace(going_on, end_ns=end_ns)
        elif self._turns.going_on is not None:
            self._finish(now_ns)
            self._going_on = self.memory.begin(PLAYER, "player", turn.start_ns, turn.end_ns)
        if self._turns.ended is not None and self._going_on is not None:
            known = self._going_on.words is not None
            self._over_ns = max(self._over_ns, now_ns + (0 if known else WAITED_FOR_NS))

    def _with_evidence(self, utterance: Utterance, now_ns: int) -> Utterance:
        """The player's utterance with what was seen and heard during it, so far."""
        start_ns, end_ns = _span(utterance)
        face, voice = (
            self._collector.summary(modality, start_ns, min(end_ns, now_ns))
            for modality in COLLECTED
        )
        return msgspec.structs.replace(utterance, face=face, voice=voice)

    def _finish_unless_spoken(self, now_ns: int) -> None:
        if self._turns.going_on is None and now_ns >= self._over_ns:
            self._finish(now_ns)

    def _finish(self, now_ns: int) -> None:
        """The player's utterance is over, if there is one: judge it a last time, remember it."""
        if self._going_on is not None:
            over, self._going_on = self._judged(self._going_on, now_ns), None
            self._remember(over)
            if over.words is None:
                self._standing.fall_silent()

    def _judged(self, utterance: Utterance, now_ns: int) -> Utterance:
        """The utterance with its evidence, judged by it."""
        whole = self._with_evidence(utterance, now_ns)
        self._standing.judge(whole, now_ns)
        return whole

    def _remember(self, utterance: Utterance) -> None:
        self.memory.add(utterance)
        self._over.append(utterance)
        self._expect_ns = 0

    def _state(self, now_ns: int) -> ConversationState | None:
        newest, going_on = self.memory.last, self._going_on
        if newest is None or (going_on is not None and going_on.start_ns >= newest.start_ns):
            newest = going_on
        if newest is None:
            return None
        if now_ns >= self._expect_ns:
            self._expect_ns = now_ns + EXPECTED_EVERY_NS
            self._expected = self.memory.expected(PLAYER, now_ns)
        quiet_s = max(0, now_ns - newest.end_ns) / 1e9
        return ConversationState(
            utterances=self.memory.count,
            line=newest.line,
            role=newest.role,
            pause_s=None if self._turns.going_on is not None else quiet_s,
            reading=self._standing.reading,
            expected=self._expected,
        )


def _span(utterance: Utterance) -> tuple[int, int]:
    """From when to when face and voice belong to an utterance. One without a length was typed."""
    if utterance.end_ns > utterance.start_ns:
        return utterance.start_ns, utterance.end_ns
    return utterance.start_ns - SHOWN_BEFORE_NS, utterance.end_ns + SHOWN_AFTER_NS


def _with_words(utterance: Utterance, line: Line, read: Read | None) -> Utterance:
    words, emotions = (None, None) if read is None else read
    return msgspec.structs.replace(
        utterance, line=line.line, text=line.text, words=words, emotions=emotions
    )
