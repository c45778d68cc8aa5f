"""What the tracker's two networks are trained to make small, and how far the landmark model is
from the teacher on faces that it does not learn from."""

from collections.abc import Callable

import numpy as np
import torch
from models.training.tracker_data import PATCH, Faces
from torch import Tensor, nn
from torch.nn import functional

from rapport.experts.face.square import MESH_SIZE

DEPTH_COUNTS = 0.3
"""Of the landmarks' z, beside x and y: the teacher itself only guesses it."""
POINTS_COUNT, SHAPES_COUNT, ROTATION_COUNTS, FACE_COUNTS, HIDDEN_COUNTS = 0.5, 15.0, 3.0, 2.0, 1.0
DOUBT_COUNTS = 0.1
"""Of the cross-entropy of a blendshape beside its absolute error. The error alone hardly moves an
output that a sigmoid has pressed to 0, so that rare movements would be learned last."""
EXPRESSIVE = 10
EYES = ((33, 133), (362, 263))

Losses = dict[str, Tensor]


def detector_losses(cells: Tensor, batch: list[Tensor]) -> Losses:
    """The penalty-reduced focal loss of CenterNet, and L1 on what describes the square."""
    _, heat, boxes, near = batch
    cells = cells.float()
    chance = torch.sigmoid(cells[:, 0]).clamp(1e-4, 1 - 1e-4)
    hit = heat == 1
    found = -torch.log(chance) * (1 - chance) ** 2 * hit
    empty = -torch.log(1 - chance) * chance**2 * (1 - heat) ** 4 * ((heat >= 0) & ~hit)
    faces = hit.sum().clamp(min=1)
    apart = (cells[:, 1:] - boxes).abs() * near[:, None]
    scale = near.sum().clamp(min=1)
    return {
        "face": (found + empty).sum() / faces,
        "centre": 0.5 * apart[:, :2].sum() / scale,
        "side": apart[:, 2].sum() / scale,
        "turn": apart[:, 3:].sum() / scale,
    }


def mesh_losses(faces: Faces) -> Callable[[tuple[Tensor, ...], list[Tensor]], Losses]:
    """L1 on everything that is measured, cross-entropy on what is a chance.

    :param faces: from which the worth of each blendshape is taken.
    """
    # A blendshape that people hardly move is hardly worth a weight.
    spread = torch.from_numpy(faces.blendshapes.std(axis=0))
    worth = (spread / spread.mean()).clamp(0.3, 3.0)
    depth = torch.tensor([1.0, 1.0, DEPTH_COUNTS])

    def losses(outputs: tuple[Tensor, ...], batch: list[Tensor]) -> Losses:
        points, shapes, state, rotation = (output.float() for output in outputs)
        _, true_points, true_shapes, true_rotation, face, hidden = batch
        there = (face > 0).float()
        count = there.sum().clamp(min=1)

        def mean(values: Tensor) -> Tensor:
            return (values.flatten(1).mean(dim=1) * there).sum() / count

        known = (face >= 0).float()
        seen = functional.binary_cross_entropy_with_logits(
            state[:, 0], there, known, reduction="sum"
        )
        covered = functional.binary_cross_entropy_with_logits(
            state[:, 1:], hidden[:, None], reduction="none"
        )
        doubt = functional.binary_cross_entropy(
            shapes.clamp(1e-4, 1 - 1e-4), true_shapes, reduction="none"
        )
        apart = (shapes - true_shapes).abs() + DOUBT_COUNTS * doubt
        return {
            "points": POINTS_COUNT * mean((points - true_points).abs() * depth),
            "shapes": SHAPES_COUNT * mean(apart * worth),
            "rotation": ROTATION_COUNTS * mean((rotation - true_rotation).abs()),
            "face": FACE_COUNTS * seen / known.sum().clamp(min=1),
            # Most faces are bare: an L1 loss would settle at "nothing is covered".
            "hidden": HIDDEN_COUNTS * mean(covered),
        }

    return losses


def mesh_errors(net: nn.Module, faces: Faces) -> dict[str, float]:
    """Median landmark error in distances between the eyes' centres, mean absolute error of the
    ten blendshapes that vary most, and share of the faces that count as faces."""
    edge = (PATCH - MESH_SIZE) // 2
    middle = np.s_[:, edge : edge + MESH_SIZE, edge : edge + MESH_SIZE]
    net.eval()
    with torch.no_grad():
        crops = torch.from_numpy(faces.patches[middle].astype(np.float32))[:, None]
        points, shapes, state, _ = (out.float().numpy() for out in net(crops))
    net.train()
    true = faces.landmarks[..., :2] - edge
    eyes = [true[:, list(corners)].mean(axis=1) for corners in EYES]
    between = np.linalg.norm(eyes[0] - eyes[1], axis=1)
    apart = np.linalg.norm(points[..., :2] - true, axis=2).mean(axis=1) / between
    vary = np.argsort(faces.blendshapes.std(axis=0))[::-1][:EXPRESSIVE]
    shapes_apart = np.abs(shapes - faces.blendshapes)[:, vary]
    return {
        "landmark_error": round(float(np.median(apart)), 4),
        "blendshape_error": round(float(shapes_apart.mean()), 4),
        "found": round(float((state[:, 0] > 0).mean()), 4),
    }
