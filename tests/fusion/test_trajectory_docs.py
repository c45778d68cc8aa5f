"""docs/trajectory.md says what the code does."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from rapport.fusion import course, moments, mood, strain
from rapport.recording.script import shipped

pytestmark = pytest.mark.unit


def test_the_constants_are_the_codes(repository: Path) -> None:
    text = " ".join((repository / "docs" / "trajectory.md").read_text(encoding="utf-8").split())
    for said in (
        f"the last seconds: time constant {mood.SHORT_S:g} s",
        f"the last minutes: time constant {mood.LONG_S:g} s",
        f"age / {mood.LONG_S:g} s)",
        f"/ {mood.SWING:g}, at most 1",
        f"At most {course.MOMENTS_MAX} moments",
        f"{course.HISTORY_S / course.SAMPLE_S:g} samples and {course.MOMENTS_MAX} moments",
        f"the moment (time constant {strain.BEFORE_S:g} s)",
        f"strain of now (time constant {strain.NOW_S:g} s,",
        f"less and less (time constant {strain.KEPT_S:g} s)",
        f"the rise is {moments.AWAY:g} or more",
        f"1 is {moments.FULL:g}, from calm",
        f"undone (at least {moments.TURN_LEAST:g})",
        f"and is {moments.AWAY:g} less so now",
        f"any further for {moments.SETTLED_S:g} s",
        f"*t*/{strain.ENOUGH_S:g} s)",
        f"told from {moments.ENOUGH:g} on until it falls below {moments.LEAST:g}",
    ):
        assert said in text, said
    assert strain.AROUSAL_SHARE == 0.5  # "half the arousal"
    assert moments.TURN_SHARE == 1 / 3  # "a third of the rise"
    assert moments.FOLLOW_S == 1800.0  # "half an hour"
    assert course.HISTORY_S == 300.0  # "five minutes late"


def test_every_picture_is_shown_and_sound(repository: Path) -> None:
    text = (repository / "docs" / "trajectory.md").read_text(encoding="utf-8")
    pictures = sorted((repository / "docs" / "images" / "trajectory").iterdir())
    assert pictures
    for path in pictures:
        assert f"(images/trajectory/{path.name})" in text
        assert path.stem in shipped()
        words = ["".join(node.itertext()) for node in ElementTree.parse(path).getroot().iter()]
        assert any("moment." in word for word in words)
