"""The files that watch a service, and a real service to hold them against."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import yaml
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ..ports import free_port
from ..serve.conftest import toy_release

__all__ = ["toy_release"]

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"


def rules() -> list[dict[str, Any]]:
    """Every alert."""
    groups = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DEPLOY / "grafana" / "seatrial.json").read_text(encoding="utf-8"))
    return loaded


def queries() -> dict[str, str]:
    """Where it stands → PromQL, of the dashboard as Grafana sends it and of the alerts."""
    board = dashboard()
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel.get("targets", ())
    }
    found |= {f"annotation {one['name']}": one["expr"] for one in board["annotations"]["list"]}
    for variable, value in {"$instance": ".*", "$model": ".*", "$__rate_interval": "1m", "$__range": "3h"}.items():
        found = {place: query.replace(variable, value) for place, query in found.items()}
    return found | {f"alert {rule['alert']}": rule["expr"] for rule in rules()}


def metric_names(query: str) -> set[str]:
    """Names of metrics in PromQL."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\b(by|without|on|ignoring) *\([^)]*\)", "", bare)
    return set(re.findall(r"\b(?:seatrial|process|python)_[a-z_]+\b", bare))


PROMTOOL, SERVER = shutil.which("promtool"), shutil.which("prometheus")


@pytest.fixture(scope="session")
def promtool() -> str:
    """The program that checks what Prometheus is given."""
    if PROMTOOL is None:
        pytest.skip("needs promtool (Debian package prometheus)")
    return PROMTOOL


@pytest.fixture(scope="session")
def prometheus() -> str:
    """The server itself."""
    if SERVER is None:
        pytest.skip("needs prometheus (Debian package prometheus)")
    return SERVER


@pytest.fixture(scope="module")
def service(toy_release: Path) -> Iterator[str]:
    """A real service with a cache and gRPC that has answered, refused, and been asked for what is not there."""
    grpc_port = free_port()
    settings = json.dumps({"cache_mb": 1.0, "grpc_port": grpc_port})
    command = [sys.executable, "-m", "seatrial.serve", str(toy_release), "--threads", "1", "--settings", settings]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        url = child.stdout.readline().decode().strip()
        try:
            answers = [
                httpx.post(f"{url}/v1/predict", json={"inputs": inputs}, timeout=60).status_code
                for inputs in ("good", "good", ["bad day", "good day", "day"], 5)
            ]
            assert answers == [200, 200, 200, 422]
            assert httpx.get(f"{url}/nothing", timeout=60).status_code == 404
            with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
                health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=60)
            yield url
        finally:
            child.terminate()
