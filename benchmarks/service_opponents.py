"""The contenders of `service.py`: how each is started with each of its settings, asked, and understood.

All of them answer the same texts on the same cores. `seatrial` is the service with its defaults. `pipeline` computes in
float32 with PyTorch; `mlserver` (Hugging Face runtime with Optimum) and `bentoml` are given the release's own int8 ONNX
file. Refuses to know: loads and figures.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from service_environments import environment

from seatrial.artifact.machine import cpu_count
from seatrial.export.release import load_release
from seatrial.load.protocols import PROTOCOLS, Protocol
from seatrial.serve.process.latency import running_service

__all__ = ["CONTENDERS", "Contender", "DidNotStart", "Setting"]

HERE = Path(__file__).parent
START_S = 180.0
Setting = tuple[int, ...]


class DidNotStart(RuntimeError):
    """A contender did not come up with a setting."""


@dataclass(frozen=True)
class Contender:
    """One system.

    Attributes:
        title: as figures name it.
        settings: each is tried, the best one counts.
        setting_names: what the numbers of a setting are.
        start: release and setting → the URL, as long as the context lasts.
        protocol: how it is asked.
        label: JSON answer to one text → its label.
    """

    title: str
    settings: Sequence[Setting]
    setting_names: tuple[str, ...]
    start: Callable[[Path, Setting], AbstractContextManager[str]]
    protocol: Protocol
    label: Callable[[Any], str]

    def named(self, setting: Setting) -> str:
        """The setting in words."""
        return ", ".join(f"{name} {value}" for name, value in zip(self.setting_names, setting, strict=True))


@contextmanager
def _ours(release: Path, _setting: Setting) -> Iterator[str]:
    with running_service(release) as url:
        yield url


@contextmanager
def _pipeline(release: Path, setting: Setting) -> Iterator[str]:
    command = [sys.executable, str(HERE / "service_opponents_pipeline.py"), str(release), str(setting[0])]
    with _child(command, {}, tells_port=True) as child:
        assert child.stdout is not None
        url = f"http://127.0.0.1:{int(child.stdout.readline())}"
        _wait(url, "/v1/predict", {"inputs": "hello"}, child)
        yield url


@contextmanager
def _bentoml(release: Path, setting: Setting) -> Iterator[str]:
    workers, threads, max_batch, max_latency_ms = setting
    model_file = load_release(release).model_file
    settings = {
        "RELEASE": str(release),
        "MODEL_FILE": str(model_file),
        "WORKERS": str(workers),
        "THREADS": str(threads),
        "MAX_BATCH_SIZE": str(max_batch),
        "MAX_LATENCY_MS": str(max_latency_ms),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    port = _free_port()
    program = str(environment("bentoml") / "bentoml")
    command = [program, "serve", "service_opponents_bentoml:Classifier", "--host", "127.0.0.1", "--port", str(port)]
    with _child(command, settings) as child:
        url = f"http://127.0.0.1:{port}"
        _wait(url, "/v1/predict", {"inputs": ["hello"]}, child)
        yield url


@contextmanager
def _mlserver(release: Path, setting: Setting) -> Iterator[str]:
    max_batch, workers = setting
    program = str(environment("mlserver") / "mlserver")
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        model.mkdir()
        for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
            if (release / name).is_file():
                shutil.copy(release / name, model / name)
        shutil.copy(load_release(release).model_file, model / "model.onnx")
        ports = {f"{kind}_port": _free_port() for kind in ("http", "grpc", "metrics")}
        server = {"host": "127.0.0.1", **ports, "parallel_workers": workers, "debug": False}
        extra = {"task": "text-classification", "pretrained_model": str(model), "optimum_model": True}
        served = {
            "name": "tweets",
            "implementation": "mlserver_huggingface.HuggingFaceRuntime",
            "max_batch_size": max_batch,
            "max_batch_time": 0.005 if max_batch > 1 else 0,
            "parameters": {"extra": extra},
        }
        for name, value in (("settings.json", server), ("model-settings.json", served)):
            (Path(folder) / name).write_text(json.dumps(value), encoding="utf-8")
        with _child([program, "start", folder], {"CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1"}) as child:
            url = f"http://127.0.0.1:{ports['http_port']}"
            _wait(url, MLSERVER.path, MLSERVER.value("", ["hello"]), child)
            yield url


@contextmanager
def _child(
    command: list[str], settings: dict[str, str], *, tells_port: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a process group of its own; the whole group is ended with the context."""
    environ = {**os.environ, "PYTHONWARNINGS": "ignore", **settings}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            command,
            env=environ,
            cwd=HERE,
            stdout=subprocess.PIPE if tells_port else log,
            stderr=log,
            start_new_session=True,
        ) as child,
    ):
        try:
            yield child
        except Exception:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-3000:])
            raise
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(child.pid, number)
                    child.wait(10)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


def _wait(url: str, path: str, body: object, child: subprocess.Popen[bytes]) -> None:
    """Until it answers."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise DidNotStart(f"{child.args!r} ended with {child.returncode}")
        try:
            if httpx.post(url + path, json=body, timeout=30).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise DidNotStart(f"{child.args!r} did not answer within {START_S:g} s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _best(scores: dict[str, float]) -> str:
    return max(scores, key=lambda label: scores[label])


def _best_of_list(answer: Any) -> str:
    """transformers.pipeline answers a list of labels with scores, within another list in some versions."""
    scores = answer[0] if isinstance(answer[0], list) else answer
    return _best({one["label"]: one["score"] for one in scores})


CORES = cpu_count()
# The HF runtime hands the inputs to the pipeline by name; with the documented name "args" it cannot batch them.
MLSERVER = Protocol(
    "/v2/models/tweets/infer",
    lambda _model, texts: {
        "inputs": [{"name": "inputs", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}]
    },
)
CONTENDERS = {
    "seatrial": Contender(
        "seatrial serve", [()], (), _ours, PROTOCOLS["predict"], lambda answer: str(answer["predictions"][0]["label"])
    ),
    "pipeline": Contender(
        "FastAPI + transformers.pipeline, PyTorch fp32",
        [(threads,) for threads in sorted({1, CORES})],
        ("threads",),
        _pipeline,
        PROTOCOLS["predict"],
        _best_of_list,
    ),
    "mlserver": Contender(
        "MLServer, Hugging Face runtime with Optimum, the same int8 ONNX file",
        [(1, 0), (32, 0), (32, CORES)],
        ("batch", "worker processes"),
        _mlserver,
        MLSERVER,
        lambda answer: str(json.loads(answer["outputs"][0]["data"][0])["label"]),
    ),
    "bentoml": Contender(
        "BentoML with adaptive batching, the same int8 ONNX file",
        [
            (1, CORES, 32, 1000),
            (CORES, 1, 32, 1000),
            (CORES, 1, 8, 1000),
            (CORES, 1, 8, 200),
            (CORES, 1, 4, 1000),
            (CORES, 1, 1, 1000),
        ],
        ("workers", "threads", "batch", "latency ms"),
        _bentoml,
        Protocol("/v1/predict", lambda _model, texts: {"inputs": list(texts)}),
        lambda answer: _best(answer[0]),
    ),
}
