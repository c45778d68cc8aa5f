"""Calibrates a trained expression model and writes it, its metadata and its manifest entry."""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from models.evaluation.metrics import report
from models.training import manifest
from models.training.face_data import Faces
from models.training.face_net import ExpressionNet
from models.training.quantise import Inputs, quantise
from numpy.typing import NDArray

from rapport.experts.face.crop import CROP_SIZE
from rapport.experts.face.tracker import BLENDSHAPES
from rapport.experts.manifest import Entry
from rapport.state import LABELS

OPSET = 17
ABOUT = manifest.About(
    id="face_expression",
    version="2",
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
    net: ExpressionNet, validations: Mapping[str, Faces], samples: Iterable[Inputs], out: Path
) -> None:
    """Calibrate on the even items of the validation part, report on the odd ones and on all.

    :param validations: the validation part as each tracker cuts it; both fit the temperature.
    :param samples: inputs of the training part, for the ranges of the eight-bit convolutions.
    :param out: the ONNX file to write.
    """
    _write(net, out)
    quantise(out, samples)
    # What is shipped is calibrated, rounding and all.
    session = onnxruntime.InferenceSession(out)
    answers = {
        f"{name}, {told}": (predict(session, faces, known), faces.majority)
        for name, faces in validations.items()
        for told, known in (("as shipped", True), ("pixels only", False))
    }
    whole = [value for name, value in answers.items() if name.endswith("as shipped")]
    even = [(logits[::2], majority[::2]) for logits, majority in whole]
    logits, majority = (np.concatenate(column) for column in zip(*even, strict=True))
    temperature = fit_temperature(logits, majority)
    for name, (logits, majority) in answers.items():
        for told, part in (("all", slice(None)), ("odd half", slice(1, None, 2))):
            figure = report(softmax(logits[part] / temperature), majority[part], LABELS, 0.0)
            log.info(
                "%s, %s: n %d accuracy %.4f balanced %.4f ece %.4f %s",
                name, told, figure["n"], figure["accuracy"], figure["uar"], figure["ece"],
                {label: round(recall, 2) for label, recall in figure["per_class"].items()},
            )  # fmt: skip
    notes = {"labels": json.dumps(LABELS), "temperature": f"{temperature:.6f}"}
    manifest.ship(onnx.load(out), out, ABOUT, notes)
    manifest.record(BUNDLE, out.parent)


def predict(
    session: onnxruntime.InferenceSession, faces: Faces, blendshapes: bool
) -> NDArray[np.float64]:
    """Logits, N x 8, of faces as the live path gives them, one by one."""
    margin = (faces.crops.shape[1] - CROP_SIZE) // 2
    inside = slice(margin, margin + CROP_SIZE)
    crops = faces.crops[:, None, None, inside, inside].astype(np.float32)
    known = (faces.known & blendshapes).astype(np.float32)[:, None, None]
    shapes = faces.blendshapes[:, None] * known
    rows = [
        session.run(None, {"crop": crop, "blendshapes": shape, "known": there})[0][0]
        for crop, shape, there in zip(crops, shapes, known, strict=True)
    ]
    return np.array(rows, np.float64)


def _write(net: ExpressionNet, out: Path) -> None:
    net.eval()
    out.parent.mkdir(parents=True, exist_ok=True)
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
