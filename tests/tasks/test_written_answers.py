from __future__ import annotations

import json

import pytest

from seatrial.models.fresh import fresh_model
from seatrial.progress import silent
from seatrial.records import Example, Provenance
from seatrial.spec.language import NetworkSpec
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tasks import TASKS, Writes
from seatrial.tasks.language_tokenizer import LanguageTokenizer
from seatrial.tasks.written_answers import WrittenAnswers
from seatrial.tokenize.chat import ChatEncoder


def conversation(*said: tuple[str, str]) -> Example:
    messages = [{"role": role, "content": content} for role, content in said]
    return Example("a", {"messages": json.dumps(messages)}, "", Provenance("a", 1))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> LanguageTokenizer:
    folder = tmp_path_factory.mktemp("chat")
    texts = ["abcdefghijklmnopqrstuvwxyz one two three"]
    network, spec = NetworkSpec(layers=1, width=16, heads=2), TokenizerSpec(method="characters", chat=True)
    fresh_model(texts, network, spec, kind="decoder", max_length=60, seed=1, out=folder, progress=silent)
    found = TASKS.get("causal-lm")().load_tokenizer(folder, 60)
    assert isinstance(found, LanguageTokenizer)
    return found


def test_the_last_answer_is_wanted_and_all_before_it_is_asked(tokenizer: LanguageTokenizer) -> None:
    task = WrittenAnswers()
    examples = [
        conversation(("user", "one"), ("assistant", "two")),
        conversation(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"), ("user", "e")),
    ]
    assert task.wanted(examples) == ["two", "d"]
    spelled = [tokenizer.tokenizer.decode(ids, skip_special_tokens=True) for ids in task.prompts(tokenizer, examples)]
    assert [text.count(wanted) for text, wanted in zip(spelled, ("two", "d"), strict=True)] == [0, 0]
    assert "one" in spelled[0]
    assert spelled[1].index("b") < spelled[1].index("c")
    template = tokenizer.template
    assert template is not None
    asked = [{"role": "user", "content": "one"}]
    written = ChatEncoder(tokenizer.tokenizer, template).encode(asked, add_generation_prompt=True)
    assert task.prompts(tokenizer, examples)[0] == written.input_ids


def test_the_oldest_turns_go_where_it_is_too_long_and_nobody_need_have_asked(tokenizer: LanguageTokenizer) -> None:
    long = [("user", "old"), ("assistant", "x" * 20), ("user", "new"), ("assistant", "y")]
    first, second = WrittenAnswers().prompts(tokenizer, [conversation(*long), conversation(("assistant", "hello"))])
    assert len(first) <= tokenizer.max_length
    assert "new" in tokenizer.text(first)
    assert "old" not in tokenizer.text(first)
    assert second == [tokenizer.start_id]


def test_what_ends_a_turn_ends_an_answer(tokenizer: LanguageTokenizer) -> None:
    stops = WrittenAnswers().stop_ids(tokenizer)
    assert tokenizer.tokenizer.token_to_id("<|im_end|>") in stops
    assert tokenizer.end_id in stops


def test_which_tasks_write() -> None:
    assert isinstance(TASKS.get("causal-lm")(), Writes)
    assert not isinstance(TASKS.get("masked-lm")(), Writes)
