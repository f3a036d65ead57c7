"""SageMaker's contract, through a real socket, and the refusals of its container."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from ..conftest import Both, LetterEngine


def invoke(service: Both, content: bytes | str, kind: str = "application/json", accept: str | None = None) -> Any:
    headers = {"Content-Type": kind} | ({} if accept is None else {"Accept": accept})
    return service.request("POST", "/invocations", content=content, headers=headers)


def test_the_contract_holds_on_a_real_socket(listening: Callable[[Any], str], both: Both) -> None:
    """What SageMaker itself does: ask for health, pass on the caller's bytes, types and custom attributes."""
    with httpx.Client(base_url=listening(both.app)) as client:
        ping = client.get("/ping")
        assert (ping.status_code, ping.content) == (200, b"")
        answer = client.post(
            "/invocations",
            content=b'{"inputs": ["a", "bc"]}',
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "X-Amzn-SageMaker-Custom-Attributes": "trace=7",
            },
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert [item["label"] for item in answer.json()] == ["good", "good"]
        assert [item["n"] for item in answer.json()] == [1, 2]
        assert answer.headers["x-model-name"] == "toy"
        both.handlers.health.stop()
        stopping = client.get("/ping")
        assert stopping.status_code == 503
        assert stopping.headers["retry-after"]


def test_one_text_gives_a_list_too(both: Both) -> None:
    assert len(invoke(both, b'{"inputs": "a", "parameters": {"truncation": true}}').json()) == 1


def test_a_service_of_embeddings_gives_embeddings(tmp_path: Any) -> None:
    service = Both(tmp_path, engines=(LetterEngine(tmp_path),))
    answer = invoke(service, b'{"inputs": ["a", "b"]}').json()
    assert [int(np.argmax(item["embedding"])) for item in answer] == [0, 1]
    rows = list(csv.reader(io.StringIO(invoke(service, "a\nb\n", "text/csv", "text/csv").text)))
    assert [int(np.argmax([float(cell) for cell in row])) for row in rows] == [0, 1]


def test_csv_has_one_text_per_row(both: Both) -> None:
    table = 'inputs\nplain\n"with, comma"\n"two\nlines"\n\n"say ""hi"""\n'
    answer = invoke(both, table, "text/csv; charset=utf-8").json()
    assert [item["n"] for item in answer] == list(map(len, ("plain", "with, comma", "two\nlines", 'say "hi"')))
    assert len(invoke(both, "\ufeffa\r\nb\r\n".encode(), "text/csv").json()) == 2
    assert invoke(both, "a\nb\n", "text/csv", "text/csv").text == "good,1.0\ngood,1.0\n"


@pytest.mark.parametrize("kind", ["application/jsonlines", "application/x-ndjson"])
def test_json_lines_have_one_text_per_line(both: Both, kind: str) -> None:
    answer = invoke(both, '"a"\n{"inputs": "bcd"}\r\n\n"日本"', kind, kind)
    assert answer.headers["content-type"] == "application/jsonlines"
    assert [json.loads(line)["n"] for line in answer.text.splitlines()] == [1, 3, 2]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("image/png, text/csv;q=0.5, application/jsonlines;q=0.9", "application/jsonlines"),
        ("text/csv;q=0, */*;q=0.1", "application/json"),
        ("application/jsonl", "application/jsonlines"),
        ("", "application/json"),
    ],
)
def test_accept_is_honoured(both: Both, accept: str | None, kind: str) -> None:
    answer = invoke(both, b'{"inputs": "a"}', accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("accept", ["image/png", "application/x-npy", "text/csv;q=0", "text/csv;q=nan", "json"])
def test_other_answers_are_refused_before_anything_is_computed(both: Both, accept: str) -> None:
    response = invoke(both, b'{"inputs": "a"}', accept=accept)
    assert response.status_code == 406
    assert response.json()["error"]["hint"]
    assert both.engine.batches == []


BAD: dict[str, tuple[bytes, str, int, str]] = {
    "no inputs": (b"{}", "application/json", 422, "'inputs' is missing"),
    "another field": (b'{"inputs": "a", "model": "toy"}', "application/json", 422, "unknown field"),
    "parameters": (b'{"inputs": "a", "parameters": {"top_k": 2}}', "application/json", 422, "cannot be set"),
    "an image": (b"\x89PNG", "image/png", 415, "declared as image/png"),
    "two columns": (b"a,b\n", "text/csv", 422, "row 1 has 2 columns"),
    "a head of two": (b"id,inputs\n1,a\n", "text/csv", 422, "row 1 has 2 columns"),
    "an open quote": (b'"a\n', "text/csv", 400, "not CSV"),
    "no UTF-8 in CSV": (b"\xff\n", "text/csv", 400, "not UTF-8"),
    "no rows": (b"", "text/csv", 422, "empty list"),
    "a head alone": (b"inputs\n", "text/csv", 422, "empty list"),
    "an empty cell": (b'a\n""\n', "text/csv", 422, "inputs[1] is empty"),
    "33 rows": (b"a\n" * 33, "text/csv", 422, "33 texts"),
    "no JSON in a line": (b'"a"\nb\n', "application/jsonlines", 400, "not JSON"),
    "a number in a line": (b'"a"\n3\n', "application/jsonlines", 422, "inputs[1] is a number"),
    "an object in a line": (b'{"text": "a"}\n', "application/jsonlines", 422, "inputs[0] is an object"),
    "a deep line": (b"[" * 200_000, "application/jsonlines", 400, "deeper"),
    "no lines": (b"\n\n", "application/jsonlines", 422, "empty list"),
    "too large": (b"a" * 2_000_001, "text/csv", 413, "larger"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_are_refused_with_a_message(both: Both, name: str) -> None:
    content, kind, status, message = BAD[name]
    response = invoke(both, content, kind)
    assert response.status_code == status
    error = response.json()["error"]
    assert message in error["message"]
    assert error["hint"]
    assert both.engine.batches == []
