"""What a request may hold, and that each refusal says what to send."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from dataclasses import replace

import pytest

from seatrial.errors import BusyError, DeadlineError, RequestError, ServiceError
from seatrial.serve.access import ANONYMOUS, Caller
from seatrial.serve.call import Call
from seatrial.serve.catalog import Catalog
from seatrial.serve.handlers import build_handlers
from seatrial.serve.served import ServedModel
from seatrial.serve.settings import ServeSettings

from ..timeliness import in_time


def call() -> Call:
    return Call(ANONYMOUS, time.monotonic() + 10, "test", "rest")


def predict(engine, inputs, **choice):
    async def run():
        handlers = build_handlers([ServedModel(engine, ServeSettings())], ServeSettings())
        try:
            return await handlers.predict.predict(call(), inputs, **choice)
        finally:
            await handlers.close(1)

    return asyncio.run(run())


def test_one_text_and_many_texts_are_answered_in_order(engine) -> None:
    assert [answer["n"] for answer in predict(engine, "four").objects()] == [4]
    result = predict(engine, ["a", "three", "xy"])
    assert [answer["n"] for answer in result.objects()] == [1, 5, 2]
    assert (result.release.name, result.release.version) == ("toy", "0123456789ab")
    assert result.tokens == [1, 5, 2]
    assert result.timings.total_ms >= result.timings.compute_ms > 0


@pytest.mark.parametrize(
    ("inputs", "message", "hint"),
    [
        (None, "inputs is null", "send a text, or a list of 1 to 32 texts"),
        (True, "inputs is a boolean", "send a text"),
        ({"text": "a"}, "inputs is an object", "send a text"),
        ([], "inputs is an empty list", "send 1 to 32 texts"),
        (["a"] * 33, "inputs holds 33 texts", "send 1 to 32 texts"),
        (["a", 3], r"inputs\[1\] is a number", "double quotes"),
        (["a", ["b"]], r"inputs\[1\] is a list", "double quotes"),
        ("", "inputs is empty", "visible character"),
        (["a", " \n\t"], r"inputs\[1\] is empty", "visible character"),
        ("\u200b\u200b", "inputs has no visible character", "visible character"),
        ("\u0001 \ufeff\u3164", "inputs has no visible character", "visible character"),
        ("x" * 20_001, "20001 characters", "at most 20000 characters"),
        ("\ud83d", "half of a surrogate pair", "UTF-8"),
    ],
)
def test_refusals_say_what_to_send(engine, inputs, message, hint) -> None:
    with pytest.raises(RequestError, match=message) as refused:
        predict(engine, inputs)
    assert refused.value.status == 422
    assert hint in refused.value.hint
    assert engine.batches == []


def test_long_texts_are_tokenized_off_the_event_loop(engine) -> None:
    predict(engine, "short")
    predict(engine, "x" * 10_000)
    short, long = engine.tokenized_in
    assert short == "MainThread"
    assert long != "MainThread"


def test_settings_take_every_key_of_the_project_file(engine) -> None:
    from dataclasses import fields

    from seatrial.spec.stages import ServingSpec

    spec = ServingSpec(
        port=0,
        grpc_port=1,
        engine="torch",
        threads=3,
        workers=4,
        max_batch_items=2,
        max_batch_tokens=99,
        max_batch_ms=7.5,
        max_waiting=5,
        max_waiting_tokens=77,
        max_wait_ms=3,
        timeout_ms=9,
        cache_mb=1.5,
        max_texts=6,
        max_body_bytes=2048,
        rate_per_minute=8,
        cors_origins=["a"],
        flagged_labels=["bad"],
        examples=["hi"],
    )
    measuring = {"latency_requests", "latency_answers", "latency_prompt_tokens", "latency_answer_tokens"}
    assert not {name for name, value in ServingSpec() if value == getattr(spec, name)} - {"host"} - measuring
    settings = ServeSettings.from_spec(spec)
    shared = {field.name for field in fields(ServeSettings)} & set(ServingSpec.model_fields)
    assert set(ServingSpec.model_fields) - shared == measuring  # those are the pipeline's
    for name in shared:
        wanted = getattr(spec, name)
        assert getattr(settings, name) == (tuple(wanted) if isinstance(wanted, list) else wanted), name


def test_a_closed_service_is_not_ready(engine) -> None:
    async def run():
        handlers = build_handlers([ServedModel(engine, ServeSettings())], ServeSettings())
        assert handlers.health.ready
        await handlers.close(1)
        return handlers.health.ready

    assert asyncio.run(run()) is False


@pytest.mark.parametrize(
    ("choice", "message", "status"),
    [
        ({"model": "other"}, "no such model", 404),
        ({"version": "ffff"}, "no such model", 404),
        ({"model": "toy", "version": "ffff"}, "no such version", 404),
        ({"model": "toy", "output": "embedding"}, "does not give embeddings", 422),
        ({"output": "embedding"}, "no model here gives embeddings", 404),
    ],
)
def test_a_model_that_is_not_there_is_refused_with_those_that_are(engine, choice, message, status) -> None:
    with pytest.raises(RequestError, match=message) as refused:
        predict(engine, "text", **choice)
    assert refused.value.status == status
    assert engine.batches == []


def test_a_refusal_lists_only_models_that_would_do(engine, tmp_path) -> None:
    class Embeds(type(engine)):
        output_name = "embedding"

    other = Embeds(tmp_path)
    other.release = replace(other.release, name="vectors")
    catalog = Catalog([ServedModel(engine, ServeSettings()), ServedModel(other, ServeSettings())])

    def hint(name, output):
        with pytest.raises(RequestError) as refused:
            catalog.find(name, output=output)
        return refused.value.hint

    assert hint("toy", "embedding") == "served here: vectors"
    assert hint("vectors", "scores") == "served here: toy"
    assert hint("none", "scores") == "served here: toy"
    assert hint("none", None) == "served here: toy, vectors"
    catalog = Catalog([ServedModel(engine, ServeSettings())])
    assert "toy" not in hint("toy", "embedding")
    assert "toy" not in hint(None, "embedding")


def test_answers_are_remembered_per_tenant(engine) -> None:
    settings = ServeSettings(cache_mb=1)
    other = Call(Caller("other", ANONYMOUS.scopes), time.monotonic() + 10, "test", "rest")

    async def run():
        handlers = build_handlers([ServedModel(engine, settings)], settings)
        asked = [(call(), ["a", "bb"]), (call(), ["bb", "ccc"]), (other, ["a"]), (call(), ["a", "ccc", "bb"])]
        found = [await handlers.predict.predict(who, texts) for who, texts in asked]
        await handlers.close(1)
        return found

    found = asyncio.run(run())
    assert [p.cached for p in found] == [0, 1, 0, 3]
    assert [[answer["n"] for answer in p.objects()] for p in found] == [[1, 2], [2, 3], [1], [1, 3, 2]]
    assert [list(p.tokens) for p in found] == [[1, 2], [0, 3], [1], [0, 0, 0]]
    assert sum(engine.batches) == 4


def test_a_request_is_refused_unread_only_where_no_model_and_no_cache_could_answer(engine) -> None:
    late = Call(ANONYMOUS, time.monotonic() - 1, "test", "rest")

    async def run(settings: ServeSettings, call: Call) -> None:
        handlers = build_handlers([ServedModel(engine, settings)], settings)
        try:
            handlers.predict.check_room(call)
        finally:
            await handlers.close(1)

    asyncio.run(run(ServeSettings(), call()))
    asyncio.run(run(ServeSettings(cache_mb=1), late))
    with pytest.raises(BusyError) as refused:
        asyncio.run(run(ServeSettings(), late))
    assert refused.value.retry_after_s >= 1
    assert engine.tokenized_in == []


@pytest.mark.timed
def test_long_texts_wait_within_bounds_and_no_longer_than_their_time(engine) -> None:
    settings = ServeSettings(max_waiting=2)
    go = threading.Event()
    late_s = []
    tokenize = engine.tokenize
    engine.tokenize = lambda texts: (go.wait(60), tokenize(texts))[1]
    engine.batches.clear()

    async def run():
        served = ServedModel(engine, settings)
        soon = time.monotonic() + 1.0
        waiting = [asyncio.create_task(served.compute(["x" * 2_000], soon)) for _ in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(BusyError):
            await served.compute(["x" * 2_000], time.monotonic() + 10)
        for task in waiting:
            with pytest.raises(DeadlineError):
                await task
        late_s.append(time.monotonic() - soon)
        go.set()
        assert (await served.compute(["x" * 2_000], time.monotonic() + 10)).tokens == [2_000]
        await served.close(1)

    asyncio.run(run())
    assert engine.batches == [1]
    in_time(late_s[0], 2, "seconds by which they wait for too long")


def test_a_version_is_served_once_and_replaced_by_its_own_name_only(engine, tmp_path) -> None:
    def version(number: str, name: str = "toy") -> ServedModel:
        other = copy.copy(engine)
        other.release = replace(engine.release, version=number, name=name)
        return ServedModel(other, ServeSettings())

    first, second = version("1"), version("2")
    catalog = Catalog([first, second])
    with pytest.raises(ServiceError, match="served already"):
        catalog.add(version("1"))
    with pytest.raises(ServiceError, match="served already"):
        catalog.replace(first, version("2"))
    with pytest.raises(ServiceError, match="own name"):
        catalog.replace(first, version("3", name="other"))
    catalog.replace(first, third := version("3"))
    assert catalog.versions("toy") == ["3", "2"]
    assert catalog.find("toy", "3") is third
    assert catalog.find() is second
