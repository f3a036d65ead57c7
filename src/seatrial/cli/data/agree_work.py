"""The work behind `seatrial data agree`: rows read once for votes and once more for what is written about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from seatrial.cli.data.agree_tables import agreement_tables, rule_tables
from seatrial.errors import DataError, SpecError
from seatrial.progress import Progress
from seatrial.records import Row

if TYPE_CHECKING:
    from seatrial.data.annotate.consensus import Consensus
    from seatrial.data.annotate.ratings import Ratings
    from seatrial.data.flow.tables import Table

__all__ = ["Asked", "Done", "by_label", "by_raters", "by_rules"]


@dataclass(frozen=True)
class Asked:
    """What the command was asked for; the fields are its options."""

    table: Table
    columns: str | Sequence[str]
    long: Sequence[str]
    rules: Path | None
    label: str | None
    labels: Sequence[str]
    vote: Literal["label", "sign"]
    scale: Literal["nominal", "ordinal", "interval"]
    consensus: str | None
    balance: Sequence[float] | None
    text: str | None
    item: str | None
    out: Path | None
    errors: Path | None
    resamples: int
    seed: int
    workers: int
    max_bad_rows: int
    formulas: Literal["keep", "escape"] = "keep"

    def rows(self) -> Iterator[Row]:
        """The rows that can be read.

        Raises:
            DataError: too many cannot.
        """
        bad = 0
        for row in self.table.rows():
            if isinstance(row, Row):
                yield row
                continue
            bad += 1
            self.stop_at(bad, row.reason, row.where, row.hint)

    def stop_at(self, bad: int, reason: str, where: str, hint: str | None = None) -> None:
        """Raises DataError where so many bad rows are too many; the last is named."""
        if bad > self.max_bad_rows:
            raise DataError(
                f"{reason}; more than {self.max_bad_rows} rows cannot be read",
                where=where,
                hint=hint or "correct them, or allow more with --max-bad-rows",
            )

    def name(self, row: Row, number: int) -> str:
        """What the row is called."""
        return str(row.values.get(self.item)) if self.item else str(number)


@dataclass(frozen=True)
class Done:
    """What was found: for `--json`, for people on stdout, and for people on stderr."""

    found: dict[str, Any]
    shown: str = ""
    remarks: Sequence[str] = ()


def by_raters(asked: Asked, progress: Progress) -> Done:
    """Agreement, the raters, and what they say together."""
    from seatrial.data.annotate.consensus import consensus
    from seatrial.data.annotate.resampling import Resampling
    from seatrial.data.annotate.summary import summarise

    if asked.consensus == "accuracy" or asked.balance:
        raise SpecError("is for rules", where="--balance" if asked.balance else "--consensus", hint="add --rules")
    if asked.long and asked.errors:
        raise SpecError(
            "needs the texts, which a file with one rating per row does not hold once",
            where="--errors",
            hint="write the consensus with --out, join the texts to it, and look for errors there with --label",
        )
    ratings, names, refused = _ratings(asked)
    found = summarise(ratings, scale=asked.scale, how=Resampling(asked.resamples, seed=asked.seed))
    together = consensus(ratings, asked.consensus or "majority")
    found["consensus"] = {"method": together.method, "raters": together.raters, **together.facts}
    if asked.out:
        rows = [{asked.long[0]: name} for name in ratings.items] if asked.long else None
        found |= _write_labelled(asked, ratings, together.distribution, names, rows)
    if asked.errors:
        _review(asked, _given_by(ratings, together, names), ratings.levels, found, progress)
    remarks = [f"note: the ratings of {refused:,} rows cannot be read and do not count"] if refused else []
    if together.facts.get("converged") is False:
        remarks.append("note: the model of the raters did not come to rest; there may be too few ratings for it")
    if len(ratings.raters) < 3 and together.method != "majority":
        remarks.append("note: with fewer than three raters, who is right can hardly be told from ratings alone")
    if isinstance(asked.columns, str) and ratings.raters == tuple(str(i + 1) for i in range(len(ratings.raters))):
        remarks.append("note: a rater is a place in the lists; figures per rater mean something if that is one person")
    return Done(found, agreement_tables(found, found["consensus"]), remarks)


def by_rules(asked: Asked, progress: Progress) -> Done:
    """What rules say, how good they are, and the soft labels they give together."""
    import numpy as np

    from seatrial.data.annotate.rules.apply import apply_rules_file, rule_table
    from seatrial.data.annotate.weak_labels import weak_labels

    if asked.consensus == "dawid-skene":
        raise SpecError(
            "a confusion matrix needs raters who always answer", where="--consensus", expected="accuracy or majority"
        )
    assert asked.rules is not None
    column = asked.table.column(asked.text)
    names: list[str] = []
    votes = apply_rules_file(_texts(asked, column, names), asked.rules, workers=asked.workers, progress=progress)
    truth = None
    if asked.label:
        at = {label: place for place, label in enumerate(votes.levels)}
        truth = np.array([at.get(label or "", -1) for label in _labels(asked)], dtype=np.intp)
    weak = weak_labels(votes, asked.consensus or "accuracy", balance=asked.balance)
    table = rule_table(votes, truth)
    for row, accuracy in zip(table, weak.accuracy, strict=True):
        row["model_accuracy"] = None if np.isnan(accuracy) else float(accuracy)
    covered = int(weak.covered.sum())
    found: dict[str, Any] = {"texts": len(votes.items), "covered": covered, "rules": table, "accuracy": None}
    remarks = [] if weak.converged else ["note: the model of the rules did not come to rest"]
    if truth is not None:
        known = weak.covered & (truth >= 0)
        right = weak.distribution.argmax(axis=1) == truth
        found["accuracy"] = float(right[known].mean()) if known.any() else None
        remarks.append(
            f"of {known.sum():,} covered texts with a label the rules are right about {right[known].mean():.1%}"
            if known.any()
            else "note: no covered text has a label to hold the rules against"
        )
    if asked.out:
        found |= _write_labelled(asked, votes, weak.distribution, list(votes.items), None)
    return Done(found, rule_tables(table, len(votes.items), covered), remarks)


def by_label(asked: Asked, progress: Progress) -> Done:
    """Labels that are probably wrong, in a file with one label per text."""
    found: dict[str, Any] = {}
    _review(asked, list(_labels(asked)), asked.labels, found, progress)
    return Done(found)


def _ratings(asked: Asked) -> tuple[Ratings, list[str], int]:
    """The ratings; what each row of the table is called (empty for a file with one rating per row); how many rows have
    ratings that cannot be read."""
    from seatrial.data.annotate.ratings import ratings_of
    from seatrial.data.annotate.votes import long_votes, table_votes

    if asked.long:
        item, rater, label = asked.long
        return ratings_of(long_votes(asked.rows(), item=item, rater=rater, label=label), levels=asked.labels), [], 0
    names: list[str] = []

    def named() -> Iterator[Row]:
        for number, row in enumerate(asked.rows(), start=1):
            names.append(asked.name(row, number))
            yield row

    def refuse(row: Row, reason: str) -> None:
        refused.append(reason)
        asked.stop_at(len(refused), reason, f"{row.provenance.source}, row {row.provenance.row}")

    refused: list[str] = []
    votes = list(
        table_votes(named(), asked.columns, item=asked.item, kind=asked.vote, labels=asked.labels, refuse=refuse)
    )
    return ratings_of(votes, levels=asked.labels, items=names), names, len(refused)


def _given_by(ratings: Ratings, together: Consensus, names: Sequence[str]) -> list[str | None]:
    """The consensus label of each row; None where nobody said anything."""
    at = {name: place for place, name in enumerate(ratings.items)}
    rated = ratings.counts().sum(axis=1) > 0
    places = [at[name] for name in names]
    return [ratings.levels[together.label[place]] if rated[place] else None for place in places]


def _write_labelled(
    asked: Asked,
    ratings: Ratings,
    distribution: Any,
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]] | None,
) -> dict[str, int]:
    """Write the rows about which somebody said something; how many, and how many cells a spreadsheet would run."""
    from seatrial.data.annotate.outputs import labelled_rows, refuse_clash
    from seatrial.data.flow.writers import open_writer

    assert asked.out is not None
    votes = ratings.counts().sum(axis=1)
    if rows is None:
        refuse_clash(asked.table.columns)
        at = {name: place for place, name in enumerate(ratings.items)}
        places = [at[name] for name in names]
        distribution, votes = distribution[places], votes[places]
    source: Iterable[Mapping[str, Any]] = rows if rows is not None else (row.values for row in asked.rows())
    written = 0
    with open_writer(asked.out, formulas=asked.formulas, mode=asked.table.mode) as writer:
        for values in labelled_rows(source, distribution, votes, ratings.levels):
            writer.write(values)
            written += 1
    return {"labelled": written, "formulas": writer.formulas, "escaped": writer.escaped}


def _review(
    asked: Asked, given: Sequence[str | None], levels: Sequence[str], found: dict[str, Any], progress: Progress
) -> None:
    """Look for labels that are probably wrong, and write the list; counts go into `found`."""
    from seatrial.data.annotate.label_errors import label_issues
    from seatrial.data.annotate.outputs import issue_rows
    from seatrial.data.flow.writers import open_writer

    assert asked.errors is not None
    names: list[str] = []
    texts = list(_texts(asked, asked.table.column(asked.text), names))
    kept = [place for place, label in enumerate(given) if label is not None and texts[place].strip()]
    labels = [label for place in kept if (label := given[place]) is not None]
    kept_texts = [texts[place] for place in kept]
    issues = label_issues(kept_texts, labels, names=levels, seed=asked.seed, progress=progress)
    with open_writer(asked.errors, formulas=asked.formulas, mode=asked.table.mode) as writer:
        for row in issue_rows(issues, [names[place] for place in kept], kept_texts):
            writer.write(row)
    found["examined"], found["issues"] = len(kept), len(issues)
    found["formulas"] = found.get("formulas", 0) + writer.formulas
    found["escaped"] = found.get("escaped", 0) + writer.escaped


def _texts(asked: Asked, column: str, names: list[str]) -> Iterator[str]:
    """The texts of the rows, an empty one where it is missing; what the rows are called goes into `names`."""
    for number, row in enumerate(asked.rows(), start=1):
        names.append(asked.name(row, number))
        text = row.values.get(column)
        yield text if isinstance(text, str) else ""


def _labels(asked: Asked) -> Iterator[str | None]:
    from seatrial.data.annotate.votes import as_label

    assert asked.label is not None
    asked.table.column(asked.label, where="--label")
    for row in asked.rows():
        label = as_label(row.values.get(asked.label))
        if label is not None and asked.labels and label not in asked.labels:
            raise DataError(
                f"the label {label!r} is not among --labels",
                where=f"{row.provenance.source}, row {row.provenance.row}",
                expected=", ".join(asked.labels),
            )
        yield label
