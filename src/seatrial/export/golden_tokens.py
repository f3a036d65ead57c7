"""The golden answers of a language model: a few prompts and what its graph wrote for them when it was accepted.

Always the most probable token, with its log-probability and its lead over the next. Whoever loads the release later
lets the model write again and asks `GoldenTokens.differs`. Refuses to know: engines, tokenizers, templates.

Where two tokens are nearly equal, another processor may choose the other one, and the text takes another turn that is
none the worse. So a token may differ where its lead was small, and what follows is then not compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from seatrial.artifact.strict_json import strict_json
from seatrial.errors import ArtifactError
from seatrial.export.golden import FILE
from seatrial.spec.base import Section

__all__ = [
    "ANSWERS",
    "LENGTH",
    "GoldenTokens",
    "Written",
    "clearest_answers",
    "moved",
    "read_golden_tokens",
    "tolerance_for",
    "write_golden_tokens",
]

ANSWERS = 8
LENGTH = 16
"""Tokens of an answer. Eight answers of so many take a model of 135 million weights about a second."""
LEAST_TOLERANCE = 0.01
MARGIN = 2.0
"""The tolerance of a graph is so many times what `moved` found in copies that stand for other processors, and no less
than the least. In float32 nothing moves by a ten-thousandth; where weights are rounded, activations are too, so that a
last bit that differs moves a value to the next step (docs/decisions/0013-decoders-as-candidates.md)."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for a prompt.

    Attributes:
        token_ids: in order, without the token that ends an answer.
        log_probabilities: of each, in nats.
        leads: of each over the second most probable token, in nats.
    """

    token_ids: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    leads: tuple[float, ...]

    def clear(self, tolerance: float) -> int:
        """Tokens before the first that a change of two log-probabilities by the tolerance could replace."""
        return next((n for n, lead in enumerate(self.leads) if lead <= 2 * tolerance), len(self.leads))


@dataclass(frozen=True, slots=True)
class GoldenTokens:
    """Prompts and what was written for them.

    Attributes:
        prompts: texts to go on with, or conversations to answer.
        answers: one for each.
        tolerance: largest allowed change of a log-probability, in nats.
    """

    prompts: Sequence[str | list[dict[str, str]]]
    answers: Sequence[Written]
    tolerance: float

    def differs(self, found: Sequence[Written]) -> str | None:
        """What is different about what was written for the same prompts, or None if nothing is that counts.

        Returns:
            One sentence about the first such prompt, by its index; it quotes no text.
        """
        for place, (now, was) in enumerate(zip(found, self.answers, strict=True)):
            said = self._differs(now, was)
            if said is not None:
                return f"the answer to prompt {place} {said}"
        return None

    def _differs(self, now: Written, was: Written) -> str | None:
        for place, (token, lead) in enumerate(zip(was.token_ids, was.leads, strict=True)):
            if place >= len(now.token_ids) or now.token_ids[place] != token:
                if lead <= 2 * self.tolerance:
                    return None  # another turn, which is none the worse; what follows cannot be compared
                other = now.token_ids[place] if place < len(now.token_ids) else "the end"
                return f"has {other} for token {place}, not {token}, which led by {lead:.3g} nats"
            gap = abs(now.log_probabilities[place] - was.log_probabilities[place])
            if not gap <= self.tolerance:  # written so that NaN differs
                return f"differs by {gap:.3g} nats at token {place}, allowed is {self.tolerance:g}"
        return None


class _Item(Section):
    prompt: str | list[dict[str, str]]
    token_ids: list[int]
    log_probabilities: list[float]
    leads: list[float]


class _File(Section):
    tolerance: float = Field(gt=0, allow_inf_nan=False)
    answers: list[_Item] = Field(min_length=1)


def moved(was: Sequence[Written], now: Sequence[Written]) -> float:
    """The smallest tolerance with which these answers would count as the same, in nats."""
    worst = 0.0
    for before, after in zip(was, now, strict=True):
        for place, (token, lead) in enumerate(zip(before.token_ids, before.leads, strict=True)):
            if place >= len(after.token_ids) or after.token_ids[place] != token:
                worst = max(worst, lead / 2)
                break
            worst = max(worst, abs(after.log_probabilities[place] - before.log_probabilities[place]))
    return worst


def tolerance_for(largest: float) -> float:
    """The tolerance of a graph whose answers moved by as much at most in copies that stand for other processors."""
    return round(max(LEAST_TOLERANCE, MARGIN * largest), 4)


def clearest_answers(answers: Sequence[Written], tolerance: float, count: int = ANSWERS) -> list[int]:
    """Indices of the answers that say the most: with the most tokens that have a clear lead from the start."""
    order = sorted(range(len(answers)), key=lambda n: (-answers[n].clear(tolerance), n))
    return sorted(order[:count])


def write_golden_tokens(folder: Path, golden: GoldenTokens) -> None:
    """Write `golden.json` into a release that has no manifest yet.

    Raises:
        ArtifactError: a log-probability is not a finite number: such a model must not be served.
    """
    if not all(math.isfinite(value) for answer in golden.answers for value in answer.log_probabilities):
        raise ArtifactError("the model's output is not a number", where=str(folder), hint="train it again")
    items: list[dict[str, Any]] = [
        {
            "prompt": prompt,
            "token_ids": list(answer.token_ids),
            "log_probabilities": list(answer.log_probabilities),
            "leads": list(answer.leads),
        }
        for prompt, answer in zip(golden.prompts, golden.answers, strict=True)
    ]
    text = strict_json({"tolerance": golden.tolerance, "answers": items}, ascii_only=True)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_golden_tokens(folder: Path) -> GoldenTokens | None:
    """The golden answers of a release that generates, or None if it was made without any.

    Raises:
        ArtifactError: the file is not what `write_golden_tokens` writes.
    """
    path = folder / FILE
    try:
        raw = _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ArtifactError(
            f"cannot be read: {str(error).splitlines()[0]}", where=str(path), hint="make the release again"
        ) from error
    if any(not len(item.token_ids) == len(item.log_probabilities) == len(item.leads) for item in raw.answers):
        raise ArtifactError("an answer has more tokens than figures", where=str(path), hint="make the release again")
    answers = [Written(tuple(i.token_ids), tuple(i.log_probabilities), tuple(i.leads)) for i in raw.answers]
    return GoldenTokens([item.prompt for item in raw.answers], answers, raw.tolerance)
