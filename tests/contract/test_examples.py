"""Every shipped project file is one that Seatrial reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from .repository import ROOT

RECIPES = ROOT / "recipes"
EXAMPLES = sorted(
    (*(ROOT / "examples").glob("*/seatrial.yaml"), *RECIPES.glob("*/*.yaml"), *RECIPES.glob("*/*/seatrial.yaml"))
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_example_is_read(path: Path) -> None:
    from seatrial.spec.load import load_spec

    spec = load_spec(path)
    assert spec.name
    assert spec.description, "an example says what it is"


def test_every_task_has_a_template_that_is_read(tmp_path: Path) -> None:
    from seatrial.cli.new_project import new_project
    from seatrial.spec.load import load_spec
    from seatrial.tasks import TASKS

    for task in TASKS:
        file, _ = new_project(tmp_path / task, task, None)
        assert load_spec(file).task == task


def test_the_flagship_is_there() -> None:
    assert ROOT / "examples" / "comments" / "seatrial.yaml" in EXAMPLES


def test_the_flagship_holds_the_agreed_contract() -> None:
    from seatrial.spec.load import load_spec

    spec = load_spec(ROOT / "examples" / "comments" / "seatrial.yaml")
    tweets, agreed = ("domain", "tweets"), ("agreed", "yes")
    wanted = {
        ("accuracy", frozenset({tweets, agreed}), None, ">=", 0.92, None),
        ("accuracy", frozenset({tweets, agreed}), None, ">=", 0.90, 0.95),
        ("accuracy", frozenset({tweets}), None, ">=", 0.84, None),
        ("f1_macro", frozenset({tweets, agreed}), None, ">=", 0.85, None),
        ("accuracy", frozenset({agreed}), "vader", ">=", 0.18, None),
        ("ece", frozenset(), None, "<=", 0.05, None),
        ("p95_ms", frozenset(), None, "<=", 50, None),
        ("size_mb", frozenset(), None, "<=", 25, None),
        ("agreement", frozenset(), None, ">=", 0.97, None),
    }
    records = [requirement.record() for requirement in spec.requirements]
    held = {(r.metric, frozenset(r.where.items()), r.over, r.comparator, r.bound, r.confidence) for r in records}
    assert wanted <= held, wanted - held
