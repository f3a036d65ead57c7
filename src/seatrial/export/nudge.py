"""How far the answers of a decoder graph may be moved by nothing but the order in which a processor adds.

A copy of the graph whose norms are scaled by 1 ± 3e-7 stands for another processor: so large is the difference that
another order of adding makes in float32. Refuses to know: prompts, who runs a graph.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seatrial.export.decoder_graph import INLINE_BYTES

__all__ = ["NUDGE", "nudged_copy"]

NUDGE = 3e-7
NORMS = ".gamma"


def nudged_copy(graph: Path, folder: Path, seed: int) -> Path:
    """Write a copy of a decoder graph with nudged norms.

    Args:
        graph: of `decoder_graph.write_decoder`.
        folder: made; the copy is as large as the graph.
        seed: which norms are made larger and which smaller.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(graph)
    random = np.random.default_rng(seed)
    for tensor in model.graph.initializer:
        if tensor.name.endswith(NORMS):
            gamma = numpy_helper.to_array(tensor)
            signs = random.choice([-NUDGE, NUDGE], gamma.shape)
            tensor.CopyFrom(numpy_helper.from_array((gamma * (1 + signs)).astype(np.float32), tensor.name))
    folder.mkdir()
    large = model.ByteSize() > INLINE_BYTES
    file = folder / graph.name
    onnx.save_model(model, file, save_as_external_data=large, location=f"{graph.name}.data" if large else None)
    return file
