from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from seatrial.errors import BusyError, DeadlineError, OfflineError, RequestError, SeatrialError, ServiceError
from seatrial.generate.remote import Piece, RemoteModel
from seatrial.generate.request import SamplingSettings

HELLO = [{"role": "user", "content": "hello"}]


def events(*choices: object) -> bytes:
    lines = [": a comment", *(f"data: {json.dumps({'choices': choice})}" for choice in choices), "data: [DONE]"]
    return "\n\n".join(lines).encode() + b"\n\n"


CHAT = events(
    [{"delta": {"role": "assistant"}, "finish_reason": None}],
    [{"delta": {"content": "Grüß"}, "finish_reason": None}],
    [{"delta": {"content": " dich"}}],
    [{"delta": {}, "finish_reason": "stop"}],
    [],
)
PIECES = [Piece(""), Piece("Grüß"), Piece(" dich"), Piece("", "stop")]


def model(answer: Callable[[httpx.Request], httpx.Response], **settings: object) -> RemoteModel:
    transport = httpx.MockTransport(answer)
    return RemoteModel("http://127.0.0.1:1/v1/", "m", transport=transport, async_transport=transport, **settings)  # type: ignore[arg-type]


def test_a_conversation_is_sent_and_its_answer_comes_in_pieces() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=CHAT)

    sampling = SamplingSettings(temperature=0.5, seed=3, top_k=4, logit_bias={7: -1.0})
    remote = model(answer, api_key="secret")
    assert list(remote.chat(HELLO, sampling=sampling, max_tokens=9, stop=["\n"])) == PIECES
    assert str(asked[0].url) == "http://127.0.0.1:1/v1/chat/completions"
    assert asked[0].headers["authorization"] == "Bearer secret"
    body = json.loads(asked[0].content)
    assert body["messages"] == HELLO
    assert body | {"temperature": 0.5, "seed": 3, "top_k": 4, "max_tokens": 9, "stop": ["\n"], "stream": True} == body
    assert body["logit_bias"] == {"7": -1.0}
    assert "min_p" not in body


def test_the_same_in_an_event_loop() -> None:
    async def read() -> list[Piece]:
        return [piece async for piece in model(lambda request: httpx.Response(200, content=CHAT)).chat_async(HELLO)]

    assert asyncio.run(read()) == PIECES


def test_a_text_is_completed() -> None:
    content = events([{"text": "a", "finish_reason": None}], [{"text": "b", "finish_reason": "length"}])
    found = model(lambda request: httpx.Response(200, content=content)).complete("x")
    assert list(found) == [Piece("a"), Piece("b", "length")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestError),
        (404, RequestError),
        (429, BusyError),
        (503, BusyError),
        (504, DeadlineError),
        (500, ServiceError),
    ],
)
def test_refusals_are_typed(status: int, kind: type[SeatrialError]) -> None:
    remote = model(lambda request: httpx.Response(status, content=b"why", headers={"Retry-After": "7"}))
    with pytest.raises(SeatrialError, match=f"{status}: why") as refused:
        list(remote.chat(HELLO))
    assert type(refused.value) is kind
    if isinstance(refused.value, RequestError):
        assert refused.value.status == status
    if isinstance(refused.value, BusyError):
        assert refused.value.retry_after_s == 7


@pytest.mark.parametrize(
    "content", [b"data: nonsense\n\n", b"data: {}\n\n", b'data: {"choices": [{}]}\n\n', b"data: 3\n\n"]
)
def test_what_is_not_the_protocol_is_an_error(content: bytes) -> None:
    with pytest.raises(ServiceError, match="the remote model said"):
        list(model(lambda request: httpx.Response(200, content=content)).chat(HELLO))


def test_an_error_within_the_stream_is_one() -> None:
    content = b'data: {"error": {"message": "out of memory"}}\n\n'
    with pytest.raises(ServiceError, match="out of memory"):
        list(model(lambda request: httpx.Response(200, content=content)).chat(HELLO))


@pytest.mark.parametrize(
    ("raised", "kind"), [(httpx.ConnectError("refused"), ServiceError), (httpx.ReadTimeout("slow"), DeadlineError)]
)
def test_a_server_that_is_not_there(raised: Exception, kind: type[SeatrialError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise raised

    with pytest.raises(kind, match=r"127\.0\.0\.1"):
        list(model(answer).chat(HELLO))


def test_another_machine_is_not_asked_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_OFFLINE", "1")
    with pytest.raises(OfflineError):
        RemoteModel("https://models.example/v1", "m")
    RemoteModel("http://localhost:8080/v1", "m")
    RemoteModel("http://[::1]:8080/v1", "m")


@pytest.mark.parametrize("url", ["models.example", "ftp://models.example", "http://", "http://a:b:c"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RequestError, match="address"):
        RemoteModel(url, "m")


def test_what_cannot_be_asked_is_refused_at_once() -> None:
    remote = model(lambda request: httpx.Response(200, content=CHAT))
    with pytest.raises(RequestError, match="10000 entries"):
        list(remote.chat(HELLO, stop=["x"] * 10_000))
    with pytest.raises(RequestError, match="max_tokens"):
        list(remote.chat(HELLO, max_tokens=-1))
