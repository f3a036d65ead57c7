from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.annotate.label_studio import Annotation, read_tasks, task_of
from seatrial.data.annotate.store import Item
from seatrial.errors import DataError


def choice(label: str) -> dict[str, Any]:
    return {"type": "choices", "from_name": "sentiment", "to_name": "text", "value": {"choices": [label]}}


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """As Label Studio exports it: several annotations per task, a skipped one, raters as numbers and accounts."""
    tasks = [
        {
            "id": 7,
            "data": {"text": "fine", "source": "mail"},
            "annotations": [
                {"completed_by": 1, "lead_time": 2.5, "was_cancelled": False, "result": [choice("yes")]},
                {"completed_by": {"id": 2, "email": "bob@example.org"}, "result": [choice("no")]},
                {"completed_by": 3, "was_cancelled": True, "result": []},
            ],
        },
        {"id": 8, "data": {"text": "bad", "source": "mail"}, "annotations": []},
    ]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks), encoding="utf-8")
    return tmp_path / "tasks.json"


def test_tasks_become_items_with_answers(exported: Path) -> None:
    first, second = read_tasks(exported)
    assert first.item == Item("7", "fine", {"text": "fine", "source": "mail"})
    assert first.annotations == (
        Annotation("1", "yes", 2.5),
        Annotation("bob@example.org", "no"),
        Annotation("3", ""),
    )
    assert second.annotations == ()


def test_our_tasks_come_back_as_they_were(tmp_path: Path) -> None:
    item = Item("row 1", "=1+1 <b>", {"text": "=1+1 <b>", "n": 3})
    said = (Annotation("ann", "yes", 1.0), Annotation("bob", "", 0.5))
    (tmp_path / "t.json").write_text(json.dumps([task_of(item, "text", said)]))
    (back,) = read_tasks(tmp_path / "t.json")
    assert (back.item, back.annotations) == (item, said)


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ("{", "cannot be read as JSON"),
        ("{}", "no list of tasks"),
        ('[{"id": 1}]', "task 1: has no data"),
        ('[{"data": {"a": "x", "b": "y"}}]', "no text 'text'"),
        ('[{"data": {"text": "x"}, "annotations": [{"result": [{"type": "labels"}]}]}]', "0 choices"),
        ('[{"data": {"text": "x"}, "annotations": [{"rater": "a"}, {"rater": "a"}]}]', "annotated it twice"),
    ],
)
def test_what_is_no_task_is_named(tmp_path: Path, tasks: str, words: str) -> None:
    (tmp_path / "t.json").write_text(tasks)
    with pytest.raises(DataError, match=words):
        list(read_tasks(tmp_path / "t.json"))
