"""OpenAI's chat completions and completions: what clients get, whole and in pieces, and what they are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import BusyError, ServiceError
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.settings import ServeSettings

from ...conftest import Client, FakeEngine
from ...writer import CONTROL, Script, writer

SETTINGS = ServeSettings(generate_max_tokens=50)
QUESTION = [{"role": "user", "content": "Ready?"}]


class Talking(Client):
    """A client of a service with one model that generates, and one that classifies where it is given."""

    def __init__(self, folder: Path, script: Script, settings: ServeSettings = SETTINGS, *others: Any) -> None:
        self.script = script
        self.handlers = build_handlers([*others, writer(folder, script, settings)], settings)
        self.app = create_app(settings, self.handlers)

    def post(self, path: str, body: object, **arguments: Any) -> Any:
        return self.request("POST", path, json=body, **arguments)

    def chat(self, **fields: Any) -> Any:
        return self.post("/v1/chat/completions", {"messages": QUESTION, **fields})


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def talking(tmp_path: Path, script: Script) -> Talking:
    return Talking(tmp_path, script)


def events(text: str) -> list[Any]:
    """The data of every event; the last is [DONE] where all went well."""
    blocks = [block for block in text.split("\n\n") if block]
    data = [block.rpartition("data: ")[2] for block in blocks]
    return [json.loads(item) if item.startswith("{") else item for item in data]


def test_a_conversation_goes_on(talking: Talking, script: Script) -> None:
    response = talking.chat(model="writer", temperature=0, seed=7)
    assert response.status_code == 200
    answer = response.json()
    assert answer["object"] == "chat.completion"
    assert answer["id"].startswith("chatcmpl-")
    assert (answer["model"], answer["system_fingerprint"]) == ("writer", "w1")
    [choice] = answer["choices"]
    assert choice["message"] == {"role": "assistant", "content": "Yes, captain.", "refusal": None}
    assert choice["finish_reason"] == "stop"
    assert choice["logprobs"] is None
    assert answer["usage"] == {"prompt_tokens": 9, "completion_tokens": 14, "total_tokens": 23}
    [asked] = script.asked
    assert "".join(map(chr, asked.prompt)) == "u:Ready?\n"
    assert (asked.sampling.temperature, asked.sampling.seed, asked.max_tokens) == (0, 7, 50)
    assert asked.client == "anonymous"
    assert response.headers["x-model-version"] == "w1"


def test_a_stream_has_the_same_words(talking: Talking) -> None:
    response = talking.chat(stream=True)
    assert response.headers["content-type"].startswith("text/event-stream")
    *chunks, done = events(response.text)
    assert done == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert all("usage" not in chunk for chunk in chunks)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "Yes, captain."
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-2:]] == [None, "stop"]


def test_a_stream_can_end_with_what_was_counted(talking: Talking) -> None:
    *chunks, last, done = events(talking.chat(stream=True, stream_options={"include_usage": True}).text)
    assert done == "[DONE]"
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"] == {"prompt_tokens": 9, "completion_tokens": 14, "total_tokens": 23}


def test_several_answers_each_have_their_number(talking: Talking) -> None:
    answer = talking.chat(n=2).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    assert {choice["message"]["content"] for choice in answer["choices"]} == {"Yes, captain."}
    chunks = events(talking.chat(n=2, stream=True).text)[:-1]
    ends = [chunk["choices"][0] for chunk in chunks if chunk["choices"][0]["finish_reason"]]
    assert sorted(choice["index"] for choice in ends) == [0, 1]


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_ends_before_a_text_that_ends_it(talking: Talking, script: Script, stream: bool) -> None:
    response = talking.chat(stop=["capt", "nothing"], stream=stream)
    if stream:
        *chunks, done = events(response.text)
        assert done == "[DONE]"
        text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
        finish = chunks[-1]["choices"][0]["finish_reason"]
    else:
        [choice] = response.json()["choices"]
        text, finish = choice["message"]["content"], choice["finish_reason"]
    assert (text, finish) == ("Yes, ", "stop")
    assert script.cancelled == 1  # the engine need not go on


def test_an_answer_is_cut_at_its_longest(talking: Talking) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        [choice] = talking.chat(**{name: 3}).json()["choices"]
        assert (choice["message"]["content"], choice["finish_reason"]) == ("Yes", "length")


def test_log_probabilities_are_told(talking: Talking) -> None:
    [choice] = talking.chat(logprobs=True, top_logprobs=2, max_tokens=2).json()["choices"]
    first, second = choice["logprobs"]["content"]
    assert (first["token"], first["logprob"], first["bytes"]) == ("Y", -0.5, [89])
    assert [top["token"] for top in second["top_logprobs"]] == ["e", "?"]
    chunks = events(talking.chat(logprobs=True, max_tokens=2, stream=True).text)[:-1]
    told = [chunk["choices"][0]["logprobs"] for chunk in chunks]
    assert [entry["token"] for item in told if item for entry in item["content"]] == ["Y", "e"]


def test_a_text_goes_on(talking: Talking, script: Script) -> None:
    answer = talking.post("/v1/completions", {"prompt": ["Aye"], "logprobs": 1, "max_tokens": 3}).json()
    assert answer["object"] == "text_completion"
    [choice] = answer["choices"]
    assert (choice["text"], choice["finish_reason"]) == ("Yes", "length")
    assert choice["logprobs"]["tokens"] == ["Y", "e", "s"]
    assert choice["logprobs"]["text_offset"] == [0, 1, 2]
    assert choice["logprobs"]["top_logprobs"][0] == {"Y": -0.5}
    assert "".join(map(chr, script.asked[0].prompt)) == "Aye"
    *chunks, done = events(talking.post("/v1/completions", {"prompt": "Aye", "stream": True}).text)
    assert done == "[DONE]"
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == "Yes, captain."


def test_an_error_before_the_first_byte_is_refused_as_usual(talking: Talking, script: Script) -> None:
    for failure, status in ((BusyError("full", retry_after_s=3), 503), (ServiceError("broken"), 500)):
        script.failure = failure
        response = talking.chat(stream=True)
        assert response.status_code == status
        assert response.headers.get("retry-after") == ("3" if status == 503 else None)
        assert "error" in response.json()


def test_an_error_after_the_first_byte_is_an_event_and_no_end(talking: Talking, script: Script) -> None:
    script.pause_at, script.failure = 5, ServiceError("the model failed: secret")
    response = talking.chat(stream=True)
    assert response.status_code == 200
    assert "[DONE]" not in response.text
    assert response.text.rstrip().rpartition("\n\n")[2].startswith("event: error\n")
    error = events(response.text)[-1]["error"]
    assert error["type"] == "server_error"
    assert "secret" not in error["message"]
    assert 'seatrial_refusals_total{protocol="openai",reason="failed"} 1.0' in talking.handlers.metrics.text().decode()


BAD = [
    ({"messages": []}, "empty list"),
    ({"messages": "Ready?"}, "messages is"),
    ({"messages": [{"role": "captain", "content": "x"}]}, "'captain'"),
    ({"messages": [{"role": "user"}]}, "messages[0].content is null"),
    ({"messages": [{"role": "user", "content": ""}]}, "is empty"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "is no text"),
    ({"messages": [{"role": "user", "content": "\ud800"}]}, "surrogate"),
    ({"messages": [{"role": "user", "content": f"a{CONTROL}b"}]}, "controls this model"),
    ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}, "end with a message"),
    ({"messages": [{"role": "user", "content": "long " * 50}]}, "tokens"),
    ({"messages": [{"role": "user", "content": "refused by the template"}]}, "refuses"),
    ({"n": 1_000_000}, "n is"),
    ({"n": 3}, "n is 3"),
    ({"n": 0}, "n is"),
    ({"max_tokens": -1}, "max_tokens is -1"),
    ({"max_tokens": 51}, "1 to 50"),
    ({"max_tokens": 1.5}, "max_tokens"),
    ({"temperature": "hot"}, "temperature is"),
    ({"temperature": -1}, "temperature is -1"),
    ({"temperature": 1e999}, "number"),
    ({"top_p": 0}, "top_p is 0"),
    ({"presence_penalty": 3}, "presence_penalty is 3"),
    ({"logit_bias": {"x": 1}}, "names no token"),
    ({"logit_bias": {"5": 101}}, "logit_bias of token 5"),
    ({"logit_bias": {"99999999": 1}}, "99999999"),
    ({"stop": ["x"] * 10_000}, "stop holds 10000"),
    ({"stop": [""]}, "stop[0] is empty"),
    ({"stop": [1]}, "stop[0] is"),
    ({"seed": 2**70}, "seed"),
    ({"top_logprobs": 2}, "without logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "log_probabilities"),
    ({"response_format": {"type": "json_object"}}, "given format"),
    ({"tools": [{"type": "function"}]}, "tools is not offered"),
    ({"stream_options": {"include_usage": True}}, "without stream"),
    ({"session": "a b"}, "session"),
    ({"session": "s", "n": 2}, "one answer"),
    ({"unknown": 1}, "unknown field 'unknown'"),
    ({"model": "nobody"}, "no such model"),
]


@pytest.mark.parametrize(("fields", "said"), BAD, ids=[said for _, said in BAD])
def test_bad_requests_are_told_what_to_send(talking: Talking, fields: dict[str, Any], said: str) -> None:
    body = json.dumps({"messages": QUESTION, **fields}).replace("Infinity", "1e999").encode()
    response = talking.request(
        "POST", "/v1/chat/completions", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in ({404} if "model" in fields else {400}), response.text
    error = response.json()["error"]
    assert said in error["message"]
    assert error["type"] == "invalid_request_error"
    assert talking.handlers.generate.models[0].callers == 0


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"messages": [{"role": "user", "content": "\xff"}]}', "not UTF-8"),
        (b'{"messages": [{"role": "user", "content": "x"}], "temperature": NaN}', "number that cannot be read"),
        (b"[]", "not a JSON object"),
    ],
)
def test_broken_bodies_are_told_so(talking: Talking, raw: bytes, said: str) -> None:
    response = talking.request(
        "POST", "/v1/chat/completions", content=raw, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400
    assert said in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prompt": 5}, "prompt is a number"),
        ({"prompt": [1, 2]}, "prompt is a list"),
        ({"prompt": ["a", "b"]}, "several"),
        ({"prompt": ""}, "is empty"),
        ({"prompt": f"x{CONTROL}"}, "controls"),
        ({"prompt": "x", "echo": True}, "not given back"),
        ({"prompt": "x", "suffix": "y"}, "has not learned to fill the gap"),
        ({"prompt": "x", "best_of": 3}, "best_of"),
        ({}, "missing"),
    ],
)
def test_bad_completions_are_told_what_to_send(talking: Talking, fields: dict[str, Any], said: str) -> None:
    response = talking.post("/v1/completions", fields)
    assert response.status_code == 400
    assert said in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prompt": "long " * 50}, "tokens"),
        ({"prompt": "\ud800"}, "surrogate"),
        ({"n": 1_000_000}, "n is 1000000"),
        ({"max_tokens": -1}, "max_tokens is -1"),
        ({"temperature": -1}, "temperature is -1"),
        ({"temperature": 1e999}, "number"),
        ({"repetition_penalty": 1e-300}, "repetition_penalty is"),
        ({"stop": ["x"] * 10_000}, "stop holds 10000"),
        ({"logprobs": 21}, "log_probabilities"),
        ({"messages": []}, "unknown field 'messages'"),
    ],
)
def test_bad_settings_of_completions_are_told_too(talking: Talking, fields: dict[str, Any], said: str) -> None:
    body = json.dumps({"prompt": "x", **fields}).replace("Infinity", "1e999").encode()
    response = talking.request("POST", "/v1/completions", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400, response.text
    assert said in response.json()["error"]["message"]
    assert talking.handlers.generate.models[0].callers == 0


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
@pytest.mark.parametrize(
    ("more", "said"), [(b'"temperature": NaN', "number that cannot be read"), (b'"user": "\xff"', "not UTF-8")]
)
def test_what_is_no_json_is_told_on_both_routes(talking: Talking, path: str, more: bytes, said: str) -> None:
    head = b'{"messages": [{"role": "user", "content": "x"}], ' if "chat" in path else b'{"prompt": "x", '
    headers = {"Content-Type": "application/json"}
    response = talking.request("POST", path, content=head + more + b"}", headers=headers)
    assert response.status_code == 400
    assert said in response.json()["error"]["message"]


def test_a_gap_is_filled_where_the_model_has_learned_it(talking: Talking, script: Script) -> None:
    [model] = talking.handlers.generate.models
    model.words.fills = True
    answer = talking.post("/v1/completions", {"prompt": "def f():", "suffix": "    return x", "max_tokens": 3}).json()
    assert answer["choices"][0]["text"] == "Yes"
    for body in ({"prompt": "", "suffix": "x"}, {"prompt": "  ", "suffix": "x"}, {"prompt": "x", "suffix": "\n"}):
        assert talking.post("/v1/completions", body).status_code == 200, body
    plain = talking.post("/v1/completions", {"prompt": "x", "suffix": ""})  # an editor at the end of a file
    assert plain.status_code == 200
    asked = ["".join(map(chr, request.prompt)) for request in script.asked]
    assert asked == ["def f():[gap]    return x", "[gap]x", "  [gap]x", "x[gap]\n", "x"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prompt": "", "suffix": " "}, "prompt and suffix are empty"),
        ({"prompt": "x", "suffix": 5}, "suffix is not a string"),
        ({"prompt": "x", "suffix": f"a{CONTROL}"}, "suffix holds '<|end|>'"),
        ({"prompt": "x", "suffix": "\ud800"}, "suffix holds half of a surrogate pair"),
        ({"prompt": "x", "suffix": " " * 30_000}, "suffix has 30000 characters"),
        ({"prompt": "x", "suffix": "y" * 250}, "tokens"),
    ],
)
def test_gaps_that_cannot_be_filled_are_told_so(talking: Talking, fields: dict[str, Any], said: str) -> None:
    [model] = talking.handlers.generate.models
    model.words.fills = True
    response = talking.request(
        "POST",
        "/v1/completions",
        content=json.dumps(fields).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 400
    assert said in response.json()["error"]["message"]


def test_texts_of_control_tokens_can_be_allowed(tmp_path: Path, script: Script) -> None:
    talking = Talking(tmp_path, script, ServeSettings(control_text=True))
    assert talking.chat(messages=[{"role": "user", "content": CONTROL}]).status_code == 200


def test_each_kind_of_model_refuses_what_the_other_answers(tmp_path: Path, script: Script) -> None:
    both = Talking(tmp_path, script, SETTINGS, *_classifier(tmp_path))
    assert [model["id"] for model in both.get("/v1/models").json()["data"]] == ["toy", "writer"]
    assert both.chat().status_code == 200  # the first model that can
    refused = both.chat(model="toy")
    assert refused.status_code == 400
    assert "does not give texts of its own" in refused.json()["error"]["message"]
    assert "served here: writer" in refused.json()["error"]["message"]
    assert both.post("/v1/predict", {"inputs": "good"}).status_code == 200
    wrong = both.post("/v1/predict", {"inputs": "good", "model": "writer"})
    assert wrong.status_code == 422
    assert "served here: toy" in wrong.json()["error"]["hint"]
    for path, body in (("/v1/embeddings", {"input": "x"}), ("/v1/moderations", {"input": "x"})):
        assert both.post(path, {**body, "model": "writer"}).status_code == 400
    assert both.post("/v2/models/writer/infer", {"inputs": []}).status_code in {400, 404, 422}
    told = both.get("/v1/served").json()["models"]
    assert [(model["name"], model["output"]) for model in told] == [("toy", "scores"), ("writer", "text")]


def _classifier(folder: Path) -> list[Any]:
    from seatrial.serve.served import ServedModel

    return [ServedModel(FakeEngine(folder), SETTINGS)]


def test_without_a_model_that_generates_the_routes_say_so(client: Client) -> None:
    response = client.request("POST", "/v1/chat/completions", json={"messages": QUESTION})
    assert response.status_code == 404
    assert "no model here gives texts of its own" in response.json()["error"]["message"]


def test_without_a_model_of_numbers_the_routes_say_so(talking: Talking) -> None:
    for path, body in (("/v1/predict", {"inputs": "x"}), ("/invocations", {"inputs": "x"})):
        assert talking.post(path, body).status_code == 404
    assert talking.get("/v1/model").json()["output"] == "text"
    assert talking.get("/v2/models/writer").status_code in {400, 404, 422}
    assert talking.get("/info").status_code == 424


def test_what_it_counted_is_in_the_metrics(talking: Talking) -> None:
    talking.chat()
    text = talking.handlers.metrics.text().decode()
    assert 'seatrial_prompt_tokens_total{model="writer"} 9.0' in text
    assert 'seatrial_generated_tokens_total{model="writer"} 14.0' in text
    assert 'seatrial_generations_total{finish="stop",model="writer"} 1.0' in text
    assert 'seatrial_time_to_first_token_seconds_count{model="writer"} 1.0' in text
    assert 'seatrial_time_between_tokens_seconds_count{model="writer"} 13.0' in text
    assert 'seatrial_generation_duration_seconds_count{model="writer",protocol="openai"} 1.0' in text


def test_the_openai_client_reads_it(talking: Talking, script: Script, listening: Any) -> None:
    from openai import APIError, BadRequestError, OpenAI

    with OpenAI(base_url=f"{listening(talking.app)}/v1", api_key="none", max_retries=0) as client:
        whole = client.chat.completions.create(model="writer", messages=[{"role": "user", "content": "Ready?"}])
        assert whole.choices[0].message.content == "Yes, captain."
        chunks = client.chat.completions.create(
            model="writer",
            messages=[{"role": "user", "content": "Ready?"}],
            stream=True,
            stream_options={"include_usage": True},
            logprobs=True,
        )
        *parts, last = list(chunks)
        assert "".join(part.choices[0].delta.content or "" for part in parts) == "Yes, captain."
        assert last.usage is not None
        assert last.usage.completion_tokens == 14
        assert client.completions.create(model="writer", prompt="Aye", max_tokens=3).choices[0].text == "Yes"
        with pytest.raises(BadRequestError, match="empty list"):
            client.chat.completions.create(model="writer", messages=[])
        script.pause_at, script.failure = 5, ServiceError("broken")
        broken = client.chat.completions.create(
            model="writer", messages=[{"role": "user", "content": "Ready?"}], stream=True
        )
        with pytest.raises(APIError, match="failed to answer"):
            list(broken)


def test_a_client_that_hangs_up_ends_the_work(talking: Talking, script: Script, listening: Any) -> None:
    import time

    import httpx

    script.pause_at = 3
    script.go.clear()
    url = f"{listening(talking.app)}/v1/chat/completions"
    with httpx.stream("POST", url, json={"messages": QUESTION, "stream": True}, timeout=30) as response:
        lines = (line for line in response.iter_lines() if line)
        while '"s"' not in next(lines):
            pass
        assert script.cancelled == 0
    give_up = time.monotonic() + 30
    while not script.cancelled:
        assert time.monotonic() < give_up
        time.sleep(0.002)
    [model] = talking.handlers.generate.models
    while model.callers:
        assert time.monotonic() < give_up
        time.sleep(0.002)
    assert 'reason="client_gone"' in talking.handlers.metrics.text().decode()
