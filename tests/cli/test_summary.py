"""The summary of a clip."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rapport.cli.summary import UNKNOWN, Summary, print_summary
from rapport.state import LABELS, Condition, EmotionState, Modality, ModalityState

pytestmark = pytest.mark.unit


def state(at_s: float, label: str, confidence: float = 0.5) -> EmotionState:
    known = label != UNKNOWN
    return EmotionState(
        captured_ns=round(at_s * 1e9),
        captured_wall=at_s,
        label=label if known else "uncertain",
        confidence=confidence,
        modalities={
            Modality.FACE: ModalityState(0.75, Condition.OK, model="face-1"),
            Modality.VOICE: ModalityState(0.25, Condition.NOISY),
        },
        probabilities=(0.125,) * 8 if known else None,
        valence=0.5 if known else None,
    )


def summary_of(*labels: str, step_s: float = 1.0) -> Summary:
    summary = Summary()
    for number, label in enumerate(labels):
        summary.add(state(number * step_s, label))
    return summary


def test_the_time_line_has_no_gaps() -> None:
    line = summary_of("neutral", "neutral", "happiness", "sadness", "sadness").stretches()
    assert [(s.label, s.begin_s, s.end_s) for s in line] == [
        ("neutral", 0.0, 2.0),
        ("happiness", 2.0, 3.0),
        ("sadness", 3.0, 4.0),
    ]


def test_a_flicker_belongs_to_what_it_interrupts() -> None:
    labels = ["neutral"] * 20 + ["anger"] + ["neutral"] * 20
    (only,) = summary_of(*labels, step_s=0.05).stretches()
    assert (only.label, only.begin_s, only.states) == ("neutral", 0.0, 40)


@given(st.lists(st.sampled_from([*LABELS, UNKNOWN]), min_size=1, max_size=60))
def test_stretches_cover_the_clip_and_alternate(labels: list[str]) -> None:
    summary = summary_of(*labels, step_s=0.2)
    line = summary.stretches()
    assert line[0].begin_s == 0.0
    assert line[-1].end_s == summary.seconds
    for before, after in pairwise(line):
        assert before.end_s == after.begin_s
        assert before.label != after.label


def test_it_is_printed_for_people() -> None:
    summary = summary_of(UNKNOWN, "happiness", "happiness", "happiness")
    console = Console(file=io.StringIO(), width=100)
    print_summary(summary, "clip.mp4", console)
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    for said in ("clip.mp4", "4 states in 3.0 s", "+0.50", "75 % happiness", "ok 100 %", "face-1"):
        assert said in printed


def test_a_clip_without_states_is_no_error() -> None:
    print_summary(Summary(), "empty.mp4", Console(file=io.StringIO()))
