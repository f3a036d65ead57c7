"""The card: nothing in it that the trial does not hold, and code that is code."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest

from seatrial.govern.card import model_card
from seatrial.govern.figures import confidence
from seatrial.records import Trial

NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?")
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def allowed(trial: Trial) -> set[str]:
    """Every number that the trial holds, rounded to any number of digits, and those inside its texts."""
    found: set[str] = set()
    for leaf in leaves(asdict(trial)):
        if isinstance(leaf, (int, float)) and not isinstance(leaf, bool):
            found |= {f"{abs(leaf):.{digits}f}" for digits in range(1, 10)} | {
                f"{abs(leaf):,.1f}",
                str(leaf),
                f"{abs(leaf):.12g}",
            }
        elif isinstance(leaf, str):
            found |= set(NUMBER.findall(leaf))
    for result in trial.verdict.results:
        for level in (result.requirement.confidence, result.interval.confidence if result.interval else None):
            if level is not None:
                found |= set(NUMBER.findall(confidence(level)))
    return found


def test_every_number_comes_from_the_trial(trial: Trial, refused: Trial) -> None:
    for made in (trial, refused):
        text = FENCE.sub("", model_card(made))
        numbers = set(NUMBER.findall(text))
        assert len(numbers) > 60
        assert numbers <= allowed(made)
        assert not {"0.777", "4742", "12"} & allowed(made)  # the net has meshes


def test_a_changed_figure_changes_the_card(trial: Trial) -> None:
    evaluate = trial.reports["evaluate"]
    changed = replace(evaluate, facts={**evaluate.facts, "temperature": 1.987})
    assert "1.987" in model_card(replace(trial, reports={**trial.reports, "evaluate": changed}))


def test_snippets_are_code_whatever_the_example_text(trial: Trial, hostile: Trial) -> None:
    for made in (trial, hostile):
        example = made.lineage["spec"]["serving"]["examples"][0]
        blocks = FENCE.findall(model_card(made))
        assert [language for language, _ in blocks] == ["python", "python", "sh"]
        for _, code in blocks[:2]:
            ast.parse(code)
        words = shlex.split(blocks[2][1], comments=False)
        sent = json.loads(words[-1])
        assert set(sent) == {"inputs"}
        assert sent["inputs"][:8] == example[:8]


def test_tables_hold_under_any_text(hostile: Trial) -> None:
    text = FENCE.sub("", model_card(hostile))
    body = text.split("---\n", 2)[2]
    assert "<script" not in body
    widths: list[int] = []
    for line in body.splitlines():
        if not line.startswith("|"):
            widths.clear()
            continue
        widths.append(len(re.findall(r"(?<!\\)\|", line)))
        assert widths[-1] == widths[0]
    assert body.encode("utf-8")


def test_undefined_figures_are_never_printed(hostile: Trial) -> None:
    body = FENCE.sub("", model_card(hostile)).split("---\n", 2)[2]
    assert not re.search(r"\b(nan|inf|None)\b", body)


def test_parts_without_figures_are_left_out(bare: Trial, trial: Trial) -> None:
    titles = re.findall(r"^## (.*)", model_card(bare), re.M)
    assert titles == ["Contract", "Intended use", "Out of scope", "How to use", "Limitations", "Lineage"]
    assert "Beside its opponents" in re.findall(r"^## (.*)", model_card(trial), re.M)


@pytest.mark.parametrize("part", ["Weaker where agreed is no", "Takes “neutral” for “negative”"])
def test_limitations_come_from_the_data(trial: Trial, part: str) -> None:
    assert part in model_card(trial)


def test_a_refused_model_says_so(refused: Trial) -> None:
    text = model_card(refused)
    assert "does **not** meet its contract" in text
    assert "Requirement not met: Accuracy where domain is tweets and agreed is yes" in text


def test_the_snippet_for_transformers_cuts_long_texts(trial: Trial) -> None:
    assert "top_k=None, truncation=True)" in model_card(trial)


def test_answers_that_depend_on_their_company_are_a_limitation_of_the_served_file_alone(trial: Trial) -> None:
    said = "of 200 validation texts, 7 got another label alone than among others"
    assert said in model_card(trial)
    steady = replace(trial, verdict=replace(trial.verdict, candidate="fp32"))
    assert "another label alone" not in model_card(steady)


def test_a_card_of_vectors_speaks_of_vectors_and_not_of_labels(vectors: Trial) -> None:
    text = model_card(vectors)
    assert "An embedding model with vectors of 384 numbers, each of unit length" in text
    assert "The weights are those of" in text
    assert "Fine-tuned" not in text
    assert "72 got another vector alone than among others" in text
    assert "| all | 16483 | 2355 | 4710 |" in text
    titles = re.findall("^## (.*)", text, re.M)
    assert not {"Evaluation", "Beside its opponents", "By slice", "Calibration"} & set(titles)
    body = FENCE.sub("", text)
    assert set(NUMBER.findall(body)) <= allowed(vectors)


def test_snippets_of_vectors_are_code(vectors: Trial) -> None:
    blocks = FENCE.findall(model_card(vectors))
    assert [language for language, _ in blocks] == ["python", "python", "sh"]
    for _, code in blocks[:2]:
        ast.parse(code)
    assert "SentenceTransformer" in blocks[0][1]
    assert "sentence_embedding" in blocks[1][1]


def test_every_task_has_snippets() -> None:
    from importlib.resources import files

    from seatrial.tasks import TASKS

    assert all((files("seatrial.tasks") / "templates" / f"{task}.md").is_file() for task in TASKS)
