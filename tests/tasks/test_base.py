"""Every registered task has everything that the protocol names, so that no stage meets a gap after minutes."""

from __future__ import annotations

import inspect

import pytest

from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.opponents import OPPONENTS
from seatrial.spec.contract import LIKENESSES
from seatrial.tasks import TASKS, Task
from seatrial.tasks.base import Learns

MEMBERS = {**vars(Learns), **vars(Task)}
METHODS = [name for name, member in MEMBERS.items() if inspect.isfunction(member) and not name.startswith("_")]


@pytest.mark.parametrize("name", list(TASKS))
def test_a_task_has_all_attributes_and_the_arguments_of_all_methods(name: str) -> None:
    task = TASKS.get(name)
    assert task.name == name
    for attribute in {**Learns.__annotations__, **Task.__annotations__}:
        assert hasattr(task, attribute), attribute
    assert len(METHODS) > 10
    for method in METHODS:
        asked, given = (inspect.signature(getattr(kind, method)).parameters for kind in (Task, task))
        assert list(asked) == list(given), method


@pytest.mark.parametrize("name", list(TASKS))
def test_what_a_task_names_is_there_and_fits(name: str) -> None:
    task = TASKS.get(name)
    assert task.likeness in LIKENESSES
    for metric in {*task.metrics, *task.watched_metrics, task.primary_metric}:
        assert METRICS.get(metric).reads == task.judged_on
    assert task.primary_metric in task.watched_metrics
    assert METRICS.get(task.primary_metric).higher_is_better is not task.lower_is_better
    for opponent in task.opponents:
        assert task.judged_on in OPPONENTS.get(opponent).answers
