"""Answers out of a store: a table that a project file reads, or tasks for Label Studio.

The columns of the table are those of the data, then `ratings` (rater → label), `label` and `decided` (how the label
came about). A project takes `columns: {ratings: ratings}`, or `columns: {label: label}`. Refuses to know: pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import atomic_file
from seatrial.artifact.strict_json import strict_json
from seatrial.data.annotate.label_studio import Annotation, task_of
from seatrial.data.annotate.standing import outcome_of
from seatrial.data.annotate.store import Item, Store
from seatrial.data.flow.writers import Formulas, open_writer

__all__ = ["answered_rows", "export_answers"]

OURS = ("ratings", "label", "decided")


def export_answers(store: Store, out: Path, *, formulas: Formulas = "escape") -> int:
    """Write every item that has an answer or a decision, whole or not at all.

    Args:
        store: where from.
        out: .jsonl, .csv, .tsv or .parquet for the table, perhaps packed; .json for tasks of Label Studio.
        formulas: whether cells of CSV and TSV that a spreadsheet would run are made harmless.

    Returns:
        How many items were written.

    Raises:
        SpecError: an ending that cannot be written.
        ArtifactError: no space or no permission.
    """
    store.refresh()
    written = 0
    if out.name.lower().endswith(".json"):
        with atomic_file(out) as temporary, temporary.open("w", encoding="utf-8") as file:
            for task in _tasks(store):
                file.write((",\n" if written else "[\n") + strict_json(task))
                written += 1
            file.write("\n]\n" if written else "[]\n")
        return written
    with open_writer(out, formulas=formulas) as writer:
        for row in answered_rows(store):
            writer.write(row)
            written += 1
    return written


def answered_rows(store: Store) -> Iterator[Mapping[str, Any]]:
    """The rows of the table, in the order of the items; a column of the data that is called like one of ours becomes
    ``source_NAME``."""
    standing = store.standing
    for item in store.items():
        answers, decision = standing.answers(item.id), standing.decided.get(item.id)
        if not answers and decision is None:
            continue
        label, decided = outcome_of(list(answers.values()), decision.label if decision else None)
        values = {f"source_{name}" if name in OURS else name: value for name, value in _values(item, store).items()}
        yield {**values, "ratings": answers, "label": label, "decided": decided}


def _values(item: Item, store: Store) -> Mapping[str, Any]:
    return item.values or {store.setup.text: item.text}


def _tasks(store: Store) -> Iterator[dict[str, Any]]:
    for item in store.items():
        said = store.standing.said.get(item.id, {})
        if said:
            given = [Annotation(rater, event.label, event.took_s) for rater, event in said.items()]
            yield task_of(item, store.setup.text, given)
