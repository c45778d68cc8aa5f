"""ONNX convolutions in eight bits, for models that run on every frame."""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

Inputs = dict[str, NDArray[Any]]

PERCENTILE = 99.99
"""Of the values of each tensor; rarer ones are cut off, so that the others get finer steps."""
QUANTISED = ("Conv", "Add", "AveragePool")


class _Samples(CalibrationDataReader):  # type: ignore[misc]  # the package ships no types
    def __init__(self, samples: Iterable[Inputs]) -> None:
        self._samples: Iterator[Inputs] = iter(samples)

    def get_next(self) -> Inputs | None:
        return next(self._samples, None)


def quantise(path: Path, samples: Iterable[Inputs]) -> None:
    """Turn the convolutions of a float32 model into int8, in place (static, per channel); its
    metadata is lost.

    :param samples: inputs from the training data, a few hundred; they give the ranges.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        logging.getLogger().setLevel(logging.INFO)  # the package raises it
        quantize_static(
            str(prepared),
            str(path),
            _Samples(samples),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            per_channel=True,
            # Seven bits of weight: processors without VNNI add pairs of products in 16 bits, which
            # eight bits of each could overflow.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": PERCENTILE},
        )
