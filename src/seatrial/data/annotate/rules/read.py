"""A YAML file → rules. What a rules file may hold is in docs/data/agreement.md.

Refuses to know: texts.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from seatrial.data.annotate.ratings import as_number
from seatrial.data.annotate.rules import FUNCTIONS
from seatrial.data.annotate.rules.base import Rule
from seatrial.data.annotate.rules.kinds import (
    Says,
    keyword_rule,
    label_lexicon_rule,
    regex_rule,
    weight_lexicon_rule,
)
from seatrial.errors import DataError, SpecError
from seatrial.registry import did_you_mean
from seatrial.spec.base import Section, Word

__all__ = ["RuleSpec", "RulesSpec", "lexicons_of", "read_rules"]

MAX_LEXICON_BYTES = 100_000_000


class RuleSpec(Section):
    """One rule: exactly one of `keywords`, `regex`, `lexicon` and `function`."""

    name: str = Field(min_length=1)
    """Unique in the file."""
    label: Word | None = None
    """What the rule says, for keywords and a regex."""
    keywords: list[Word] | None = Field(default=None, min_length=1)
    """Words or phrases; case does not count."""
    at_least: int = Field(default=1, ge=1)
    """How many of the keywords a text must hold."""
    regex: str | None = Field(default=None, min_length=1)
    """A regular expression in RE2 syntax; case does not count unless it begins with (?-i)."""
    lexicon: str | None = None
    """A file beside the rules with a phrase and a label, or a phrase and a weight, per line: .csv or .tsv."""
    above: Word | None = None
    """For a lexicon of weights: the label where they add up to more than `threshold`."""
    below: Word | None = None
    """For a lexicon of weights: the label where they add up to less than minus `threshold`."""
    threshold: float = Field(default=0.0, ge=0)
    """For a lexicon of weights."""
    function: str | None = None
    """The name under which a plugin offers a function (entry points `seatrial.rules`)."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("keywords", "regex", "lexicon", "function")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(kinds)} (got {', '.join(given) or 'none'})")
        if (self.label is None) == (given[0] in {"keywords", "regex"}):
            raise ValueError("label goes with keywords and regex, and only with those")
        return self


class RulesSpec(Section):
    """A rules file."""

    labels: list[Word] = Field(min_length=2)
    """The labels that rules may say, in order."""
    rules: list[RuleSpec] = Field(min_length=1)
    """The rules."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [rule.name for rule in self.rules]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two rules are called {min(twice)!r}")
        for rule in self.rules:
            for label in (rule.label, rule.above, rule.below):
                if label is not None and label not in self.labels:
                    raise ValueError(f"the rule {rule.name!r} says {label!r}, which is not among labels")
        return self


def read_rules(file: Path) -> tuple[tuple[str, ...], list[Rule]]:
    """The labels and the rules of a file.

    Raises:
        SpecError: it is not YAML, or says something that cannot be meant.
        DataError: it, or a lexicon, cannot be read.
        MissingExtraError: a rule needs a package that is not installed.
    """
    spec = _read(file)
    return tuple(spec.labels), [
        Rule(rule.name, _says(rule, spec.labels, file, f"{file.name}: rules.{place}"))
        for place, rule in enumerate(spec.rules)
    ]


def lexicons_of(file: Path, root: Path) -> list[Path]:
    """The lexicons that a file of rules names, as paths from `root`.

    Args:
        file: the rules, as a path from `root`.
        root: a folder.

    Raises:
        SpecError, DataError: as `read_rules`.
    """
    names = dict.fromkeys(rule.lexicon for rule in _read(root / file).rules if rule.lexicon is not None)
    return [file.parent / name for name in names]


def _read(file: Path) -> RulesSpec:
    import yaml

    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=str(file)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", where=str(file)) from error
    except yaml.YAMLError as error:
        raise SpecError(f"is not YAML: {' '.join(str(error).split())}", where=str(file)) from error
    try:
        return RulesSpec.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(map(str, first["loc"]))
        raise SpecError(
            first["msg"].removeprefix("Value error, "), where=f"{file.name}: {path}" if path else file.name
        ) from error


def _says(rule: RuleSpec, labels: list[str], file: Path, where: str) -> Says:
    if rule.keywords is not None:
        assert rule.label is not None
        return keyword_rule(rule.keywords, rule.label, at_least=rule.at_least)
    if rule.regex is not None:
        assert rule.label is not None
        return regex_rule(rule.regex, rule.label, where=f"{where}.regex")
    if rule.function is not None:
        return FUNCTIONS.get(rule.function, where=f"{where}.function")
    assert rule.lexicon is not None
    lexicon = _lexicon(file.parent / rule.lexicon, f"{where}.lexicon")
    if rule.above is None and rule.below is None:
        for phrase, label in lexicon.items():
            if label not in labels:
                raise DataError(
                    f"{phrase!r} stands for {label!r}, which is not among the labels",
                    where=rule.lexicon,
                    hint=did_you_mean(label, labels) or "give above and below if the second column holds weights",
                )
        return label_lexicon_rule(lexicon)
    weights = {phrase: as_number(weight) for phrase, weight in lexicon.items()}
    wrong = next((phrase for phrase, weight in weights.items() if weight is None), None)
    if wrong is not None:
        raise DataError(
            f"the weight of {wrong!r} is {lexicon[wrong]!r}",
            where=rule.lexicon,
            expected="a number",
            hint="leave above and below out if the second column holds labels",
        )
    known = {phrase: weight for phrase, weight in weights.items() if weight is not None}
    return weight_lexicon_rule(known, above=rule.above, below=rule.below, threshold=rule.threshold)


def _lexicon(file: Path, where: str) -> dict[str, str]:
    """Phrase → the second column."""
    try:
        if file.stat().st_size > MAX_LEXICON_BYTES:
            raise DataError(f"has over {MAX_LEXICON_BYTES:,} bytes", where=str(file), hint="is this the lexicon?")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the lexicon cannot be read: {error}", where=where) from error
    if file.suffix == ".csv":
        lines = csv.reader(text.splitlines())
    else:
        lines = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    found: dict[str, str] = {}
    for fields in lines:
        if not fields:
            continue
        if len(fields) < 2 or not fields[0].strip():
            raise DataError(
                "a phrase and a label or weight are expected",
                where=f"{file.name}:{lines.line_num}",
                hint="part them by a comma in .csv, by a tab in other files",
            )
        found[fields[0].strip()] = fields[1].strip()
    if not found:
        raise DataError("the lexicon is empty", where=where)
    return found
