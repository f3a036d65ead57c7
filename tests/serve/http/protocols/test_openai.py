"""OpenAI's protocol with the `openai` client, against a real socket, and its refusals."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import openai
import pytest

from seatrial.serve.access import Gatekeeper, Scope
from seatrial.serve.keys import KeyStore
from seatrial.serve.quota import Quota
from seatrial.serve.settings import ServeSettings

from ..conftest import LETTERS, Both, LetterEngine

TYPES = {"invalid_request_error", "server_error", "requests"}


@pytest.fixture(scope="module")
def live(listening: Callable[[Any], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    return listening(Both(tmp_path_factory.mktemp("both")).app)


@pytest.fixture
def client(live: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def locked(listening: Callable[[Any], str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """A service that asks for keys, and one key per kind."""
    folder = tmp_path_factory.mktemp("locked")
    store = KeyStore(folder / "keys.json", create=True)
    keys = {
        "predict": store.add("a", [Scope.PREDICT])[1],
        "metrics": store.add("b", [Scope.METRICS])[1],
        "slow": store.add("c", [Scope.PREDICT], requests_per_minute=1)[1],
    }
    gatekeeper = Gatekeeper(KeyStore(folder / "keys.json"), Quota(None))
    return listening(Both(folder, gatekeeper=gatekeeper).app), keys


def error_of(response: Any) -> dict[str, Any]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["type"] in TYPES
    error: dict[str, Any] = body["error"]
    return error


def test_the_models_are_listed_and_found(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["toy", "letters"]
    assert client.models.retrieve("letters").id == "letters"
    assert client.models.retrieve("toy@0123456789ab").id == "toy@0123456789ab"
    for unknown in ("other", "toy@other", "some/other", "../toy", "@", "toy@"):
        with pytest.raises(openai.NotFoundError) as raised:
            client.models.retrieve(unknown)
        if "../" not in unknown:  # the client itself takes the dots away
            assert raised.value.code == "model_not_found"


def test_embeddings_are_the_same_in_both_encodings(client: openai.OpenAI) -> None:
    texts = ["stone", "notes", "bzzz"]
    packed = client.embeddings.create(model="letters", input=texts)  # base64 is what the client asks for by itself
    plain = client.embeddings.create(model="letters", input=texts, encoding_format="float")
    assert packed.model == plain.model == "letters"
    assert [item.index for item in packed.data] == [0, 1, 2]
    a, b = (np.array([item.embedding for item in answer.data], dtype=np.float32) for answer in (packed, plain))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(a @ a.T, b @ b.T)
    assert a[0] @ a[1] == pytest.approx(1)
    assert a[0] @ a[2] < 0.1
    assert packed.usage.prompt_tokens == packed.usage.total_tokens == sum(map(len, texts))


def test_base64_is_little_endian_float32(both: Both) -> None:
    answer = both.post("/v1/embeddings", {"input": "b", "encoding_format": "base64"})
    packed = answer.json()["data"][0]["embedding"]
    row = np.frombuffer(base64.b64decode(packed), dtype="<f4")
    assert row.shape == (len(LETTERS),)
    assert row.argmax() == 1
    assert answer.headers["x-model-version"] == "ba9876543210"


def test_the_async_client_works_as_well(live: str) -> None:
    async def ask() -> list[openai.types.CreateEmbeddingResponse]:
        async with openai.AsyncOpenAI(base_url=f"{live}/v1", api_key="none") as client:
            asked = [client.embeddings.create(model="letters", input=letter, user="me") for letter in "abcdef"]
            return await asyncio.gather(*asked)

    answers = asyncio.run(ask())
    assert [int(np.argmax(answer.data[0].embedding)) for answer in answers] == [0, 1, 2, 3, 4, 5]


def test_a_version_can_be_named(client: openai.OpenAI) -> None:
    answer = client.embeddings.with_raw_response.create(model="letters@ba9876543210", input="a", dimensions=26)
    assert answer.headers["x-model-name"] == "letters"
    assert answer.headers["x-model-version"] == "ba9876543210"
    with pytest.raises(openai.NotFoundError, match="version"):
        client.embeddings.create(model="letters@000000000000", input="a")


def test_moderations_tell_labels_and_whether_one_is_flagged(client: openai.OpenAI) -> None:
    answer = client.moderations.create(input=["what a day", "another"], model="toy")
    assert answer.id.startswith("modr-")
    assert answer.model == "toy"
    assert len(answer.results) == 2
    result = answer.results[0]
    assert result.flagged
    assert result.categories.model_dump(include={"bad", "good"}) == {"bad": False, "good": True}
    assert set(result.category_scores.model_extra or {}) == {"bad", "good"}


def test_moderations_take_one_text_in_a_part(client: openai.OpenAI) -> None:
    """A list of parts is one input: two results would be taken for results of something else."""
    part: openai.types.ModerationMultiModalInputParam = {"type": "text", "text": "a day"}
    answer = client.moderations.create(input=[part])
    assert answer.results == client.moderations.create(input="a day").results
    for several in ([part, part], [part, "a text"]):
        with pytest.raises(openai.BadRequestError, match="several parts"):
            client.moderations.create(input=several)  # type: ignore[arg-type]
    with pytest.raises(openai.BadRequestError, match=r"input\[0\] is no text"):
        client.moderations.create(input=[{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}])


def test_only_flagged_labels_flag(tmp_path: Any) -> None:
    quiet = Both(tmp_path, ServeSettings(flagged_labels=("bad",)))
    assert quiet.post("/v1/moderations", {"input": "a"}).json()["results"][0]["flagged"] is False


def test_the_answer_names_the_scores_exactly(both: Both) -> None:
    result = both.post("/v1/moderations", {"input": "abc"}).json()["results"][0]
    assert result["category_scores"] == {"bad": 0.0, "good": 3.0}  # what the fake engine gives, as it is


def test_every_version_is_listed_where_there_are_several(tmp_path: Any) -> None:
    from dataclasses import replace

    old, new = LetterEngine(tmp_path), LetterEngine(tmp_path)
    old.release = replace(old.release, version="000000000001")
    service = Both(tmp_path, engines=(old, new))
    listed = [model["id"] for model in service.get("/v1/models").json()["data"]]
    assert listed == ["letters", "letters@000000000001", "letters@ba9876543210"]
    answer = service.post("/v1/embeddings", {"input": "a", "model": "letters@000000000001"})
    assert answer.headers["x-model-version"] == "000000000001"
    assert service.post("/v1/embeddings", {"input": "a"}).headers["x-model-version"] == "ba9876543210"


BAD_EMBEDDINGS: dict[str, tuple[object, str]] = {
    "no input": ({"model": "letters"}, "'input' is missing"),
    "no texts": ({"input": []}, "empty list"),
    "an empty text": ({"input": ""}, "is empty"),
    "tokens": ({"input": [1, 2]}, "token numbers"),
    "lists of tokens": ({"input": [[1, 2], [3]]}, "token numbers"),
    "an empty list of tokens": ({"input": [[]]}, "token numbers"),
    "a boolean": ({"input": [True]}, "input[0] is a boolean"),
    "another kind": ({"input": {"a": 1}}, "input is an object"),
    "other dimensions": ({"input": "a", "dimensions": 8}, "26 dimensions"),
    "10⁴⁰⁰ dimensions": ({"input": "a", "dimensions": 10**400}, "26 dimensions"),
    "half a dimension": ({"input": "a", "dimensions": 26.5}, "no whole number"),
    "true dimensions": ({"input": "a", "dimensions": True}, "no whole number"),
    "another encoding": ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    "an odd encoding": ({"input": "a", "encoding_format": ["float"]}, "encoding_format"),
    "an odd user": ({"input": "a", "user": 3}, "user is not a string"),
    "an odd model": ({"input": "a", "model": 3}, "model is not a string"),
    "another field": ({"input": "a", "top_k": 3}, "unknown field 'top_k'"),
    "a model of labels": ({"input": "a", "model": "toy"}, "does not give embeddings"),
    "a list": (["a"], "not a JSON object"),
}


@pytest.mark.parametrize("name", BAD_EMBEDDINGS)
def test_bad_requests_are_400_in_the_shape_that_clients_know(both: Both, name: str) -> None:
    body, message = BAD_EMBEDDINGS[name]
    response = both.post("/v1/embeddings", body)
    assert response.status_code == 400
    error = error_of(response)
    assert message in error["message"]
    assert error["type"] == "invalid_request_error"


def test_broken_bodies_keep_their_status(both: Both) -> None:
    send = {"headers": {"Content-Type": "application/json"}}
    assert error_of(both.request("POST", "/v1/embeddings", content=b"{", **send))["type"] == "invalid_request_error"
    large = both.request("POST", "/v1/moderations", content=b" " * 2_000_001, **send)
    assert large.status_code == 413
    error_of(large)
    assert both.request("POST", "/v1/moderations", content=b"input=a").status_code == 415


def test_the_client_raises_its_own_exceptions(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="is empty"):
        client.embeddings.create(model="letters", input="")
    with pytest.raises(openai.NotFoundError, match="served here: letters"):
        client.embeddings.create(model="text-embedding-3-small", input="a")
    with pytest.raises(openai.BadRequestError, match="does not give labels"):
        client.moderations.create(model="letters", input="a")


def test_keys_scopes_and_rates_raise_what_they_should(locked: tuple[str, dict[str, str]]) -> None:
    url, keys = locked

    def ask(key: str) -> openai.types.CreateEmbeddingResponse:
        with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
            return client.embeddings.create(model="letters", input="a")

    assert ask(keys["predict"]).data
    with pytest.raises(openai.AuthenticationError) as unknown:
        ask("st-nonsense")
    assert unknown.value.code == "invalid_api_key"
    with pytest.raises(openai.PermissionDeniedError):
        ask(keys["metrics"])
    with pytest.raises(openai.RateLimitError) as limited:
        for _ in range(20):
            ask(keys["slow"])
    assert limited.value.code == "rate_limit_exceeded"
    assert int(limited.value.response.headers["retry-after"]) >= 1


def test_a_busy_service_is_asked_again_by_the_client(listening: Callable[[Any], str], tmp_path: Any) -> None:
    full = Both(tmp_path)
    full.fill()
    url = listening(full.app)
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        with pytest.raises(openai.InternalServerError) as raised:
            client.embeddings.create(model="letters", input=["a", "b"])
        assert raised.value.status_code == 503
        assert raised.value.code == "overloaded"
        assert raised.value.response.headers["retry-after"]
    patient = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=1)
    with patient, pytest.raises(openai.InternalServerError):
        patient.embeddings.create(model="letters", input=["a", "b"])
    assert full.get("/metrics").text.count('protocol="openai",reason="busy"} 3.0') == 1


def test_a_failing_engine_tells_nothing_inside(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    both.engines[1].failure = RuntimeError("secret /srv/model.onnx")
    response = both.post("/v1/embeddings", {"input": "a"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert error_of(response)["type"] == "server_error"
    assert "secret" in caplog.text


def test_an_id_that_no_path_can_hold_is_not_found_in_the_same_words(both: Both) -> None:
    response = both.get("/v1/models/a%0Ab")
    assert response.status_code == 404
    assert error_of(response)["type"] == "invalid_request_error"


def test_floats_come_back_exactly(both: Both) -> None:
    text = both.post("/v1/embeddings", {"input": "abca"}).text
    row = np.array(json.loads(text)["data"][0]["embedding"], dtype=np.float32)
    np.testing.assert_array_equal(row, both.engines[1].outputs([[0, 1, 2, 0]])[0])
