"""A release as an opponent: its labels in the project's order, and what cannot be asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from seatrial.errors import ArtifactError, ResolveError, SpecError
from seatrial.pipeline.release_opponent import ReleaseOpponent, rival_digests
from seatrial.records import Example, Provenance, Release
from seatrial.serve.answering import Answering
from seatrial.tasks import TASKS

TASK = TASKS.get("text-classification")()


class Shouting(Answering):
    """Sure of `loud` where a text has an exclamation mark."""

    def __init__(self, task: str = "text-classification") -> None:
        there = Path()
        self.release = Release(there, "toy", "0", task, ("quiet", "loud"), there, there, 1.0, 8)

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[ord(character) for character in text] for text in texts]

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> np.ndarray:
        loud = [0.9 if ord("!") in ids else 0.2 for ids in token_ids]
        return np.array([[1 - p, p] for p in loud], dtype=np.float32)


def examples(*texts: str) -> list[Example]:
    return [Example(text, {"text": text}, "quiet", Provenance("toy", 1)) for text in texts]


def test_it_answers_in_the_order_of_the_projects_labels_and_of_the_examples() -> None:
    opponent = ReleaseOpponent(Shouting(), TASK, ("loud", "quiet"))
    texts = ["hey!", "a much longer text without it", "ho", "another one that is long!"] * 200
    found = opponent.probabilities(examples(*texts))
    np.testing.assert_allclose(found, [[0.9, 0.1], [0.2, 0.8], [0.2, 0.8], [0.9, 0.1]] * 200, atol=1e-6)


@pytest.mark.parametrize(
    ("task", "labels"), [("text-classification", ("loud", "silent")), ("embedding", ("loud", "quiet"))]
)
def test_a_release_that_answers_another_question_is_refused(task: str, labels: tuple[str, ...]) -> None:
    with pytest.raises(SpecError, match="is a release of the task"):
        ReleaseOpponent(Shouting(task), TASK, labels)


def test_a_release_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert rival_digests({}, tmp_path) == {}
    with pytest.raises(ArtifactError, match="there is no release"):
        rival_digests({"earlier": "other"}, tmp_path)
    (tmp_path / "plain.yaml").write_text("name: plain\n", encoding="utf-8")
    with pytest.raises(ResolveError, match="has no release yet"):
        rival_digests({"plain": "plain.yaml"}, tmp_path)
