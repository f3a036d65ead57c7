from __future__ import annotations

from pathlib import Path

import numpy as np

from seatrial.export.decoder_graph import PRECISIONS, write_decoder
from seatrial.export.decoder_weights import read_decoder
from seatrial.export.nudge import nudged_copy
from seatrial.generate.engines.onnx import OnnxEngine

from .toy_decoder import save_toy_decoder


def test_a_copy_computes_nearly_the_same_and_not_the_same(tmp_path: Path) -> None:
    file = write_decoder(read_decoder(save_toy_decoder(tmp_path / "toy")), tmp_path / "fp32", PRECISIONS["fp32"])
    before = file.read_bytes()
    copies = [file, *(nudged_copy(file, tmp_path / f"copy-{seed}", seed) for seed in (0, 1))]
    logits = [OnnxEngine(copy, slots=1, threads=1).prefill(0, [5, 6, 7]).copy() for copy in copies]
    assert file.read_bytes() == before
    for other in logits[1:]:
        assert 0 < np.abs(other - logits[0]).max() < 1e-4
    assert np.abs(logits[1] - logits[2]).max() > 0
