"""The service that BentoML's documentation leads to for a classifier in ONNX: adaptive batching, one ONNX model file.

It runs in an environment of its own (`service_environments.py`) and refuses to know Seatrial. Settings come from the
environment: RELEASE, THREADS, WORKERS, MAX_BATCH_SIZE, MAX_LATENCY_MS. Started by BentoML's own command:

    bentoml serve service_opponents_bentoml:Classifier --port PORT
"""

import json
import os
from pathlib import Path

import bentoml
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

__all__ = ["Classifier"]

# No `from __future__ import annotations` here: BentoML makes the request's schema from the annotations themselves.

MAX_BATCH_SIZE = int(os.environ["MAX_BATCH_SIZE"])
BATCHING = {
    "batchable": True,
    "max_batch_size": MAX_BATCH_SIZE,
    "max_latency_ms": int(os.environ["MAX_LATENCY_MS"]),
}
if MAX_BATCH_SIZE == 1:  # BentoML wants 2 at least: one text per run means no batching
    BATCHING = {}


@bentoml.service(workers=int(os.environ["WORKERS"]), traffic={"timeout": 60, "max_concurrency": 10_000})
class Classifier:
    """Texts to labels with scores."""

    def __init__(self) -> None:
        folder = Path(os.environ["RELEASE"])
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.labels = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ["THREADS"])
        options.add_session_config_entry("session.force_spinning_stop", "1")  # as in Seatrial's own session
        self.session = onnxruntime.InferenceSession(
            os.environ["MODEL_FILE"], options, providers=["CPUExecutionProvider"]
        )

    @bentoml.api(route="/v1/predict", **BATCHING)
    def predict(self, inputs: list[str]) -> list[dict[str, float]]:
        """One mapping label → score per text."""
        encoded = self.tokenizer.encode_batch(inputs)
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        logits = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return [dict(zip(self.labels, row, strict=True)) for row in shares.tolist()]
