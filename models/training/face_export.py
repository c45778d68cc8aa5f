"""Calibrates a trained expression model and writes it, its metadata and its manifest entry."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from models.evaluation.metrics import report
from models.training import manifest
from models.training.face_net import ExpressionNet
from models.training.quantise import Inputs, quantise
from numpy.typing import NDArray

from rapport.experts.face.crop import CROP_SIZE
from rapport.experts.face.tracker import BLENDSHAPES
from rapport.experts.store import Entry
from rapport.state import LABELS

ID = "face_expression"
VERSION = "1"
OPSET = 17

BUNDLE = Entry(
    id="face_landmarker",
    file="face_landmarker.task",
    sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    bytes=3_758_596,
    version="1",
    task="face detection, 478 landmarks, 52 blendshapes and head pose",
    licence="Apache-2.0",
    commercial_use="yes",
    commercial_use_reason="Google publishes the bundle under Apache-2.0.",
    data="collected by Google; see its model cards",
    inputs="RGB picture of any size",
    outputs="landmarks, blendshapes and transformation matrix of one face",
    url="https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/"
    "face_landmarker.task",
)
"""MediaPipe's bundle, the first tracker; it is downloaded, not packaged."""

log = logging.getLogger("models.training.face_export")


def softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Probabilities, row by row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit_temperature(logits: NDArray[Any], majority: NDArray[np.int64]) -> float:
    """Temperature with the least negative log-likelihood (Guo et al. 2017), searched on a grid."""
    rows = np.arange(len(majority))
    return float(
        min(
            np.geomspace(0.3, 3.0, 200).tolist(),
            key=lambda t: -float(np.log(softmax(logits / t)[rows, majority] + 1e-12).mean()),
        )
    )


def export(
    net: ExpressionNet,
    logits: NDArray[Any],
    pixels_only: NDArray[Any],
    majority: NDArray[np.int64],
    samples: Iterable[Inputs],
    out: Path,
) -> None:
    """Calibrate on the even items of the validation part, report on the odd ones and on all.

    :param logits: N x 8, of the validation part; `pixels_only` without blendshapes.
    :param samples: inputs of the training part, for the ranges of the eight-bit convolutions.
    :param out: the ONNX file to write.
    """
    fit = np.arange(len(majority)) % 2 == 0
    temperature = fit_temperature(logits[fit], majority[fit])
    figures = {
        name: report(softmax(values[part] / temperature), majority[part], LABELS, 0.0)
        for name, values, part in (
            ("all", logits, slice(None)),
            ("held out from calibration", logits, ~fit),
            ("pixels only", pixels_only, slice(None)),
        )
    }
    for name, figure in figures.items():
        log.info(
            "%s: n %d accuracy %.4f balanced %.4f ece %.4f %s",
            name, figure["n"], figure["accuracy"], figure["uar"], figure["ece"],
            {label: round(recall, 2) for label, recall in figure["per_class"].items()},
        )  # fmt: skip
    _write(net, out, temperature)
    quantise(out, samples)
    manifest.record(BUNDLE)
    sha256, size = manifest.hashed(out)
    manifest.record(
        Entry(
            id=ID,
            file=out.name,
            sha256=sha256,
            bytes=size,
            version=VERSION,
            task="facial expression, eight basic emotions",
            licence="Apache-2.0",
            commercial_use="unclear",
            commercial_use_reason="The rights in the FER2013 pictures, which were collected from"
            " the web, are not cleared; the FER+ votes are under an MIT-style licence.",
            data="FER+ (Barsoum et al. 2016) over FER2013 (Goodfellow et al. 2013)",
            inputs=f"crop float32 [1, 1, {CROP_SIZE}, {CROP_SIZE}] grey 0...255; blendshapes"
            f" float32 [1, {len(BLENDSHAPES)}] 0...1; known float32 [1, 1] 1 if they are known",
            outputs="logits float32 [1, 8] in the order of the labels, before the temperature",
            card="cards/face_expression.md",
        )
    )


def _write(net: ExpressionNet, out: Path, temperature: float) -> None:
    net.eval()
    inputs = (
        torch.zeros(1, 1, CROP_SIZE, CROP_SIZE),
        torch.zeros(1, len(BLENDSHAPES)),
        torch.zeros(1, 1),
    )
    torch.onnx.export(
        net,
        inputs,
        str(out),
        dynamo=False,
        opset_version=OPSET,
        input_names=["crop", "blendshapes", "known"],
        output_names=["logits"],
    )
    model = onnx.load(out)
    notes = {
        "version": VERSION,
        "labels": json.dumps(LABELS),
        "temperature": f"{temperature:.6f}",
    }
    onnx.helper.set_model_props(model, notes)
    onnx.save(model, out)
