"""What stands of the player's newest words: that they are evidence, and the doubt about them."""

from collections.abc import Callable

import msgspec

from rapport.conversation.utterance import Utterance
from rapport.experts.affect import expected_vad
from rapport.state import NEVER, Condition, Distribution, Doubt, Evidence, Modality

JUDGED_EVERY_NS = 200_000_000
"""While evidence still comes in, an utterance is judged this often."""


class Standing:
    """The newest words, and the newest doubt. Not safe to share between threads."""

    def __init__(self, judge: Callable[[Utterance], Doubt | None]) -> None:
        """
        :param judge: says whether an utterance contradicts itself.
        """
        self._judge = judge
        self._alone = Evidence(Modality.TEXT, NEVER, Condition.SILENT)
        self.words = self._alone
        """The evidence of the newest words, after all that was said before."""
        self.reading: Distribution | None = None
        """What they express; None: nothing was said yet, or what it rests on was forgotten."""
        self._doubt: Doubt | None = None
        self._doubted_ns = 0
        """When the words were said that the doubt is about; of none, when it was judged."""
        self._due_ns = 0

    def due(self, now_ns: int) -> bool:
        """Whether an utterance that goes on is to be judged again."""
        return now_ns >= self._due_ns

    def newest(self, words: Evidence | None) -> bool:
        """Whether these are the newest words, or newer. Lines may come late and out of order; an
        older one does not speak for now."""
        return words is not None and words.captured_ns >= self._alone.captured_ns

    def take(self, words: Evidence, reading: Distribution | None, model: str) -> None:
        """The player has said this.

        :param reading: what it expresses after what came before, by this model; None: read alone.
        """
        self.reading = reading or words.distribution
        self._alone, self.words = words, in_context(words, reading, model)
        self._doubt, self._due_ns = None, 0

    def judge(self, whole: Utterance, now_ns: int) -> None:
        """Doubt an utterance, or do not, if its words are the newest, or if it has none."""
        if whole.words is None or whole.words.captured_ns == self._alone.captured_ns:
            self._due_ns = now_ns + JUDGED_EVERY_NS
            self._doubt = self._judge(whole)
            self._doubted_ns = now_ns if whole.words is None else whole.words.captured_ns

    def speak_on(self) -> None:
        """The player says something else by now: words that were not meant are no evidence of how
        they feel any more, and nothing contradicts what is said now."""
        if self._doubt is not None and self._doubted_ns == self._alone.captured_ns:
            if self._doubt.kind:
                self.words = Evidence(Modality.TEXT, self._alone.captured_ns, Condition.SILENT)
            self._doubt = None

    def fall_silent(self) -> None:
        """Something was said without words, and nothing of it is left to doubt."""
        self._doubt = None

    def doubt(self, now_ns: int, last_s: float) -> Doubt | None:
        """The doubt as it is now.

        :param last_s: how long words count, in seconds; so long does a doubt about them.
        """
        left = 1.0 - (now_ns - self._doubted_ns) / 1e9 / last_s
        return None if self._doubt is None or left <= 0.0 else faded(self._doubt, min(1.0, left))

    def forget(self) -> None:
        """Forget what the words seem to say after what was heard and seen before."""
        self.words, self.reading, self._doubt = self._alone, None, None


def in_context(words: Evidence, reading: Distribution | None, model: str) -> Evidence:
    """The evidence of a line's words, with the distribution that they have after what came before,
    by this model.

    Valence, arousal and dominance keep what the text expert read beyond its own distribution.
    """
    if reading is None or words.distribution is None:
        return words
    alone, now = expected_vad(words.distribution), expected_vad(reading)
    told = (words.valence, words.arousal, words.dominance)
    valence, arousal, dominance = (
        None if value is None else max(-1.0, min(1.0, value - was + becomes))
        for value, was, becomes in zip(told, alone, now, strict=True)
    )
    return msgspec.structs.replace(
        words,
        distribution=reading,
        valence=valence,
        arousal=arousal,
        dominance=dominance,
        model=f"{words.model}+{model}",
    )


def faded(doubt: Doubt, left: float) -> Doubt:
    """A doubt when its words count by `left`, 1 (just said) ... 0: a face or a voice that it takes
    weight from gets it back as they are forgotten."""
    keeps = {
        modality: share if modality is Modality.TEXT else 1.0 - (1.0 - share) * left
        for modality, share in doubt.keeps.items()
    }
    return msgspec.structs.replace(doubt, keeps=keeps)
