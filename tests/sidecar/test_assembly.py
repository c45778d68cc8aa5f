"""Which gate a sidecar gets: the learned one, or the built-in one where that may not be used."""

import logging
from pathlib import Path

import pytest

from rapport import settings
from rapport.experts import store
from rapport.fusion import Parameters
from rapport.sidecar.assembly import gate_parameters

pytestmark = pytest.mark.unit


def asked(**models: object) -> store.Store:
    return store.Store(settings.Models(**models))  # type: ignore[arg-type]


def test_the_learned_gate_is_taken() -> None:
    learned = gate_parameters(asked())
    assert learned.version == store.manifest()["fusion_gate"].version
    assert learned != Parameters()


def test_a_policy_that_refuses_it_gets_the_gate_that_was_set_by_hand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "rapport"):
        assert gate_parameters(asked(licence_policy="commercial")) == Parameters()
    assert "model_not_cleared" in caplog.text


def test_a_gate_that_is_missing_or_changed_costs_a_warning_and_not_the_fusion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store.manifest()  # kept from here on, so that only the files are looked for elsewhere
    monkeypatch.setattr(store, "packaged_directory", lambda: tmp_path)
    monkeypatch.setattr(store, "downloads_directory", lambda: tmp_path)
    assert gate_parameters(asked()) == Parameters()
    assert "model_missing" in caplog.text
    (tmp_path / "fusion_gate.json").write_text("{}", encoding="utf-8")
    assert gate_parameters(asked()) == Parameters()
    assert "model_tampered" in caplog.text
