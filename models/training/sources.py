"""What an exporter notes about the machine that it ran on."""

import onnx


def forget_sources(model: onnx.ModelProto) -> None:
    """Remove from which source files, by their paths on this machine, each step came."""
    for described in (*model.graph.node, *model.graph.value_info, model.graph):
        del described.metadata_props[:]
