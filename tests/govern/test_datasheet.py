"""The datasheet: all seven parts, counts from the record, answers from the project file, and no invented word."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from seatrial.govern.datasheet import NOT_STATED, datasheet
from seatrial.records import Report, Trial

PARTS = [
    "Motivation",
    "Composition",
    "Collection process",
    "Preprocessing, cleaning, labelling",
    "Uses",
    "Distribution",
    "Maintenance",
]


def with_data(trial: Trial, facts: dict[str, Any] | None = None, **data: Any) -> Trial:
    """The trial with another `data` section, and further facts of prepare."""
    spec = {**(trial.lineage.get("spec") or {}), "data": data}
    prepared = trial.reports.get("prepare", Report("prepare"))
    prepared = replace(prepared, facts={**prepared.facts, **(facts or {})})
    return replace(trial, lineage={**trial.lineage, "spec": spec}, reports={**trial.reports, "prepare": prepared})


def answer(text: str, question: str) -> str:
    return text.partition(f"**{question}**\n\n")[2].partition("\n\n**")[0].partition("\n\n## ")[0].strip()


@pytest.mark.parametrize("kind", ["trial", "refused", "bare", "hostile", "vectors"])
def test_every_part_is_there_and_every_table_holds(kind: str, request: pytest.FixtureRequest) -> None:
    text = datasheet(request.getfixturevalue(kind))
    assert re.findall(r"^## (.*)", text, re.M) == PARTS
    assert not re.search(r"\b(nan|inf|None)\b", text)
    assert "<script" not in text
    assert text.encode("utf-8")
    widths: list[int] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            widths.clear()
            continue
        widths.append(len(re.findall(r"(?<!\\)\|", line)))
        assert widths[-1] == widths[0]


def test_answers_are_shown_and_what_nobody_answered_is_said(trial: Trial) -> None:
    answers = {"purpose": "To sort *comments*", "consent": "Asked | agreed", "license": ""}
    text = datasheet(with_data(trial, datasheet=answers))
    assert answer(text, "Why were the data collected?") == r"To sort \*comments\*"
    assert answer(text, "Do the people behind them know and agree?") == r"Asked \| agreed"
    for question in ("Who paid for it?", "Under which licence or terms?", "Who looks after them?"):
        assert answer(text, question) == NOT_STATED


def test_counts_come_from_prepare(trial: Trial) -> None:
    prepared = trial.reports["prepare"]
    row = prepared.tables["splits"][0]
    assert f"{row['count']}" in answer(datasheet(trial), "How many examples are there?")
    tables = {**prepared.tables, "splits": [{**row, "count": 987654}]}
    changed = replace(trial, reports={**trial.reports, "prepare": replace(prepared, tables=tables)})
    assert "987654" in answer(datasheet(changed), "How many examples are there?")


def test_what_the_project_file_says_about_the_making(trial: Trial) -> None:
    text = datasheet(
        with_data(
            trial,
            {"leaks": {"near copy": 3}},
            sources=[{"name": "tweets", "package": "toy==1.0", "sha256": "ab" * 32}, {"name": "mine", "path": "a.csv"}],
            clean=["lowercase", {"redact": {}}],
            dedupe={"exact": False, "near": None},
            split={"method": "group", "group": "author", "train": 0.7, "validation": 0.1, "test": 0.2},
            columns={"ratings": "votes"},
            ratings={"vote": "sign"},
            augment=[{"method": "typos"}],
        )
    )
    assert "package toy==1.0 | abababababab" in answer(text, "Where were they read from?")
    assert "In order: `lowercase`, `redact`." in answer(text, "How were texts cleaned?")
    assert answer(text, "How were copies treated?") == "They were not looked for."
    division = answer(text, "How were they divided?")
    assert division.startswith("By groups, each whole in one split; shares: train 0.7")
    assert "`author`" in division
    assert "as was allowed: near copy 3" in division
    assert "vote: sign" in answer(text, "How were ratings joined?")
    assert answer(text, "Were examples made artificially?").startswith("Yes, for the training split only")
    assert "Personal data was not masked" not in text
    assert "Personal data was not masked" in datasheet(with_data(trial, clean=["lowercase"]))


def test_raters_are_numbered_not_named(trial: Trial) -> None:
    prepared = trial.reports["prepare"]
    raters = [{"rater": "ann", "ratings": 7, "accuracy": 0.5}, {"rater": "bob", "ratings": 9, "accuracy": 0.75}]
    changed = replace(prepared, tables={**prepared.tables, "raters": raters})
    text = datasheet(replace(trial, reports={**trial.reports, "prepare": changed}))
    assert "| 2 | 9 | 0.750 |" in text
    assert "ann" not in answer(text, "What is known about errors and personal data?")
