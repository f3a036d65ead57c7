"""Rows become pairs or say why not; pairs become tokens that fit, both answers behind the same prompt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.records import Drop, Example, Provenance, Row
from seatrial.spec.data import DataSpec
from seatrial.tasks.language_tokenizer import LanguageTokenizer, open_tokenizer
from seatrial.tasks.preference_pairs import TokenPreference, preference_pair, preference_tokens

from ..toy_decoder import pair, toy_decoder

HELLO = [{"role": "user", "content": "hello?"}]


def read(asked: Any, chosen: Any, rejected: Any, *, messages: bool = False) -> Example | Drop:
    columns = {"messages" if messages else "prompt": "asked", "chosen": "good", "rejected": "bad"}
    data = DataSpec.model_validate({"sources": [{"name": "a", "path": "a.jsonl"}], "columns": columns})
    return preference_pair(Row({"asked": asked, "good": chosen, "bad": rejected}, Provenance("a", 1)), data, "1")


def inputs(found: Example | Drop) -> dict[str, str]:
    assert isinstance(found, Example), found
    return dict(found.inputs)


def test_texts_are_taken_as_they_stand_and_numbers_as_texts() -> None:
    assert inputs(read("2 + 2 =", 4, " 5")) == {"prompt": "2 + 2 =", "chosen": "4", "rejected": " 5"}


@pytest.mark.parametrize(
    ("asked", "chosen", "rejected", "reason"),
    [
        ("a?", "yes", "yes", "chosen and rejected are equal"),
        ("a?", " ", "no", "chosen is empty"),
        ("a?", "yes", None, "rejected is missing"),
        ("a?", "yes", ["no"], "rejected is no text"),
        ("", "yes", "no", "prompt is empty"),
        (None, "yes", "no", "prompt is missing"),
        ({"a": 1}, "yes", "no", "prompt is no text"),
    ],
)
def test_a_row_that_teaches_nothing_is_dropped_with_its_reason(
    asked: Any, chosen: Any, rejected: Any, reason: str
) -> None:
    found = read(asked, chosen, rejected)
    assert isinstance(found, Drop)
    assert found.reason == reason


@pytest.mark.parametrize("chosen", ["hi", [{"role": "assistant", "content": "hi"}]])
@pytest.mark.parametrize("asked", [HELLO, json.dumps(HELLO)])
def test_answers_to_messages_are_texts_or_messages(asked: Any, chosen: Any) -> None:
    whole = [*HELLO, {"role": "assistant", "content": "go"}]  # as data sets hold it that repeat the prompt
    found = inputs(read(asked, chosen, whole, messages=True))
    assert json.loads(found["messages"]) == HELLO
    assert (found["chosen"], found["rejected"]) == ("hi", "go")


@pytest.mark.parametrize(
    ("asked", "rejected", "reason"),
    [
        ([*HELLO, {"role": "assistant", "content": "hi"}], "no", "messages end with an answer"),
        ("hello?", "no", "messages are no conversation"),
        ([{"role": "robot", "content": "x"}], "no", "messages cannot be used: unknown role"),
        (HELLO, [{"role": "user", "content": "x"}], "rejected is not one answer"),
        (
            HELLO,
            [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}],
            "rejected is not one answer",
        ),
    ],
)
def test_messages_that_cannot_be_answered_so_are_dropped(asked: Any, rejected: Any, reason: str) -> None:
    found = read(asked, "yes", rejected, messages=True)
    assert isinstance(found, Drop)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("most", "lead", "prompt", "chosen"),
    [
        (20, 1, [0, 1, 2, 3, 4], [5, 6, 7]),
        (6, 1, [0, 3, 4], [5, 6, 7]),
        (6, 0, [2, 3, 4], [5, 6, 7]),
        (4, 1, [0], [5, 6, 7]),
        (3, 0, [4], [5, 6]),
    ],
)
def test_the_oldest_of_the_prompt_goes_and_then_the_end_of_answers(
    most: int, lead: int, prompt: list[int], chosen: list[int]
) -> None:
    found = TokenPreference([0, 1, 2, 3, 4], [5, 6, 7], [8]).within(most, lead=lead)
    assert (found.prompt, found.chosen, found.rejected) == (prompt, chosen, [8])


def said(tokenizer: LanguageTokenizer, ids: Any) -> str:
    return tokenizer.tokenizer.decode(list(ids), skip_special_tokens=False)


def test_texts_become_a_prompt_and_what_goes_on_with_it(tmp_path: Path) -> None:
    tokenizer = open_tokenizer(toy_decoder(tmp_path), 64)
    found = preference_tokens(tokenizer, [pair(1, "is it so?", " yes", " no!")])[0]
    assert list(found.prompt) == [tokenizer.start_id, *tokenizer.documents(["is it so?"])[0][1:-1]]
    assert tokenizer.text(found.chosen) == " yes"
    assert [answer[-1] for answer in found.answers] == [tokenizer.end_id] * 2


def test_messages_lose_their_oldest_turns_and_keep_what_the_system_says(tmp_path: Path) -> None:
    folder = toy_decoder(tmp_path, chat=True)
    turns = [("system", "be kind"), ("user", "one"), ("assistant", "two"), ("user", "three?")]
    messages = json.dumps([{"role": role, "content": content} for role, content in turns])
    example = Example("1", {"messages": messages, "chosen": "four", "rejected": "go"}, "", Provenance("a", 1))
    whole = preference_tokens(open_tokenizer(folder, 200), [example])[0]
    tokenizer = open_tokenizer(folder, len(whole.prompt))
    assert "two" in said(tokenizer, whole.prompt)
    assert said(tokenizer, whole.chosen) == "four<|im_end|>"
    shorter = preference_tokens(tokenizer, [example])[0]
    assert "two" not in said(tokenizer, shorter.prompt)
    assert "be kind" in said(tokenizer, shorter.prompt)
    assert "three?" in said(tokenizer, shorter.prompt)
    least = preference_tokens(open_tokenizer(folder, 12), [example])[0]
    assert len(least.prompt) + len(least.chosen) == 12
    assert list(least.prompt) == list(whole.prompt[-len(least.prompt) :])


def test_messages_need_a_chat_template(tmp_path: Path) -> None:
    example = Example("1", {"messages": json.dumps(HELLO), "chosen": "a", "rejected": "b"}, "", Provenance("a", 1))
    with pytest.raises(SpecError, match="no chat template"):
        preference_tokens(open_tokenizer(toy_decoder(tmp_path), 64), [example])
