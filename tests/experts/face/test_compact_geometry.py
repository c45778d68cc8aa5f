"""Where the compact tracker looks: squares, crops, angles, the detector's output, smoothing."""

from math import atan2, cos, degrees, hypot, pi, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.experts.face.detector import LONG_SIDE, MULTIPLE, STRIDE, decode, scaled
from rapport.experts.face.mesh import angles, to_frame
from rapport.experts.face.one_euro import OneEuro
from rapport.experts.face.square import (
    MESH_REACH,
    MESH_SIZE,
    Square,
    cut,
    square_of,
    to_crop,
)

pytestmark = pytest.mark.unit

SQUARES = st.builds(
    Square,
    st.floats(-50, 700),
    st.floats(-50, 500),
    st.floats(8, 900),
    st.floats(-pi, pi),
)


def spread_out(points):
    """Landmarks, 478 x 3, that begin with `points` and repeat the last of them."""
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[: len(points), :2] = points
    landmarks[len(points) :, :2] = points[-1]
    return landmarks


@given(SQUARES)
def test_the_crop_and_back_is_where_it_was(square):
    crop_points = np.array([[0, 0, 1], [96, 0, 2], [48, 48, -3], [10, 80, 0]], np.float32)
    matrix = to_crop(square)
    points = to_frame(crop_points, matrix)
    again = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert again == pytest.approx(crop_points[:, :2], abs=0.05)
    assert points[2, :2] == pytest.approx([square.x, square.y], abs=0.01)
    assert points[0, 2] == pytest.approx(MESH_REACH * square.side / MESH_SIZE, rel=1e-4)


@pytest.mark.parametrize("turn", [-0.6, 0.0, 0.4])
def test_the_square_of_a_turned_face_is_turned_with_its_eyes(turn):
    face = np.zeros((478, 2))
    face[33], face[263] = (-20, -10), (20, -10)
    face[0], face[1], face[2], face[3] = (-40, 0), (40, 0), (0, -50), (0, 50)
    spin = np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]])
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, :2] = face @ spin + [300, 200]
    found = square_of(landmarks)
    assert found == pytest.approx((300, 200, 100, turn), abs=1e-3)


def test_one_point_has_a_square_too():
    assert square_of(spread_out([(5.0, 6.0)])).side == 1.0


@pytest.mark.parametrize("side", [30.0, 68.6, 300.0, 2000.0])
def test_cut_shows_what_is_in_the_square(side):
    """A picture whose left half is dark and whose right half is bright, cut upright and turned."""
    image = np.zeros((480, 640, 3), np.uint8)
    image[:, 320:] = 200
    upright = cut(image, to_crop(Square(320, 240, side, 0.0)))
    assert upright.shape == (MESH_SIZE, MESH_SIZE)
    assert upright[:, :44].max() == 0
    assert upright[:, 52:].min() == 200
    turned = cut(image, to_crop(Square(320, 240, side, pi / 2)))
    # The line from the right to the left eye points down: the right of the frame is above.
    assert turned[:44].min() == 200
    assert turned[52:].max() == 0


@given(SQUARES)
def test_cut_takes_any_square(square):
    assert cut(np.full((48, 64), 7, np.uint8), to_crop(square)).min() == 7


@given(st.floats(-60, 60), st.floats(-50, 50), st.floats(-60, 60), st.floats(-0.6, 0.6))
def test_angles_do_not_depend_on_how_the_crop_lies(yaw, pitch, roll, turn):
    """A head of known angles (as MediaPipe's pose defines them), seen in a turned crop."""
    a, b, c = radians(yaw), radians(-pitch), radians(-roll)
    about_z = np.array([[cos(c), -sin(c), 0], [sin(c), cos(c), 0], [0, 0, 1]])
    about_y = np.array([[cos(a), 0, sin(a)], [0, 1, 0], [-sin(a), 0, cos(a)]])
    about_x = np.array([[1, 0, 0], [0, cos(b), -sin(b)], [0, sin(b), cos(b)]])
    head = about_z @ about_y @ about_x
    assert degrees(atan2(-head[2, 0], hypot(head[0, 0], head[1, 0]))) == pytest.approx(yaw)
    # The crop is the frame turned by -turn with y down, which is +turn with y up.
    to_upright = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1]])
    seen = to_upright @ head
    told = angles(np.concatenate([seen[:, 0], seen[:, 1]]).astype(np.float32), turn)
    assert told == pytest.approx((yaw, pitch, roll), abs=0.01)


def test_angles_of_nonsense_are_numbers():
    assert np.isfinite(angles(np.zeros(6, np.float32), 0.3)).all()


@pytest.mark.parametrize(
    "shape", [(480, 640, 3), (1080, 1920, 3), (256, 256), (640, 360, 3), (3, 7)]
)
def test_the_detectors_picture_fits_its_cells(shape):
    picture, scale = scaled(np.full(shape, 9, np.uint8))
    assert picture.shape[0] % MULTIPLE == picture.shape[1] % MULTIPLE == 0
    assert scale == LONG_SIDE / max(shape[:2])
    assert picture.min() == picture.max() == 9


def test_decoding_reads_a_peak_and_its_square():
    cells = np.full((6, 20, 28), -8.0, np.float32)
    cells[1:, 5, 9] = (0.25, -0.4, np.log(60 / STRIDE), cos(0.3), sin(0.3))
    cells[0, 5, 9], cells[0, 5, 10], cells[0, 6, 9] = 2.0, 1.0, 1.5
    (face,) = decode(cells, 0.5)
    assert face.score == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert face.square == pytest.approx((9.75 * STRIDE, 5.1 * STRIDE, 60, 0.3), rel=1e-4)
    assert decode(cells, 0.9) == []


def test_decoding_takes_wild_numbers():
    cells = np.full((6, 4, 4), 1e9, np.float32)
    assert all(np.isfinite(face.square).all() for face in decode(cells, 0.5))


def test_the_filter_is_steady_at_rest_and_quick_in_motion():
    random = np.random.default_rng(5)
    noise = random.normal(0, 0.003, (300, 40)).astype(np.float32)
    still = OneEuro(2.0, 40.0)
    smoothed = np.array([still.smooth(values, 1 / 30) for values in noise])
    assert smoothed[30:].std() < 0.7 * noise.std()
    moving = OneEuro(2.0, 40.0)
    path = np.linspace(0, 3, 90, dtype=np.float32)[:, None]
    followed = np.array([moving.smooth(values, 1 / 30) for values in path])
    # One side of a face in a second: never later than half a frame.
    assert np.abs(followed - path)[10:].max() < 0.5 / 30


def test_the_filter_forgets():
    smoother = OneEuro(1.0, 0.0)
    smoother.smooth(np.zeros(3, np.float32), 0.03)
    smoother.reset()
    assert smoother.smooth(np.ones(3, np.float32), 0.03).tolist() == [1, 1, 1]
