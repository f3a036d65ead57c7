from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seatrial.errors import ArtifactError
from seatrial.export.golden import TOLERANCE, clearest, read_golden, spread, write_golden

LABELS = ("no", "yes")
TEXTS = ["fine", 'bad 😀 "quoted"\n', "ende\u2028"]
SCORES = np.array([[0.9, 0.1], [1 / 3, 2 / 3], [0.25, 0.75]], dtype=np.float32)
FLOATS = st.floats(-1, 1, width=32)


@given(outputs=arrays(np.float32, (3, 5), elements=FLOATS))
def test_what_is_written_reads_back_to_the_last_bit(
    outputs: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("release")
    write_golden(folder, TEXTS, outputs)
    found = read_golden(folder)
    assert found is not None
    assert found.texts == tuple(TEXTS)
    assert {output.dtype for output in found.outputs} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(np.stack(found.outputs), outputs)
    assert found.tolerance == TOLERANCE
    assert found.differs(outputs) is None


def test_a_release_without_golden_answers_has_none(tmp_path: Path) -> None:
    assert read_golden(tmp_path) is None


@pytest.fixture
def golden(tmp_path: Path):  # type: ignore[no-untyped-def]
    write_golden(tmp_path, TEXTS, SCORES, labels=LABELS)
    return read_golden(tmp_path)


def test_small_differences_are_the_same_answer(golden) -> None:  # type: ignore[no-untyped-def]
    assert golden.differs(SCORES + np.float32(0.9 * TOLERANCE)) is None


def test_a_larger_one_is_named_with_the_worst_text(golden) -> None:  # type: ignore[no-untyped-def]
    changed = SCORES.copy()
    changed[1] += 0.06
    changed[2] -= 0.08
    said = golden.differs(changed)
    assert said == "text 2 differs by 0.08, allowed is 0.05; so do 1 of the other 2 texts"
    assert not any(text in said for text in TEXTS)


def test_another_label_is_a_difference_within_the_tolerance_too(tmp_path: Path) -> None:
    near = np.array([[0.501, 0.499]], dtype=np.float32)
    write_golden(tmp_path, ["x"], near, labels=LABELS)
    golden = read_golden(tmp_path)
    assert golden is not None
    said = golden.differs(near[:, ::-1])
    assert said is not None
    assert "the label 'yes' instead of 'no'" in said
    write_golden(tmp_path, ["x"], near)  # of a vector, the largest component means nothing
    golden = read_golden(tmp_path)
    assert golden is not None
    assert golden.differs(near[:, ::-1]) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_differs_and_is_never_written(golden, tmp_path: Path, bad: float) -> None:  # type: ignore[no-untyped-def]
    broken = SCORES.copy()
    broken[0, 0] = bad
    assert "text 0 differs" in golden.differs(broken)
    with pytest.raises(ArtifactError, match="not a number"):
        write_golden(tmp_path, TEXTS, broken, labels=LABELS)


def test_another_shape_differs(golden) -> None:  # type: ignore[no-untyped-def]
    assert golden.differs(SCORES[:, :1]) == "the output for text 0 has the shape (1,), the golden one (2,)"
    assert golden.differs(SCORES[:2]) == "there are 2 outputs for the 3 golden texts"


def test_answers_to_pieces_of_texts_are_compared_piece_by_piece(tmp_path: Path) -> None:
    outputs = [np.array([[0.9, 0.1], [0.2, 0.8]], np.float32), np.array([[0.7, 0.3]], np.float32)]
    outputs.append(np.zeros((0, 2), np.float32))  # a text without a piece
    write_golden(tmp_path, TEXTS, outputs, labels=LABELS)
    found = read_golden(tmp_path)
    assert found is not None
    assert found.differs(outputs) is None
    changed = [outputs[0] - np.float32([[0, 0], [0, 0.65]]), *outputs[1:]]
    said = found.differs(changed)
    assert said == "text 0 differs by 0.65, allowed is 0.05, and has the label 'no' instead of 'yes'"
    assert "text 0 has the shape (1, 2)" in str(found.differs([outputs[0][:1], *outputs[1:]]))
    assert clearest([np.array([[0.9, 0.1], [0.52, 0.48]], np.float32), outputs[1]], LABELS) == [1]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        json.dumps({"labels": [], "tolerance": 0.1, "items": []}).encode(),
        json.dumps({"labels": [], "tolerance": 0.1, "items": [{"text": "a", "output": [None]}]}).encode(),
        json.dumps({"labels": ["a"], "tolerance": 0.1, "items": [{"text": "a", "output": [1.0, 2.0]}]}).encode(),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "golden.json").write_bytes(raw)
    with pytest.raises(ArtifactError) as caught:
        read_golden(tmp_path)
    assert caught.value.where == str(tmp_path / "golden.json")


def test_texts_are_taken_from_the_shortest_to_the_longest() -> None:
    assert spread([5, 1, 9, 3, 7], 3) == [1, 0, 2]
    assert spread([2, 2], 16) == [0, 1]
    assert spread([4], 16) == [0]


def test_only_labels_that_no_difference_can_turn_are_clear() -> None:
    close = np.array([[0.54, 0.46], [0.9, 0.1], [0.56, 0.44]], dtype=np.float32)
    assert clearest(close, LABELS) == [1, 2]
    assert clearest(close[:1], LABELS) == [0]
    assert clearest(close, ()) == [0, 1, 2]
