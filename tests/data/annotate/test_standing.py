"""The running counts say the same as the answers that stand, whatever was done and taken back."""

from __future__ import annotations

from collections import Counter
from random import Random

from seatrial.data.annotate.standing import Event, Kind, Standing


def counted(standing: Standing) -> None:
    """Hold every running count against one made from the answers themselves."""
    answers = {item: standing.answers(item) for item in standing.said}
    assert standing.given == {item: len(its) for item, its in answers.items() if its}
    assert +standing.items_with == Counter(len(its) for its in answers.values() if its)
    assert standing.differing == {item for item, its in answers.items() if len(set(its.values())) > 1}
    for rater in ("ann", "bob", "eve"):
        own = {item: said[rater] for item, said in standing.said.items() if rater in said}
        assert standing.own.get(rater, {}) == own
        assert +standing.tallies.get(rater, Counter()) == Counter(event.kind for event in own.values())


def test_whatever_people_do_the_counts_follow() -> None:
    random, standing = Random(5), Standing()
    for number in range(1, 400):
        rater, item = random.choice(["ann", "bob", "eve"]), random.choice("abcdef")
        kinds: list[Kind] = ["answer", "answer", "skip", "undo", "decide"]
        kind = random.choice(kinds)
        label = random.choice(["good", "bad"]) if kind in ("answer", "decide") else ""
        standing.apply(Event(number, rater, item, kind, label, float(number), 1.0))
        counted(standing)
    assert standing.differing
    assert standing.given


def test_a_changed_answer_counts_once() -> None:
    standing = Standing()
    for number, label in enumerate(("good", "bad"), start=1):
        standing.apply(Event(number, "ann", "a", "answer", label, 0.0, 1.0))
    counted(standing)
    assert (standing.given, standing.tallies["ann"]["answer"]) == ({"a": 1}, 1)
    standing.apply(Event(3, "ann", "a", "undo", "", 0.0, 0.0))
    assert standing.answers("a") == {"ann": "good"}
    counted(standing)
