"""The expression model: an aligned crop and blendshapes in, a distribution over emotions out."""

import json

import numpy as np
from numpy.typing import NDArray

from rapport.errors import ModelUnreadable
from rapport.experts.face.tracker import BLENDSHAPES
from rapport.experts.store import Store
from rapport.state import LABELS, Distribution

MODEL = "face_expression"

_UNKNOWN_SHAPES = np.zeros((1, len(BLENDSHAPES)), np.float32)
_KNOWN, _UNKNOWN = np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)


class ExpressionModel:
    """The loaded model.

    :raises ModelMissing, ModelTampered, ModelUnreadable: as `Store.load` does; also unreadable is
        a model without our labels or without the temperature that calibrates it.
    """

    def __init__(self, store: Store) -> None:
        self._model = store.load(MODEL)
        self.name = self._model.name
        self.provider = self._model.provider
        try:
            labels = json.loads(self._model.metadata["labels"])
            self._temperature = float(self._model.metadata["temperature"])
        except (KeyError, ValueError) as error:
            raise ModelUnreadable(f"Model {MODEL} lacks metadata: {error}") from error
        if tuple(labels) != LABELS or not self._temperature > 0.0:
            raise ModelUnreadable(f"Model {MODEL} has other labels, or no valid temperature.")

    def read(
        self, crop: NDArray[np.float32], blendshapes: NDArray[np.float32] | None
    ) -> Distribution:
        """Calibrated probabilities of `LABELS`.

        :param crop: float32, 48 x 48, grey 0 ... 255 (see `crop.crop_face`).
        :param blendshapes: float32, 52 values 0 ... 1, or None where no tracker gave any.
        """
        shapes = _UNKNOWN_SHAPES if blendshapes is None else blendshapes[None]
        known = _UNKNOWN if blendshapes is None else _KNOWN
        inputs = {"crop": crop[None, None], "blendshapes": shapes, "known": known}
        logits = self._model.run(inputs)[0][0].astype(np.float64) / self._temperature
        raised = np.exp(logits - logits.max())
        return tuple((raised / raised.sum()).tolist())
