"""What a whole clip came to: the time line of labels, the weights, the conditions."""

from collections import Counter
from typing import NamedTuple

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from rapport.cli import words
from rapport.cli.view import hue
from rapport.state import LABEL_VAD, LABELS, EmotionState, Modality

SHORTEST_S = 0.3
"""A stretch shorter than this belongs to the one before it: a label may flicker between two
others for a few frames."""
ROWS = 40
"""Stretches that are listed; of a long file the JSON lines say more."""
UNKNOWN = "unknown"
"""What a state without probabilities is called here."""


class Stretch(NamedTuple):
    """A time in which one label held. Seconds from the start of the clip."""

    label: str
    begin_s: float
    end_s: float
    states: int
    confidence: float
    """Mean over the states."""


class Mean:
    """A running mean of what is known."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0

    def add(self, value: float | None) -> None:
        """Take one value in; None is not known."""
        if value is not None:
            self.count += 1
            self.total += value

    @property
    def value(self) -> float | None:
        """The mean, None if nothing was known."""
        return self.total / self.count if self.count else None


class Summary:
    """Gathers the states of a clip, and keeps a few numbers of each."""

    def __init__(self) -> None:
        self.states = 0
        self.seconds = 0.0
        self.labels: Counter[str] = Counter()
        self.conditions: dict[Modality, Counter[str]] = {m: Counter() for m in Modality}
        self.weights = {m: Mean() for m in Modality}
        self.models = dict.fromkeys(Modality, "")
        self.valence, self.arousal = Mean(), Mean()
        self._stretches: list[Stretch] = []

    def add(self, state: EmotionState) -> None:
        """Take note of the next state."""
        label = UNKNOWN if state.probabilities is None else state.label
        self.states += 1
        self.seconds = state.captured_ns / 1e9
        self.labels[label] += 1
        self.valence.add(state.valence)
        self.arousal.add(state.arousal)
        for modality, part in state.modalities.items():
            self.conditions[modality][words.condition(part.condition)] += 1
            self.weights[modality].add(part.weight)
            self.models[modality] = part.model or self.models[modality]
        self._append(Stretch(label, self.seconds, self.seconds, 1, state.confidence))

    def stretches(self) -> list[Stretch]:
        """The time line, without stretches too short to mean anything."""
        merged: list[Stretch] = []
        for stretch in self._stretches:
            if not merged:
                merged.append(stretch)
            elif merged[-1].label == stretch.label:
                merged[-1] = _joined(merged[-1], stretch)
            elif stretch.end_s - stretch.begin_s < SHORTEST_S:
                merged[-1] = merged[-1]._replace(end_s=stretch.end_s)
            else:
                merged.append(stretch)
        return merged

    def _append(self, stretch: Stretch) -> None:
        if self._stretches:
            last = self._stretches[-1]
            if last.label == stretch.label:
                self._stretches[-1] = _joined(last, stretch)
                return
            self._stretches[-1] = last._replace(end_s=stretch.begin_s)
        self._stretches.append(stretch)


def _joined(first: Stretch, second: Stretch) -> Stretch:
    states = first.states + second.states
    confidence = first.confidence * first.states + second.confidence * second.states
    return Stretch(first.label, first.begin_s, second.end_s, states, confidence / states)


def print_summary(summary: Summary, title: str, console: Console) -> None:
    """Print it for people."""
    means = [f"{summary.states} states in {summary.seconds:.1f} s"]
    if summary.valence.count:
        means.append(f"mean valence {words.signed(summary.valence.value)}")
        means.append(f"mean arousal {words.signed(summary.arousal.value)}")
    stretches = summary.stretches()
    console.print(Text(title, "bold"))
    console.print(", ".join(means), end="\n\n")
    console.print(_time_line(stretches[:ROWS]))
    if len(stretches) > ROWS:
        console.print(f"… and {len(stretches) - ROWS} more; --format jsonl gives every state")
    console.print()
    console.print(_shares(summary))
    console.print()
    console.print(_signals(summary))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for column in columns:
        # What may be long is folded, not cut.
        table.add_column(column, no_wrap=column not in ("conditions", "model"), overflow="fold")
    return table


def _coloured(label: str) -> Text:
    return Text(label, hue(LABEL_VAD[LABELS.index(label)][0]) if label in LABELS else "dim")


def _time_line(stretches: list[Stretch]) -> Table:
    table = _table("from", "to", "label", "confidence")
    for stretch in stretches:
        confidence = "" if stretch.label == UNKNOWN else f"{stretch.confidence * 100:.0f} %"
        table.add_row(
            f"{stretch.begin_s:.1f} s",
            f"{stretch.end_s:.1f} s",
            _coloured(stretch.label),
            confidence,
        )
    return table


def _shares(summary: Summary) -> Group:
    return Group(
        *(
            Text.assemble(f"{count / summary.states * 100:3.0f} % ", _coloured(label))
            for label, count in summary.labels.most_common()
        )
    )


def _signals(summary: Summary) -> Table:
    table = _table("signal", "mean weight", "conditions", "model")
    for modality, conditions in summary.conditions.items():
        total = max(1, sum(conditions.values()))
        shares = ", ".join(
            f"{name} {count / total * 100:.0f} %" for name, count in conditions.most_common()
        )
        weight = summary.weights[modality].value
        table.add_row(
            str(modality),
            "-" if weight is None else f"{weight:.2f}",
            shares,
            summary.models[modality],
        )
    return table
