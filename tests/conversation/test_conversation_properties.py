"""Whatever is said and heard, in whatever order, the conversation stays whole and bounded."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from conversation.dialogues import LAST_S, SECOND, Listener, Player, read
from fusion.evidence import wild_evidence
from rapport.conversation.conversation import Conversation
from rapport.conversation.memory import REMEMBERED
from rapport.conversation.utterance import Line
from rapport.state import Doubt, Modality

pytestmark = pytest.mark.property

_ns = st.integers(-SECOND, 200 * SECOND)
_lines = st.builds(
    Line,
    st.sampled_from(["Anna", "Mira", "player", ""]),
    st.sampled_from(["player", "npc"]),
    st.text(max_size=10),
    _ns,
    _ns,
    st.text(max_size=5),
)
_steps = st.lists(
    st.one_of(
        _lines,
        st.fixed_dictionaries({}, optional={m: wild_evidence(m) for m in Modality}),
        st.sampled_from([Modality.FACE, Modality.VOICE, Modality.TEXT]),
    ),
    max_size=60,
)


@given(_steps, st.lists(st.integers(-2 * SECOND, 4 * SECOND), min_size=60, max_size=60))
@hypothesis_settings(max_examples=150, deadline=None)
def test_anything_may_come_in(steps: list, passed: list[int]) -> None:  # type: ignore[type-arg]
    context = Listener()
    conversation = Conversation(context, lambda _: Doubt(0.5, keeps={Modality.VOICE: 0.5}))
    now_ns, told_over = 100 * SECOND, 0
    for step, passed_ns in zip(steps, passed, strict=False):
        now_ns = max(0, now_ns + passed_ns)
        if isinstance(step, Line):
            conversation.say(step, read(max(0, min(step.end_ns, now_ns))), now_ns)
        elif isinstance(step, Modality):
            conversation.forget(step)
        else:
            told = conversation.tick(step, now_ns, LAST_S)
            told_over += told.over is not None
            if told.state is not None:
                assert told.state.pause_s is None or told.state.pause_s >= 0.0
    memory = conversation.memory
    assert len(memory.utterances) <= REMEMBERED
    assert [u.number for u in context.remembered[-len(memory.utterances) :]] == [
        u.number for u in memory.utterances
    ]
    for said in memory.utterances:
        assert 0 <= said.start_ns <= said.end_ns
        for part in (said.voice, said.face):
            if part is not None:
                assert said.role == "player"
                assert math.isclose(sum(part.distribution), 1.0, abs_tol=1e-6)
                assert 0.0 <= part.quality <= 1.0 and 0.0 <= part.share <= 1.0


@given(
    st.lists(st.tuples(st.floats(0.3, 3.0), st.floats(0.8, 4.0)), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
)
@hypothesis_settings(max_examples=40, deadline=None)
def test_every_stretch_of_speech_is_one_utterance_with_or_without_its_words(
    stretches: list[tuple[float, float]], worded: list[bool]
) -> None:
    player = Player()
    at_s = 1.0
    for (length, gap), has_words in zip(stretches, worded, strict=False):
        player.speaks.append((at_s, at_s + length))
        player.until(at_s + length + 0.1)
        if has_words:
            player.say("thanks", at_s=at_s, seconds=length)
        at_s += length + gap
        player.until(at_s - 0.1)
    player.until(at_s + 3.0)
    assert [bool(u.text) for u in player.context.remembered] == worded[: len(stretches)]
