"""The aligned crop: upright, at a fixed scale, whatever the face does in the frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rapport.experts.face import crop

pytestmark = pytest.mark.unit


def face_at(x: float, y: float, eye_distance: float, roll: float) -> NDArray[np.float32]:
    """Landmarks of a frontal face between whose eyes is (x, y); only the anchors are real."""
    landmarks = np.zeros((478, 3), np.float32)
    turned = np.exp(1j * np.radians(roll)) * eye_distance
    for index, place in crop.ANCHORS.items():
        point = complex(x, y) + place * turned
        landmarks[index, :2] = point.real, point.imag
    return landmarks


def painted(x: float, y: float, eye_distance: float, roll: float) -> NDArray[np.uint8]:
    """A grey picture with a white dot on each eye centre of `face_at`."""
    image = np.full((480, 640, 3), 60, np.uint8)
    turned = np.exp(1j * np.radians(roll)) * eye_distance
    for place in (-0.5, 0.5):
        eye = complex(x, y) + place * turned
        centre = round(eye.real), round(eye.imag)
        cv2.circle(image, centre, max(3, round(eye_distance / 8)), (255, 255, 255), -1)
    return image


@given(
    x=st.floats(220, 420),
    y=st.floats(180, 260),
    eye_distance=st.floats(20, 120),
    roll=st.floats(-40, 40),
)
def test_eyes_come_to_their_places(x: float, y: float, eye_distance: float, roll: float) -> None:
    picture = crop.crop_face(painted(x, y, eye_distance, roll), face_at(x, y, eye_distance, roll))
    assert picture.shape == (crop.CROP_SIZE, crop.CROP_SIZE)
    assert picture.dtype == np.float32
    middle = crop.CROP_SIZE // 2
    for half, side in ((picture[:, :middle], -0.5), (picture[:, middle:], 0.5)):
        bright = half > (60 + 255) / 2
        rows, columns = np.nonzero(bright)
        offset = 0 if side < 0 else middle
        expected = crop.CROP_SIZE / 2 - 0.5 + side * crop.EYE_DISTANCE * crop.CROP_SIZE
        assert columns.mean() + offset == pytest.approx(expected, abs=1.0)
        assert rows.mean() == pytest.approx(crop.EYE_LINE * crop.CROP_SIZE - 0.5, abs=1.0)


def test_a_large_noisy_face_is_averaged() -> None:
    random = np.random.default_rng(3)
    image = np.clip(random.normal(128, 30, (480, 640, 3)), 0, 255).astype(np.uint8)
    near = crop.crop_face(image, face_at(320, 200, 160, 0))
    far = crop.crop_face(image, face_at(320, 200, 16, 0))
    assert near.std() < far.std() / 4


def test_the_margin_surrounds_the_same_crop() -> None:
    image = np.random.default_rng(4).integers(0, 255, (480, 640, 3), np.uint8)
    landmarks = face_at(300, 220, 70, 12)
    plain, wide = crop.crop_face(image, landmarks), crop.crop_face(image, landmarks, margin=8)
    assert wide.shape == (64, 64)
    assert np.abs(wide[8:-8, 8:-8] - plain).mean() < 8.0


@pytest.mark.parametrize(
    ("x", "y", "eye_distance"), [(-500, 200, 60), (5, 5, 60), (3000, 3000, 10), (320, 240, 5000)]
)
def test_a_face_outside_the_picture_gives_a_crop_all_the_same(
    x: float, y: float, eye_distance: float
) -> None:
    image = np.full((480, 640, 3), 77, np.uint8)
    picture = crop.crop_face(image, face_at(x, y, eye_distance, 0))
    assert picture == pytest.approx(77.0, abs=0.5)


def test_landmarks_on_one_point_give_a_finite_crop() -> None:
    image = np.full((48, 64, 3), 50, np.uint8)
    assert np.isfinite(crop.crop_face(image, np.full((478, 3), 20.0, np.float32))).all()


@pytest.mark.parametrize("shape", [(48, 48), (30, 60), (300, 200, 3), (1, 1)])
def test_enlarging_gives_a_picture_of_one_scale(shape: tuple[int, ...]) -> None:
    large = crop.enlarge(np.full(shape, 9, np.uint8))
    border = 2 * round(crop.ENLARGED_SIZE * crop.ENLARGED_BORDER)
    assert max(large.shape[:2]) == crop.ENLARGED_SIZE + border
    assert (large == 9).all()


@pytest.mark.parametrize("shape", [(48, 48), (192, 100, 3), (7, 7)])
def test_a_whole_picture_becomes_a_crop(shape: tuple[int, ...]) -> None:
    picture = crop.whole_as_crop(np.full(shape, 200, np.uint8), margin=8)
    assert picture.shape == (64, 64)
    assert picture == pytest.approx(200.0)
