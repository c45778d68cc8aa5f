"""Calibrates a trained voice model and writes it, its metadata and its manifest entry."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from models.evaluation.metrics import report
from models.training import manifest
from models.training.voice_net import LEARNED, Shipped, VoiceNet
from numpy.typing import NDArray

from rapport.experts.voice.front_end import COLUMNS, WINDOW_FRAMES, Prior
from rapport.state import LABELS

OPSET = 18
ABOUT = manifest.About(
    id="voice_emotion",
    version="2",
    task="emotion in speech, seven of the eight basic emotions (not contempt)",
    licence="CC BY-NC-SA 4.0",
    commercial_use="no",
    commercial_use_reason="Trained on RAVDESS and nEMO, which are CC BY-NC-SA 4.0.",
    data="RAVDESS (Livingstone & Russo 2018), nEMO (2024); noises CC0, Pixabay, CC BY, MIT",
    inputs=f"windows float32 [1, frames <= {WINDOW_FRAMES}, {COLUMNS}] normalised speech,"
    " 100 frames a second (rapport.experts.voice.front_end)",
    outputs="probabilities float32 [1, 8] in the order of the labels, calibrated",
    card="cards/voice_emotion.md",
)

log = logging.getLogger("models.training.voice_export")


def fit_temperature(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Temperature with the least negative log-likelihood (Guo et al. 2017), searched on a grid."""
    scores = torch.from_numpy(logits)
    truth = torch.from_numpy(labels)
    return float(
        min(
            np.geomspace(0.3, 5.0, 200).tolist(),
            key=lambda t: float(torch.nn.functional.cross_entropy(scores / t, truth)),
        )
    )


def export(
    net: VoiceNet,
    prior: Prior,
    logits: NDArray[Any],
    labels: NDArray[np.int64],
    out: Path,
) -> None:
    """Write the model.

    :param prior: where the running statistics start; it travels in the file's metadata.
    :param logits: of the validation windows, for the temperature.
    """
    temperature = fit_temperature(logits, labels)
    probabilities = torch.softmax(torch.from_numpy(logits) / temperature, dim=1).numpy()
    figures = report(probabilities, labels, LABELS[:LEARNED], 0.0)
    log.info(
        "validation windows in all rooms: uar %.3f ece %.3f temperature %.2f",
        figures["uar"], figures["ece"], temperature,
    )  # fmt: skip
    shipped = Shipped(net, temperature).eval()
    example = torch.zeros(1, WINDOW_FRAMES - 20, COLUMNS)
    program = torch.onnx.export(
        shipped,
        (example,),
        dynamo=True,
        opset_version=OPSET,
        input_names=["windows"],
        output_names=["probabilities"],
        dynamic_shapes=({1: torch.export.Dim("frames", min=8, max=WINDOW_FRAMES)},),
    )
    if program is None:
        raise RuntimeError("the exporter gave nothing")
    notes = {
        "labels": json.dumps(LABELS),
        "untaught": json.dumps(LABELS[LEARNED:]),
        "temperature": f"{temperature:.6f}",
        "prior": json.dumps(
            {name: np.round(value, 5).tolist() for name, value in prior._asdict().items()}
        ),
    }
    manifest.ship(program.model_proto, out, ABOUT, notes)
