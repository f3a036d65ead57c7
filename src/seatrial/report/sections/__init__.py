"""Sections of the page: a trial → titled content; one section per file, in the order of `SECTIONS`."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.report.sections.answers import answers
from seatrial.report.sections.base import MakeSection, Section
from seatrial.report.sections.calibration import calibration
from seatrial.report.sections.candidates import candidates
from seatrial.report.sections.confusion import confusion
from seatrial.report.sections.data import data
from seatrial.report.sections.inspection import inspection
from seatrial.report.sections.learning import learning
from seatrial.report.sections.lineage import lineage
from seatrial.report.sections.mistakes import mistakes
from seatrial.report.sections.opponents import opponents
from seatrial.report.sections.slices import slices
from seatrial.report.sections.summary import summary
from seatrial.report.sections.surprising import surprising
from seatrial.report.sections.timings import timings
from seatrial.report.sections.verdict import verdict

__all__ = ["SECTIONS", "Section"]

SECTIONS: Sequence[MakeSection] = (
    verdict,
    summary,
    learning,
    confusion,
    calibration,
    slices,
    opponents,
    candidates,
    mistakes,
    answers,
    surprising,
    data,
    inspection,
    lineage,
    timings,
)
"""In the order of the page. A section that has nothing to show gives None and is left out, also from the navigation."""
