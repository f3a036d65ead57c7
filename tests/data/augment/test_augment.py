"""New training examples: how many, from what, marked as what, and never like what is held out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from seatrial.data.augment.augment import Augmentations, augment
from seatrial.data.augment.build import build_methods, files_read, needs_encoder
from seatrial.errors import SpecError
from seatrial.records import Example, Provenance, Span
from seatrial.spec.data_augment import Augmentation
from seatrial.tasks import TASKS

TASK = TASKS.get("text-classification")()


def example(number: int, label: str, text: str | None = None) -> Example:
    words = text or f"comment number{number} about thing{number * 7 % 31} that somebody{number % 13} wrote"
    return Example(
        f"id{number}", {"text": words}, label, Provenance("s", number), (0.5, 0.5), 2, {"domain": f"d{number % 2}"}
    )


TRAIN = [example(i, "a" if i % 5 else "b") for i in range(100)]


def run(*steps: dict[str, Any], train: list[Example] = TRAIN, **settings: Any) -> Augmentations:
    given = {"held_out": [], "near": 0.8, "seed": 17, "root": Path(), **settings}
    return augment(train, [Augmentation.model_validate(step) for step in steps], task=TASK, **given)


def test_a_share_is_made_and_everything_but_the_text_is_kept() -> None:
    found = run({"method": "typos", "share": 0.3}, {"method": "delete-words", "share": 0.1})
    assert Counter(e.augmented.method for e in found.examples if e.augmented) == {"typos": 30, "delete-words": 10}
    origins = {e.id: e for e in TRAIN}
    for new in found.examples:
        assert new.augmented is not None
        old = origins[new.augmented.origin]
        assert new.inputs["text"] != old.inputs["text"]
        assert (new.label, new.distribution, new.raters, new.slices) == (
            old.label, old.distribution, old.raters, old.slices,
        )  # fmt: skip
        assert new.provenance == old.provenance
    assert len({e.id for e in [*TRAIN, *found.examples]}) == 140
    assert sum(row["made"] for row in found.table) == 40


def test_a_seed_decides_and_the_order_of_the_examples_does_not() -> None:
    step = {"method": "typos", "share": 0.3}
    first = run(step)
    assert run(step).examples == first.examples
    assert run(step, seed=18).examples != first.examples
    turned = run(step, train=TRAIN[::-1])
    assert {e.inputs["text"] for e in turned.examples} == {e.inputs["text"] for e in first.examples}


def test_several_are_made_from_one_and_no_text_twice() -> None:
    found = run({"method": "typos", "share": 3.0})
    texts = [e.inputs["text"] for e in (*TRAIN, *found.examples)]
    assert len(found.examples) + sum(row["count"] for row in found.left_out) == 300
    assert len({text.lower() for text in texts}) == len(texts)
    assert max(Counter(e.augmented.origin for e in found.examples if e.augmented).values()) <= 4


def test_rare_labels_are_filled_up() -> None:
    found = run({"method": "repeat", "balance": 1.0})
    assert Counter(e.label for e in found.examples) == {"b": 60}
    assert Counter(Counter(e.augmented.origin for e in found.examples if e.augmented).values()) == {3: 20}
    assert run({"method": "repeat", "balance": 0.25}).examples == []
    assert {e.label for e in run({"method": "typos", "labels": ["b"]}).examples} == {"b"}


def test_nothing_like_a_held_out_text_is_made() -> None:
    train = [example(1, "a", "alpha beta gamma"), example(2, "b", "something else entirely")]
    held = [
        example(3, "a", "gamma beta alpha"),
        example(4, "a", "BETA  alpha gamma"),
        example(5, "a", "alpha gamma beta"),
    ]
    found = run({"method": "swap-words", "share": 10.0}, train=train, held_out=held, near=None)
    texts = {e.inputs["text"] for e in found.examples}
    assert "alpha beta gamma" not in texts
    assert not texts & {"gamma beta alpha", "beta alpha gamma", "alpha gamma beta"}
    assert any(row["reason"] == "already in the data" for row in found.left_out)
    long = " ".join(f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(40))
    near = run(
        {"method": "delete-words", "share": 1.0, "options": {"rate": 0.01}},
        train=[example(900, "a", long), *TRAIN[:10]],
        held_out=[example(901, "a", f"{long} more")],
    )
    assert {"method": "delete-words", "reason": "like a held-out text", "count": 1} in near.left_out
    assert "id900" not in {e.augmented.origin for e in near.examples if e.augmented}


def test_texts_with_labelled_parts_can_only_be_repeated() -> None:
    marked = [replace(e, spans=(Span(0, 7, "PER"),)) for e in TRAIN[:10]]
    with pytest.raises(SpecError, match="parts of these texts are labelled") as caught:
        run({"method": "repeat"}, {"method": "typos"}, train=marked)
    assert caught.value.where == "data.augment.1.method"
    assert [e.spans for e in run({"method": "repeat", "share": 0.2}, train=marked).examples] == [marked[0].spans] * 2


def test_texts_in_which_nothing_can_be_changed_give_nothing() -> None:
    assert run({"method": "typos"}, train=[example(i, "a", ":)") for i in range(5)]).examples == []
    assert run({"method": "change-script", "share": 1.0}).examples == []


@pytest.mark.parametrize(
    ("step", "where", "message"),
    [
        ({"method": "typoes"}, "data.augment.0.method", "unknown way to augment"),
        ({"method": "typos", "options": {"rat": 0.1}}, "data.augment.0.options.rat", "options.rat"),
        ({"method": "typos", "options": {"rate": 2.0}}, "data.augment.0.options.rate", "options.rate"),
        ({"method": "synonyms", "options": {"file": "x", "neighbours": 3}}, "data.augment.0.options", "leave out file"),
    ],
)
def test_steps_that_cannot_be_meant(step: dict[str, Any], where: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        build_methods([Augmentation.model_validate(step)])
    assert str(caught.value.where).startswith(where)


def test_amounts_that_cannot_be_meant() -> None:
    for amount in ({"share": 0.0}, {"share": 11.0}, {"share": 0.5, "balance": 0.5}, {"balance": 1.5}):
        with pytest.raises(ValidationError):
            Augmentation.model_validate({"method": "typos", **amount})


def test_what_shapes_the_result_is_known_beforehand() -> None:
    steps = [Augmentation(method="typos"), Augmentation(method="synonyms", options={"file": "list.tsv"})]
    assert not needs_encoder(steps)
    assert files_read(steps) == ("list.tsv",)
    assert needs_encoder([Augmentation(method="synonyms")])
    assert needs_encoder([Augmentation(method="masked-words")])


def test_joined_texts_have_the_mean_of_both_soft_labels() -> None:
    train = [
        replace(example(1, "a", "one thing"), distribution=(1.0, 0.0)),
        replace(example(2, "a", "other matter"), distribution=(0.6, 0.4)),
    ]
    found = run({"method": "join-texts", "share": 1}, train=train).examples
    assert {new.inputs["text"] for new in found} == {"one thing other matter", "other matter one thing"}
    assert all(new.distribution == pytest.approx((0.8, 0.2)) for new in found)
