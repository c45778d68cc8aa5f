"""Writes the tracker's two networks as ONNX files, with their manifest entries."""

from pathlib import Path
from typing import NamedTuple

import onnx
import torch
from models.training import manifest
from models.training.half import halve
from models.training.tracker_nets import DetectorNet, MeshNet
from torch import Tensor, nn

from rapport.experts.face import detector, mesh
from rapport.experts.face.square import MESH_SIZE
from rapport.experts.face.tracker import BLENDSHAPES

VERSION = "2"
OPSET = 17

FACE_FROM = -1.0
"""Logit of the detector that becomes a score of one half: low, as the landmark model looks at
what the detector finds."""
PRESENT_FROM = 5.0
"""Logit of the landmark model that becomes a presence of one half: high, as real faces, covered
ones too, lie far above it. Both were chosen on the validation photographs, clean and spoiled, and
on faceless parts of them, textures and drawn rooms, so that none of those passes."""


class Form(NamedTuple):
    """How a network becomes a file."""

    id: str
    task: str
    input: str
    shape: tuple[int, int]
    free: bool
    """Whether height and width may differ from `shape`."""
    outputs: list[str]
    told_inputs: str
    told_outputs: str


FORMS = {
    "detector": Form(
        detector.MODEL_ID,
        "finds faces in a whole frame",
        "picture",
        (128, 160),
        True,
        ["cells"],
        "picture float32 [1, 1, H, W] grey 0...255, H and W multiples of 32",
        "cells float32 [1, 6, H/8, W/8]: logit of a face's centre, offset x and y in cells, ln of"
        " the square's side in cells, cosine and sine of the eye line's turn",
    ),
    "mesh": Form(
        mesh.MODEL_ID,
        "landmarks, blendshapes, head pose, presence of the face in a crop",
        "crop",
        (MESH_SIZE, MESH_SIZE),
        False,
        ["points", "blendshapes", "state", "rotation"],
        f"crop float32 [1, 1, {MESH_SIZE}, {MESH_SIZE}] grey 0...255",
        f"points float32 [1, 478, 3] pixels of the crop; blendshapes float32"
        f" [1, {len(BLENDSHAPES)}] 0...1; state float32 [1, 2]: presence 0...1 and covered share"
        " 0...1; rotation float32 [1, 6]:"
        " first two columns of the head's rotation, axes right, up, out of the picture",
    ),
}


class Shipped(nn.Module):
    """The landmark network with its state as probabilities."""

    def __init__(self, net: MeshNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        points, blendshapes, state, rotation = self.net(crop)
        return points, blendshapes, torch.sigmoid(state), rotation


def export(name: str, net: nn.Module, checkpoint: Path, folder: Path) -> None:
    """Write the moving average of the weights in a checkpoint into a folder."""
    net.load_state_dict(torch.load(checkpoint, weights_only=True)["averaged"])
    net.eval()
    with torch.no_grad():
        if isinstance(net, MeshNet):
            net.state.bias[0] -= PRESENT_FROM
        elif isinstance(net, DetectorNet):
            net.head.bias[0] -= FACE_FROM
    form = FORMS[name]
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{form.id}.onnx"
    torch.onnx.export(
        Shipped(net) if isinstance(net, MeshNet) else net,
        (torch.zeros(1, 1, *form.shape),),
        str(out),
        dynamo=False,
        opset_version=OPSET,
        input_names=[form.input],
        output_names=form.outputs,
        dynamic_axes={
            form.input: {2: "height", 3: "width"},
            form.outputs[0]: {2: "rows", 3: "columns"},
        }
        if form.free
        else None,
    )
    model = onnx.load(out)
    halve(model)
    manifest.ship(model, out, _about(form), {})


def _about(form: Form) -> manifest.About:
    return manifest.About(
        id=form.id,
        version=VERSION,
        task=form.task,
        licence="Apache-2.0",
        commercial_use="yes",
        commercial_use_reason="The photographs come from collections published under Apache-2.0"
        " and MIT, the teacher, MediaPipe's FaceLandmarker, is under Apache-2.0; all three allow"
        " commercial use. The rights of the photographers in single pictures were not checked; no"
        " picture is in the weights.",
        data="MediaPipe FaceLandmarker's answers on muxspace/facial_expressions portraits"
        " (Apache-2.0) and chandrikadeb7/Face-Mask-Detection photos (MIT), and on warped copies",
        inputs=form.told_inputs,
        outputs=form.told_outputs,
        card="cards/face_tracker.md",
    )
