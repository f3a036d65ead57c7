"""A trained decoder's folder → its graphs in several precisions, the uncompressed one proven against the source.

Refuses to know: which precision is good enough, the release layout.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.export.decoder_graph import PRECISIONS, write_decoder
from seatrial.export.decoder_weights import read_decoder
from seatrial.export.parity import parity, require_parity
from seatrial.generate.engines.onnx import OnnxEngine
from seatrial.generate.teacher_forced import teacher_forced
from seatrial.models.language_logits import causal_logits, vocabulary_size

if TYPE_CHECKING:
    import torch

    from seatrial.tasks import Task

__all__ = ["export_decoders"]

SAMPLE_LENGTHS = (1, 3, 8, 17)
EXACT = "fp32"


def export_decoders(model_folder: Path, out: Path, precisions: Sequence[str], *, task: Task) -> dict[str, Path]:
    """Write a graph for each precision into a folder of its own, and prove the float32 one on random token ids.

    Args:
        model_folder: a decoder of which a graph can be written (`decoder_family`), that `task.load_trained` loads.
        out: an existing folder.
        precisions: keys of `PRECISIONS`. Where `fp32` is not among them it is written all the same, proven and deleted.
        task: loads the source.

    Returns:
        Precision → the graph.

    Raises:
        ArtifactError: the folder holds no such model, or the graph's logits deviate from the source's.
    """
    weights = read_decoder(model_folder)
    files = {name: write_decoder(weights, out / name, PRECISIONS[name]) for name in precisions}
    source = task.load_trained(model_folder).float().eval()
    if EXACT in files:
        _prove(source, files[EXACT])
        return files
    with tempfile.TemporaryDirectory(dir=out) as aside:
        _prove(source, write_decoder(weights, Path(aside) / EXACT, PRECISIONS[EXACT]))
    return files


def _prove(source: torch.nn.Module, file: Path) -> None:
    """Compare graph and source on random ids of several lengths."""
    import torch

    random = np.random.default_rng(0)
    engine = OnnxEngine(file, slots=1, threads=1)
    graph = teacher_forced(engine)
    for length in SAMPLE_LENGTHS:
        ids = torch.from_numpy(random.integers(vocabulary_size(source), size=(1, min(length, engine.context))))
        with torch.inference_mode():
            found: Any = causal_logits(graph, ids)[0].numpy()
            wanted: Any = causal_logits(source, ids)[0].numpy()
        require_parity(parity(wanted, found), where=str(file))
