"""ONNX weights as float16."""

import numpy as np
import onnx

SMALLEST_HALVED = 1000
"""Values; a smaller tensor stays float32."""


def halve(model: onnx.ModelProto) -> None:
    """Keep the weights as float16, which halves the file; a runtime turns them back into float32
    once, when it loads the model, and computes in float32."""
    graph = model.graph
    for weight in list(graph.initializer):
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALLEST_HALVED:
            continue
        name = weight.name
        graph.initializer.remove(weight)
        half = onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.half")
        graph.initializer.append(half)
        cast = onnx.helper.make_node("Cast", [half.name], [name], to=onnx.TensorProto.FLOAT)
        graph.node.insert(0, cast)
