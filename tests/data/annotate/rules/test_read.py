"""Rules files: every kind of rule, and what is said about files that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from seatrial.data.annotate.rules import FUNCTIONS
from seatrial.data.annotate.rules.apply import apply_rules, rule_table
from seatrial.data.annotate.rules.base import Rule
from seatrial.data.annotate.rules.read import RulesSpec, read_rules
from seatrial.errors import DataError, SeatrialError, SpecError

RULES = """
labels: [bad, good]
rules:
  - {name: thanks, label: good, keywords: [thanks, thank you]}
  - {name: twice, label: bad, keywords: [sorry, refund], at_least: 2}
  - {name: crash, label: bad, regex: '\\bcrash(es|ed)?\\b'}
  - {name: words, lexicon: words.tsv}
  - {name: weights, lexicon: weights.csv, above: good, below: bad, threshold: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "words.tsv").write_text("fine\tgood\nugly\tbad\n\nnot fine\tbad\n")
    (tmp_path / "weights.csv").write_text('"great, really",2.5\nawful,-2\nok,0.5\n')
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thank you!", {"thanks": "good"}),
        ("sorry", {}),
        ("Sorry, no refund", {"twice": "bad"}),
        ("It CRASHED", {"crash": "bad"}),
        ("crashing", {}),
        ("fine and ugly", {}),
        ("fine, fine, ugly", {"words": "good"}),
        ("not fine", {"words": "bad"}),
        ("great, really", {"weights": "good"}),
        ("ok ok", {}),
        ("awful but thanks", {"thanks": "good", "weights": "bad"}),
    ],
)
def test_what_rules_say(folder: Path, text: str, said: dict[str, str]) -> None:
    labels, rules = read_rules(folder / "rules.yaml")
    assert labels == ("bad", "good")
    assert {rule.name: label for rule in rules if (label := rule.says(text))} == said


def one(rule: str) -> str:
    return f"labels: [a, b]\nrules: [{rule}]"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("labels: [a, b", "is not YAML"),
        ("- a", "rules.yaml: "),
        (one("{name: x, label: a}"), r"rules.yaml: rules.0: give exactly one of .* \(got none\)"),
        (one("{name: x, label: a, keywords: [w], regex: w}"), r"got keywords, regex"),
        (one("{name: x, keywords: [w]}"), "label goes with keywords and regex"),
        (one("{name: x, label: a, function: f}"), "label goes with keywords and regex"),
        (one("{name: x, label: c, keywords: [w]}"), "says 'c', which is not among labels"),
        (one("{name: x, label: a, keywords: [w]}, {name: x, label: b, keywords: [v]}"), "two rules are called 'x'"),
        (one("{name: x, label: a, keywrods: [w]}"), "rules.0.keywrods"),
        (one("{name: x, label: a, regex: '(?=w)'}"), r"rules.0.regex: the pattern '\(\?=w\)' cannot be read"),
        (one("{name: x, function: nosuch}"), "unknown rule function 'nosuch'"),
    ],
)
def test_files_that_cannot_be_meant(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "rules.yaml").write_text(content)
    with pytest.raises(SpecError, match=why):
        read_rules(tmp_path / "rules.yaml")


@pytest.mark.parametrize(
    ("rule", "content", "why"),
    [
        ("{name: x, lexicon: l.tsv}", None, "the lexicon cannot be read"),
        ("{name: x, lexicon: l.tsv}", "\n", "the lexicon is empty"),
        ("{name: x, lexicon: l.tsv}", "w\ta\nv\n", "l.tsv:2: a phrase and a label or weight are expected"),
        ("{name: x, lexicon: l.tsv}", "w\t1.5\n", "'w' stands for '1.5', which is not among the labels"),
        ("{name: x, lexicon: l.tsv, above: a}", "w\tb\n", "the weight of 'w' is 'b'"),
    ],
)
def test_lexicons_that_cannot_be_used(tmp_path: Path, rule: str, content: str | None, why: str) -> None:
    (tmp_path / "rules.yaml").write_text(one(rule))
    if content is not None:
        (tmp_path / "l.tsv").write_text(content)
    with pytest.raises(DataError, match=why):
        read_rules(tmp_path / "rules.yaml")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SeatrialError, match="there is no such file"):
        read_rules(tmp_path / "rules.yaml")


def test_a_function_that_a_plugin_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FUNCTIONS._loaded, "shouting", lambda text: "a" if text.isupper() else None)
    (tmp_path / "rules.yaml").write_text(one("{name: x, function: shouting}"))
    _, rules = read_rules(tmp_path / "rules.yaml")
    assert [rules[0].says(text) for text in ("NO", "no")] == ["a", None]


def test_a_rules_file_cannot_name_any_other_code(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(one("{name: x, function: 'os:system'}"))
    with pytest.raises(SpecError, match="unknown rule function"):
        read_rules(tmp_path / "rules.yaml")


def test_coverage_overlaps_conflicts_and_accuracy(folder: Path) -> None:
    labels, rules = read_rules(folder / "rules.yaml")
    texts = ["thanks", "thanks, fine", "thanks, ugly", "crash", "nothing"]
    votes = apply_rules(iter(texts), rules, labels)
    assert votes.items == ("1", "2", "3", "4", "5")
    table = {row["rule"]: row for row in rule_table(votes, np.array([1, 1, 0, -1, 0]))}
    assert table["thanks"] == {
        "rule": "thanks",
        "labels": ["good"],
        "texts": 3,
        "coverage": 0.6,
        "overlaps": 0.4,
        "conflicts": 0.2,
        "accuracy": pytest.approx(2 / 3),
    }
    assert table["words"]["labels"] == ["bad", "good"]
    assert (table["crash"]["overlaps"], table["crash"]["accuracy"]) == (0, None)
    assert (table["twice"]["texts"], table["twice"]["coverage"], table["twice"]["labels"]) == (0, 0, [])


def test_a_rule_that_says_something_else_is_named() -> None:
    rules = [Rule("x", lambda text: "godo")]
    with pytest.raises(DataError, match="the rule 'x' says 'godo' about text 1"):
        apply_rules(["text"], rules, ["good", "bad"])


def test_the_rules_in_the_docs_are_rules() -> None:
    page = (Path(__file__).parents[4] / "docs/data/agreement.md").read_text(encoding="utf-8")
    spec = RulesSpec.model_validate(yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0]))
    assert [rule.name for rule in spec.rules] == ["thanks", "excuses", "crash", "words", "weights", "shouting"]
