"""`python -m models.evaluation fusion`: the shipped gate and mixture on class-conditional groups.

There is no free corpus with raw paired video and sound, so each group is a face, a voice and
sometimes a line of text of different people that carry the same label. That is kinder than life in
one way (the three never disagree) and harder in another (they share nothing else). Faces and voices
are spoiled in the ways of `fusion_corruption`, read by the shipped experts and fused by the shipped
`Fusion`, one tick without memory. What an expert could not read counts as equal probabilities.

Without options it runs on the parts of `../shared/data` that neither an expert nor the gate learned
from (`fusion_material`). Any other faces, voices and lines will do, in the forms that the commands
`face`, `voice` and `text` take; they are then used whole.

`best` of a cell is the better of what the experts say, by themselves or alone through the gate.
`gain` is how far the fused recall is above it.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs
from models.evaluation import fusion_corruption as corruption
from models.evaluation import fusion_grid as grid
from models.evaluation import fusion_material as material
from models.evaluation import shipped, sounds
from models.evaluation.face_archive import Unusable
from models.evaluation.fusion_picture import grid_picture
from models.evaluation.fusion_readings import Library, Readings
from models.evaluation.text_lines import Unusable as UnusableLines

from rapport.errors import RapportError
from rapport.experts.store import CHECKOUT, Store
from rapport.fusion import Parameters, parameters
from rapport.state import LABELS, Modality

DATA = CHECKOUT.parents[1] / "shared" / "data"
FACES, CLIPS, LINES = 50, 8, 200
"""Of each label, how many pictures, clips of a speaker, and lines are read."""
MISTYPED = "0.3"
"""Share of mistyped letters in lines that are hard to read."""
USABLE = 0.5
"""Share of faces that are read, from which on a light level counts as usable."""
FACE, VOICE, TEXT = Modality.FACE, Modality.VOICE, Modality.TEXT

Conditions = dict[str, Readings]
"""Name of a condition -> readings of the same items in it."""
Figures = dict[str, Any]


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        store = shipped.store(options.models)
        values = _parameters(options, store)
        library = Library(store, options.cache)
        faces, voices, lines = read(library, options)
        figures = assess(faces, voices, lines, values, options)
    except (Unusable, UnusableLines, RapportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not figures["grid"]:
        sys.stderr.write("no label has both faces and voices\n")
        return 1
    if options.picture:
        grid_picture(figures, options.picture)
    sys.stdout.write(json.dumps(figures) + "\n" if options.json else table(figures))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.evaluation fusion",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = parser.add_argument
    option("--faces", type=Path, help="an .npz archive, as for the command `face`")
    option("--crops", action="store_true", help="its pictures are tight crops of a face")
    option("--voices", type=Path, help="a manifest, as for the command `voice`")
    option("--speakers", help="only these of the manifest, with commas between")
    option("--lines", type=Path, help="a file of lines, as for the command `text`")
    option("--noise", type=Path, help="folder of noise recordings")
    option("--noises", help="names of recordings in it, with commas between")
    option("--gate", help="a file of parameters, or `built-in`; without: the shipped ones")
    option("--models", type=Path, metavar="FOLDER", help="of other models")
    option("--groups", type=int, default=100, help="of each label in a cell")
    option("--seed", type=int, default=1)
    cache = Path(platformdirs.user_cache_dir("rapport", appauthor=False)) / "fusion"
    option("--cache", type=Path, default=cache, help="where readings are kept")
    option("--picture", type=Path, metavar="FILE", help="draw the grid there (.svg)")
    option("--json", action="store_true")
    return parser.parse_args(arguments)


def _parameters(options: argparse.Namespace, store: Store) -> Parameters:
    if options.gate == "built-in":
        return Parameters()
    file = options.gate
    return parameters.decode(Path(file).read_bytes() if file else store.content(parameters.MODEL))


def read(
    library: Library, options: argparse.Namespace
) -> tuple[Conditions, Conditions, Conditions]:
    """What the experts say of all faces and voices in each condition, and of the lines."""
    seed = options.seed
    archive = options.faces or DATA / "face/ferplus_train_valid.npz"
    part: material.Part = "all" if options.faces else "test"
    faces = material.load_faces(archive, part, options.crops, FACES, seed)
    own = options.voices is not None
    speakers: Sequence[str] = () if own else material.TEST_SPEAKERS
    if options.speakers:
        speakers = options.speakers.split(",")
    clips = material.load_clips(options.voices or DATA / "voice/manifest.csv", speakers, CLIPS)
    names = options.noises or (None if options.noise else ",".join(material.TEST_NOISES))
    noises = sounds.noise_paths(options.noise or DATA / "noise", names)
    file = options.lines or DATA / "text/goemotions/dev.tsv"
    lines = material.load_lines(file, "all" if options.lines else "test", LINES)
    return (
        {name: library.faces(faces, name, seed) for name in corruption.FACES},
        {name: library.voices(clips, noises, name, seed) for name in corruption.VOICES},
        {"read": library.lines(lines, "0", seed), MISTYPED: library.lines(lines, MISTYPED, seed)},
    )


def assess(
    faces: Conditions,
    voices: Conditions,
    lines: Conditions,
    values: Parameters,
    options: argparse.Namespace,
) -> Figures:
    """All figures, by the names that `--json` prints."""
    best_light, clean = corruption.FACE_GRID[0], corruption.VOICE_GRID[0]
    pairs = {FACE: faces[best_light], VOICE: voices[clean]}
    triples = pairs | {TEXT: lines["read"]}
    groups = grid.draw(pairs, options.groups, options.seed)
    threes = grid.draw(triples, options.groups, options.seed)

    def pair(face: str, voice: str, missing: Sequence[Modality] = ()) -> grid.Answers:
        chosen = {FACE: faces[face], VOICE: voices[voice]}
        return grid.answer(chosen, groups, values, missing)

    def three(face: str, voice: str, line: str, *missing: Modality) -> grid.Answers:
        chosen = {FACE: faces[face], VOICE: voices[voice], TEXT: lines[line]}
        return grid.answer(chosen, threes, values, missing)

    if not groups:
        return {"grid": []}
    cells = [[pair(f, v) for v in corruption.VOICE_GRID] for f in corruption.FACE_GRID]
    noisiest = corruption.VOICE_GRID[-1]
    flawed = [name for name in corruption.FACES if name not in corruption.FACE_GRID]
    spoilt = [name for name in corruption.VOICES if name not in corruption.VOICE_GRID]
    others = {f"{f}, {v}": pair(f, v) for f in flawed for v in (clean, noisiest)}
    others |= {f"{f}, {v}": pair(f, v) for v in spoilt for f in (best_light, "light 0.1")}
    others |= {f"no face, {v}": pair(best_light, v, [FACE]) for v in voices}
    others |= {f"{f}, no voice": pair(f, clean, [VOICE]) for f in faces}
    texts = {
        "all three": three(best_light, clean, "read"),
        "no face": three(best_light, clean, "read", FACE),
        "no voice": three(best_light, clean, "read", VOICE),
        "no text": three(best_light, clean, "read", TEXT),
        "text mistyped": three(best_light, clean, MISTYPED),
        "dark": three(corruption.FACE_GRID[-1], clean, "read"),
        "loud": three(best_light, noisiest, "read"),
        "dark and loud": three(corruption.FACE_GRID[-1], noisiest, "read"),
    }
    return {
        "labels": sorted({LABELS[one.label] for one in (pairs[FACE][g[FACE]] for g in groups)}),
        "gate": values.version,
        "light": list(corruption.LIGHT),
        "snr_db": list(corruption.SNR_DB),
        "grid": [[_cell(answers) for answers in row] for row in cells],
        "others": {name: _cell(answers) for name, answers in others.items()},
        "with_text": {name: _cell(answers) for name, answers in texts.items()},
        "summary": _summary(cells, others, texts, options.seed),
    }


def _cell(answers: grid.Answers) -> Figures:
    cell = grid.cell(answers)
    return cell._asdict() | {"gain": cell.fused - cell.best, "leaning": grid.leaning(answers)}


def _summary(
    cells: list[list[grid.Answers]],
    others: Mapping[str, grid.Answers],
    texts: Mapping[str, grid.Answers],
    seed: int,
) -> Figures:
    """What the project asks of the fusion: gains, drops, calibration."""
    clean = cells[0][0]
    figures = [[grid.cell(answers) for answers in row] for row in cells]
    usable = [row for row in figures if row[0].read[FACE] >= USABLE]
    start = figures[0][0].fused
    spoilt = [cell for row in figures for cell in row][1:]
    rest = {name: grid.cell(answers) for name, answers in others.items()}
    three = {name: grid.cell(answers) for name, answers in texts.items()}
    everything = [*spoilt, *rest.values()]
    full = three["all three"].fused if three else start
    return {
        "clean": start,
        "clean_interval": grid.fused_interval(clean, seed),
        "gain_clean": start - figures[0][0].best,
        "gain_clean_interval": grid.gain_interval(clean, seed),
        "gain_least": min(cell.fused - cell.best for cell in everything),
        "ece_clean": figures[0][0].ece,
        "ece_grid_most": max(cell.ece for cell in spoilt),
        "ece_grid_both_read_most": max(
            c.ece for row in usable for c in row if c is not usable[0][0]
        ),
        "ece_others_most": max(cell.ece for cell in rest.values()),
        "drop_darkest_usable": start - usable[-1][0].fused,
        "drop_loudest": start - figures[0][-1].fused,
        "drop_both": start - usable[-1][-1].fused,
        "drop_no_voice": start - rest["light 1, no voice"].fused,
        "drop_no_face": start - rest["no face, clean"].fused,
        "drop_with_text": {name: full - cell.fused for name, cell in three.items()},
    }


def table(figures: Figures) -> str:
    """The figures for people."""
    lines = [f"gate {figures['gate']}; {', '.join(figures['labels'])}", HEADER]
    for light, row in zip(figures["light"], figures["grid"], strict=True):
        for snr_db, cell in zip(figures["snr_db"], row, strict=True):
            noise = "no noise" if snr_db is None else f"{snr_db:g} dB"
            lines.append(_row(f"light {light:g}, {noise}", cell))
    for title in ("others", "with_text"):
        lines.append("")
        lines += [_row(name, cell) for name, cell in figures[title].items()]
    lines.append("")
    lines += [f"{name:26} {_short(value)}" for name, value in figures["summary"].items()]
    return "\n".join(lines) + "\n"


HEADER = f"{'':24}  face voice  text   best fused   gain    ECE  weight of the voice"


def _row(name: str, cell: Figures) -> str:
    singles = " ".join(f"{cell['expert'].get(m.value, float('nan')):5.2f}" for m in Modality)
    return (
        f"{name:24} {singles}  {cell['best']:5.2f} {cell['fused']:5.2f}  {cell['gain']:+.3f}"
        f"  {cell['ece']:.3f}  {cell['weight']['voice']:.2f}"
    )


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {share:.3f}" for name, share in value.items())
    return f"{value:.3f}" if isinstance(value, float) else " ... ".join(f"{v:.3f}" for v in value)
