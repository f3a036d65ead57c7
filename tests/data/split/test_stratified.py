"""The split by shares: complete, in proportion, stable, and with near copies together and out of test."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.split.keys import SplitKey
from seatrial.data.split.stratified import assign_stratified
from seatrial.errors import SpecError
from seatrial.records import Example, Provenance
from seatrial.spec.data_split import Split


def example(number: int, label: str = "x", **slices: str) -> Example:
    return Example(f"id{number}", {"text": str(number)}, label, Provenance("s", number), slices=slices)


def many(count: int) -> list[Example]:
    return [example(i, "ab"[i % 3 == 0], domain="pq"[i % 5 == 0]) for i in range(count)]


def assign_splits(examples: list[Example], clusters: list[list[int]], split: Split, seed: int) -> list[str]:
    return assign_stratified(examples, [SplitKey()] * len(examples), clusters, split, seed)


BOTH = Split(stratify=["domain", "label"])


def test_shares_hold_in_every_stratum() -> None:
    examples = many(3000)
    splits = assign_splits(examples, [], BOTH, 17)
    assert Counter(splits) == {"train": 2100, "validation": 300, "test": 600}
    strata = Counter((e.label, e.slices["domain"]) for e in examples)
    test = Counter((e.label, e.slices["domain"]) for e, s in zip(examples, splits, strict=True) if s == "test")
    for stratum, count in strata.items():
        assert abs(test[stratum] - 0.2 * count) <= 1


def test_many_small_strata_still_add_up() -> None:
    examples = [example(i, domain=str(i // 2)) for i in range(200)]  # 100 strata of two
    counts = Counter(assign_splits(examples, [], Split(stratify=["domain"]), 17))
    assert abs(counts["test"] - 40) <= 2
    assert abs(counts["validation"] - 20) <= 2


def test_another_seed_another_split_and_the_order_does_not_matter() -> None:
    examples = many(200)
    first = assign_splits(examples, [], BOTH, 1)
    assert first != assign_splits(examples, [], BOTH, 2)
    assert first[::-1] == assign_splits(examples[::-1], [], BOTH, 1)


def test_the_same_in_processes_with_other_hash_seeds() -> None:
    code = (
        "from seatrial.data.split.stratified import assign_stratified;from seatrial.records import *;"
        "from seatrial.spec.data_split import Split;"
        "e=[Example(str(i),{},'ab'[i%2],Provenance('s',i)) for i in range(60)];"
        "print(assign_stratified(e,[],[[0,5],[7,8,9]],Split(),3))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@st.composite
def clustered(draw: st.DrawFn) -> tuple[list[Example], list[list[int]]]:
    count = draw(st.integers(1, 120))
    marks = draw(st.lists(st.integers(-15, 8), min_size=count, max_size=count))
    clusters: dict[int, list[int]] = {}
    for index, mark in enumerate(marks):
        if mark >= 0:
            clusters.setdefault(mark, []).append(index)
    return many(count), [cluster for cluster in clusters.values() if len(cluster) > 1]


@given(clustered(), st.integers(0, 2**32 - 1))
def test_clusters_stay_together_and_out_of_test(case: tuple[list[Example], list[list[int]]], seed: int) -> None:
    examples, clusters = case
    splits = assign_splits(examples, clusters, BOTH, seed)
    assert len(splits) == len(examples)
    for cluster in clusters:
        assert len({splits[index] for index in cluster}) == 1
        assert splits[cluster[0]] != "test"
    singles = len(examples) - sum(map(len, clusters))
    counts = Counter(splits)
    assert counts["test"] <= min(singles, 0.2 * len(examples) + 1)
    assert counts["validation"] <= 0.1 * len(examples) + 1


def test_stratify_by_something_unknown() -> None:
    with pytest.raises(SpecError, match="no slice 'domian'") as caught:
        assign_splits(many(3), [], Split(stratify=["label", "domian"]), 1)
    assert caught.value.where == "data.split.stratify.1"
    assert caught.value.hint == "did you mean 'domain'?"
