"""What people usually write to serve a text classifier: FastAPI and `transformers.pipeline`, PyTorch float32.

Refuses to know: Seatrial. Run as a process of its own; it writes its port as the first line:

    python benchmarks/service_opponents_pipeline.py MODEL_FOLDER THREADS
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

__all__ = ["pipeline_app"]


class Request(BaseModel):
    """One text, as most tutorials have it."""

    inputs: str


def pipeline_app(folder: str, threads: int) -> FastAPI:
    """A plain `def` endpoint, which FastAPI runs in a thread of its pool."""
    import torch
    from transformers import pipeline

    torch.set_num_threads(threads)
    classify = pipeline("text-classification", model=folder, top_k=None, truncation=True)
    app = FastAPI()

    @app.post("/v1/predict")
    def predict(request: Request) -> Any:
        return classify(request.inputs)

    return app


def main() -> None:
    """Serve on a free port until killed."""
    folder, threads = sys.argv[1:]
    app = pipeline_app(folder, int(threads))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
