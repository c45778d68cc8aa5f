"""Makes the clips that `rapport demo` plays: a portrait that moves, and speech.

    python tools/make_demo_clip.py demo --bundle face_landmarker.task
    python tools/make_demo_clip.py sarcasm --bundle face_landmarker.task

The portrait is `skimage.data.astronaut`: Eileen Collins, photographed by NASA, public domain. It
is moved by `face_puppet`, speaks with espeak-ng (which must be installed), and does what
`demo_timeline` and `sarcasm_timeline` list. Needs the extra `training`. The results are in
plugin/rapport/media.
"""

import argparse
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import demo_sound
import numpy as np
from demo_timeline import DEMO, FPS, Timeline
from face_puppet import HEIGHT, WIDTH, Puppet
from numpy.typing import NDArray
from sarcasm_timeline import SARCASM

MEDIA = Path(__file__).resolve().parents[1] / "plugin" / "rapport" / "media"
TIMELINES = {"demo": DEMO, "sarcasm": SARCASM}
BLINK_S = 0.22
SPEAKING_JAW = 0.22
"""Amount of `jaw` at the loudest syllable."""
SENSOR_NOISE = 1.2
"""Standard deviation of the camera's noise, in grey levels; it stays when the light goes."""
SWAY = {"yaw": (2.2, 5.1), "pitch": (1.2, 3.7), "roll": (1.0, 6.3)}
"""Nobody sits still: amplitude in degrees and period in seconds."""
BOOK_COVER, BOOK_LINE = (74, 62, 38), (120, 176, 196)
"""Colours (BGR)."""
VIDEO_OPTIONS = {"crf": "25", "preset": "slow"}
SOUND_BITRATE = 56_000


def ease(share: float) -> float:
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def amounts_at(timeline: Timeline, t: float) -> dict[str, float]:
    """What the timeline says for second `t`."""
    amounts = {"unsmile": timeline.unsmile, "light": 0.0, "book": 0.0, "jaw": 0.0}
    for scene in timeline.scenes:
        weight = ease((t - scene.start) / scene.ease) * ease((scene.end - t) / scene.ease)
        for name, amount in scene.amounts.items():
            amounts[name] = amounts.get(name, 0.0) + weight * amount
    for name, (amplitude, period) in SWAY.items():
        amounts[name] = amounts.get(name, 0.0) + amplitude * np.sin(2 * np.pi * t / period)
    amounts["blink"] = max(ease(1 - abs(t - blink) / (BLINK_S / 2)) for blink in timeline.blinks)
    return amounts


def hold_book(picture: NDArray[np.uint8], amount: float) -> NDArray[np.uint8]:
    """A book comes up from below, slightly tilted, and covers the face at amount 1."""
    if amount <= 0:
        return picture
    book = np.zeros((440, 330, 3), dtype=np.uint8)
    book[:] = BOOK_COVER
    shade = np.linspace(0.8, 1.15, book.shape[1])[None, :, None]
    book = np.clip(book * shade, 0, 255).astype(np.uint8)
    cv2.rectangle(book, (22, 22), (307, 417), BOOK_LINE, 3, cv2.LINE_AA)
    for row, half in ((110, 90), (138, 60), (340, 45)):
        cv2.line(book, (165 - half, row), (165 + half, row), BOOK_LINE, 7, cv2.LINE_AA)
    place = cv2.getRotationMatrix2D((165, 220), 5.0 * amount - 2.0, 1.0)
    place[:, 2] += [155, 45 + (1 - amount) * 460]
    size = (WIDTH, HEIGHT)
    drawn = cv2.warpAffine(book, place, size)
    mask = cv2.warpAffine(np.full(book.shape[:2], 255, np.uint8), place, size) / 255.0
    shadow = cv2.GaussianBlur(mask, None, 14)[:, :, None]
    below = picture * (1 - 0.45 * shadow)
    edge = cv2.GaussianBlur(mask, None, 0.8)[:, :, None]
    return np.clip(below * (1 - edge) + drawn * edge, 0, 255).astype(np.uint8)


def see(picture: NDArray[np.uint8], gone: float, noise: np.random.Generator) -> NDArray[np.uint8]:
    """What a webcam sees when this share of the light is gone: dim, bluish and noisy."""
    gain = (1 - gone) * np.array([1.0, 1 - 0.10 * gone, 1 - 0.18 * gone])
    grain = noise.standard_normal(picture.shape[:2])[:, :, None] * SENSOR_NOISE
    return np.clip(picture * gain + grain, 0, 255).astype(np.uint8)


def encode(path: Path, puppet: Puppet, timeline: Timeline) -> None:
    sound = demo_sound.make_sound(timeline)
    noise = np.random.default_rng(7)
    openings = demo_sound.mouth_openings(timeline, FPS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options=VIDEO_OPTIONS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track = container.add_stream("aac", rate=demo_sound.RATE, layout="mono")
        track.bit_rate = SOUND_BITRATE
        heard = av.AudioFrame.from_ndarray(sound[None, :], format="fltp", layout="mono")
        heard.sample_rate, heard.time_base = demo_sound.RATE, Fraction(1, demo_sound.RATE)
        heard.pts = 0
        container.mux(track.encode(heard))
        container.mux(track.encode(None))
        for index in range(round(timeline.length_s * FPS)):
            amounts = amounts_at(timeline, index / FPS)
            amounts["jaw"] += SPEAKING_JAW * openings[index]
            picture = hold_book(puppet.pose(amounts), amounts["book"])
            seen = see(picture, amounts["light"], noise)
            container.mux(video.encode(av.VideoFrame.from_ndarray(seen, format="bgr24")))
            if index % (FPS * 4) == 0:
                print(f"  {index / FPS:.0f} of {timeline.length_s:.0f} s", flush=True)
        container.mux(video.encode(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clip", choices=TIMELINES)
    parser.add_argument("--bundle", type=Path, required=True, help="MediaPipe face_landmarker.task")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    started = time.monotonic()
    output = options.output or MEDIA / f"{options.clip}.mp4"
    unfinished = output.with_suffix(".unfinished.mp4")
    encode(unfinished, Puppet(options.bundle), TIMELINES[options.clip])
    unfinished.replace(output)
    size = output.stat().st_size
    print(f"{output}: {size:,} bytes in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
