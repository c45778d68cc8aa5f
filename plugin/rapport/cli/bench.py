"""`rapport bench`: how fast, how light, on this machine."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer
from rich.table import Table

from rapport.cli.demo import CLIP
from rapport.cli.options import ERR, OUT, AsJson, load_settings

if TYPE_CHECKING:
    from rapport.bench.measure import Report
    from rapport.bench.talk import TalkReport
    from rapport.bench.trust import TrustReport

SHORT_S = 120.0
"""A run shorter than this tells little about growth: caches still fill."""


def bench(
    context: typer.Context,
    source: Annotated[
        Path, typer.Option(help="Play this clip.", metavar="CLIP", show_default=False)
    ] = CLIP,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to measure.")] = 30.0,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Measure the wire under strain instead: stalls, floods."),
    ] = False,
    talk: Annotated[
        bool,
        typer.Option("--talk", help="Measure the conversation instead: lines, memory, the model."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure a whole sidecar that plays a clip: latency to another process, states a second,
    processor, memory, and each stage's share.

    Figures of a busy machine are worth little: end other programs first.
    """
    load_settings(context)
    if trust and talk:
        raise typer.BadParameter("--trust and --talk are measured one at a time")
    if trust:
        from rapport.bench.trust import measure_trust

        _show(measure_trust(_progress), _print_trust, as_json)
    elif talk:
        from rapport.bench.talk import measure_talk

        _progress("telling ten thousand lines")
        _show(measure_talk(), _print_talk, as_json)
    else:
        from rapport.bench.measure import measure

        _show(measure(source, seconds, _progress), _print, as_json)


def _progress(what: str) -> None:
    ERR.print(f"{what} …", style="dim")


Measured = TypeVar("Measured", bound=msgspec.Struct)


def _show(report: Measured, show: Callable[[Measured], None], as_json: bool) -> None:
    if as_json:
        OUT.print(msgspec.json.encode(report).decode(), markup=False, soft_wrap=True)
    else:
        show(report)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


def _print(report: "Report") -> None:
    figures = Table(title=f"Sidecar, {report.seconds:.0f} s", title_justify="left")
    for heading in ("figure", "value", "wanted"):
        figures.add_column(heading, justify="left" if heading == "figure" else "right")
    latency = report.latency_ms
    growth = f"{report.growth_mb_per_10min:+.1f} MB"
    for figure, value, wanted in (
        ("states a second", f"{report.states_per_second:.1f}", "≥ 29.5"),
        ("frame grabbed → state decoded, median", f"{latency.median:.1f} ms", "≤ 20 ms"),
        ("  95th percentile", f"{latency.p95:.1f} ms", "≤ 35 ms"),
        ("  99th percentile", f"{latency.p99:.1f} ms", ""),
        ("processor", f"{report.cpu_cores:.2f} cores", "≤ 0.60 cores"),
        ("resident memory, largest", f"{report.rss_mb:.0f} MB", "≤ 400 MB"),
        ("growth in 10 minutes", growth, "≤ 5 MB"),
        ("`rapport run` to first state", f"{report.first_state_s:.2f} s", "≤ 3 s"),
        ("  to first reading", _seconds(report.first_reading_s), ""),
    ):
        figures.add_row(figure, value, wanted)
    stages = Table(title="Stages, milliseconds", title_justify="left")
    for heading in ("stage", "median", "p95", "p99"):
        stages.add_column(heading, justify="left" if heading == "stage" else "right")
    alone = {"tracker alone": report.tracker_alone_ms} if report.tracker_alone_ms else {}
    for stage, times in {**report.stages_ms, **alone}.items():
        stages.add_row(stage, *(f"{ms:.2f}" for ms in (times.median, times.p95, times.p99)))
    OUT.print(figures, stages)
    machine = report.machine
    OUT.print(f"{machine['processor']}, {machine['cores']} cores, {machine['system']}")
    if report.seconds < SHORT_S:
        OUT.print(f"Growth is measured in earnest with --seconds {SHORT_S:.0f} or more.")


def _print_talk(report: "TalkReport") -> None:
    figures = Table(title=f"Conversation, {report.lines:,} lines", title_justify="left")
    for heading in ("figure", "median", "99th percentile", "wanted"):
        figures.add_column(heading, justify="left" if heading == "figure" else "right")
    for figure, times, wanted in (
        ("a line, read in its context", report.line_ms, ""),
        ("  the context network, one answer", report.context_ms, "≤ 1 ms"),
        ("a tick between lines", report.tick_ms, "≤ 1 ms"),
        ("a whole tick, no language model", report.frame_ms, ""),
        ("  with one that never answers", report.asked_ms, "the same"),
    ):
        figures.add_row(figure, f"{times.median:.3f} ms", f"{times.p99:.3f} ms", wanted)
    figures.add_row("memory, from the first tenth on", f"{report.growth_mb:+.1f} MB", "", "bounded")
    OUT.print(figures)


def _print_trust(report: "TrustReport") -> None:
    figures = Table(title="The wire under strain", title_justify="left")
    for heading in ("figure", "value", "wanted"):
        figures.add_column(heading, justify="left" if heading == "figure" else "right")
    stall, readers, cycles, flood = report.stall, report.subscribers, report.cycles, report.flood
    let_go = report.release
    for figure, value, wanted in (
        ("first state after a stall of 5 s, age", f"{stall.first_state_ms:.1f} ms", "≤ 50 ms"),
        (f"  of {stall.events} events, lost", f"{stall.events_lost}", "0"),
        ("20 readers, published → received, median", f"{readers.latency_ms.median:.2f} ms", ""),
        ("  99th percentile", f"{readers.latency_ms.p99:.2f} ms", "≤ 10 ms"),
        ("  processor", f"{100 * readers.cpu_cores:+.1f} % of a core", "≤ +5 %"),
        (
            f"{cycles.cycles} clients came and went, memory",
            f"{cycles.memory_mb:+.1f} MB",
            "≤ +2 MB",
        ),
        ("  descriptors", f"{cycles.descriptors:+d}", "0"),
        ("answer to an honest client, alone, p99", f"{flood.alone_ms.p99:.1f} ms", ""),
        ("  beside 5 that flood, median", f"{flood.flooded_ms.median:.1f} ms", ""),
        ("  beside 5 that flood, p99", f"{flood.flooded_ms.p99:.1f} ms", ""),
        ("  processor meanwhile", f"{flood.sidecar_cores:.2f} cores", ""),
        ("consent revoked → camera closed, median", f"{let_go.revoked_ms.median:.0f} ms", ""),
        ("  99th percentile", f"{let_go.revoked_ms.p99:.0f} ms", "≤ 100 ms"),
        ("game killed → camera let go, 99th percentile", f"{let_go.killed_ms.p99:.0f} ms", "≤ 2 s"),
    ):
        figures.add_row(figure, value, wanted)
    OUT.print(figures)
