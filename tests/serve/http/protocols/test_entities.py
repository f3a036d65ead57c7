"""Entities through every door: with their positions where there is a place for them, refused where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.serve.settings import ServeSettings

from ...conftest import Client
from ...entity_engine import EntityEngine

TEXT = "👍 Ada met Bo in 1815"
FOUND = [
    {"start": 2, "end": 5, "label": "PER", "score": 1.0, "text": "Ada"},
    {"start": 10, "end": 12, "label": "PER", "score": 1.0, "text": "Bo"},
    {"start": 16, "end": 20, "label": "LOC", "score": 1.0, "text": "1815"},
]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(EntityEngine(tmp_path), ServeSettings(cache_mb=1))


def test_the_own_protocol_gives_positions_in_characters(client: Client) -> None:
    for cached in (0, 2):
        answer = client.predict({"inputs": [TEXT, "none here"]}).json()
        assert answer["predictions"] == [{"entities": FOUND}, {"entities": []}]
        assert answer["cached"] == cached
    (told,) = client.get("/v1/served").json()["models"]
    assert told["output"] == "entities"


def test_open_inference_gives_them_as_json(client: Client) -> None:
    metadata = client.get("/v2/models/names").json()
    assert metadata["outputs"] == [{"name": "entities", "datatype": "BYTES", "shape": [-1]}]
    body = {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [TEXT]}]}
    (output,) = client.request("POST", "/v2/models/names/infer", json=body).json()["outputs"]
    assert json.loads(output["data"][0]) == FOUND


def test_sagemaker_gives_them_as_json_and_csv(client: Client) -> None:
    answer = client.request("POST", "/invocations", json={"inputs": TEXT})
    assert answer.json() == [{"entities": FOUND}]
    table = client.request("POST", "/invocations", json={"inputs": TEXT}, headers={"Accept": "text/csv"})
    assert json.loads(table.text.strip()[1:-1].replace('""', '"')) == FOUND


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/predict", {"inputs": TEXT}),
        ("/embed", {"inputs": TEXT}),
        ("/v1/embeddings", {"model": "names", "input": TEXT}),
        ("/v1/moderations", {"model": "names", "input": TEXT}),
    ],
)
def test_protocols_without_a_place_for_them_say_so(client: Client, path: str, body: dict[str, str]) -> None:
    answer = client.request("POST", path, json=body)
    assert answer.status_code in (400, 404, 422, 424)
    assert "embeddings" in answer.text or "labels" in answer.text
