"""The bench measures a real sidecar; its keys are a promise, its figures are not tested."""

import json
from collections.abc import Callable

import pytest

from rapport.bench import talk
from rapport.bench.measure import spread
from sidecars import SidecarProcess

KEYS = {
    "latency_ms",
    "states_per_second",
    "cpu_cores",
    "rss_mb",
    "first_state_s",
    "growth_mb_per_10min",
    "stages_ms",
    "machine",
}
"""Later versions add keys and rename none."""


@pytest.mark.system
def test_a_short_run_reports_every_figure(
    start_sidecar: Callable[..., SidecarProcess],
) -> None:
    code, out, err = start_sidecar("bench", "--seconds", "3", "--json").finish(120)
    assert code == 0, err
    report = json.loads(out)
    assert report.keys() >= KEYS
    for spread_ms in (report["latency_ms"], *report["stages_ms"].values()):
        assert 0.0 <= spread_ms["median"] <= spread_ms["p95"] <= spread_ms["p99"]
    assert report["latency_ms"]["median"] > 0.0
    assert {"fusion", "granular", "reactions", "publish", "transport", "voice"} <= report[
        "stages_ms"
    ].keys()
    for figure in ("states_per_second", "cpu_cores", "rss_mb", "first_state_s"):
        assert report[figure] > 0.0
    assert report["machine"]["cores"] >= 1


@pytest.mark.unit
def test_a_spread_is_median_and_tails() -> None:
    found = spread([float(ms) for ms in range(101)])
    assert (found.median, found.p95, found.p99) == (50.0, 95.0, 99.0)
    assert spread([]).median == 0.0


@pytest.mark.model
def test_a_short_talk_reports_every_figure() -> None:
    report = talk.main(lines=30, ticks=40)
    assert report.lines == 30
    for times in (report.line_ms, report.tick_ms, report.frame_ms, report.asked_ms):
        assert 0.0 < times.median <= times.p95 <= times.p99
