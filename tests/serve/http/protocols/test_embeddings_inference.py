"""text-embeddings-inference's routes, with Hugging Face's client against a real socket, and their refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from huggingface_hub import InferenceClient

from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ...conftest import FakeEngine
from ..conftest import LETTERS, Both, LetterEngine

ERROR_TYPES = {"Validation", "Overloaded", "Backend"}


class Sorted(FakeEngine):
    """Knows three labels, whose probabilities are not in their order."""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.release = replace(self.release, labels=("low", "high", "middle"))

    def outputs(self, token_ids: Any) -> Any:
        return np.array([[0.125, 0.625, 0.25]] * len(token_ids), dtype=np.float32)


@pytest.fixture
def three(tmp_path: Any) -> Both:
    return Both(tmp_path, engines=(Sorted(tmp_path), LetterEngine(tmp_path)))


@pytest.fixture(scope="module")
def live(listening: Callable[[Any], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("three")
    return listening(Both(folder, engines=(Sorted(folder), LetterEngine(folder))).app)


def error_of(response: Any) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert set(body) == {"error", "error_type"}
    assert body["error_type"] in ERROR_TYPES
    return body


RANKED = [{"score": 0.625, "label": "high"}, {"score": 0.25, "label": "middle"}, {"score": 0.125, "label": "low"}]


def test_labels_come_with_the_most_probable_first(three: Both) -> None:
    assert three.post("/predict", {"inputs": "a"}).json() == RANKED
    assert three.post("/predict", {"inputs": [["a"]]}).json() == [RANKED]
    answer = three.post("/predict", {"inputs": [["a"], ["b"]], "raw_scores": False, "truncate": True})
    assert answer.json() == [RANKED, RANKED]
    assert answer.headers["x-model-version"] == "0123456789ab"


def test_embeddings_are_lists_of_numbers(three: Both) -> None:
    answer = three.post("/embed", {"inputs": ["a", "bb"], "normalize": True, "dimensions": 26, "prompt_name": None})
    rows = np.array(answer.json(), dtype=np.float32)
    np.testing.assert_array_equal(rows, three.engines[1].outputs([[0], [1, 1]]))
    assert len(three.post("/embed", {"inputs": "a"}).json()) == 1
    assert answer.headers["x-model-name"] == "letters"


def test_the_info_tells_the_model_and_the_limits(three: Both, tmp_path: Any) -> None:
    info = three.get("/info").json()
    assert info["model_id"] == "toy"
    assert info["model_type"] == {
        "classifier": {
            "id2label": {"0": "low", "1": "high", "2": "middle"},
            "label2id": {"low": 0, "high": 1, "middle": 2},
        }
    }
    assert (info["max_input_length"], info["max_client_batch_size"], info["max_batch_tokens"]) == (16, 32, 4096)
    assert "version" not in info
    assert str(tmp_path) not in str(info)
    alone = Both(tmp_path, engines=(LetterEngine(tmp_path),))
    assert alone.get("/info").json()["model_type"] == {"embedding": {"pooling": "mean"}}


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's client, offline in the tests, refuses even this machine."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.mark.usefixtures("on_loopback")
def test_hugging_faces_client_embeds(live: str) -> None:
    client = InferenceClient(f"{live}/embed")
    rows = client.feature_extraction(["abc", "cab"], normalize=True, truncate=True)
    assert rows.shape == (2, len(LETTERS))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[0], rows[1])


@pytest.mark.usefixtures("on_loopback")
def test_hugging_faces_client_classifies(live: str) -> None:
    """The client takes the first of what it gets, which is the most probable label."""
    found = InferenceClient(f"{live}/predict").text_classification("a day")
    assert (found.label, found.score) == ("high", 0.625)  # type: ignore[attr-defined]


BAD: dict[str, tuple[str, object, int, str]] = {
    "no inputs": ("/embed", {}, 422, "'inputs' is missing"),
    "another field": ("/embed", {"inputs": "a", "model": "letters"}, 422, "unknown field"),
    "raw vectors": ("/embed", {"inputs": "a", "normalize": False}, 422, "length 1"),
    "odd normalize": ("/embed", {"inputs": "a", "normalize": "yes"}, 422, "normalize is"),
    "other dimensions": ("/embed", {"inputs": "a", "dimensions": 5}, 422, "26 dimensions"),
    "a prompt": ("/embed", {"inputs": "a", "prompt_name": "query"}, 422, "no prompt_name here"),
    "cut on the left": ("/embed", {"inputs": "a", "truncation_direction": "Left"}, 422, "at their end"),
    "an odd direction": ("/embed", {"inputs": "a", "truncation_direction": "Up"}, 422, "truncation_direction"),
    "tokens": ("/embed", {"inputs": [[1, 2]]}, 422, "inputs[0] is a list"),
    "too many": ("/embed", {"inputs": ["a"] * 33}, 422, "33 texts"),
    "raw scores": ("/predict", {"inputs": "a", "raw_scores": True}, 422, "probabilities only"),
    "parameters": ("/predict", {"inputs": "a", "parameters": {"top_k": 1}}, 422, "no parameters here"),
    "a flat list": ("/predict", {"inputs": ["a", "b"]}, 422, "inputs[0] is a text"),
    "a number inside": ("/predict", {"inputs": [3]}, 422, "inputs[0] is a number"),
    "a pair": ("/predict", {"inputs": [["a", "b"]]}, 422, "holds 2 texts"),
    "nothing inside": ("/predict", {"inputs": [["a"], []]}, 422, "holds 0 texts"),
    "a number": ("/predict", {"inputs": 3}, 422, "inputs is a number"),
    "no texts": ("/predict", {"inputs": []}, 422, "empty list"),
    "no JSON object": ("/predict", [1], 422, "not a JSON object"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_are_refused_in_the_protocols_words(three: Both, name: str) -> None:
    path, body, status, message = BAD[name]
    response = three.post(path, body)
    assert response.status_code == status
    error = error_of(response)
    assert message in error["error"]
    assert error["error_type"] == "Validation"


@pytest.mark.parametrize("cache_mb", [0.0, 1.0])
def test_who_forbids_cutting_is_told_of_texts_that_are_too_long(tmp_path: Any, cache_mb: float) -> None:
    service = Both(tmp_path, ServeSettings(cache_mb=cache_mb), engines=(FakeEngine(tmp_path), LetterEngine(tmp_path)))
    long = "a" * 40
    for _ in range(2):  # the second time from the cache, where there is one
        assert service.post("/embed", {"inputs": ["b", long]}).status_code == 200
        assert service.post("/embed", {"inputs": "b", "truncate": False}).status_code == 200
        refused = service.post("/embed", {"inputs": ["b", long], "truncate": False})
        assert refused.status_code == 422
        assert "inputs[1] fills the model's 16 tokens" in error_of(refused)["error"]
        cut = service.post("/predict", {"inputs": [[long]], "truncate": False})
        assert cut.status_code == 422


@pytest.mark.parametrize("cache_mb", [0.0, 1.0])
def test_who_forbids_cutting_hears_of_the_version_that_answered(tmp_path: Any, cache_mb: float) -> None:
    """The model is exchanged for one that reads more while the request is under way."""
    service = Both(tmp_path, ServeSettings(cache_mb=cache_mb), engines=(FakeEngine(tmp_path),))
    text, old, longer = "a" * 20, service.engines[0], FakeEngine(tmp_path)
    longer.release = replace(old.release, version="00000000000b", max_length=100)
    (served,) = service.handlers.catalog
    predict = service.handlers.predict.predict

    async def exchanged(*arguments: Any, **named: Any) -> Any:
        if served in service.handlers.catalog:
            service.handlers.catalog.replace(served, ServedModel(longer, ServeSettings()))
        return await predict(*arguments, **named)

    service.handlers.predict.predict = exchanged  # type: ignore[method-assign]
    answer = service.post("/predict", {"inputs": [[text]], "truncate": False})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-model-version"] == "00000000000b"


def test_a_service_without_the_kind_of_model_says_424(tmp_path: Any) -> None:
    labels = Both(tmp_path, engines=(FakeEngine(tmp_path),))
    assert labels.post("/predict", {"inputs": "a"}).status_code == 200
    response = labels.post("/embed", {"inputs": "a"})
    assert response.status_code == 424
    assert error_of(response)["error_type"] == "Backend"
    vectors = Both(tmp_path, engines=(LetterEngine(tmp_path),))
    assert vectors.post("/predict", {"inputs": "a"}).status_code == 424


def test_a_full_queue_is_overloaded(tmp_path: Any) -> None:
    service = Both(tmp_path)
    service.fill()
    response = service.post("/embed", {"inputs": ["a", "b"]})
    assert response.status_code == 503
    assert error_of(response)["error_type"] == "Overloaded"
    assert response.headers["retry-after"]


def test_a_failing_engine_is_a_backend_error_that_tells_nothing_inside(
    three: Both, caplog: pytest.LogCaptureFixture
) -> None:
    three.engines[1].failure = RuntimeError("secret")
    response = three.post("/embed", {"inputs": "a"})
    assert response.status_code == 500
    assert error_of(response)["error_type"] == "Backend"
    assert "secret" not in response.text
    assert "secret" in caplog.text
