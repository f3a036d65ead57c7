"""Text → personal data in it → the same text without them.

Inputs: a text and which entities to look for. Outputs: findings with their place and score (`find`), or the text with
each finding masked, replaced or hashed (`Redact`, a cleaning step). Each kind of personal data has a recogniser of its
own, reached through `RECOGNIZERS`. Refuses to know: files, rows and labels.
"""

from __future__ import annotations

from seatrial.data.redact.base import Candidate, Finding, Gate, Recognizer, RecognizerSettings, TooMuchToSearch
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.finder import RECOGNIZERS, Finder, find

__all__ = [
    "RECOGNIZERS",
    "Candidate",
    "Canonical",
    "Finder",
    "Finding",
    "Gate",
    "Recognizer",
    "RecognizerSettings",
    "TooMuchToSearch",
    "find",
]
