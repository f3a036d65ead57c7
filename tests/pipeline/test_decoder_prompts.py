from __future__ import annotations

import pytest

from seatrial.errors import DataError
from seatrial.pipeline.decoder_prompts import held_out_prompts
from seatrial.records import Example, Provenance
from seatrial.tasks import Prompt

from ..serve.writer import Letters


class Asks:
    """A task whose examples hold the prompt."""

    def asked(self, example: Example) -> Prompt:
        if "text" in example.inputs:
            return example.inputs["text"]
        said = example.inputs["said"].split("|")
        return [{"role": role, "content": content} for role, _, content in (one.partition(":") for one in said)]


def examples(kind: str, *values: str) -> list[Example]:
    return [Example(str(n), {kind: value}, "", Provenance("toy", n)) for n, value in enumerate(values)]


def test_texts_are_joined_and_cut_to_one_length() -> None:
    prompts = held_out_prompts(Asks(), Letters(), examples("text", "abc", "de", "f"), tokens=6, room=99, count=5)
    assert prompts == ["abc de", "de f a", "f abc "]


def test_no_text_is_longer_than_there_is() -> None:
    assert held_out_prompts(Asks(), Letters(), examples("text", "abc"), tokens=60, room=99, count=5) == ["abc"]


def test_conversations_that_a_service_takes_are_sent_as_they_are() -> None:
    said = examples(
        "said", "user:hello", "user:a|assistant:b", "tool:x|user:y", "user:far too long for the room", "user:hi"
    )
    found = held_out_prompts(Asks(), Letters(), said, tokens=6, room=12, count=5)
    assert found == [[{"role": "user", "content": "hello"}], [{"role": "user", "content": "hi"}]]
    with pytest.raises(DataError, match="at most 3 tokens"):
        held_out_prompts(Asks(), Letters(), said, tokens=6, room=3, count=5)
