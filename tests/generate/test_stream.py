from __future__ import annotations

import asyncio
import threading

import pytest

from seatrial.errors import ServiceError
from seatrial.generate.events import Choice, Finished, Token
from seatrial.generate.stream import Stream

EVENTS = [Token(0, Choice(3)), Token(0, Choice(4)), Finished(0, "stop", 2)]


def fill(stream: Stream, error: Exception | None = None) -> None:
    for event in EVENTS:
        stream.put(event)
    stream.close(error)


def test_events_of_another_thread_come_in_order() -> None:
    stream = Stream()
    thread = threading.Thread(target=fill, args=(stream,))
    thread.start()
    assert list(stream) == EVENTS
    thread.join()


async def collect(stream: Stream) -> list[object]:
    return [event async for event in stream]


def test_events_of_another_thread_come_into_an_event_loop() -> None:
    async def read() -> list[object]:
        stream = Stream()
        reading = asyncio.create_task(collect(stream))
        await asyncio.sleep(0)  # the reader waits before anything is there
        thread = threading.Thread(target=fill, args=(stream,))
        thread.start()
        found = await reading
        thread.join()
        return found

    assert asyncio.run(read()) == EVENTS


def test_an_error_is_raised_after_what_came_before() -> None:
    stream = Stream()
    fill(stream, ServiceError("broken"))
    events = iter(stream)
    assert [next(events) for _ in EVENTS] == EVENTS
    with pytest.raises(ServiceError, match="broken"):
        next(events)
    stream = Stream()
    fill(stream, ServiceError("broken"))
    with pytest.raises(ServiceError, match="broken"):
        asyncio.run(collect(stream))


def test_a_reader_that_stops_cancels() -> None:
    stream = Stream()
    fill(stream)
    for _ in stream:
        break
    assert stream.cancelled


def test_a_cancelled_task_cancels() -> None:
    async def read() -> Stream:
        stream = Stream()
        reading = asyncio.create_task(collect(stream))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        return stream

    assert asyncio.run(read()).cancelled


def test_a_reader_whose_loop_is_gone_does_not_hurt_the_engine() -> None:
    stream = Stream()
    loop = asyncio.new_event_loop()
    events = stream.__aiter__()
    reading = loop.create_task(events.__anext__())  # type: ignore[arg-type]
    loop.run_until_complete(asyncio.sleep(0))
    reading.cancel()
    wake = stream._wake
    loop.run_until_complete(asyncio.gather(reading, return_exceptions=True))
    loop.close()
    stream._wake = wake
    stream.put(EVENTS[0])
    assert stream.cancelled


def test_nothing_follows_the_end() -> None:
    stream = Stream()
    fill(stream)
    stream.put(EVENTS[0])
    assert list(stream) == EVENTS


def test_answers_are_sorted_by_number() -> None:
    stream = Stream()
    for index in (1, 0):
        stream.put(Token(index, Choice(index + 7)))
        stream.put(Finished(index, "length", 1))
    stream.close()
    assert [(answer.token_ids, answer.reason) for answer in stream.answers()] == [((7,), "length"), ((8,), "length")]
