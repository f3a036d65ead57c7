"""Text → cleaner text, or a reason to drop it. One step per function; the project file says which, in which order."""

from __future__ import annotations

from seatrial.data.clean.base import Changed, Cleaner, CleanStep, Refusal
from seatrial.registry import Registry

__all__ = ["CLEANERS", "Changed", "CleanStep", "Cleaner", "Refusal"]

CLEANERS: Registry[Cleaner | type[CleanStep]] = Registry(
    "cleaning step",
    "seatrial.cleaners",
    {
        "unescape-html": "seatrial.data.clean.html:unescape_html",
        "normalize-space": "seatrial.data.clean.space:normalize_space",
        "strip-urls": "seatrial.data.clean.urls:strip_urls",
        "lowercase": "seatrial.data.clean.case:lowercase",
        "redact": "seatrial.data.redact.step:Redact",
        "unredact": "seatrial.data.redact.restore:Unredact",
        "drop-empty": "seatrial.data.clean.empty:drop_empty",
    },
)
