"""A project file that says who rated what, up to the data set on disk."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.data.dataset import read_split
from seatrial.data.prepare import prepare
from seatrial.progress import silent
from seatrial.records import Example, Report
from seatrial.spec.data import DataSpec
from seatrial.tasks import TASKS

LABELS = ("no", "yes")
RATERS = ["ann", "bob", "c1", "c2", "c3"]


def rated(n: int = 200) -> tuple[list[dict[str, str]], list[str]]:
    """Two careful raters, and three who say no to half of everything; what is right."""
    draws = np.random.default_rng(5)
    truth = [LABELS[i] for i in draws.integers(0, 2, n)]
    rows = []
    for i, right in enumerate(truth):
        careful = {name: right if draws.random() < 0.97 else "no" for name in RATERS[:2]}
        careless = {name: right if draws.random() < 0.4 else "no" for name in RATERS[2:]}
        rows.append({"id": f"{i}", "text": f"text {i} {chr(97 + i % 26) * 9} {i * 7}", **careful, **careless})
    return rows, truth


def prepared(folder: Path, columns: dict[str, Any], **ratings: str) -> tuple[Report, dict[int, Example]]:
    spec = {"sources": [{"name": "all", "path": "rows.*"}], "columns": columns, "dedupe": {"near": None}}
    data = DataSpec.model_validate({**spec, "ratings": {"vote": "label", **ratings}})
    task = TASKS.get("text-classification")()
    report = prepare(data, task=task, labels=LABELS, root=folder, seed=1, out=folder, progress=silent)
    found = [example for split in ("train", "validation", "test") for example in read_split(folder, split)]
    return report, {example.provenance.row: example for example in found}


def right(found: dict[int, Example], truth: list[str]) -> float:
    return float(np.mean([example.label == truth[row - 1] for row, example in found.items()]))


def test_dawid_skene_from_a_column_per_rater(tmp_path: Path) -> None:
    rows, truth = rated()
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    report, by_vote = prepared(tmp_path, {"ratings": RATERS})
    assert "raters" not in report.tables
    report, weighed = prepared(tmp_path, {"ratings": RATERS}, consensus="dawid-skene")
    assert right(weighed, truth) > right(by_vote, truth) + 0.05
    assert right(weighed, truth) > 0.95
    accuracy = {row["rater"]: row["accuracy"] for row in report.tables["raters"]}
    assert min(accuracy["ann"], accuracy["bob"]) > 0.9
    assert max(accuracy[name] for name in RATERS[2:]) < 0.8
    row = next(row for row, example in weighed.items() if example.label != by_vote[row].label)
    assert weighed[row].distribution != by_vote[row].distribution
    assert sum(weighed[row].distribution or ()) == pytest.approx(1)
    assert weighed[row].slices == by_vote[row].slices  # how divided the raters are does not depend on who is right
    assert weighed[row].raters == 5


def test_a_mapping_and_a_list_give_the_same_as_columns(tmp_path: Path) -> None:
    rows, _ = rated(60)
    shapes: dict[str, Any] = {
        "mapping": [{"text": row["text"], "r": {name: row[name] for name in RATERS}} for row in rows],
        "list": [{"text": row["text"], "r": [row[name] for name in RATERS]} for row in rows],
        "columns": rows,
    }
    found = {}
    for shape, lines in shapes.items():
        folder = tmp_path / shape
        folder.mkdir()
        (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)))
        _, examples = prepared(folder, {"ratings": RATERS if shape == "columns" else "r"}, consensus="dawid-skene")
        found[shape] = {row: (example.label, example.distribution) for row, example in examples.items()}
    assert found["mapping"] == found["list"] == found["columns"]


def test_soft_labels_from_a_column(tmp_path: Path) -> None:
    lines = [
        {"text": f"text {i} {chr(97 + i % 26) * 9} {i * 7}", "d": {"yes": 3, "no": 1} if i % 2 else {"no": 1}}
        for i in range(40)
    ]
    lines.append({"text": "nothing known", "d": {}})
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)))
    report, found = prepared(tmp_path, {"distribution": "d"})
    assert (found[2].label, found[2].distribution, found[2].raters) == ("yes", (0.25, 0.75), None)
    assert found[1].distribution == (1.0, 0.0)
    assert [row["count"] for row in report.tables["dropped"]] == [1]
