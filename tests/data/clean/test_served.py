from __future__ import annotations

import pytest

from seatrial.data.clean import CLEANERS, Changed, CleanStep, Refusal
from seatrial.data.clean.base import Cleaner
from seatrial.data.clean.served import ServedCleaning
from seatrial.errors import SpecError


class Shout(CleanStep):
    """For the test: refuses short texts, makes others loud."""

    least: int = 1

    def __call__(self, text: str) -> str | Refusal | Changed:
        return Refusal("short") if len(text) < self.least else Changed(text.upper(), {"letters": len(text)})


class OnlyInTraining(CleanStep):
    """For the test."""

    def __call__(self, text: str) -> str:
        return ""

    def served(self) -> Cleaner | None:
        return None


def test_served_texts_are_cleaned_as_in_training() -> None:
    steps = ("unescape-html", "normalize-space", "drop-empty")
    assert ServedCleaning(steps)(["me &amp;  you", " ", "plain"]) == ["me & you", "", "plain"]
    assert ServedCleaning(())(["me &amp;  you"]) == ["me &amp;  you"]


def test_a_refused_text_passes_and_a_step_may_have_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CLEANERS, "_loaded", {"shout": Shout, "train-only": OnlyInTraining})
    assert ServedCleaning([{"shout": {"least": 3}}, "train-only"])(["ab", "abc"]) == ["ab", "ABC"]


def test_a_step_that_is_not_installed_is_named() -> None:
    with pytest.raises(SpecError, match="unknown cleaning step 'stem'"):
        ServedCleaning(("stem",))
