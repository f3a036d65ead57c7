"""What a request may hold, and that each refusal says what to send."""

from __future__ import annotations

import asyncio

import pytest

from seatrial.errors import RequestError
from seatrial.serve.handlers import build_handlers
from seatrial.serve.settings import ServeSettings


def predict(engine, inputs):
    async def run():
        handlers = build_handlers(engine, ServeSettings())
        try:
            return await handlers.predict.predict(inputs)
        finally:
            await handlers.close(1)

    return asyncio.run(run())


def test_one_text_and_many_texts_are_answered_in_order(engine) -> None:
    assert [answer["n"] for answer in predict(engine, "four").predictions] == [4]
    result = predict(engine, ["a", "three", "xy"])
    assert [answer["n"] for answer in result.predictions] == [1, 5, 2]
    assert (result.model, result.version) == ("toy", "0123456789ab")
    assert result.latency_ms > 0


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

    spec = ServingSpec(port=0, threads=3, max_batch_items=2, max_batch_tokens=99, max_body_bytes=2048, examples=["hi"])
    settings = ServeSettings.from_spec(spec)
    shared = {field.name for field in fields(ServeSettings)} & set(ServingSpec.model_fields)
    assert set(ServingSpec.model_fields) - shared == {"latency_requests"}  # that one is the pipeline's
    for name in shared - {"examples"}:
        assert getattr(settings, name) == getattr(spec, name), name
    assert settings.examples == ("hi",)


def test_a_closed_service_is_not_ready(engine) -> None:
    async def run():
        handlers = build_handlers(engine, ServeSettings())
        assert handlers.health.ready
        await handlers.close(1)
        return handlers.health.ready

    assert asyncio.run(run()) is False
