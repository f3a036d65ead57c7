"""The datasheet of a data set: what the project file and preparing it tell about it, and what people said.

Source of the questions: Gebru et al. 2021, "Datasheets for Datasets", §3. What Seatrial can know is filled in; the rest
is asked in `data.datasheet` of the project file, and says "not stated" until someone answers. Refuses to know files: it
gives text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.govern import datasheet_facts as facts
from seatrial.govern.figures import name
from seatrial.govern.markdown import escape
from seatrial.records import Trial

__all__ = ["NOT_STATED", "datasheet"]

NOT_STATED = "*Not stated.*"

Entry = tuple[str, str]
"""A question, and what there is to say; an empty answer is shown as not stated."""


def datasheet(trial: Trial) -> str:
    """The `DATASHEET.md` of a release.

    Args:
        trial: what the voyage found out; its lineage holds the project file.

    Returns:
        Markdown with the seven parts of the source. Every number is one that `prepare` reported.
    """
    data: Mapping[str, Any] = (trial.lineage.get("spec") or {}).get("data") or {}
    answers: Mapping[str, str] = data.get("datasheet") or {}
    intro = (
        "Figures are those that were counted when the data set was prepared. Other answers are the words of whoever "
        "wrote the project file (`data.datasheet`); nobody has checked them."
    )
    body = "\n\n".join(f"## {title}\n\n{_entries(entries)}" for title, entries in _parts(trial, data, answers))
    return f"# Datasheet of the data behind {escape(name(trial.project))}\n\n{intro}\n\n{body}\n"


def _parts(trial: Trial, data: Mapping[str, Any], answers: Mapping[str, str]) -> Sequence[tuple[str, Sequence[Entry]]]:
    """The parts of the source in its order, each with its questions."""

    def said(key: str) -> str:
        return escape(answers.get(key) or "")

    return (
        (
            "Motivation",
            (
                ("Why were the data collected?", said("purpose")),
                ("Who collected them?", said("creators")),
                ("Who paid for it?", said("funding")),
            ),
        ),
        ("Composition", _composition(trial, data, said("instances"), said("sensitive"))),
        (
            "Collection process",
            (
                ("How were the rows obtained?", said("collection")),
                ("Where were they read from?", facts.sources(trial, data)),
                ("Do the people behind them know and agree?", said("consent")),
            ),
        ),
        (
            "Preprocessing, cleaning, labelling",
            (
                ("Who gave the labels?", said("labelling")),
                ("How were ratings joined?", facts.ratings(data)),
                ("How were texts cleaned?", facts.cleaning(trial, data)),
                ("How were copies treated?", facts.copies(trial, data)),
                ("What was left out, and why?", facts.dropped(trial)),
                ("Were examples made artificially?", facts.augmented(trial, data)),
            ),
        ),
        (
            "Uses",
            (
                ("What were they used for here?", _use(trial)),
                ("What else were or could they be used for?", said("uses")),
                ("What should they not be used for?", said("not_for")),
            ),
        ),
        (
            "Distribution",
            (
                ("Who gets them?", said("distribution")),
                ("Under which licence or terms?", said("license")),
            ),
        ),
        (
            "Maintenance",
            (
                ("Who looks after them?", said("maintenance")),
                ("By what is this version known?", facts.version(trial)),
            ),
        ),
    )


def _composition(trial: Trial, data: Mapping[str, Any], instances: str, sensitive: str) -> Sequence[Entry]:
    languages = (trial.lineage.get("spec") or {}).get("language") or ()
    return (
        ("What does one row stand for?", instances),
        ("How many examples are there?", facts.counts(trial)),
        ("Which kinds are there?", facts.slices(trial)),
        ("In which languages?", escape(", ".join(map(str, languages)))),
        ("How were they divided?", facts.division(trial, data)),
        ("What is known about errors and personal data?", facts.quality(trial, data)),
        ("Do they hold confidential or sensitive matter?", sensitive),
    )


def _use(trial: Trial) -> str:
    verdict = "met" if trial.verdict.accepted else "did not meet"
    task = escape(trial.task.replace("-", " "))
    return f"To train and judge a model for {task}, which {verdict} its contract; `README.md` describes it."


def _entries(entries: Sequence[Entry]) -> str:
    return "\n\n".join(f"**{question}**\n\n{answer or NOT_STATED}" for question, answer in entries)
