"""What training does to voices and bursts before the models hear them."""

import csv
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training packages are not installed")

from models.training import bursts_data, voice_augment  # noqa: E402  after the check
from models.training.voice_studio import Material, batches, only, together  # noqa: E402

from rapport.experts.voice import bursts, features  # noqa: E402
from rapport.experts.voice.features import LOG_MEL, PERIODICITY, POWER  # noqa: E402
from rapport.experts.voice.front_end import BANDS, COLUMNS  # noqa: E402
from rapport.state import BURSTS  # noqa: E402

pytestmark = pytest.mark.tooling
SEED = 3


def samples(kind: str, seconds: float) -> np.ndarray:
    random = np.random.default_rng(SEED)
    count = int(seconds * 16_000)
    if kind == "noise":
        return (random.normal(0.0, 0.05, count) * 32767).astype(np.int16)
    return (np.sin(np.arange(count) * 0.1) * 10_000).astype(np.int16)


def test_windows_that_are_changed_keep_their_shape_and_their_padding() -> None:
    random = np.random.default_rng(SEED)
    windows = torch.from_numpy(random.normal(size=(4, 120, COLUMNS)).astype(np.float32))
    lengths = torch.tensor([120, 90, 60, 30])
    for row, length in enumerate(lengths):
        windows[row, length:] = 0.0
    changed = voice_augment.change(windows, lengths, random)
    assert changed.shape == windows.shape
    assert torch.isfinite(changed).all()
    for row, length in enumerate(lengths):
        assert not changed[row, length:].any()
        assert (changed[row, :length] - windows[row, :length]).abs().mean() > 0.05


def test_another_throat_moves_a_formant(monkeypatch: pytest.MonkeyPatch) -> None:
    window = torch.zeros(1, 10, COLUMNS)
    window[:, :, 20] = 1.0
    monkeypatch.setattr(voice_augment, "THROAT", 0.0)
    random = np.random.default_rng(SEED)
    assert torch.allclose(voice_augment.other_throats(window, random), window, atol=1e-5)
    monkeypatch.setattr(voice_augment, "THROAT", 0.2)
    places = {
        int(voice_augment.other_throats(window, random)[0, 0, :BANDS].argmax()) for _ in range(20)
    }
    assert min(places) < 20 < max(places), f"seed {SEED}"


def test_batches_hold_every_window_once() -> None:
    lengths = np.array([40, 80, 120] * 30)
    frames = np.repeat(np.arange(len(lengths)), lengths)[:, None] * np.ones(COLUMNS)
    material = Material(
        frames.astype(np.float16), lengths, np.zeros(90, int), lengths == 40, lengths * 1.0
    )
    for random in (None, np.random.default_rng(SEED)):
        seen = []
        for places, windows, real in batches(material, random):
            seen += places.tolist()
            for place, window, length in zip(places, windows, real.tolist(), strict=True):
                assert (window[:length] == float(np.float16(place))).all()
                assert not window[length:].any()
        assert sorted(seen) == list(range(90))
    half = only(material, material.ravdess)
    assert len(half.lengths) == 30 and len(half.frames) == 30 * 40
    assert len(together([half, half]).lengths) == 60


def test_nobody_is_in_two_parts(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    folder.mkdir()
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["corpus", "path", "speaker", "emotion"])
        for person in range(50):
            writer.writerow(["emogator", f"{person}.opus", f"p{person}", "amusement"])
        writer.writerow(["ravdess", "x.opus", "p1", "happy"])
    parts = [{r["speaker"] for r in bursts_data.rows(tmp_path, p)} for p in bursts_data.PARTS]
    assert [len(part) for part in parts] == [35, 5, 10]
    assert len(set.union(*parts)) == 50
    assert set(BURSTS) < set(bursts_data.GROUPS)


def test_noise_is_added_in_power() -> None:
    tone = bursts_data.analysed(samples("tone", 1.0))
    noise = bursts_data.analysed(samples("noise", 1.0))
    mixed = {db: bursts_data._mixed(tone, noise, db, tone) for db in (60.0, 0.0)}
    assert mixed[60.0][:, LOG_MEL].max() == pytest.approx(tone[:, LOG_MEL].max(), abs=0.01)
    expected = 2.0 * tone[:, POWER].mean()
    assert mixed[0.0][:, POWER].mean() == pytest.approx(expected, rel=0.01)
    assert mixed[0.0][20:, PERIODICITY].mean() < mixed[60.0][20:, PERIODICITY].mean() - 0.3


def test_scenes_give_windows_like_the_sidecars() -> None:
    random = np.random.default_rng(SEED)
    noise = bursts_data.analysed(samples("noise", 2.0))
    burst = bursts_data.Recording(bursts_data.analysed(samples("tone", 1.0)), "amusement", "x")
    taken = []
    for recording in (burst, None):
        for _ in range(8):
            frames = bursts_data.scene(recording, noise, random)
            assert frames.shape[1] == features.WIDTH and np.isfinite(frames).all()
            taken.append(bursts_data.windows(frames, 2, random))
    assert sum(map(len, taken[:8])) >= 8, f"seed {SEED}"
    for window in (window for windows in taken for window in windows):
        assert window.shape == (bursts.WINDOW_FRAMES, bursts.COLUMNS)
        assert np.isfinite(window).all()
