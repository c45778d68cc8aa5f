"""The tracker's evaluation copes with whatever lies in a folder, and counts correctly."""

import json
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from models.evaluation import tracker
from models.evaluation.tracker_faceless import faceless
from models.evaluation.tracker_pictures import draw_faces
from models.evaluation.tracker_report import Seen, intervals, report, share_interval

from rapport.experts.face.tracker import Track

pytestmark = pytest.mark.tooling

SEED = 23


def write(path, image) -> None:
    _, coded = cv2.imencode(path.suffix, image)
    path.write_bytes(coded.tobytes())


@pytest.fixture
def folder(tmp_path):
    """Pictures of noise in odd shapes, a clip of one frame, and files that are not what their
    names say."""
    random = np.random.default_rng(SEED)
    for name, shape in {
        "tiny.png": (1, 1, 3), "odd.jpg": (7, 133, 3), "grey.png": (60, 80),
        "tall.bmp": (320, 90, 3), "clear.png": (50, 50, 4),
    }.items():  # fmt: skip
        write(tmp_path / name, random.integers(0, 255, shape).astype(np.uint8))
    clip = cv2.VideoWriter(
        str(tmp_path / "one.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120)
    )
    clip.write(random.integers(0, 255, (120, 160, 3)).astype(np.uint8))
    clip.release()
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "letter.png").write_text("Dear reader", encoding="utf-8")
    (inner / "empty.jpg").write_bytes(b"")
    (inner / "broken.mp4").write_bytes(bytes(random.integers(0, 255, 4000).astype(np.uint8)))
    (inner / "notes.txt").write_text("not looked at", encoding="utf-8")
    return tmp_path


def test_what_cannot_be_read_is_named_and_the_rest_is_measured(folder, capfd):
    missing = str(folder / "no.task")
    assert tracker.main([str(folder), "--json", "--bundle", missing]) == 0
    figures = json.loads(capfd.readouterr().out)
    assert figures["n"] == 6
    assert {name.replace("\\", "/") for name in figures["skipped"]} == {
        "inner/letter.png", "inner/empty.jpg", "inner/broken.mp4",
    }  # fmt: skip
    assert "no.task" in figures["unmeasured"]
    assert figures["found"] is None
    assert 0 <= figures["answered"] <= 1
    assert figures["ms_searching"] > 0
    assert list(figures["per_clip"]) == ["one.avi"]


def test_a_folder_without_anything_readable_says_so(tmp_path, capfd):
    assert tracker.main([str(tmp_path)]) == 2
    (tmp_path / "letter.png").write_text("Dear reader", encoding="utf-8")
    assert tracker.main([str(tmp_path), "--bundle", str(tmp_path / "no.task")]) == 2
    assert "nothing in it could be read" in capfd.readouterr().err


def track(shift: float, shape: float) -> Track:
    landmarks = np.random.default_rng(SEED).uniform(50, 150, (478, 3)).astype(np.float32)
    landmarks[[33, 133]], landmarks[[362, 263]] = (80, 90, 0), (120, 90, 0)
    landmarks[:, 0] += shift
    return Track(landmarks, np.full(52, shape, np.float32), 0.0, 0.0, 0.0)


def seen(ours: Track | None, source: str = "a.png", following: bool | None = None) -> Seen:
    return Seen(source, track(0, 0.5), ours, False, following, 1.0, None)


def test_errors_are_distances_in_units_of_the_eyes():
    figures = report([seen(track(4.0, 0.6)), seen(track(2.0, 0.4)), seen(None)])
    assert figures["found"] == pytest.approx(2 / 3)
    assert figures["landmark_error"] == pytest.approx((4 + 2) / 2 / 40, rel=1e-4)
    assert figures["blendshape_error"] == pytest.approx(0.1, rel=1e-4)


def test_intervals_hold_the_figure_and_narrow_with_more_pictures():
    few = [seen(track(shift, 0.6)) for shift in (1.0, 2.0, 3.0, 4.0)] + [seen(None)]
    names = report(few)["expressive"]
    wide, narrow = intervals(few, names), intervals(few * 20, names)
    for name in ("found", "landmark_error"):
        assert wide[name][0] <= report(few)[name] <= wide[name][1]
        assert np.diff(narrow[name]) < np.diff(wide[name])


def test_frames_of_one_clip_are_drawn_together():
    clip = [seen(track(shift, 0.6), "c.mp4", True) for shift in (1.0, 2.0, 3.0, 9.0)]
    low, high = intervals(clip, report(clip)["expressive"])["landmark_error"]
    assert low == high


def test_the_interval_of_no_hit_is_not_nothing():
    low, high = share_interval(0, 500)
    assert low == 0
    assert 0.005 < high < 0.01
    assert share_interval(0, 0) is None


def test_worst_faces_are_drawn_without_pixels_of_them(tmp_path):
    frames = [seen(track(float(shift), 0.1 * shift)) for shift in range(1, 5)]
    draw_faces(frames, report(frames)["expressive"], tmp_path)
    text = (tmp_path / "face_tracker-worst.svg").read_text(encoding="utf-8")
    drawing = ElementTree.fromstring(text)
    assert "image" not in {element.tag.rpartition("}")[2] for element in drawing.iter()}
    # Three rows of four faces, each as both saw it.
    assert text.count("<path") == 3 * 4 * 2
    assert "landmarks 10.0%" in text


class Believer:
    """Sees a face in every frame."""

    name = "believer-0"

    def track(self, frame):
        return track(0, 0.5)

    def close(self) -> None:
        pass


def test_a_tracker_that_sees_faces_everywhere_is_found_out():
    pytest.importorskip("skimage", reason="its pictures have no faces")
    figures = faceless([], None, Believer())
    assert figures["blind"]["n"] >= 300
    assert figures["blind"]["false_faces"] == 1
    assert figures["photographs"]["n"] == 0
