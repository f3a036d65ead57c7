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
        "repair-unicode": "seatrial.data.clean.unicode:RepairUnicode",
        "normalize-unicode": "seatrial.data.clean.unicode:NormalizeUnicode",
        "normalize-width": "seatrial.data.clean.width:NormalizeWidth",
        "strip-control": "seatrial.data.clean.control:StripControl",
        "strip-tags": "seatrial.data.clean.tags:StripTags",
        "main-text": "seatrial.data.clean.page:MainText",
        "strip-urls": "seatrial.data.clean.urls:StripUrls",
        "strip-mentions": "seatrial.data.clean.mentions:StripMentions",
        "strip-hashtags": "seatrial.data.clean.mentions:StripHashtags",
        "shorten-repeats": "seatrial.data.clean.repeats:ShortenRepeats",
        "convert-chinese": "seatrial.data.clean.chinese:ConvertChinese",
        "lowercase": "seatrial.data.clean.case:lowercase",
        "segment-words": "seatrial.data.clean.words:SegmentWords",
        "drop-stop-words": "seatrial.data.clean.words:DropStopWords",
        "keep-languages": "seatrial.data.clean.language:KeepLanguages",
        "limit-length": "seatrial.data.clean.length:LimitLength",
        "c4-quality": "seatrial.data.clean.c4:C4Quality",
        "gopher-quality": "seatrial.data.clean.gopher:GopherQuality",
        "gopher-repetition": "seatrial.data.clean.gopher:GopherRepetition",
        "fill-empty": "seatrial.data.clean.filling:FillEmpty",
        "redact": "seatrial.data.redact.step:Redact",
        "unredact": "seatrial.data.redact.restore:Unredact",
        "drop-empty": "seatrial.data.clean.empty:drop_empty",
    },
)
