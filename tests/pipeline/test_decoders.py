"""What is asked of a decoder before anything runs, by its base as by its section."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import SpecError
from seatrial.pipeline.decoders import check_methods, methods_for, misfit_of, require_graph
from seatrial.spec.load import parse_spec
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Task

LLAMA = {"model_type": "llama", "hidden_size": 64, "num_attention_heads": 4, "hidden_act": "silu"}


def spec(task: str, **changes: Any) -> tuple[ProjectSpec, Task]:
    tree = {
        "name": "x",
        "task": task,
        "data": {"sources": [{"name": "rows", "path": "rows.jsonl"}]},
        "model": {"base": "base"},
        "requirements": [{"metric": "size_mb", "at_most": 1}],
    }
    return parse_spec({**tree, **changes}, "test"), TASKS.get(task)()


def base(folder: Path, **config: Any) -> Path:
    (folder / "config.json").write_text(json.dumps({**LLAMA, **config}), encoding="utf-8")
    return folder


def test_methods_follow_from_what_the_task_gives() -> None:
    assert methods_for(*spec("causal-lm")) == ["fp32", "int8", "int4"]
    assert methods_for(*spec("text-classification")) == ["fp32", "int8-block", "int8-dynamic"]
    assert methods_for(*spec("causal-lm", compression={"methods": ["int4"]})) == ["int4"]
    with pytest.raises(SpecError, match=r"compression\.methods\.1: unknown compression method 'int4'"):
        check_methods(*spec("text-classification", compression={"methods": ["fp32", "int4"]}))


@pytest.mark.parametrize(
    ("config", "misfit"),
    [
        ({}, None),
        ({"model_type": "gpt2"}, "the model is of the family 'gpt2'"),
        ({"num_attention_heads": 8}, "the model's heads have 8 values"),
    ],
)
def test_a_base_is_told_by_its_configuration(config: dict[str, Any], misfit: str | None, tmp_path: Path) -> None:
    folder = base(tmp_path, **config)
    assert misfit_of(folder) == misfit
    asks = {"requirements": [{"metric": "size_mb", "at_most": 1}, {"metric": "tokens_per_s", "at_least": 5}]}
    if misfit is None:
        require_graph(*spec("causal-lm", **asks), folder)
        return
    with pytest.raises(SpecError, match=r"requirements\.1\.metric: .*released as it was trained: " + misfit):
        require_graph(*spec("causal-lm", **asks), folder)
    with pytest.raises(SpecError, match="compression: "):
        require_graph(*spec("causal-lm", compression={"methods": ["fp32"]}), folder)
    require_graph(*spec("causal-lm"), folder)  # nobody asks for what it has not


def test_a_base_that_is_not_there_yet_and_other_tasks_are_left_alone(tmp_path: Path) -> None:
    asks = {"requirements": [{"metric": "p95_ms", "at_most": 5}]}
    require_graph(*spec("causal-lm", **asks), None)
    require_graph(*spec("text-classification", **asks), base(tmp_path, model_type="bert"))
