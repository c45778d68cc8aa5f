"""Calibrates a trained burst model, chooses its threshold, and writes it with its entry."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from models.evaluation.metrics import report
from models.training import bursts_data, manifest
from models.training.bursts_data import Recording
from models.training.voice_export import OPSET, fit_temperature
from models.training.voice_net import VoiceNet
from numpy.typing import NDArray
from torch import Tensor, nn

from rapport.experts.voice import bursts
from rapport.experts.voice.bursts import AGREEING, COLUMNS, MODEL, WINDOW_FRAMES
from rapport.experts.voice.features import FRAMES_PER_SECOND
from rapport.state import BURSTS

FALSE_PER_MINUTE = 0.5
"""Bursts a minute that may be heard in noise and synthetic speech of the validation part."""
LEAST_THRESHOLD, MOST_THRESHOLD = 0.5, 0.95

log = logging.getLogger("models.training.bursts_export")


OUTPUTS = (*BURSTS, bursts_data.NONE)
ABOUT = manifest.About(
    id=MODEL,
    version="1",
    task="vocal bursts: laughs, cheers, sighs and other sounds without words",
    licence="Apache-2.0",
    commercial_use="yes",
    commercial_use_reason="EmoGator is published under Apache-2.0, the noises under CC0,"
    " Pixabay's licence, CC BY 4.0 and MIT; the speech among what is no burst is synthetic.",
    data="EmoGator (Buhl 2022); noises CC0, Pixabay, CC BY, MIT; speech by espeak-ng",
    inputs=f"windows float32 [1, {WINDOW_FRAMES}, {COLUMNS}] the last two seconds,"
    " 100 frames a second (rapport.experts.voice.bursts)",
    outputs=f"probabilities float32 [1, {len(OUTPUTS)}]: {', '.join(OUTPUTS)}",
    card="cards/vocal_bursts.md",
)


def told_as(group: str) -> int:
    """The place in `OUTPUTS` of a group; those that are learned but not told count as none."""
    return OUTPUTS.index(group) if group in BURSTS else len(BURSTS)


class Shipped(nn.Module):
    """What is exported: calibrated probabilities of the bursts and, last, of none."""

    def __init__(self, net: VoiceNet, temperature: float) -> None:
        super().__init__()
        self.net = net
        self.temperature = temperature
        places = torch.tensor([told_as(group) for group in bursts_data.GROUPS])
        self.register_buffer("told", nn.functional.one_hot(places, len(OUTPUTS)).float())

    def forward(self, windows: Tensor) -> Tensor:
        return torch.softmax(self.net(windows) / self.temperature, dim=1) @ self.told


def export(
    net: VoiceNet,
    logits: NDArray[np.float32],
    answers: NDArray[np.int64],
    nothing: Sequence[Recording],
    out: Path,
) -> None:
    """Write the model.

    :param logits: of the validation windows, for the temperature.
    :param nothing: sounds of the validation part that are no bursts, for the threshold.
    """
    temperature = fit_temperature(logits, answers)
    shipped = Shipped(net, temperature).eval()
    probabilities = torch.softmax(torch.from_numpy(logits) / temperature, dim=1)
    truth = np.array([told_as(group) for group in bursts_data.GROUPS])[answers]
    figures = report((probabilities @ shipped.told).numpy(), truth, OUTPUTS, 0.0)
    log.info(
        "validation windows: uar %.3f ece %.3f temperature %.2f %s",
        figures["uar"], figures["ece"], temperature, figures["per_class"],
    )  # fmt: skip
    threshold = choose_threshold(shipped, nothing)
    program = torch.onnx.export(
        shipped,
        (torch.zeros(1, WINDOW_FRAMES, COLUMNS),),
        dynamo=True,
        opset_version=OPSET,
        input_names=["windows"],
        output_names=["probabilities"],
    )
    if program is None:
        raise RuntimeError("the exporter gave nothing")
    notes = {
        "labels": json.dumps(OUTPUTS),
        "temperature": f"{temperature:.6f}",
        "threshold": f"{threshold:.3f}",
    }
    manifest.ship(program.model_proto, out, ABOUT, notes)


def heard(shipped: Shipped, frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """How sure the surest burst is, at each moment of a sound, as the sidecar would have it."""
    sure, last = [], []
    for end in range(0, len(frames) + 1, bursts_data.STEP_FRAMES):
        recent = frames[max(0, end - bursts.RING_FRAMES) : end]
        if not bursts.worth_reading(recent):
            last = []
            sure.append(0.0)
            continue
        with torch.inference_mode():
            last.append(shipped(torch.from_numpy(bursts.window(recent))[None])[0].numpy())
        last = last[-AGREEING:]
        sure.append(float(np.mean(last, axis=0)[:-1].max()) if len(last) == AGREEING else 0.0)
    return np.array(sure, np.float32)


def choose_threshold(shipped: Shipped, nothing: Sequence[Recording]) -> float:
    """The lowest threshold with which `FALSE_PER_MINUTE` is kept."""
    sures = [heard(shipped, recording.frames) for recording in nothing]
    minutes = sum(len(recording.frames) for recording in nothing) / FRAMES_PER_SECOND / 60.0
    for threshold in np.arange(LEAST_THRESHOLD, MOST_THRESHOLD, 0.01).tolist():
        false = sum(
            np.count_nonzero((sure[1:] >= threshold) & (sure[:-1] < threshold)) for sure in sures
        )
        if false <= FALSE_PER_MINUTE * minutes:
            break
    log.info("threshold %.2f: %d bursts in %.1f min of none", threshold, false, minutes)
    return float(threshold)
