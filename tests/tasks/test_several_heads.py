"""A classifier learned together with another one and a tagger: it learns, goes on to the same bits, is saved alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from seatrial.errors import SpecError
from seatrial.records import Example, Report, Span
from seatrial.spec.training import TrainingSpec
from seatrial.tasks.several_heads import Companion, SeveralHeads
from seatrial.tasks.text_classification import TextClassification
from seatrial.tasks.token_classification import TokenClassification

from ..train.toy import toy_base, toy_examples, toy_fit, toy_spec

TOPICS = ("blame", "praise", "nothing")


def by_topic(examples: Sequence[Example]) -> list[Example]:
    def label(example: Example) -> str:
        return TOPICS[2] if " " not in example.inputs["text"] else TOPICS[example.label == "positive"]

    return [replace(example, label=label(example), distribution=None, raters=None) for example in examples]


def marked(examples: Sequence[Example]) -> list[Example]:
    """Every `film` is marked."""
    found = []
    for example in examples:
        text, spans, start = example.inputs["text"], [], 0
        while (start := text.find("film", start)) >= 0:
            spans.append(Span(start, start + 4, "FILM"))
            start += 4
        found.append(replace(example, label="", distribution=None, raters=None, spans=tuple(spans)))
    return found


def counted(outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example]) -> Mapping[str, float]:
    return {"n": float(len(examples))}


def together() -> SeveralHeads:
    train, validation = toy_examples(48, 7), toy_examples(12, 8)
    spec = TrainingSpec()
    topics = Companion(
        "topics", TextClassification(), TOPICS, by_topic(train), by_topic(validation), counted, spec, 0.2, 1.0
    )
    films = Companion(
        "films", TokenClassification(), ("FILM",), marked(train), marked(validation), counted, spec, 0.2, 0.5
    )
    return SeveralHeads(TextClassification(), [topics, films])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_base(tmp_path_factory.mktemp("base"))


def fitted(base: Path, folder: Path, spec: TrainingSpec, **other: Any) -> Report:
    return toy_fit(base, folder, spec, **{"task": together(), **other})


def weights(folder: Path) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in load_file(folder / "out" / "model.safetensors").items()}


def test_all_are_learned_and_the_own_task_is_saved_as_if_alone(base: Path, tmp_path: Path) -> None:
    report = fitted(base, tmp_path / "together", toy_spec(epochs=6), train=toy_examples(128, 1))
    validations = report.series["validations"]
    first, last = validations[0], validations[-1]
    assert last["accuracy"] > 0.9
    for name in ("topics.loss", "films.loss"):
        assert min(found[name] for found in validations) < 0.8 * first[name]
    assert last["films.n"] == 12
    toy_fit(base, tmp_path / "alone", toy_spec(epochs=1))
    saved, alone = (load_file(tmp_path / name / "out" / "model.safetensors") for name in ("together", "alone"))
    assert {name: array.shape for name, array in saved.items()} == {n: array.shape for n, array in alone.items()}
    assert (tmp_path / "together/out/config.json").read_bytes() == (tmp_path / "alone/out/config.json").read_bytes()


class Stopped(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize(
    "settings",
    [{}, {"adapt": "lora"}, {"accumulate": 2, "gradient_checkpointing": True}],
    ids=["full", "lora", "accumulated"],
)
def test_a_run_that_was_cut_off_ends_with_the_same_bits(settings: dict[str, Any], base: Path, tmp_path: Path) -> None:
    spec = toy_spec(epochs=2, checkpoint_seconds=0, **settings)
    report = fitted(base, tmp_path / "whole", spec)
    left = 9

    def cut(what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Stopped

    with pytest.raises(Stopped):
        fitted(base, tmp_path / "cut", spec, progress=cut)
    assert list((tmp_path / "cut/work/checkpoints").iterdir())
    fitted(base, tmp_path / "cut", spec)
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")
    facts = report.facts
    assert (facts["trainable_parameters"] < facts["parameters"]) == (settings.get("adapt") == "lora")


def test_low_rank_updates_learn_in_the_body_and_heads_learn_whole(base: Path) -> None:
    from seatrial.train.adapters.lora import Lora

    model = together().load_model(base, ("negative", "positive"), None)
    prepared = Lora(TrainingSpec()).prepare(model)
    learning = {name for name, parameter in prepared.named_parameters() if parameter.requires_grad}
    inside = {name for name in learning if ".encoder." in name}
    assert inside
    assert all(
        ".a." in name or ".b." in name or "lora" in name.lower() or name.endswith((".a", ".b")) for name in inside
    )
    assert {name.split(".")[0] for name in learning - inside} == {"task0", "task1", "task2"}
    assert not any("embeddings" in name for name in learning)


def test_a_base_that_transformers_does_not_open_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "seatrial"}')
    with pytest.raises(SpecError, match="transformers makes no model for text-classification of the base") as caught:
        together().load_model(tmp_path, ("a", "b"), None)
    assert caught.value.where == "training.together"
