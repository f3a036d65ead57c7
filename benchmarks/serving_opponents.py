"""What people usually write to serve a text classifier: the opponents of `serving.py`, each at its best setting.

`pipeline`  FastAPI and `transformers.pipeline`, PyTorch float32, a plain `def` endpoint.
`onnx`      FastAPI and onnxruntime, float32, one text per run: a stronger opponent that some teams get to.

Refuses to know: Seatrial. Run as a process of its own; it writes its port as the first line:

    python benchmarks/serving_opponents.py pipeline MODEL_FOLDER THREADS
    python benchmarks/serving_opponents.py onnx MODEL_FOLDER THREADS
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

__all__ = ["OPPONENTS"]


class Request(BaseModel):
    """One text, as most tutorials have it."""

    inputs: str


def pipeline_app(folder: Path, threads: int) -> FastAPI:
    """The usual recipe."""
    import torch
    from transformers import pipeline

    torch.set_num_threads(threads)
    classify = pipeline("text-classification", model=str(folder), top_k=None, truncation=True)
    app = FastAPI()

    @app.post("/v1/predict")
    def predict(request: Request) -> Any:
        return classify(request.inputs)

    return app


def onnx_app(folder: Path, threads: int) -> FastAPI:
    """The same without PyTorch; `folder` holds tokenizer.json and onnx/model.onnx."""
    import json

    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    labels = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx", options, providers=["CPUExecutionProvider"])
    app = FastAPI()

    @app.post("/v1/predict")
    def predict(request: Request) -> Any:
        ids = np.array([tokenizer.encode(request.inputs).ids], dtype=np.int64)
        (logits,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        return [{"label": labels[str(i)], "score": float(share)} for i, share in enumerate(shares)]

    return app


OPPONENTS = {"pipeline": pipeline_app, "onnx": onnx_app}


def main() -> None:
    """Serve one opponent on a free port until killed."""
    name, folder, threads = sys.argv[1:]
    app = OPPONENTS[name](Path(folder), int(threads))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
