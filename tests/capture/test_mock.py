"""The public test doubles behave like devices."""

import time

import numpy as np
import pytest

from devices import Told, number_of, numbered_image
from rapport.capture.mock import MockCamera, MockMicrophone
from rapport.state import EventKind

pytestmark = pytest.mark.unit

IMAGES = [numbered_image(number, 64, 48) for number in range(6)]
SOUND = np.arange(1500, dtype=np.float32) / 1500


def test_an_unpaced_camera_gives_every_image_once() -> None:
    camera = MockCamera(IMAGES, fps=25.0, paced=False)
    frames = [camera.newest(0.0) for _ in IMAGES]
    assert [number_of(frame.image) for frame in frames if frame] == list(range(6))
    times = [frame.captured_ns for frame in frames if frame]
    assert np.diff(times).tolist() == [40_000_000] * 5
    assert camera.ended
    assert camera.newest(0.0) is None


def test_a_paced_camera_drops_what_was_not_taken() -> None:
    camera = MockCamera(IMAGES, fps=20.0)
    assert number_of(camera.newest(1.0).image) == 0
    time.sleep(0.16)
    assert number_of(camera.newest(1.0).image) >= 3


def test_a_loop_never_ends() -> None:
    camera = MockCamera(IMAGES, paced=False, loop=True)
    assert [number_of(camera.newest(0.0).image) for _ in range(8)] == [0, 1, 2, 3, 4, 5, 0, 1]
    assert not camera.ended


def test_a_camera_can_be_lost_and_given_back() -> None:
    told = Told()
    camera = MockCamera(IMAGES, paced=False, notify=told)
    camera.lose()
    camera.lose()
    assert not camera.available
    assert camera.newest(0.05) is None
    camera.give_back()
    camera.give_back()
    assert camera.available
    assert camera.newest(0.05) is not None
    assert told.kinds == [EventKind.CAMERA_LOST, EventKind.CAMERA_BACK]
    camera.close()
    assert camera.ended
    assert not camera.available


def test_an_image_handed_out_is_the_readers_own() -> None:
    camera = MockCamera(IMAGES, paced=False, loop=True)
    camera.newest(0.0).image.fill(0)
    assert IMAGES[0].sum() == numbered_image(0, 64, 48).sum()


@pytest.mark.parametrize("paced", [True, False])
def test_a_microphone_gives_all_samples_in_order(paced: bool) -> None:
    microphone = MockMicrophone(SOUND, paced=paced)
    pieces, captured = [], []
    while not microphone.ended:
        samples = microphone.read(1.0)
        assert samples is not None
        pieces.append(samples.values)
        captured.append(samples.captured_ns)
    np.testing.assert_array_equal(np.concatenate(pieces), SOUND)
    assert captured == sorted(captured)
    assert captured[-1] - microphone._start_ns == 1500 * 62_500


def test_what_sounds_while_a_microphone_is_lost_is_never_heard() -> None:
    told = Told()
    microphone = MockMicrophone(SOUND, loop=True, notify=told)
    microphone.lose()
    assert microphone.read(0.1) is None
    lost_samples = 1600
    microphone.give_back()
    samples = microphone.read(1.0)
    assert samples is not None
    assert samples.values.size < lost_samples
    assert told.kinds == [EventKind.MIC_LOST, EventKind.MIC_BACK]
