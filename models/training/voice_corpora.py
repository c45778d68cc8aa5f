"""Which clips of speech there are: those of the manifest, and corpora in their publishers' folders.

Whoever has one of these puts it (or a link) below the data folder, and the voice model learns from
it as well:

- `voice/crema-d`: CREMA-D (Cao et al. 2014): `AudioWAV/1001_DFA_ANG_XX.wav`, and
  `VideoDemographics.csv` for the actors' sex;
- `voice/meld`: MELD (Poria et al. 2019): `train_sent_emo.csv` and the clips,
  `train_splits/dia0_utt0.mp4` (or .wav, .flac); the validation and test parts are left alone.

CREMA-D is under the Open Database License; MELD is cut from a television series, so that weights
trained with it must be marked `commercial_use = "no"`.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

Row = dict[str, str]
"""`corpus`, `path` (relative to the folder `voice`), `speaker`, `gender`, `emotion`."""

CREMA_D = {
    "ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad",
}  # fmt: skip
MELD = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "joy": "happy", "neutral": "neutral",
    "sadness": "sad", "surprise": "surprise",
}  # fmt: skip
"""What the corpora call emotions -> what our manifest calls them."""
MELD_CLIPS = ("train_splits", "train")
SOUNDS = (".wav", ".flac", ".mp4")


def rows(folder: Path) -> list[Row]:
    """All clips of all corpora below a folder.

    :param folder: `voice` in the data folder.
    :raises OSError: it has no manifest.
    """
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        listed = [dict(row) for row in csv.DictReader(file)]
    known = {row["corpus"] for row in listed}
    for name, read in READERS.items():
        if name not in known:
            listed += read(folder / name)
    return listed


def crema_d(folder: Path) -> Iterator[Row]:
    """The clips of CREMA-D; none if it is not there."""
    demographics = folder / "VideoDemographics.csv"
    sexes: Row = {}
    if demographics.is_file():
        with demographics.open(encoding="utf-8-sig", newline="") as file:
            sexes = {row["ActorID"]: row["Sex"][:1] for row in csv.DictReader(file)}
    for path in sorted((folder / "AudioWAV").glob("*.wav")):
        actor, _, emotion, *_ = [*path.stem.split("_"), "", ""]
        if emotion in CREMA_D:
            yield _row("crema-d", path, folder, actor, CREMA_D[emotion], sexes.get(actor, ""))


def meld(folder: Path) -> Iterator[Row]:
    """The training clips of MELD; none if it is not there.

    Its speakers are the series' roles; a name that many extras share counts as one speaker.
    """
    listed = folder / "train_sent_emo.csv"
    if not listed.is_file():
        return
    with listed.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        told = list(csv.DictReader(file))
    for row in told:
        name = f"dia{row['Dialogue_ID']}_utt{row['Utterance_ID']}"
        paths = (folder / part / f"{name}{end}" for part in MELD_CLIPS for end in SOUNDS)
        path = next((path for path in paths if path.is_file()), None)
        emotion = MELD.get(row["Emotion"].strip().lower())
        if path is not None and emotion is not None:
            yield _row("meld", path, folder, row["Speaker"].strip(), emotion)


def _row(
    corpus: str, path: Path, folder: Path, speaker: str, emotion: str, gender: str = ""
) -> Row:
    return {
        "corpus": corpus,
        "path": path.relative_to(folder.parent).as_posix(),
        "speaker": f"{corpus}-{speaker}",
        "gender": gender[:1].upper(),
        "emotion": emotion,
    }


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {"crema-d": crema_d, "meld": meld}
"""Name of a folder -> what reads it."""
