from __future__ import annotations

from seatrial.cli.verdict_table import verdict_table
from seatrial.records import Candidate, Requirement, RequirementResult, Trial, Verdict


def test_slices_in_brackets_are_shown_wherever_they_stand() -> None:
    requirement = Requirement("accuracy", ">=", 0.9, where={"domain": "tweets"})
    why = "no example of the test split has [domain=tweets]"
    verdict = Verdict("fp32", (RequirementResult(requirement, None, None, False, why),))
    candidate = Candidate("fp32", "fp32.onnx", 1.0, why="missed: accuracy [domain=tweets] (too few)")
    trial = Trial("toy", "", "", "text-classification", ("a", "b"), verdict, (candidate,), {}, {}, 1)
    text = " ".join(verdict_table(trial).replace("│", " ").split())
    assert text.count("[domain=tweets]") == 3
    assert "NOT ACCEPTED" in text
