"""The figures of the wire under strain can be taken; what must be zero is zero."""

import pytest

from rapport.bench import release, trust

pytestmark = pytest.mark.wire


def test_a_reader_that_slept_gets_every_event_and_a_new_state() -> None:
    stall = trust.stall(seconds=0.5)
    assert stall.events > 0
    assert stall.events_lost == 0
    assert stall.first_state_ms < 400, "a queue would have given one that is 0.5 s old"


def test_clients_that_come_and_go_leave_no_descriptor() -> None:
    assert trust.cycles(30).descriptors <= 3  # of clients that are just being let go


def test_subscribers_and_a_flood_are_measured() -> None:
    measured = trust.subscribers(count=3, seconds=0.5)
    assert 0.0 < measured.latency_ms.median <= measured.latency_ms.p99
    flood = trust.flood(seconds=0.5, flooders=2)
    assert flood.alone_ms.median > 0.0
    assert flood.flooded_ms.median > 0.0


def test_how_fast_a_camera_is_let_go_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "REVOCATIONS", 2)
    monkeypatch.setattr(release, "KILLS", 1)
    measured = release.measure_release()
    assert 0.0 < measured.revoked_ms.median <= measured.far_end_ms.p99
    assert measured.killed_ms.median > 0.0
