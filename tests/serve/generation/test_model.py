"""A model that generates: what it counts, who may leave, and how it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from seatrial.errors import BusyError, DeadlineError, RequestError
from seatrial.generate.events import Finished
from seatrial.generate.request import SamplingSettings
from seatrial.serve.generation.ask import Ask, Message, Role
from seatrial.serve.generation.model import GeneratingModel
from seatrial.serve.generation.pieces import Clocks
from seatrial.serve.settings import ServeSettings

from ..writer import Script, ScriptStream, writer

FOREVER = float("inf")
QUESTION = (Message(Role.USER, "Ready?"),)


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(20):
            await scene()

    asyncio.run(within_time())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


async def said(model: GeneratingModel, ask: Ask, clocks: Clocks | None = None) -> str:
    async with aclosing(model.answer(ask, deadline=FOREVER, clocks=clocks)) as pieces:
        return "".join([piece.text async for piece in pieces])


def test_both_clocks_run(tmp_path: Path) -> None:
    async def scene() -> None:
        model = writer(tmp_path, Script("Yes"))
        clocks = Clocks(model.release)
        assert await said(model, Ask(messages=QUESTION), clocks) == "Yes"
        assert (clocks.prompt_tokens, clocks.completion_tokens, clocks.finishes) == (9, 4, ["stop"])
        assert clocks.first_token_s is not None
        assert len(clocks.gaps_s) == 3
        assert (model.callers, model.room.answers) == (0, 0)

    run(scene)


def test_who_leaves_frees_the_engine(tmp_path: Path) -> None:
    async def scene() -> None:
        script = Script()
        script.pause_at = 3
        script.go.clear()
        model = writer(tmp_path, script)
        pieces = model.answer(Ask(messages=QUESTION), deadline=FOREVER)
        assert [(await anext(pieces)).text for _ in range(3)] == ["Y", "e", "s"]
        assert (model.callers, model.room.running) == (1, 1)
        await pieces.aclose()
        assert (model.callers, model.room.answers, script.cancelled) == (0, 0, 1)

    run(scene)


def test_a_cancelled_reader_frees_the_engine_too(tmp_path: Path) -> None:
    async def scene() -> None:
        script = Script()
        script.go.clear()
        model = writer(tmp_path, script)
        task = asyncio.create_task(said(model, Ask(messages=QUESTION)))
        await until(lambda: bool(script.asked))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (model.callers, model.room.answers, script.cancelled) == (0, 0, 1)

    run(scene)


def test_a_stopping_model_ends_answers_with_an_error(tmp_path: Path) -> None:
    async def scene() -> None:
        script = Script()
        script.pause_at = 3
        script.go.clear()
        model = writer(tmp_path, script)
        task = asyncio.create_task(said(model, Ask(messages=QUESTION)))
        await until(lambda: bool(script.asked))
        await model.close(0.01)
        with pytest.raises(BusyError, match="stopping"):
            await task
        assert script.closed
        with pytest.raises(BusyError, match="stopping"):
            await said(model, Ask(messages=QUESTION))

    run(scene)


def test_a_stopping_model_finishes_what_ends_in_time(tmp_path: Path) -> None:
    async def scene() -> None:
        script = Script("Yes")
        script.go.clear()
        model = writer(tmp_path, script)
        task = asyncio.create_task(said(model, Ask(messages=QUESTION)))
        await until(lambda: bool(script.asked))
        closing = asyncio.create_task(model.close(10))
        await until(lambda: model.room.closed)
        script.go.set()
        assert await task == "Yes"
        await closing

    run(scene)


def test_time_that_runs_out_is_an_error_and_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(_: ScriptStream):  # type: ignore[no-untyped-def]
        yield Finished(0, "deadline", 0)

    monkeypatch.setattr(ScriptStream, "_run", late)

    async def scene() -> None:
        with pytest.raises(DeadlineError):
            await said(writer(tmp_path, Script()), Ask(messages=QUESTION))

    run(scene)


def test_long_prompts_are_read_aside_and_too_long_ones_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        model = writer(tmp_path, Script())
        with pytest.raises(RequestError, match="1500 tokens"):
            await said(model, Ask(prompt="x" * 1500))
        with pytest.raises(RequestError, match="200"):
            await said(model, Ask(prompt="x" * 200))
        assert await said(model, Ask(prompt="x" * 199)) == "Y"  # as much as the context still holds
        assert model.callers == 0

    run(scene)


def test_more_requests_than_room_are_refused_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        script = Script()
        script.go.clear()
        model = writer(tmp_path, script, ServeSettings(max_waiting=1))
        tasks = [asyncio.create_task(said(model, Ask(messages=QUESTION))) for _ in range(3)]
        await until(lambda: len(script.asked) == 3)
        began = time.monotonic()
        with pytest.raises(BusyError):
            await said(model, Ask(messages=QUESTION))
        with pytest.raises(BusyError):
            model.check_room(began + 100)
        load = model.load()
        assert (load.running_items, load.waiting_items) == (2, 1)
        script.go.set()
        assert await asyncio.gather(*tasks) == ["Yes, captain."] * 3

    run(scene)


def test_a_loaded_model_shows_that_it_writes(tmp_path: Path) -> None:
    script = Script()
    writer(tmp_path, script).prove()
    [asked] = script.asked
    assert asked.sampling == SamplingSettings(temperature=0.0)


def test_a_service_of_answers_of_one_token_shows_it_too(tmp_path: Path) -> None:
    script = Script()
    writer(tmp_path, script, ServeSettings(generate_max_tokens=1)).prove()
    assert script.asked[0].max_tokens == 1
