"""Templates render in a sandbox; contents pass beside them, and what would mix the two is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import ArtifactError, DataError, ResolveError, SeatrialError
from seatrial.tokenize.chat_template import ChatTemplate, Part
from seatrial.tokenize.special import CHATML

HELLO = [{"role": "user", "content": "  a < b "}]


def parts(source: str, messages: Any = HELLO) -> list[Part]:
    return ChatTemplate(source, {"eos_token": "</s>"}).parts(messages)


def test_a_conversation_in_parts() -> None:
    found = ChatTemplate(CHATML, {}).parts(
        [{"role": "system", "content": "be\n"}, {"role": "user", "content": ""}], add_generation_prompt=True
    )
    assert [part.text for part in found] == [
        "<|im_start|>system\n",
        "be\n",
        "<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n",
    ]
    assert [part.message for part in found if part.message is not None] == [0]


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("{{ messages[0].content | trim }}{{ eos_token }}", ["a < b", "</s>"]),
        ("{{ messages[0]['content'].strip() + eos_token }}", ["a < b", "</s>"]),
        ("{{ messages[0].content.split('<')[-1] }}", [" b "]),
        ("{{ 'x' ~ messages[0].content }}", ["x", "  a < b "]),
        ("{% if '<' in messages[0].content and messages[0].content %}yes{% endif %}", ["yes"]),
        ("{{ messages[0].content | length }}{{ messages[0].content == '  a < b ' }}", ["8True"]),
        ("{% for m in messages %}{% if loop.last %}{% break %}{% endif %}{{ m.role }}{% endfor %}.", ["."]),
        ("{{ messages[0].role | tojson }}{{ messages[0].nothing }}", ['"user"']),
    ],
)
def test_what_templates_do_with_contents(source: str, texts: list[str]) -> None:
    assert [part.text for part in parts(source)] == texts


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages[0].content[:2] }}",
        "{{ messages[0].content | upper }}",
        "{{ messages[0].content | replace('a', 'b') }}",
        "{% for c in messages[0].content %}{{ c }}{% endfor %}",
        "{{ messages | tojson }}",
        "{{ messages[0].content.encode() }}",
        "{{ messages[0].content | list }}",
        "{% for i in range(10 ** 9) %}a{% endfor %}",
        "{% for i in range(99999) %}{{ 'a' * 99 }}{% endfor %}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ messages.append(1) }}",
        "{% for %}",
        "{{ 1 / 0 }}",
        "\ue000",
    ],
)
def test_templates_that_are_refused(source: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        parts(source)
    assert caught.value.where is not None
    assert "chat_template" in caught.value.where


def test_a_template_can_refuse_messages() -> None:
    with pytest.raises(DataError, match="roles must alternate"):
        parts("{{ raise_exception('roles must alternate') }}")


def test_what_a_template_marks_as_generated() -> None:
    found = parts("Q{% generation %}{{ messages[0].content }}!{% endgeneration %}R")
    assert found == [Part("Q"), Part("  a < b ", 0, True), Part("!", None, True), Part("R")]


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([], "no messages"),
        ("hello", "not a list"),
        ({"role": "user", "content": "x"}, "not a list"),
        (["x"], "is no message"),
        ([{"role": "user"}], "is no message"),
        ([{"role": "usr", "content": "x"}], "unknown role 'usr'"),
        ([{"role": "user", "content": None}], "is null, not text"),
        ([{"role": "user", "content": [{"type": "text"}]}], "is list, not text"),
        ([{"role": "user", "content": "\ud83d"}], "lone surrogate"),
        ([{"role": "user", "content": "x", "tool_calls": []}], "'tool_calls'"),
    ],
)
def test_messages_that_are_none(messages: Any, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        parts(CHATML, messages)
    assert caught.value.where is not None
    assert caught.value.where.startswith("messages")


def write_config(folder: Path, **config: Any) -> Path:
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_where_a_hub_folder_keeps_it(tmp_path: Path) -> None:
    source = "{{ bos_token }}{{ eos_token }}"
    tokens = {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}, "pad_token": None}
    folder = write_config(tmp_path, chat_template=source, **tokens)
    assert ChatTemplate.of_folder(folder).parts(HELLO) == [Part("<s></s>")]
    several = [{"name": "default", "template": "d"}, {"name": "rag", "template": "r"}]
    folder = write_config(tmp_path, chat_template=several)
    assert ChatTemplate.of_folder(folder, "rag").parts(HELLO) == [Part("r")]
    with pytest.raises(ResolveError, match="'rags'") as caught:
        ChatTemplate.of_folder(folder, "rags")
    assert caught.value.hint == "did you mean 'rag'?"
    (tmp_path / "chat_template.jinja").write_text("from the file", encoding="utf-8")
    assert ChatTemplate.of_folder(folder).parts(HELLO) == [Part("from the file")]


@pytest.mark.parametrize("content", [None, "{}", '{"chat_template": " "}', "{"])
def test_folders_without_one(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer_config.json").write_text(content)
    with pytest.raises(SeatrialError, match=r"no chat template|not JSON"):
        ChatTemplate.of_folder(tmp_path)
