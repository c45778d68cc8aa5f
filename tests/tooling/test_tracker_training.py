"""What the tracker is trained on says the same as what the tracker reads."""
# ruff: noqa: E402 - these modules cannot be imported without the extra `training`

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

for package in ("torch", "skimage"):
    pytest.importorskip(package, reason="needs the packages of the extra `training`")

from models.training import tracker_covers, tracker_light
from models.training.tracker_crops import Crops, mirrored_points
from models.training.tracker_data import PATCH, PATCH_REACH, Faces, Pictures, is_on_side
from models.training.tracker_scenes import LARGEST, SCENE, SMALLEST, Scenes, targets
from models.training.tracker_warps import displaced, moves_of, warped

from rapport.experts.face.detector import decode
from rapport.experts.face.square import MESH_SIZE, Square, square_of, to_crop

pytestmark = pytest.mark.tooling

SEED = 17


def drawn_faces(count: int = 8) -> Faces:
    """Discs with landmarks on a spiral, so that the right eye is to the left of the left one."""
    random = np.random.default_rng(SEED)
    turn = np.linspace(0, 60, 478)
    points = np.stack([np.cos(turn), np.sin(turn), 0.2 * np.cos(turn)], axis=1)
    points *= np.linspace(5, 34, 478)[:, None]
    points[33], points[263] = (-20, -10, 0), (20, -10, 0)
    points[:, :2] += PATCH / 2
    patches = random.integers(0, 255, (count, PATCH, PATCH)).astype(np.uint8)
    frame = np.array([[20, 20], [140, 20], [140, 140], [20, 140]], np.float32)
    return Faces(
        patches,
        np.repeat(points[None], count, 0).astype(np.float32),
        random.random((count, 52)).astype(np.float32),
        np.repeat(np.eye(3, dtype=np.float32)[None], count, 0),
        np.repeat(frame[None], count, 0),
        np.zeros(count, np.float32),
    )


def nothing() -> list[np.ndarray]:
    return [np.random.default_rng(SEED).integers(0, 255, (60, 50)).astype(np.uint8)]


@given(
    st.floats(10, SCENE - 10),
    st.floats(10, SCENE - 10),
    st.floats(SMALLEST, LARGEST),
    st.floats(-1, 1),
)
def test_a_network_that_answers_the_targets_finds_the_square(x, y, side, angle):
    heat, boxes, _ = targets(np.array([[x, y, side, angle]]))
    logits = np.where(heat == 1, 4.0, np.where(heat > 0.5, 0.0, -6.0))
    (found,) = decode(np.concatenate([logits[None], boxes]).astype(np.float32), 0.6)
    assert found.square == pytest.approx((x, y, side, angle), rel=1e-3, abs=1e-2)


def test_faces_beyond_the_sizes_are_neither_asked_for_nor_forbidden():
    heat, _, near = targets(np.array([[80.0, 80.0, SMALLEST * 0.5, 0.0]]))
    assert heat.max() <= 0
    assert (heat < 0).any()
    assert not near.any()


def test_crops_say_where_the_landmarks_went():
    """The square of the moved landmarks, cut again, is the upright face: what tracking does."""
    samples = Crops(drawn_faces(), nothing())
    batch = samples.batch(64, np.random.default_rng(SEED))
    assert batch.crops.shape == (64, 1, MESH_SIZE, MESH_SIZE)
    faces = batch.face != 0
    assert 0.5 < faces.mean() < 1.0
    for points in batch.points[faces]:
        square = square_of(points)
        upright = points[:, :2] @ to_crop(square)[:, :2].T + to_crop(square)[:, 2]
        assert upright[33, 1] == pytest.approx(upright[263, 1], abs=1e-2)
        assert upright[33, 0] < upright[263, 0]
    assert not batch.points[~faces].any()
    assert batch.hidden.min() >= 0
    assert batch.hidden.max() <= 1


def test_scenes_hold_squares_of_every_size():
    faces = drawn_faces()
    random = np.random.default_rng(SEED)
    image = random.integers(0, 255, (120, 160)).astype(np.uint8)
    pictures = Pictures([image], [np.array([[80, 60, 50, 0.1]], np.float32)])
    batch = Scenes(faces, pictures, nothing()).batch(64, random)
    sides = np.exp(batch.boxes[:, 2][batch.near == 1]) * 8
    assert sides.min() < 25
    assert sides.max() > 80
    assert batch.scenes.shape == (64, 1, SCENE, SCENE)


def test_mirroring_swaps_the_eyes():
    partner = mirrored_points(drawn_faces())
    assert partner[33] == 263
    assert partner[263] == 33


@given(st.integers(0, 2**32 - 1))
def test_spoiling_keeps_a_picture_a_picture(seed):
    random = np.random.default_rng(seed)
    image = tracker_covers.texture(40, 56, random)
    spoiled = tracker_light.spoil(image, random)
    assert (spoiled.shape, spoiled.dtype) == ((40, 56), np.uint8)


def test_what_is_covered_is_a_share():
    faces = drawn_faces(1)
    random = np.random.default_rng(SEED)
    shares = [
        tracker_covers.cover(faces.patches[0], faces.landmarks[0], nothing(), random)[1]
        for _ in range(40)
    ]
    assert 0 <= min(shares) <= max(shares) <= 1
    assert max(shares) > 0.1


def test_the_sides_of_the_split_stand_together_and_share_nothing():
    sides = {
        side: [index for index in range(400) if is_on_side(index, 400, side)]
        for side in ("training", "validation", "held-out")
    }
    assert sides["held-out"] == list(range(360, 400))
    assert sides["training"] + sides["validation"] + sides["held-out"] == list(range(400))


def test_a_warp_moves_features_and_keeps_the_picture_a_picture():
    random = np.random.default_rng(SEED)
    image = random.integers(0, 255, (120, 100, 3)).astype(np.uint8)
    points = drawn_faces(1).landmarks[0] * 0.5
    copies = [warped(image, [points], random) for _ in range(8)]
    assert all(copy.dtype == np.uint8 and min(copy.shape[:2]) > 40 for copy in copies)
    assert len({copy.shape for copy in copies}) > 1


@given(st.integers(0, 2**32 - 1))
def test_a_warp_does_not_fold_the_face_over(seed):
    """What was further right (or further down) stays so: no feature jumps over another."""
    height, width = 160, 160
    x = np.repeat(np.linspace(0, 255, width)[None], height, 0)
    ramp = np.stack([x, x.T, x], axis=2).astype(np.uint8)
    points = drawn_faces(1).landmarks[0]
    moved = displaced(ramp, moves_of(points, np.random.default_rng(seed))).astype(int)
    falls = (
        (np.diff(moved[..., 0], axis=1) < -2).mean(),
        (np.diff(moved[..., 1], axis=0) < -2).mean(),
    )
    assert max(falls) < 0.05, seed


def test_the_patch_is_the_crop_with_room_around():
    square = Square(100, 80, 50, 0.2)
    crop, patch = to_crop(square), to_crop(square, PATCH, PATCH_REACH)
    assert crop[:, :2] == pytest.approx(patch[:, :2])
    assert patch[:, 2] - crop[:, 2] == pytest.approx([(PATCH - MESH_SIZE) / 2] * 2)
