"""What a sample of the data tells: languages, personal data, labels that are probably wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from seatrial.data.annotate.label_errors import label_issues
from seatrial.data.clean.language import language_of
from seatrial.data.inspect.items import Item
from seatrial.data.redact.base import TooMuchToSearch
from seatrial.data.redact.finder import find
from seatrial.progress import Progress

__all__ = ["languages", "personal_data", "suspected_labels"]

TEXT_CHARS = 300
MOST_SUSPECTS = 20
MIN_LETTERS = 20


def languages(items: Sequence[Item], progress: Progress) -> list[dict[str, Any]]:
    """Rows {language, count, share}; texts with few letters count as too short to tell."""
    counts: Counter[str] = Counter()
    for number, item in enumerate(items):
        if number % 100 == 0:
            progress("languages", number, len(items))
        short = sum(map(str.isalpha, item.text[:TEXT_CHARS])) < MIN_LETTERS
        counts["too short to tell" if short else language_of(item.text) or "not clear"] += 1
    progress("languages", len(items), len(items))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"language": name, "count": count, "share": count / len(items)} for name, count in ordered]


def personal_data(items: Sequence[Item], progress: Progress) -> list[dict[str, Any]]:
    """Rows {entity, texts, found}; nothing of what was found."""
    texts: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for number, item in enumerate(items):
        if number % 100 == 0:
            progress("personal data", number, len(items))
        try:
            entities = [one.entity for one in find(item.text)]
        except TooMuchToSearch:
            entities = ["(not searched: too much looks like it)"]
        texts.update(set(entities))
        found.update(entities)
    progress("personal data", len(items), len(items))
    ordered = sorted(texts, key=lambda entity: (-texts[entity], entity))
    return [{"entity": entity, "texts": texts[entity], "found": found[entity]} for entity in ordered]


def suspected_labels(items: Sequence[Item], *, seed: int, progress: Progress) -> tuple[list[dict[str, Any]], int, int]:
    """Labels that are probably wrong, by a quick model that has not seen the text.

    Returns:
        Rows {source, row, label, suggested, score, text} with the most suspicious first, how many labels are suspected,
        and how many were looked at: labels with one text cannot be.
    """
    counts = Counter(item.label for item in items)
    usable = [item for item in items if item.label and counts[item.label] > 1]
    if len({item.label for item in usable}) < 2:
        return [], 0, 0
    issues = label_issues(
        [item.text for item in usable], [item.label for item in usable], folds=3, seed=seed, progress=progress
    )
    rows = []
    for issue in issues[:MOST_SUSPECTS]:
        item = usable[issue.index]
        place = {"source": item.provenance.source, "row": item.provenance.row}
        told = {"label": issue.given, "suggested": issue.suggested, "score": round(issue.score, 4)}
        rows.append({**place, **told, "text": item.text[:TEXT_CHARS]})
    return rows, len(issues), len(usable)
