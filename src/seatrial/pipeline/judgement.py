"""What accept decided, as it is stored: verdict, candidates, the report of the model that was judged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seatrial.records import Candidate, Report, RequirementResult, Verdict

__all__ = ["Judgement", "read_judgement", "write_judgement"]

FILE = "judgement.json"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of accept.

    Attributes:
        verdict: of the released candidate, or of the best one when none was accepted.
        candidates: every candidate with why it won or lost.
        evaluation: the report on the candidate that the verdict is about.
        service: latency figures of every candidate.
        test_uses: how often the test split had been used when this was decided.
        created: ISO 8601 time, UTC.
        dimensions: length of the vectors that the model gives; None where it gives labels.
    """

    verdict: Verdict
    candidates: tuple[Candidate, ...]
    evaluation: Report
    service: Report
    test_uses: int
    created: str
    dimensions: int | None = None


def write_judgement(folder: Path, judgement: Judgement) -> None:
    """Store it in accept's artifact."""
    (folder / FILE).write_text(json.dumps(asdict(judgement), ensure_ascii=False, indent=1), encoding="utf-8")


def read_judgement(folder: Path) -> Judgement:
    """The inverse of `write_judgement`."""
    raw: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    results = tuple(map(RequirementResult.from_dict, raw["verdict"]["results"]))
    return Judgement(
        verdict=Verdict(raw["verdict"]["candidate"], results),
        candidates=tuple(map(Candidate.from_dict, raw["candidates"])),
        evaluation=Report.from_dict(raw["evaluation"]),
        service=Report.from_dict(raw["service"]),
        test_uses=raw["test_uses"],
        created=raw["created"],
        dimensions=raw.get("dimensions"),
    )
