"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["devices", "sidecars", "engines.mono"]

REPOSITORY = Path(__file__).resolve().parents[1]
# No deadline: the machines that run the tests are noisy, and speed is measured by `rapport bench`.
hypothesis_settings.register_profile("rapport", deadline=None, print_blob=True)
hypothesis_settings.load_profile("rapport")

CATEGORIES = {"unit", "property", "model", "device", "wire", "privacy", "system", "tooling"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that does not say its category."""
    for item in items:
        categories = CATEGORIES & {mark.name for mark in item.iter_markers()}
        if len(categories) != 1:
            raise pytest.UsageError(f"{item.nodeid} must have exactly one category: {categories}")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with clips, data and the face landmarker bundle."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared, which is not part of the project")
    return folder
