"""The task's own promises: rows to examples, tags to entities, windows to answers, and what counts as right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from seatrial.errors import DataError, SpecError
from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.opponents import OPPONENTS
from seatrial.records import Drop, Example, Provenance, Row, Span
from seatrial.spec.data import DataSpec
from seatrial.tasks import Known
from seatrial.tasks.tags import tag_names
from seatrial.tasks.token_classification import TokenClassification

from .test_windows import tokenizer

LABELS = ("LOC", "PER")
TAGS = tag_names(LABELS)
NOTHING = Known((), np.empty((0, 0), dtype=np.float32))
HERE = Provenance("s", 1)
task = TokenClassification()


def data(**settings: Any) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"name": "s", "path": "x"}], **settings})


def example(text: str, *spans: tuple[int, int, str]) -> Example:
    return Example("1", {"text": text}, "", HERE, spans=tuple(Span(*span) for span in spans))


def output(*tags: str, sure: float = 0.9) -> np.ndarray:
    rows = np.full((len(tags), len(TAGS)), (1 - sure) / (len(TAGS) - 1), dtype=np.float32)
    rows[np.arange(len(tags)), [TAGS.index(tag) for tag in tags]] = sure
    return rows


def made(values: dict[str, Any], labels: tuple[str, ...] = (), **settings: Any) -> Example | Drop:
    columns = {"tokens": "w", "tags": "t"} if "w" in values else {"text": "x", "spans": "s"}
    return task.example(Row(values, HERE), data(columns=columns, **settings), labels)


def test_words_and_tags_become_a_text_with_spans() -> None:
    found = made({"w": ["Ada", "Byron", "in", "Rome"], "t": ["B-PER", "I-PER", "O", "I-LOC"]})
    assert isinstance(found, Example)
    assert found.inputs["text"] == "Ada Byron in Rome"
    assert found.spans == (Span(0, 9, "PER"), Span(13, 17, "LOC"))
    assert Example.from_dict(found.as_dict()) == found
    assert task.labels_in(found) == ["PER", "LOC"]


def test_chinese_words_with_plain_tags() -> None:
    settings = {"tags": {"labels": {"nr": "PER", "ns": "LOC"}, "merge": {"nr": 2}, "join": ""}}
    found = made({"w": ["江", "泽民", "在", "北京"], "t": ["nr", "nr", "p", "ns"]}, **settings)
    assert isinstance(found, Example)
    assert found.inputs["text"] == "江泽民在北京"
    assert found.spans == (Span(0, 3, "PER"), Span(4, 6, "LOC"))


def test_spans_in_every_form_and_the_outermost_of_those_that_overlap() -> None:
    text = "the University of Rome in Rome"
    forms: list[Any] = [
        [{"start": 4, "end": 22, "label": "ORG"}, {"start": 18, "end": 22, "label": "LOC"}],
        [[4, 22, "ORG"], [18, 22, "LOC"]],
        '[[18, 22, "LOC"], [4, 22, "ORG"]]',
    ]
    for form in forms:
        found = made({"x": text, "s": form})
        assert isinstance(found, Example)
        assert found.spans == (Span(4, 22, "ORG"),)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"w": ["a", "b"], "t": ["O"]}, "not as many tags as words"),
        ({"w": 3, "t": ["O"]}, "no list"),
        ({"w": [], "t": []}, "no word"),
        ({"x": None, "s": []}, "text is missing"),
        ({"x": "ab", "s": None}, "spans are missing"),
        ({"x": "ab", "s": "[1"}, "not a JSON list"),
        ({"x": "ab", "s": [[0, 3, "A"]]}, "not within the text"),
        ({"x": "ab", "s": [[1, 1, "A"]]}, "not within the text"),
        ({"x": "ab", "s": [[0.5, 1, "A"]]}, "not a whole number"),
        ({"x": "ab", "s": [[0, 1, ""]]}, "no label"),
        ({"x": "ab", "s": [{"start": 0}]}, "not a whole number"),
        ({"x": "ab", "s": ["ab"]}, "not start, end and label"),
    ],
)
def test_unusable_rows_are_dropped_with_a_reason(values: dict[str, Any], reason: str) -> None:
    found = made(values)
    assert isinstance(found, Drop)
    assert reason in found.reason


def test_labels_and_schemes_that_are_not_declared() -> None:
    found = made({"w": "a b", "t": "O B-ORG"}, LABELS)
    assert isinstance(found, Drop)
    assert found.undeclared == "ORG"
    odd = made({"w": "a b", "t": "O S-PER"}, LABELS, tags={"scheme": "bio"})
    assert isinstance(odd, Drop)
    assert "'S-PER' is not of the scheme bio" in odd.reason


@pytest.mark.parametrize("columns", [{}, {"tokens": "w"}, {"tokens": "w", "tags": "t", "spans": "s"}])
def test_columns_that_do_not_fit_together_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises(SpecError, match="name the columns"):
        task.columns(data(columns=columns))
    assert task.columns(data(columns={"spans": "s"})) == ("text", "s")


def test_a_cleaned_text_is_refused() -> None:
    kept = example("a b")
    assert task.with_text(kept, "a b") == kept
    with pytest.raises(DataError, match="would no longer fit"):
        task.with_text(kept, "a  b")
    assert task.served_cleaning(["drop-empty"]) == ()


def test_what_cannot_be_learned_or_measured_is_refused() -> None:
    splits = {split: [example("a b", (0, 1, "LOC"), (2, 3, "PER"))] * 2 for split in ("train", "validation", "test")}
    task.check(splits, LABELS)
    with pytest.raises(DataError, match="nothing in the data is labelled"):
        task.check(splits, ())
    with pytest.raises(DataError, match=r"the test split has 1 place\(s\) with the label 'PER'"):
        task.check(
            {**splits, "test": [example("a", (0, 1, "PER")), example("b c", (0, 1, "LOC"), (2, 3, "LOC"))]}, LABELS
        )


def test_targets_are_learned_at_the_first_token_of_a_piece_and_give_the_spans_back() -> None:
    examples = [example("abc de, 北京", (0, 6, "PER"), (8, 10, "LOC")), example("a" * 40 + " b", (41, 42, "LOC"))]
    reading = task.read(tokenizer(16), [task.text(one) for one in examples])
    targets = task.targets(examples, reading, LABELS, False)
    assert targets.sum() == 5 + 2, "one per piece"
    outputs = task.join(reading, reading.parts(targets + np.float32([0.01, 0, 0, 0, 0])))
    said = task.said(outputs, NOTHING.outputs, examples, LABELS)
    assert all(answer.right for answer in said)
    assert said[0].predicted == "abc de (PER); 北京 (LOC)"


def test_loss_looks_at_learned_tokens_only() -> None:
    logits, targets = torch.zeros(1, 3, 5), torch.zeros(1, 3, 5)
    targets[0, 1, 2] = 1.0
    assert task.loss(logits, targets, None).item() == pytest.approx(np.log(5), rel=1e-6)
    logits[0, 0, 0] = 100.0
    assert task.loss(logits, targets, None).item() == pytest.approx(np.log(5), rel=1e-6)
    assert task.loss(logits, targets, torch.full((5,), 2.0)).item() == pytest.approx(np.log(5), rel=1e-6)
    assert task.loss(logits, torch.zeros_like(targets), None).item() == 0.0


def test_entities_are_counted_as_conlleval_does() -> None:
    """A worked example: two entities, three found; one right, one too long, one that is none."""
    examples = [example("a b c d e", (0, 3, "PER"), (6, 7, "LOC"))]
    outputs = [output("B-PER", "I-PER", "O", "B-LOC", "I-LOC")]
    scores, truth = task.label_scores(outputs, examples, LABELS, NOTHING), task.truth(examples, LABELS)
    assert scores.tolist() == [[[1, 0], [1, 1]]]
    assert truth.tolist() == [[1, 1]]
    more = task.label_scores([output("B-PER", "I-PER", "O", "B-PER", "B-LOC")], examples, LABELS, NOTHING)
    assert METRICS.get("entity_precision").compute(more, truth) == pytest.approx(1 / 3)
    assert METRICS.get("entity_recall").compute(more, truth) == pytest.approx(1 / 2)
    assert METRICS.get("entity_f1").compute(more, truth) == pytest.approx(2 / 5)
    assert METRICS.get("entity_f1_macro").compute(more, truth) == pytest.approx((2 / 3 + 0) / 2)
    broken = task.label_scores([np.full((5, 5), np.nan, dtype=np.float32)], examples, LABELS, NOTHING)
    assert np.isnan(METRICS.get("entity_f1").compute(broken, truth))


def test_alike_is_the_share_of_texts_with_the_same_entities() -> None:
    ours = [output("B-PER", "O"), output("O"), output("B-LOC")]
    theirs = [output("I-PER", "O"), output("O"), output("B-PER")]
    assert task.alike(ours, theirs).tolist() == [1.0, 1.0, 0.0]
    assert task.alike([np.full((1, 5), np.nan)], [output("O")]).tolist() == [0.0]


def test_the_answer_gives_positions_in_the_text_as_it_came() -> None:
    text = "  在北\u200b京 👍"
    answer = task.answer(output("O", "B-LOC", "I-LOC", "O", sure=0.75), TAGS, text)
    assert answer == {"entities": [{"start": 3, "end": 6, "label": "LOC", "score": 0.75, "text": "北\u200b京"}]}
    assert task.answer(output(), TAGS, " ") == {"entities": []}


def test_pieces_without_a_token_or_with_a_shared_one() -> None:
    reading = task.read(tokenizer(16), ["a \ufffd b"])
    (found,) = task.join(reading, [np.full((4, 5), 0.2, dtype=np.float32)])
    assert found[1].tolist() == [1, 0, 0, 0, 0]
    reading.places[0].joined[2] = True
    rows = np.float32([[0.0, 0.6, 0.4, 0.0, 0.0]] * 4)
    (found,) = task.join(reading, [rows])
    assert found[2].tolist() == pytest.approx([0, 0.4, 0.6, 0, 0])


def test_the_gazetteer_knows_names_by_heart() -> None:
    train = [
        example("Rome and Ada", (0, 4, "LOC"), (9, 12, "PER")),
        example("new Rome", (0, 8, "LOC")),
        example("may, may, may", (0, 3, "PER")),
        example("北京人", (0, 2, "LOC")),
    ]
    gazetteer = OPPONENTS.get("gazetteer")(train, LABELS, 0)
    test = [example("in new Rome, Romeo", (3, 11, "LOC")), example("may 在北京", (5, 7, "LOC"))]
    found = gazetteer.probabilities(test)
    assert found.tolist() == [[[1, 1], [0, 0]], [[1, 1], [0, 0]]], (
        "the longest, whole words, and not what is rarely one"
    )
