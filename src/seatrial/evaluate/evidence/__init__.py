"""Evidence: what a report shows of a model's answers beside its figures, by what the answers are judged on.

Predictions → tables, series and facts. A task names its kind in `judged_on`; a new kind is one file here and one line.
"""

from __future__ import annotations

from seatrial.evaluate.evidence.base import Evidence, Predictions, Settings, Shown
from seatrial.registry import Registry

__all__ = ["EVIDENCE", "Evidence", "Predictions", "Settings", "Shown"]

EVIDENCE: Registry[Evidence] = Registry(
    "kind of evidence",
    "seatrial.evidence",
    {
        "probabilities": "seatrial.evaluate.evidence.labels:label_evidence",
        "neighbours": "seatrial.evaluate.evidence.labels:label_evidence",
        "spans": "seatrial.evaluate.evidence.spans:span_evidence",
        "tokens": "seatrial.evaluate.evidence.tokens:token_evidence",
        "preferences": "seatrial.evaluate.evidence.preference:preference_evidence",
        "texts": "seatrial.evaluate.evidence.texts:text_evidence",
        "written": "seatrial.evaluate.evidence.written:written_evidence",
    },
)
