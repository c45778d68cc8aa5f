"""What a profile means, rule by rule: when a reaction begins, how long it goes on, why it ends."""

import itertools

import msgspec
import pytest

from rapport.reactions.engine import Engine, run
from rapport.reactions.profile import parse
from rapport.state import Condition, EmotionState, EventKind, Modality, Reaction
from reactions.players import SECOND, TICK_NS, UNKNOWN, player

pytestmark = pytest.mark.unit

BEGAN, UPDATED, ENDED = (
    EventKind.REACTION_BEGAN,
    EventKind.REACTION_UPDATED,
    EventKind.REACTION_ENDED,
)
Told = list[tuple[float, EventKind, Reaction]]
PLAIN = "hold_s = 0.0\ncooldown_s = 0.0\ndecay_s = 0.0\n"


def engine(text: str) -> Engine:
    return Engine(parse(text, "toml"), "mira")


def play(text: str, *scenes: tuple[float, EmotionState]) -> Told:
    """Firings (at seconds) of a profile while each state lasts for so many seconds."""
    runner, told, at_ns = engine(text), [], 0
    for seconds, state in scenes:
        for _ in range(round(seconds * SECOND / TICK_NS)):
            told += [(at_ns / SECOND, *firing) for firing in runner.tick(state, at_ns, {})]
            at_ns += TICK_NS
    return told


def steps(told: Told) -> list[tuple[str, str]]:
    """Begins and ends: what, and why."""
    return [(r.name, "+" if kind == BEGAN else r.reason) for _, kind, r in told if kind != UPDATED]


ANGER = f'[reaction.r]\nwhen = {{ signal = "anger", enter = 0.6, exit = 0.4 }}\n{PLAIN}'


def test_it_begins_at_enter_and_ends_below_exit() -> None:
    told = play(ANGER, (1, player("anger", 0.59)), (1, player("anger", 0.6)))
    assert steps(told) == [("r", "+")]
    assert told[0][0] == pytest.approx(1.0, abs=0.05)
    told = play(
        ANGER, (1, player("anger", 0.7)), (1, player("anger", 0.4)), (1, player("anger", 0.39))
    )
    assert steps(told) == [("r", "+"), ("r", "left")]
    assert told[-1][0] == pytest.approx(2.0, abs=0.05)


def test_an_exit_above_enter_looks_for_low_values() -> None:
    text = ANGER.replace("enter = 0.6, exit = 0.4", "enter = 0.2, exit = 0.5")
    told = play(
        text, (1, player("anger", 0.3)), (1, player("anger", 0.1)), (1, player("anger", 0.6))
    )
    assert steps(told) == [("r", "+"), ("r", "left")]
    assert told[0][2].why[0].level == 0.2
    assert told[-1][2].why[0].level == 0.5


def test_the_exit_level_is_a_tenth_of_the_span_below_by_default() -> None:
    text = ANGER.replace(", exit = 0.4", "")
    held = play(text, (1, player("anger", 0.7)), (1, player("anger", 0.5)))
    assert steps(held) == [("r", "+")]
    assert steps(play(text, (1, player("anger", 0.7)), (1, player("anger", 0.49)))) == [
        ("r", "+"),
        ("r", "left"),
    ]


def test_a_signal_must_stay_beyond_enter_for_so_long() -> None:
    text = ANGER.replace("exit = 0.4", "exit = 0.4, for_s = 1.0")
    blinks = [(0.6, player("anger", 0.9)), (0.1, player("anger", 0.5))] * 5
    assert play(text, *blinks) == []
    (begin, *_) = play(text, (2, player("anger", 0.9)))
    assert begin[0] == pytest.approx(1.0, abs=0.05)


def test_a_gap_between_ticks_is_no_staying() -> None:
    text = ANGER.replace("exit = 0.4", "exit = 0.4, for_s = 3.0")
    runner, angry = engine(text), player("anger", 0.9)
    assert runner.tick(angry, 0, {}) == []
    assert runner.tick(angry, 5 * SECOND, {}) == [], "nobody knows what was in between"
    assert runner.tick(angry, 6 * SECOND, {}) == []


def test_it_holds_and_cools_down() -> None:
    text = ANGER.replace("hold_s = 0.0", "hold_s = 2.0").replace(
        "cooldown_s = 0.0", "cooldown_s = 3.0"
    )
    flicker = [(0.2, player("anger", 0.9)), (0.2, player())] * 40
    told = play(text, *flicker)
    begins = [at for at, kind, _ in told if kind == BEGAN]
    ends = [at for at, kind, _ in told if kind == ENDED]
    assert len(begins) >= 3
    assert all(end - begin >= 2.0 for begin, end in zip(begins, ends, strict=False))
    assert all(begin - end >= 3.0 for end, begin in zip(ends, begins[1:], strict=False))


def test_strength_follows_fades_and_comes_back_in_one_firing() -> None:
    text = ANGER.replace("decay_s = 0.0", "decay_s = 4.0")
    told = play(
        text, (1, player("anger", 0.8)), (1, player()), (1, player("anger", 0.9)), (5, player())
    )
    assert steps(told) == [("r", "+"), ("r", "left")]
    assert {r.firing for _, _, r in told} == {1}
    strengths = [r.strength for _, _, r in told]
    assert strengths[0] == pytest.approx(0.8)
    assert min(r.strength for at, _, r in told if at < 2.0) == pytest.approx(0.55, abs=0.06)
    assert max(strengths) == pytest.approx(0.9)
    assert strengths[-1] == 0.0
    assert told[-1][0] == pytest.approx(3.0 + 0.9 * 4.0, abs=0.1)


def test_a_curve_maps_the_strength() -> None:
    text = ANGER + "strength = [[0.6, 0.0], [0.8, 1.0]]\n"
    assert play(text, (0.1, player("anger", 0.7)))[0][2].strength == pytest.approx(0.5)
    assert play(text, (0.1, player("anger", 0.95)))[0][2].strength == 1.0


def test_updates_are_told_in_steps_and_not_too_often() -> None:
    rising = [(TICK_NS / SECOND, player("anger", 0.6 + 0.003 * n)) for n in range(100)]
    told = play(ANGER, *rising)
    updates = [(at, r.strength) for at, kind, r in told if kind == UPDATED]
    assert 5 <= len(updates) <= 8
    assert all(b[0] - a[0] >= 0.2 - 1e-9 for a, b in itertools.pairwise(updates))
    assert all(b[1] - a[1] >= 0.05 - 1e-9 for a, b in itertools.pairwise(updates))


GROUP = f"""
[reaction.low]
when = {{ signal = "anger", enter = 0.3 }}
group = "g"
{PLAIN.replace("hold_s = 0.0", "hold_s = 1.0")}
[reaction.high]
when = {{ signal = "anger", enter = 0.7, exit = 0.5 }}
group = "g"
priority = 1
{PLAIN}
[reaction.same]
when = {{ signal = "anger", enter = 0.3 }}
group = "g"
{PLAIN}
[reaction.alone]
when = {{ signal = "anger", enter = 0.3 }}
{PLAIN}
"""


def test_of_a_group_one_is_active_and_priority_takes_over_after_the_hold() -> None:
    told = play(GROUP, (0.5, player("anger", 0.5)), (2, player("anger", 0.9)))
    assert steps(told) == [("low", "+"), ("alone", "+"), ("low", "replaced"), ("high", "+")]
    assert next(at for at, _, r in told if r.reason == "replaced") == pytest.approx(1.0, abs=0.05)


def test_unknown_is_held_for_a_while_ended_or_ignored() -> None:
    def end(policy: str) -> tuple[str, float]:
        told = play(ANGER + policy, (1, player("anger", 0.9)), (10, UNKNOWN))
        return told[-1][2].reason, told[-1][0]

    assert end('unknown = "hold"\nunknown_s = 3.0\n') == ("unknown", pytest.approx(4.0, abs=0.05))
    assert end('unknown = "end"\n') == ("unknown", pytest.approx(1.0, abs=0.05))
    assert end('unknown = "ignore"\n') == ("unknown", pytest.approx(1.0, abs=0.05))
    both = f"""[reaction.r]
when = {{ all = [
  {{ signal = "frustration", enter = 0.5 }},
  {{ signal = "anger", enter = 0.5, unknown = "POLICY" }},
] }}
{PLAIN}"""
    nothing_of_anger = msgspec.structs.replace(UNKNOWN, granular=player(frustration=0.9).granular)
    assert steps(play(both.replace("POLICY", "ignore"), (1, nothing_of_anger))) == [("r", "+")]
    assert play(both.replace("POLICY", "end"), (1, nothing_of_anger)) == []
    assert play(both.replace("POLICY", "hold"), (1, nothing_of_anger)) == []


def test_unknown_is_neither_zero_nor_false() -> None:
    low = ANGER.replace("enter = 0.6, exit = 0.4", "enter = 0.2, exit = 0.5")
    assert play(low, (1, UNKNOWN)) == []
    no_anger = '[reaction.r]\nwhen = { not = { signal = "anger", enter = 0.6, exit = 0.4 } }\n'
    assert play(no_anger, (1, UNKNOWN)) == []
    silent = '[reaction.r]\nwhen = { not = { signal = "speaking", is = true } }\n'
    assert play(silent, (1, UNKNOWN)) == []
    assert steps(play(silent, (1, player(speaking=False)))) == [("r", "+")]


def test_not_begins_only_where_the_other_is_clearly_untrue() -> None:
    text = (
        f'[reaction.r]\nwhen = {{ not = {{ signal = "anger", enter = 0.6, exit = 0.4 }} }}\n{PLAIN}'
    )
    assert play(text, (1, player("anger", 0.5))) == [], "between the levels nothing is clear"
    told = play(
        text, (1, player("anger", 0.3)), (1, player("anger", 0.5)), (1, player("anger", 0.6))
    )
    assert steps(told) == [("r", "+"), ("r", "left")]
    assert told[-1][0] == pytest.approx(2.0, abs=0.05)


def test_below_the_least_confidence_a_signal_is_unknown() -> None:
    text = ANGER + "min_confidence = 0.5\n"
    assert play(text, (1, player("anger", 0.9, confidence=0.4))) == []
    assert steps(play(text, (1, player("anger", 0.9, confidence=0.5)))) == [("r", "+")]


def test_words_flags_and_the_games_own_variables() -> None:
    text = f"""[reaction.r]
when = {{ all = [
  {{ signal = "face.condition", is = ["low_light", "occluded"] }},
  {{ signal = "context.place", is = "inn" }},
  {{ signal = "context.coins", enter = 3.0, exit = 5.0 }},
] }}
{PLAIN}"""
    dark = player(condition=Condition.LOW_LIGHT)
    runner = engine(text)
    assert runner.tick(dark, 0, {}) == []
    assert runner.tick(dark, 1, {"place": "inn", "coins": "two"}) == [], "a word is no number"
    assert runner.tick(dark, 2, {"place": "wood", "coins": 2}) == []
    assert runner.tick(player(), 3, {"place": "inn", "coins": 2}) == []
    ((kind, reaction),) = runner.tick(dark, 4, {"place": "inn", "coins": 2})
    assert kind == BEGAN
    condition, place, coins = reaction.why
    assert (condition.word, condition.modality, condition.value) == ("low_light", "face", None)
    assert (place.word, coins.value, coins.level) == ("inn", 2.0, 3.0)


def test_the_modality_with_the_largest_part_carried_it() -> None:
    state = player("anger", 0.9)
    ((_, reaction),) = engine(ANGER).tick(state, 0, {})
    assert reaction.why[0].modality == "face"
    shares = state.modalities[Modality.FACE].distribution or ()
    voice = msgspec.structs.replace(state.modalities[Modality.VOICE], weight=0.25)
    calm = msgspec.structs.replace(
        state.modalities[Modality.FACE], weight=0.75, distribution=tuple(reversed(shares))
    )
    state = msgspec.structs.replace(state, modalities={Modality.FACE: calm, Modality.VOICE: voice})
    ((_, reaction),) = engine(ANGER).tick(state, 0, {})
    assert reaction.why[0].modality == "voice"


def test_what_goes_on_at_the_end_of_a_run_is_stopped() -> None:
    profile = parse(ANGER, "toml")
    states = [(n * TICK_NS, player("anger", 0.9)) for n in range(30)]
    told = list(run(profile, "mira", states))
    assert [(kind, r.reason) for _, kind, r in told] == [(BEGAN, "entered"), (ENDED, "stopped")]
    assert told[-1][0] == states[-1][0]
