"""Writes a trained context network, its metadata and its manifest entry."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from models.training import manifest
from models.training.context_data import TAUGHT
from models.training.context_step import Shipped
from numpy.typing import NDArray

from rapport.conversation.context import EXPERTS, MODEL, TIMING, WIDTHS
from rapport.experts.store import Store
from rapport.fusion import parameters
from rapport.state import LABELS, Modality

if TYPE_CHECKING:
    from models.training.context import Fitted

OPSET = 18
ABOUT = manifest.About(
    id=MODEL,
    version="1",
    task="what an utterance means after those before it, and what is expected next: seven of the"
    " eight basic emotions (not contempt)",
    licence="CC BY-NC-SA 4.0",
    commercial_use="no",
    commercial_use_reason="Trained on readings of RAVDESS and nEMO clips (CC BY-NC-SA 4.0) and of"
    " FER2013 pictures (rights unclear), and on the labels of MELD (a GPL-3 file over the text of a"
    " broadcast series), EmoryNLP (Apache-2.0, the same series) and GoEmotions (Apache-2.0)."
    " Without it every line is read by itself.",
    data="MELD (Poria et al. 2019), EmoryNLP (Zahiri & Choi 2018), GoEmotions dev (Demszky et al."
    " 2020); readings of RAVDESS 15 and 16, nEMO KD0, FER+ validation faces",
    inputs=f"emotions float32 [1, {WIDTHS['emotions']}] log odds of the text expert's 28 emotions,"
    f" valence, arousal, dominance; voice, face float32 [1, {WIDTHS['voice']}] logarithms of the"
    " eight probabilities against equal ones, arousal, quality; there float32"
    f" [1, {len(EXPERTS)}] 1 if that expert is there; timing float32 [1, {TIMING}] same speaker,"
    " ln(1 + s) of pause and length; own float32 [1, width], others float32 [rows, width] the"
    " memories, the speaker in the first row",
    outputs="logits float32 [1, 7], the labels but contempt, before the temperature; own and others"
    " as they are after the utterance",
    card="cards/conversation_context.md",
)

log = logging.getLogger("models.training.context_export")


def text_rates(store: Store) -> NDArray[np.float64]:
    """The text expert's base rates of the labels of `TAUGHT`, as the gate divides them out."""
    known = parameters.decode(store.content(parameters.MODEL))
    rates = np.array(known.experts[Modality.TEXT].base_rates)
    taught = rates[[LABELS.index(label) for label in TAUGHT]]
    return np.asarray(taught / taught.sum())


def export(fitted: "Fitted", text: NDArray[np.float64], out: Path) -> None:
    """Write the model.

    :param text: the text expert's base rates, to which the sidecar brings the answers.
    """
    width = fitted.net.width
    example = (
        *(torch.zeros(1, WIDTHS[name]) for name in EXPERTS),
        torch.zeros(1, len(EXPERTS)),
        torch.zeros(1, TIMING),
        torch.zeros(1, width),
        torch.zeros(3, width),
    )
    others = {6: {0: torch.export.Dim("rows", min=1)}}
    program = torch.onnx.export(
        Shipped(fitted.net).eval(),
        example,
        dynamo=True,
        opset_version=OPSET,
        input_names=[*EXPERTS, "there", "timing", "own", "others"],
        output_names=["logits", "own_after", "others_after"],
        dynamic_shapes=tuple(others.get(place, {}) for place in range(len(example))),
    )
    if program is None:
        raise RuntimeError("the exporter gave nothing")
    notes = {
        "labels": json.dumps(TAUGHT),
        "width": str(width),
        "temperature": f"{fitted.temperature:.6f}",
        "base_rates": json.dumps(np.round(fitted.rates, 6).tolist()),
        "text_rates": json.dumps(np.round(text, 6).tolist()),
    }
    manifest.ship(program.model_proto, out, ABOUT, notes)
    log.info("temperature %.3f, %d bytes", fitted.temperature, out.stat().st_size)
