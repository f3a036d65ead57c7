"""The service's metrics: names, units, values, and that no client can make more of them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from seatrial.serve.cache import ResponseCache
from seatrial.serve.catalog import Catalog
from seatrial.serve.prediction import Prediction, Timings
from seatrial.serve.queue.batching import Batch
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings
from seatrial.serve.watch.metrics import OUTCOMES, Metrics
from seatrial.serve.watch.tallies import MOST_CHILDREN

from ..conftest import Client, FakeEngine

PROMTOOL = shutil.which("promtool")


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Name and labels → value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse_text(metrics.text().decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics).get((name, frozenset(labels.items())))


def prediction(engine: FakeEngine, *, texts: int = 1, cached: int = 0) -> Prediction:
    rows = [np.zeros(2, dtype=np.float32)] * texts
    tokens = [7] * (texts - cached) + [0] * cached
    return Prediction(
        engine.release,
        ["x"] * texts,
        rows,
        tokens,
        cached,
        Timings(1.0, 20.0, 30.0, 55.0),
        engine.describe,
        engine.read,
    )


def test_steps_of_a_prediction_are_counted_in_seconds(engine: FakeEngine) -> None:
    metrics = Metrics()
    metrics.predicted("rest", prediction(engine, texts=3, cached=1))
    assert value(metrics, "seatrial_prediction_duration_seconds_sum", protocol="rest", model="toy") == 0.055
    assert value(metrics, "seatrial_prediction_tokenize_seconds_sum", model="toy") == 0.001
    assert value(metrics, "seatrial_prediction_queue_seconds_sum", model="toy") == 0.02
    assert value(metrics, "seatrial_prediction_compute_seconds_sum", model="toy") == 0.03
    assert value(metrics, "seatrial_inputs_total", model="toy") == 3
    assert value(metrics, "seatrial_input_tokens_total", model="toy") == 14


def test_contract_of_50_ms_is_a_bucket(engine: FakeEngine) -> None:
    metrics = Metrics()
    metrics.predicted("rest", prediction(engine))
    labels = {"protocol": "rest", "model": "toy"}
    assert value(metrics, "seatrial_prediction_duration_seconds_bucket", le="0.05", **labels) == 0
    assert value(metrics, "seatrial_prediction_duration_seconds_bucket", le="0.075", **labels) == 1
    bounds = [float(dict(key[1])["le"]) for key in samples(metrics) if key[0].endswith("duration_seconds_bucket")]
    assert min(bounds) == 0.001
    assert sorted(bounds)[-2] == 10


def test_cached_answers_do_not_hide_how_long_the_steps_take(engine: FakeEngine) -> None:
    metrics = Metrics()
    metrics.predicted("rest", prediction(engine, texts=2, cached=2))
    assert value(metrics, "seatrial_prediction_duration_seconds_count", protocol="rest", model="toy") == 1
    assert value(metrics, "seatrial_inputs_total", model="toy") == 2
    assert value(metrics, "seatrial_prediction_compute_seconds_count", model="toy") is None


def test_padding_is_what_a_batch_has_beyond_its_tokens(engine: FakeEngine) -> None:
    metrics = Metrics()
    metrics.batch(engine.release, Batch(items=3, tokens=20, padded_tokens=30, seconds=0.004))
    assert value(metrics, "seatrial_batch_items_sum", model="toy") == 3
    assert value(metrics, "seatrial_batch_tokens_sum", model="toy") == 30
    assert value(metrics, "seatrial_batch_padding_tokens_total", model="toy") == 10
    assert value(metrics, "seatrial_batch_compute_seconds_sum", model="toy") == 0.004


def test_what_alerts_look_for_is_there_before_it_happens() -> None:
    metrics = Metrics()
    metrics.expect(["rest"])
    assert [value(metrics, "seatrial_reloads_total", outcome=outcome) for outcome in OUTCOMES] == [0.0] * 3
    assert value(metrics, "seatrial_refusals_total", protocol="rest", reason="failed") == 0


def test_requests_calls_refusals_and_reloads() -> None:
    metrics = Metrics()
    metrics.request("/v1/predict", 200, 0.01)
    metrics.request("/v1/predict", 503, 0.02)
    metrics.grpc_request("ModelInfer", "OK", 0.01)
    metrics.refused("rest", "busy")
    metrics.reloaded("refused")
    assert value(metrics, "seatrial_http_requests_total", route="/v1/predict", status="503") == 1
    assert value(metrics, "seatrial_http_request_duration_seconds_count", route="/v1/predict") == 2
    assert value(metrics, "seatrial_grpc_requests_total", method="ModelInfer", code="OK") == 1
    assert value(metrics, "seatrial_refusals_total", protocol="rest", reason="busy") == 1
    assert value(metrics, "seatrial_reloads_total", outcome="refused") == 1


def test_old_version_is_gone_after_a_swap(tmp_path: Path) -> None:
    from dataclasses import replace

    old_engine, new_engine = FakeEngine(tmp_path), FakeEngine(tmp_path)
    new_engine.release = replace(old_engine.release, version="ba9876543210")
    old, new = ServedModel(old_engine, ServeSettings()), ServedModel(new_engine, ServeSettings())
    catalog, metrics = Catalog([old]), Metrics()
    metrics.watch(catalog, ResponseCache(0))

    def versions() -> set[str]:
        return {dict(labels)["version"] for name, labels in samples(metrics) if name == "seatrial_model_info"}

    assert versions() == {"0123456789ab"}
    catalog.replace(old, new)
    assert versions() == {"ba9876543210"}
    asyncio.run(old.close(0))
    asyncio.run(new.close(0))


def test_number_of_label_sets_is_bounded() -> None:
    metrics = Metrics()
    for index in range(MOST_CHILDREN + 500):
        metrics.request(f"/{index}", 200, 0.01)
    routes = {dict(labels)["route"] for name, labels in samples(metrics) if name == "seatrial_http_requests_total"}
    assert len(routes) <= MOST_CHILDREN + 1
    assert value(metrics, "seatrial_http_requests_total", route="other", status="other") == 500


def test_clients_cannot_invent_labels(client: Client) -> None:
    def label_sets() -> int:
        return len(samples(client.handlers.metrics))

    for method, path in (("GET", "/wp-admin"), ("PURGE", "/v1/predict"), ("GET", "/v1/predict")):
        client.request(method, path)
    client.predict({"inputs": "x", "model": "canary-model"})
    before = label_sets()
    for index in range(20):
        client.request("GET", f"/canary-{index}")
        client.request("GET", "/v1/predict", params={"canary": str(index)})
        client.request(f"CANARY{index}", "/v1/predict", headers={"X-Canary": "canary"})
        client.predict({"inputs": f"canary {index}", "model": f"canary-{index}"})
    assert label_sets() == before
    assert "canary" not in client.handlers.metrics.text().decode().lower()


def test_a_request_in_flight_is_seen_and_then_not(client: Client) -> None:
    assert 'status="200"' not in client.get("/metrics").text
    text = client.get("/metrics").text
    assert "seatrial_requests_in_flight 1.0" in text  # the one that asks
    assert 'seatrial_http_requests_total{route="/metrics",status="200"} 1.0' in text
    assert value(client.handlers.metrics, "seatrial_requests_in_flight") == 0
    assert "seatrial_ready 1.0" in text
    client.handlers.health.stop()
    assert "seatrial_ready 0.0" in client.get("/metrics").text


def test_connections_are_those_of_the_latest_server() -> None:
    metrics = Metrics()
    assert value(metrics, "seatrial_open_connections") == 0
    metrics.watch_connections(lambda: 2)
    metrics.watch_connections(lambda: 3)
    assert metrics.text().count(b"\nseatrial_open_connections ") == 1
    assert value(metrics, "seatrial_open_connections") == 3


def test_cache_is_shown(make_client: Callable[[ServeSettings], Client]) -> None:
    client = make_client(ServeSettings(cache_mb=1.0))
    for _ in range(3):
        assert client.predict({"inputs": "good"}).status_code == 200
    metrics = client.handlers.metrics
    assert value(metrics, "seatrial_cache_hits_total") == 2
    assert value(metrics, "seatrial_cache_misses_total") == 1
    assert value(metrics, "seatrial_cache_entries") == 1
    assert (value(metrics, "seatrial_cache_size_bytes") or 0) > 0
    assert value(metrics, "seatrial_cache_limit_bytes") == 1e6


def test_readers_get_the_format_they_ask_for(client: Client) -> None:
    prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    asked = client.request("GET", "/metrics", headers={"Accept": prometheus})
    assert asked.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert asked.text.endswith("# EOF\n")
    families = {family.name for family in parse_openmetrics(asked.text)}
    plain = client.get("/metrics")
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert {"seatrial_refusals", "process_resident_memory_bytes", "process_open_fds"} <= families
    assert "_created" not in plain.text + asked.text


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool; Debian has it in the package prometheus")
def test_promtool_finds_nothing_to_object_to(client: Client) -> None:
    assert PROMTOOL is not None
    assert client.predict({"inputs": ["good", "bad"]}).status_code == 200
    client.predict({"inputs": 5})
    client.handlers.metrics.batch(client.engine.release, Batch(1, 2, 3, 0.1))
    client.handlers.metrics.grpc_request("ModelInfer", "OK", 0.1)
    client.handlers.metrics.watch_connections(lambda: 3)
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=client.get("/metrics").content, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
