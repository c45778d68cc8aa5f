"""Quality: each flaw lowers the score of its own measure, and never raises the total."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rapport.experts.face import occlusion, quality
from rapport.experts.face.tracker import Track
from rapport.state import Condition

FRAME = (480, 640, 3)


def track(yaw: float = 0.0, pitch: float = 0.0, size: float = 150.0, x: float = 320.0) -> Track:
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, 0] = np.linspace(x - size / 3, x + size / 3, 478)
    landmarks[:, 1] = np.linspace(240 - size / 2, 240 + size / 2, 478)
    landmarks[10, :2] = x, 240 - size / 2
    landmarks[152, :2] = x, 240 + size / 2
    return Track(landmarks, None, yaw, pitch, 0.0)


def face_like() -> NDArray[np.float32]:
    """A drawn face: bright oval, dark eyes, brows and mouth, soft like a photo."""
    canvas = np.full((192, 192), 90, np.uint8)
    cv2.ellipse(canvas, (96, 96), (74, 94), 0, 0, 360, 180, -1)
    for x in (62, 130):
        cv2.ellipse(canvas, (x, 62), (16, 7), 0, 0, 360, 60, -1)
        cv2.line(canvas, (x - 18, 46), (x + 18, 44), 70, 5)
    cv2.ellipse(canvas, (96, 140), (28, 9), 0, 0, 360, 80, -1)
    cv2.line(canvas, (96, 70), (92, 112), 150, 4)
    return cv2.resize(canvas, (48, 48), interpolation=cv2.INTER_AREA).astype(np.float32)


def total(crop: NDArray[np.float32], face: Track) -> float:
    return quality.measure_face(crop, face, FRAME)[0].score


@pytest.mark.unit
def test_a_good_face_is_good() -> None:
    measured, condition = quality.measure_face(face_like(), track(), FRAME)
    assert condition is Condition.OK
    assert measured.score > 0.9
    assert set(measured.measures) == set(quality.RAMPS) - {"confidence"}


@pytest.mark.property
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_score_falls_with_the_light(one: float, other: float) -> None:
    darker, lighter = sorted((one, other))
    assert total(face_like() * darker, track()) <= total(face_like() * lighter, track()) + 1e-6


@pytest.mark.property
@given(st.sampled_from(sorted(quality.RAMPS)), st.floats(allow_nan=False))
def test_every_ramp_stays_in_range(name: str, value: float) -> None:
    assert 0.0 <= quality.score(name, value) <= 1.0


@pytest.mark.property
@given(st.floats(0, 90), st.floats(0, 90), st.floats(-90, 90))
def test_turning_away_never_helps(one: float, other: float, pitch: float) -> None:
    less, more = sorted((one, other))
    crop = face_like()
    assert total(crop, track(yaw=more, pitch=pitch)) <= total(crop, track(yaw=less, pitch=pitch))


@pytest.mark.property
@given(st.floats(5, 400), st.floats(5, 400))
def test_a_smaller_face_is_never_better(one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert total(face_like(), track(size=small)) <= total(face_like(), track(size=large))


@pytest.mark.unit
def test_blur_lowers_sharpness_step_by_step() -> None:
    crop = face_like()
    blurred = [crop, *(cv2.GaussianBlur(crop, (0, 0), sigma) for sigma in (1.0, 2.0, 4.0))]
    values = [quality.sharpness(one) for one in blurred]
    assert all(sharper > softer for sharper, softer in pairwise(values))


@pytest.mark.unit
def test_light_does_not_count_as_sharpness() -> None:
    crop = face_like()
    assert quality.sharpness(crop * 0.3 + 20.0) == pytest.approx(quality.sharpness(crop), rel=0.01)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("crop", "face", "expected"),
    [
        (face_like() * 0.02, track(), Condition.LOW_LIGHT),
        (face_like() * 0.02 + 250.0, track(), Condition.OVEREXPOSED),
        (cv2.GaussianBlur(face_like(), (0, 0), 8.0), track(), Condition.BLURRED),
        (face_like(), track(size=8.0), Condition.BLURRED),
        (face_like(), track(yaw=-75.0), Condition.TURNED_AWAY),
        (face_like(), track(pitch=60.0), Condition.TURNED_AWAY),
        (face_like(), track(x=-20.0), Condition.OCCLUDED),
    ],
)
def test_the_worst_flaw_names_the_condition(
    crop: NDArray[np.float32], face: Track, expected: Condition
) -> None:
    measured, condition = quality.measure_face(crop, face, FRAME)
    assert condition is expected
    assert measured.score < quality.READABLE


@pytest.mark.unit
@pytest.mark.parametrize(
    ("grey", "expected"),
    [
        (0, Condition.LOW_LIGHT),
        (8, Condition.LOW_LIGHT),
        (120, Condition.ABSENT),
        (252, Condition.OVEREXPOSED),
    ],
)
def test_without_a_face_the_light_decides(grey: int, expected: Condition) -> None:
    measured, condition = quality.measure_picture(np.full(FRAME, grey, np.uint8))
    assert condition is expected
    assert measured.score == 0.0
    assert measured.measures["brightness"].value == grey


@pytest.mark.unit
def test_grain_is_low_light() -> None:
    random = np.random.default_rng(6)
    grainy = (face_like() * 0.03 + random.normal(0.0, 2.0, (48, 48))).clip(0.0).astype(np.float32)
    measured, condition = quality.measure_face(grainy, track(), FRAME)
    assert measured.measures["sharpness"].score < 0.7
    assert condition is Condition.LOW_LIGHT


@pytest.mark.unit
@pytest.mark.parametrize("rows", [occlusion.EYES[0], occlusion.MOUTH[0]])
def test_a_covered_half_is_noticed(rows: slice) -> None:
    crop = face_like()
    covered = crop.copy()
    covered[rows.start - 4 : rows.stop + 4] = 128.0
    assert occlusion.covered_share(crop, track(), FRAME) < 0.1
    assert occlusion.covered_share(covered, track(), FRAME) > 0.3


@pytest.mark.unit
def test_a_tracker_that_sees_what_is_covered_is_believed() -> None:
    bare, masked = track()._replace(covered=0.02), track()._replace(covered=0.4)
    half_outside = track(x=0.0)._replace(covered=0.02)
    assert occlusion.covered_share(face_like(), bare, FRAME) == pytest.approx(0.02)
    assert occlusion.covered_share(face_like(), masked, FRAME) == pytest.approx(0.4)
    assert occlusion.covered_share(face_like(), half_outside, FRAME) == pytest.approx(
        0.52, abs=0.01
    )
    measured, _ = quality.measure_face(face_like(), masked, FRAME)
    assert measured.measures["occlusion"].score < 0.3


@pytest.mark.unit
def test_a_tracker_with_little_confidence_lowers_the_total() -> None:
    sure, unsure = track()._replace(confidence=0.9), track()._replace(confidence=0.3)
    assert total(face_like(), unsure) < total(face_like(), sure)
