"""The demo clip shows and says what its timeline promises."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = pytest.mark.model

Faces = dict[str, tuple[dict[str, float], float] | None]
"""For each scene the blendshapes and the yaw in degrees, or None without a face."""


@pytest.fixture(scope="module")
def clip(repository: Path) -> Path:
    return repository / "plugin" / "rapport" / "media" / "demo.mp4"


@pytest.fixture(scope="module")
def timeline(repository: Path) -> Iterator[ModuleType]:
    path = repository / "tools" / "demo_timeline.py"
    spec = importlib.util.spec_from_file_location("demo_timeline", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo_timeline"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    yield module
    del sys.modules["demo_timeline"]


@pytest.fixture(scope="module")
def pictures(clip: Path, timeline: ModuleType) -> dict[str, NDArray[np.uint8]]:
    """The picture in the middle of each scene, by its name, and the first one (`neutral`)."""
    wanted = {
        round((scene.start + scene.end) / 2 * timeline.FPS): scene.name
        for scene in timeline.DEMO.scenes
    }
    wanted[timeline.FPS] = "neutral"
    found: dict[str, NDArray[np.uint8]] = {}
    with av.open(str(clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                found[wanted[index]] = frame.to_ndarray(format="rgb24")
    assert set(found) == set(wanted.values())
    return found


@pytest.fixture(scope="module")
def sound(clip: Path) -> tuple[NDArray[np.float32], int]:
    with av.open(str(clip)) as container:
        blocks = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
        return np.concatenate(blocks), container.streams.audio[0].rate


def loudness_db(sound: tuple[NDArray[np.float32], int], start: float, end: float) -> float:
    samples, rate = sound
    part = samples[round(start * rate) : round(end * rate)].astype(np.float64)
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


def test_clip_is_small_and_has_both_tracks(clip: Path, timeline: ModuleType) -> None:
    assert clip.stat().st_size <= 2_000_000
    with av.open(str(clip)) as container:
        (video,), (track,) = container.streams.video, container.streams.audio
        assert (video.codec_context.name, track.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, video.average_rate) == (640, 480, timeline.FPS)
        assert video.pix_fmt == "yuv420p"
        assert track.layout.name == "mono"
        for stream in (video, track):
            assert stream.duration and stream.time_base
            assert float(stream.duration * stream.time_base) == pytest.approx(
                timeline.DEMO.length_s, abs=0.1
            )


def test_light_falls_in_the_dark_scene_only(pictures: dict[str, NDArray[np.uint8]]) -> None:
    brightness = {name: float(picture.mean()) for name, picture in pictures.items()}
    assert brightness.pop("dark") < 15
    assert min(brightness.values()) > 60


def test_every_sentence_is_heard_and_the_pauses_are_quiet(
    sound: tuple[NDArray[np.float32], int], timeline: ModuleType
) -> None:
    for speech in timeline.DEMO.speech:
        assert loudness_db(sound, speech.start, speech.start + 2.0) > -30, speech.text
    for start, end in ((0.2, 3.2), (17.6, 22.5)):
        assert loudness_db(sound, start, end) < -50
    fan_start, fan_end = timeline.DEMO.fan
    assert loudness_db(sound, fan_end - 0.6, fan_end - 0.4) > -40
    assert fan_start < timeline.DEMO.speech[-1].start < fan_end


@pytest.fixture(scope="module")
def faces(shared: Path, pictures: dict[str, NDArray[np.uint8]]) -> Faces:
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import BaseOptions, vision

    bundle = shared / "models" / "face_landmarker.task"
    if not bundle.is_file():
        pytest.skip("needs ../shared/models/face_landmarker.task")
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(bundle)),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    seen: Faces = {}
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for name, picture in pictures.items():
            image = Image(image_format=ImageFormat.SRGB, data=np.ascontiguousarray(picture))
            found = landmarker.detect(image)
            seen[name] = None
            if found.face_blendshapes:
                shapes = {shape.category_name: shape.score for shape in found.face_blendshapes[0]}
                pose = found.facial_transformation_matrixes[0]
                seen[name] = (shapes, float(np.degrees(np.arctan2(pose[0, 2], pose[2, 2]))))
    return seen


@pytest.mark.parametrize(
    ("scene", "shape", "low", "high"),
    [
        ("neutral", "mouthSmileLeft", 0.0, 0.3),
        ("neutral", "jawOpen", 0.0, 0.2),
        ("smile", "mouthSmileLeft", 0.6, 1.0),
        ("smile_again", "mouthSmileLeft", 0.6, 1.0),
        ("surprise", "browInnerUp", 0.3, 1.0),
        ("surprise", "jawOpen", 0.3, 1.0),
        ("surprise", "eyeWideLeft", 0.1, 1.0),
        ("frown", "mouthSmileLeft", 0.0, 0.2),
        ("frown", "browInnerUp", 0.0, 0.1),
    ],
)
def test_face_shows_what_was_planned(
    faces: Faces,
    scene: str,
    shape: str,
    low: float,
    high: float,
) -> None:
    face = faces[scene]
    assert face is not None
    assert low <= face[0][shape] <= high


def test_head_turns_both_ways(faces: Faces) -> None:
    yaw = {name: face[1] for name, face in faces.items() if face}
    assert abs(yaw["neutral"]) < 6
    assert yaw["turn_right"] > 10
    assert yaw["turn_left"] < -10


def test_book_hides_the_face(faces: Faces) -> None:
    assert faces["book"] is None
