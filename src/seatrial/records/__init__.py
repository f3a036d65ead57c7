"""The nouns: what stages hand to each other. Frozen data; no behaviour beyond derived values and plain JSON forms.

Refuses to know: files, models, networks. Everything here can be built in a test with literals.
"""

from __future__ import annotations

from seatrial.records.contract import Comparator, Interval, Measurement, Requirement, RequirementResult, Verdict
from seatrial.records.example import SPLITS, Augmented, Drop, Example, Provenance, Row, Span
from seatrial.records.project import PROJECT_FILE, Project
from seatrial.records.trial import Artifact, Candidate, Release, Report, Table, Trial

__all__ = [
    "PROJECT_FILE",
    "SPLITS",
    "Artifact",
    "Augmented",
    "Candidate",
    "Comparator",
    "Drop",
    "Example",
    "Interval",
    "Measurement",
    "Project",
    "Provenance",
    "Release",
    "Report",
    "Requirement",
    "RequirementResult",
    "Row",
    "Span",
    "Table",
    "Trial",
    "Verdict",
]
