"""How a figure is written: digits, unit, interval, the name of a metric and of a slice, in card and page alike.

Refuses to know: Markdown, HTML and where a figure came from. Text from users passes through `printable` only; escaping
is the business of whoever writes the file.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from seatrial.records import Interval, Requirement

__all__ = [
    "LOWER_IS_BETTER",
    "beside",
    "bound",
    "capital",
    "confidence",
    "figure",
    "finite",
    "interval",
    "metric_name",
    "name",
    "percent",
    "printable",
    "requirement_name",
    "slice_name",
]

ABSENT = "–"
UNITS = {"tokens_per_s": "tokens/s", "_ms": "ms", "_mb": "MB", "_s": "s"}
METRIC_NAMES = {
    "f1_macro": "macro-F1",
    "f1_micro": "micro-F1",
    "precision_macro": "macro precision",
    "recall_macro": "macro recall",
    "roc_auc": "ROC-AUC",
    "ece": "calibration error (ECE)",
    "brier": "Brier score",
    "log_loss": "log loss",
    "agreement": "same answer as uncompressed",
    "cosine_to_source": "cosine with uncompressed",
    "neighbour_accuracy": "nearest-neighbour accuracy",
    "bits_per_byte": "bits per byte",
    "reward_margin_nats": "reward margin (nats)",
    "chrf": "chrF",
    "bleu": "BLEU",
    "rouge_1": "ROUGE-1",
    "rouge_2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "json_valid": "valid JSON",
    "json_field": "right JSON fields",
    "p50_ms": "latency (median)",
    "p95_ms": "latency (p95)",
    "p99_ms": "latency (p99)",
    "size_mb": "size",
    "adapter_mb": "size of the updates alone",
    "trained_share": "share of the weights that learned",
    "ttft_p50_ms": "time to first token (median)",
    "ttft_p95_ms": "time to first token (p95)",
    "tpot_p50_ms": "time per token after it (median)",
    "tpot_p95_ms": "time per token after it (p95)",
    "tokens_per_s": "speed of one answer",
    "peak_memory_mb": "peak memory",
}
LOWER_IS_BETTER = frozenset({"ece", "brier", "log_loss", "bits_per_byte", "perplexity"})
# Directional overrides would turn the rest of a sentence around; texts keep their own direction without them.
OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Control characters have no picture, and a lone surrogate cannot be written as UTF-8.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: object) -> str:
    """Any value as text that can be written to a UTF-8 file; what cannot be shown becomes U+FFFD."""
    return OVERRIDES.sub("", UNPRINTABLE.sub("\ufffd", str(text)))


def name(text: object) -> str:
    """A user's name to stand inside an English sentence; one with right-to-left letters is isolated (Unicode UAX 9)."""
    shown = printable(text)
    turned = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in shown)
    return f"\u2068{shown}\u2069" if turned else shown


def finite(value: Any) -> float | None:
    """The value as a float if it is a finite number, else None (so NaN, infinity, None, text and booleans)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def figure(metric: str, value: Any, *, signed: bool = False, digits: int | None = None) -> str:
    """A figure with its unit.

    Args:
        metric: decides digits and unit: ``…_ms``, ``…_mb``, ``…_s``, ``tokens_per_s`` get one digit and a unit, others
            three.
        value: the figure; what is not a finite number becomes a dash.
        signed: write a plus sign, for differences.
        digits: digits after the point, when the usual number would mislead.
    """
    number = finite(value)
    if number is None:
        return ABSENT
    unit = next((unit for ending, unit in UNITS.items() if metric.endswith(ending)), "")
    places = digits if digits is not None else 1 if unit else 3
    number = round(number, places) + 0.0  # adding zero turns a rounded -0.0 into 0.0
    text = f"{number:{'+' if signed else ''},.{places}f}".replace("-", "\u2212")
    return f"{text}\u00a0{unit}" if unit else text


def bound(metric: str, value: float, *, signed: bool = False) -> str:
    """A bound as the project file states it, without added zeros, with the metric's unit."""
    number = finite(value)
    if number is None:
        return ABSENT
    unit = next((unit for ending, unit in UNITS.items() if metric.endswith(ending)), "")
    text = f"{number:{'+' if signed else ''},.12g}".replace("-", "\u2212")
    return f"{text}\u00a0{unit}" if unit else text


def beside(metric: str, value: Any, limit: float, *, signed: bool = False) -> str:
    """A figure written with enough digits that rounding does not carry it to or over `limit`."""
    number = finite(value)
    usual = 1 if any(metric.endswith(ending) for ending in UNITS) else 3
    if number is None or number == limit:
        return figure(metric, value, signed=signed)
    digits = next((d for d in range(usual, 9) if round(number, d) != round(limit, d)), 9)
    return figure(metric, number, signed=signed, digits=digits)


def interval(metric: str, found: Interval | None, *, signed: bool = False) -> str:
    """An interval as ``low to high``; a dash when there is none."""
    if found is None or finite(found.low) is None or finite(found.high) is None:
        return ABSENT
    low, high = (figure(metric, end, signed=signed) for end in (found.low, found.high))
    return f"{low} to {high}"


def percent(value: Any) -> str:
    """A share between 0 and 1 in per cent, one digit."""
    number = finite(value)
    return ABSENT if number is None else f"{round(100 * number, 1) + 0.0:.1f}\u00a0%"


def confidence(level: float) -> str:
    """A confidence in per cent, as short as it can be said: ``95 %``, ``99.9 %``."""
    return f"{100 * level:.6g}\u00a0%"


def capital(text: str) -> str:
    """The text with a capital first letter, the others untouched."""
    return text[:1].upper() + text[1:]


def metric_name(metric: str) -> str:
    """A metric in readers' words, with its argument if it has one; an unknown one with its underscores opened."""
    plain, _, argument = metric.partition(".")
    said = METRIC_NAMES.get(plain, printable(plain).replace("_", " "))
    return f"{said}: {printable(argument)}" if argument else said


def slice_name(where: Mapping[str, str]) -> str:
    """A slice filter in words: ``domain is tweets and agreed is yes``; everything is ``all examples``."""
    return " and ".join(f"{name(key)} is {name(value)}" for key, value in where.items()) or "all examples"


def requirement_name(requirement: Requirement) -> str:
    """A line of the contract in readers' words."""
    said = capital(metric_name(requirement.metric))
    if requirement.over:
        said += f"{' divided by that of' if requirement.ratio else ', lead over'} {name(requirement.over)}"
    if requirement.where:
        said += f" where {slice_name(requirement.where)}"
    if requirement.split == "validation":
        said += " (validation)"
    if requirement.confidence is not None:
        end = "lower" if requirement.comparator == ">=" else "upper"
        said += f", {end} end of the {confidence(requirement.confidence)} interval"
    return said
