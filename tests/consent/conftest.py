"""A ledger of this test."""

from pathlib import Path

import pytest

from rapport.consent.gatekeeper import Gatekeeper
from rapport.consent.ledger import Ledger
from rapport.settings import Consent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies; not made yet."""
    return tmp_path / "data" / "consent"


@pytest.fixture
def ledger(folder: Path) -> Ledger:
    return Ledger(Consent(directory=str(folder)))


@pytest.fixture
def gatekeeper(ledger: Ledger) -> Gatekeeper:
    return Gatekeeper(ledger)
