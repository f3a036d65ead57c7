"""The other routes: health, metrics, what is served, and the pages, which must work offline and be safe."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from seatrial.serve.http.errors import ELSEWHERE
from seatrial.serve.settings import ServeSettings

PAGES = ["/", "/docs", "/model-card"]


def test_health_follows_the_service(client) -> None:
    assert client.get("/health/live").text == "alive"
    assert client.get("/health/ready").status_code == 200
    client.handlers.health.stop()
    assert client.get("/health/live").status_code == 200
    stopping = client.get("/health/ready")
    assert stopping.status_code == 503
    assert stopping.headers["retry-after"]


def test_a_probe_may_ask_for_the_head_only(client) -> None:
    assert client.request("HEAD", "/").status_code == 200


def test_a_slash_too_many_is_told(client) -> None:
    answer = client.request("POST", "/v1/predict/", json={"inputs": "a"})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]


def test_the_model_route_tells_what_is_served(make_client) -> None:
    client = make_client(ServeSettings(examples=("one", "two")))
    assert client.get("/v1/model").json() == {
        "name": "toy",
        "version": "0123456789ab",
        "versions": ["0123456789ab"],
        "task": "text-classification",
        "output": "scores",
        "labels": ["bad", "good"],
        "max_length": 16,
        "max_texts": 32,
        "examples": ["one", "two"],
    }


def test_metrics_count_what_happened(client) -> None:
    client.predict({"inputs": ["a", "b"]})
    client.predict({"inputs": 3})
    client.get("/no/such/route")
    client.get("/no/such/other")
    text = client.get("/metrics").text
    assert 'seatrial_http_requests_total{route="/v1/predict",status="200"} 1.0' in text
    assert 'seatrial_http_requests_total{route="/v1/predict",status="422"} 1.0' in text
    assert 'seatrial_http_requests_total{route="none",status="404"} 2.0' in text
    assert 'seatrial_batch_items_sum{model="toy"} 2.0' in text
    assert 'seatrial_queue_items{model="toy"} 0.0' in text
    assert 'seatrial_model_info{model="toy",task="text-classification",version="0123456789ab"} 1.0' in text
    assert "such" not in text


def test_two_apps_in_one_process_count_for_themselves(make_client) -> None:
    first, second = make_client(ServeSettings()), make_client(ServeSettings())
    first.predict({"inputs": "a"})
    assert 'route="/v1/predict"' not in second.get("/metrics").text


def test_unknown_routes_and_methods_say_where_to_go(client) -> None:
    missing = client.get("/nothing/here")
    assert missing.status_code == 404
    assert missing.json()["error"]["hint"] == "GET /docs lists the routes"
    wrong = client.get("/v1/predict")
    assert wrong.status_code == 405
    assert wrong.json()["error"]["hint"] == "use POST"


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/chat/more", "/v1/embeddings/more"])
def test_what_openai_has_elsewhere_is_refused_in_its_shape(client, path) -> None:
    response = client.request("POST", path, json={})
    assert response.status_code == 404
    error = response.json()["error"]
    assert "there is nothing here" in error.pop("message")
    assert error == {"type": "invalid_request_error", "param": None, "code": "unknown_url"}
    assert set(client.request("POST", "/v1/chatter", json={}).json()["error"]) == {"message", "hint"}


@pytest.mark.parametrize("path", ["/rerank", "/embed_sparse", "/tokenize"])
def test_what_text_embeddings_inference_has_elsewhere_is_refused_in_its_shape(client, path) -> None:
    response = client.request("POST", path, json={})
    assert response.status_code == 404
    assert response.json()["error_type"] == "Backend"
    assert "there is nothing here" in response.json()["error"]


def test_paths_that_others_have_elsewhere_are_not_served(client) -> None:
    served = {route.path for route in client.app.state.routes}
    assert not {head for heads in ELSEWHERE.values() for head in heads} & served


def test_openapi_describes_the_request_and_every_refusal(client) -> None:
    description = client.get("/openapi.json").json()
    predict = description["paths"]["/v1/predict"]["post"]
    schema = predict["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["inputs"]
    assert schema["additionalProperties"] is False
    assert {"200", "400", "413", "415", "422", "503"} <= set(predict["responses"])
    assert {"/health/live", "/health/ready", "/metrics", "/v1/model"} <= set(description["paths"])


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere_and_allow_only_their_own_code(client, path) -> None:
    response = client.get(path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', response.text)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        for block in re.findall(rf"<{tag}>(.*?)</{tag}>", response.text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
            assert f"{directive} 'sha256-{digest}'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"


def test_the_card_is_shown_without_its_metadata_and_its_markup(client) -> None:
    page = client.get("/model-card").text
    assert "<h1>Toy</h1>" in page
    assert "license" not in page
    assert "<b>small</b>" not in page
    assert "&lt;b&gt;small&lt;/b&gt;" in page


def test_no_card_is_a_404_that_says_so(engine, make_client) -> None:
    (engine.release.path / "README.md").unlink()
    response = make_client(ServeSettings()).get("/model-card")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "this release has no model card"


def test_error_bodies_are_json_with_a_type(client) -> None:
    response = client.get("/nowhere")
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.content)["error"]["message"]
