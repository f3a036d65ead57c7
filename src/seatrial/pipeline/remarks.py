"""What a user should hear beside the verdict: rows left out, and warnings about what is allowed but seldom meant.

Refuses to know how it is shown. A remark never changes what is released.
"""

from __future__ import annotations

from collections import Counter

from seatrial.govern.figures import LOWER_IS_BETTER, figure, finite, metric_name
from seatrial.govern.findings import figures_of_model, headline, measured_on, opponents
from seatrial.records import Report, Trial
from seatrial.spec.project import ProjectSpec
from seatrial.spec.training import ModelSpec

__all__ = ["beaten_by", "language_warning", "left_out", "left_out_line"]

REASONS_NAMED = 5
PACKAGED_MODEL = ModelSpec().base
"""The default model, which has read English."""


def left_out(prepared: Report) -> dict[str, int]:
    """Reason → rows of the sources that are in no split, the most frequent first.

    Args:
        prepared: the report of prepare.
    """
    counts: Counter[str] = Counter()
    for row in prepared.tables.get("dropped", ()):
        counts[row["reason"]] += row["count"]
    return dict(counts.most_common())


def left_out_line(prepared: Report) -> str | None:
    """The same in one line; None when every row was used."""
    counts = left_out(prepared)
    if not counts:
        return None
    rows = sum(source["rows"] for source in prepared.tables.get("sources", ()))
    named = [f"{reason} ({count:,})" for reason, count in list(counts.items())[:REASONS_NAMED]]
    rest = sum(counts.values()) - sum(list(counts.values())[:REASONS_NAMED])
    if rest:
        named.append(f"other reasons ({rest:,})")
    return f"{sum(counts.values()):,} of {rows:,} rows left out: {'; '.join(named)}"


def language_warning(spec: ProjectSpec) -> str | None:
    """A warning when the texts are in a language that the default model has not read."""
    foreign = [code for code in spec.language if code.lower().partition("-")[0] != "en"]
    own = spec.model.network is not None or bool(spec.model.more_characters)
    if not foreign or spec.model.base != PACKAGED_MODEL or own:
        return None
    return (
        f"the default model has read English, and the texts are in {', '.join(foreign)}: "
        "set model.base to a model that knows the language, or model.more_characters for a script it cannot read"
    )


def beaten_by(trial: Trial) -> list[str]:
    """One line for each opponent that did better on the whole test split than the candidate that was judged."""
    metric = headline(trial)
    ours = measured_on(figures_of_model(trial), metric, {}) if metric else None
    value = finite(ours.value) if ours else None
    if metric is None or value is None:
        return []
    sign = -1 if metric in LOWER_IS_BETTER else 1
    return [
        f"worse than {other.system} by {figure(metric, abs(other.value - value))}: {metric_name(metric)} "
        f"{figure(metric, value)}, {other.system} {figure(metric, other.value)}"
        for other in opponents(trial, metric, {})
        if sign * (other.value - value) > 0
    ]
