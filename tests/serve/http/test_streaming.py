"""Answers piece by piece: what a client sees when all goes well, when something fails, and when it leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from seatrial.errors import BusyError
from seatrial.serve.http.streaming import event_stream
from seatrial.serve.watch.metrics import Metrics


class Events:
    """A fake model: counts what it was asked for, and knows how it ended."""

    def __init__(self, *steps: object) -> None:
        self.steps = steps
        self.asked = 0
        self.cancelled = False
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[object]:
        try:
            for step in self.steps:
                self.asked += 1
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        finally:
            self.closed = True


class Wire:
    """Both ends of one request: what the server sent, and whether the client is still there."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self.room = asyncio.Event()
        self.room.set()
        self.metrics = Metrics()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.room.wait()
        self.messages.append(message)

    async def answer(self, events: Events, **settings: Any) -> None:
        request = Request({"type": "http", "headers": []}, self.receive)
        response = await event_stream(request, aiter(events), protocol="openai", metrics=self.metrics, **settings)
        await response({"type": "http"}, self.receive, self.send)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.messages).decode()

    @property
    def whole(self) -> bool:
        """Whether the server said that there is no more."""
        return self.messages[-1].get("more_body") is False

    def refused(self, reason: str) -> bool:
        line = f'seatrial_refusals_total{{protocol="openai",reason="{reason}"}} 1.0'
        return line in self.metrics.text().decode()


def run(scene: Any) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(10):
            await scene(Wire())

    asyncio.run(within_time())


def test_events_arrive_in_order_and_the_end_is_marked() -> None:
    async def scene(wire: Wire) -> None:
        events = Events({"text": "a\nb"}, {"text": "日\u2028本"})
        await wire.answer(events, done="[DONE]", headers={"X-Model-Name": "toy"})
        first, second, done, rest = wire.text.split("\n\n")
        assert json.loads(first.removeprefix("data: ")) == {"text": "a\nb"}
        assert json.loads(second.removeprefix("data: ")) == {"text": "日\u2028本"}
        assert (done, rest) == ("data: [DONE]", "")
        assert wire.whole
        assert events.closed
        headers = dict(wire.messages[0]["headers"])
        assert headers[b"content-type"].startswith(b"text/event-stream")
        assert headers[b"x-model-name"] == b"toy"
        assert b"content-length" not in headers

    run(scene)


def test_no_events_is_an_answer_too() -> None:
    async def scene(wire: Wire) -> None:
        await wire.answer(Events(), done="[DONE]")
        assert wire.text == "data: [DONE]\n\n"

    run(scene)


def test_a_failure_before_the_first_event_has_a_status_of_its_own() -> None:
    async def scene(wire: Wire) -> None:
        events = Events(BusyError("full"))
        with pytest.raises(BusyError, match="full"):
            await wire.answer(events)
        assert wire.messages == []
        assert events.closed

    run(scene)


@pytest.mark.parametrize(
    ("error", "message", "reason"),
    [
        (BusyError("the queue is full"), "the queue is full", "busy"),
        (RuntimeError("secret /srv/model"), "the service failed to answer", "failed"),
        (OSError("secret /srv/model"), "the service failed to answer", "failed"),
    ],
)
def test_a_failure_later_is_an_event_and_never_a_clean_end(error: Exception, message: str, reason: str) -> None:
    async def scene(wire: Wire) -> None:
        events = Events({"n": 1}, error, {"n": 2})
        await wire.answer(events, done="[DONE]")
        first, failure, rest = wire.text.split("\n\n")
        assert first == 'data: {"n":1}'
        name, data = failure.split("\n")
        assert name == "event: error"
        assert message in json.loads(data.removeprefix("data: "))["error"]["message"]
        assert rest == ""
        assert "[DONE]" not in wire.text
        assert "secret" not in wire.text
        assert wire.refused(reason)
        assert events.closed

    run(scene)


def test_what_is_no_json_is_a_failure_too() -> None:
    async def scene(wire: Wire) -> None:
        events = Events({"n": 1}, {"n": float("nan")}, {"n": 2})
        await wire.answer(events, done="[DONE]")
        assert "NaN" not in wire.text
        assert "event: error" in wire.text
        assert "[DONE]" not in wire.text
        assert events.closed

    run(scene)


def test_a_client_that_leaves_between_events_stops_the_work() -> None:
    async def scene(wire: Wire) -> None:
        events = Events({"n": 1}, asyncio.Event(), {"n": 2})
        answering = asyncio.create_task(wire.answer(events, done="[DONE]"))
        while events.asked < 2:
            await asyncio.sleep(0)
        wire.gone.set()
        await answering
        assert events.cancelled
        assert events.closed
        assert wire.text == 'data: {"n":1}\n\n'
        assert not wire.whole
        assert wire.refused("client_gone")

    run(scene)


def test_a_client_that_leaves_before_the_first_event_stops_the_work() -> None:
    async def scene(wire: Wire) -> None:
        events = Events(asyncio.Event())
        answering = asyncio.create_task(wire.answer(events))
        while not events.asked:
            await asyncio.sleep(0)
        wire.gone.set()
        with pytest.raises(ClientDisconnect):
            await answering
        assert events.closed
        assert wire.messages == []

    run(scene)


def test_a_client_that_leaves_while_it_takes_nothing_stops_the_work() -> None:
    async def scene(wire: Wire) -> None:
        wire.room.clear()
        events = Events({"n": 1}, {"n": 2})
        answering = asyncio.create_task(wire.answer(events))
        while not events.asked:
            await asyncio.sleep(0)
        wire.gone.set()
        await answering
        assert events.closed
        assert wire.refused("client_gone")

    run(scene)


def test_a_server_that_raises_when_the_client_is_gone_is_understood() -> None:
    async def scene(wire: Wire) -> None:
        async def send(message: Any) -> None:
            raise OSError("gone")

        wire.send = send  # type: ignore[method-assign]
        events = Events({"n": 1})
        await wire.answer(events)
        assert events.closed
        assert wire.refused("client_gone")

    run(scene)


def test_a_slow_client_slows_the_work_down() -> None:
    async def scene(wire: Wire) -> None:
        events = Events(*({"n": n} for n in range(100)))
        answering = asyncio.create_task(wire.answer(events))
        while len(wire.messages) < 3:  # the head and two events
            await asyncio.sleep(0)
        wire.room.clear()
        for _ in range(50):
            await asyncio.sleep(0)
        taken = len(wire.messages) - 1
        assert events.asked <= taken + 1
        wire.room.set()
        await answering
        assert events.asked == 100

    run(scene)


def test_silence_is_filled_with_comments() -> None:
    async def scene(wire: Wire) -> None:
        pause = asyncio.Event()
        events = Events({"n": 1}, pause, {"n": 2})
        answering = asyncio.create_task(wire.answer(events, keep_alive_s=0.01))
        while wire.text.count(": keep-alive\n\n") < 2:
            await asyncio.sleep(0.005)
        pause.set()
        await answering
        assert wire.text.startswith('data: {"n":1}\n\n: keep-alive\n\n')
        assert wire.text.endswith('data: {"n":2}\n\n')

    run(scene)


def test_a_stopping_server_closes_the_iterator() -> None:
    async def scene(wire: Wire) -> None:
        events = Events({"n": 1}, asyncio.Event())
        answering = asyncio.create_task(wire.answer(events))
        while events.asked < 2:
            await asyncio.sleep(0)
        answering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answering
        assert events.cancelled
        assert events.closed

    run(scene)
