"""What a caller asks for: a prompt, how to choose tokens and when to end. Every value is checked when it is made.

Refuses to know: engines, texts. Stop strings come in as `watch`, which hears each token and may end its sequence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from seatrial.errors import RequestError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LEAST_REPETITION_PENALTY", "Constraint", "GenerateRequest", "SamplingSettings"]

MAX_CHOICES = 128
MAX_STOP_IDS = 256
MAX_BIASED = 1024
MAX_TOP_LOG_PROBABILITIES = 20
MAX_DRAFT = 16
LEAST_REPETITION_PENALTY = 0.01
"""Logits are divided by it: by much less they would no longer be numbers."""
MAX_SEED = 2**63 - 1


class Constraint(Protocol):
    """What may come next in one sequence, for example by a grammar."""

    def allowed(self) -> NDArray[np.bool_] | None:
        """A mask [V] of the tokens that may follow, at least one; None allows all."""
        ...

    def advance(self, token_id: int) -> None:
        """Hear the token that was chosen."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingSettings:
    """How a token is chosen from logits. They apply in the order in which they stand here.

    Attributes:
        repetition_penalty: divides (or, below zero, multiplies) the logits of tokens that prompt or answer hold, 0.01
            to 10; 1 is off. CTRL (arXiv 1909.05858) §4.1.
        presence_penalty: is taken from the logit of a token that the answer holds, -2 to 2.
        frequency_penalty: the same for each time that the answer holds it.
        logit_bias: token id → what is added, -100 to 100.
        temperature: divides the logits, 0 to 10; 0 always takes the most probable token.
        top_k: only so many of the most probable; 0 is off.
        top_p: only the most probable that together reach this probability, above 0 to 1. arXiv 1904.09751.
        min_p: only tokens at least this share as probable as the most probable, 0 to 1. arXiv 2407.01082.
        seed: equal requests with equal seeds draw equally, whatever else is in the batch; None draws at random.
        log_probabilities: of the chosen token and of so many of the most probable, 0 to 20; None for none at all. They
            are those of the network, before any of the above.
    """

    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    seed: int | None = None
    log_probabilities: int | None = None

    def __post_init__(self) -> None:
        _within("repetition_penalty", self.repetition_penalty, LEAST_REPETITION_PENALTY, 10)
        _within("presence_penalty", self.presence_penalty, -2, 2)
        _within("frequency_penalty", self.frequency_penalty, -2, 2)
        _within("temperature", self.temperature, 0, 10)
        _whole("top_k", self.top_k, 0, 2**31)
        _above("top_p", self.top_p, 0, 1)
        _within("min_p", self.min_p, 0, 1)
        if self.seed is not None:
            _whole("seed", self.seed, 0, MAX_SEED)
        if self.log_probabilities is not None:
            _whole("log_probabilities", self.log_probabilities, 0, MAX_TOP_LOG_PROBABILITIES)
        _few("logit_bias", self.logit_bias, MAX_BIASED, "entries")
        for token, bias in self.logit_bias.items():
            _whole("a token id in logit_bias", token, 0, 2**31)
            _within(f"logit_bias of token {token}", bias, -100, 100)

    @property
    def greedy(self) -> bool:
        """Whether nothing is drawn."""
        return self.temperature == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """One prompt and what is wanted of it.

    Attributes:
        prompt: token ids, at least one.
        sampling: how tokens are chosen.
        max_tokens: of an answer, at least 1; None goes on until something else ends it. The end of the engine's
            context ends it in any case.
        n: how many answers, 1 to 128, each with draws of its own.
        stop_ids: token ids that end an answer, at most 256.
        watch: called once for each answer; what it gives hears every token and says whether it was the last.
        constraint: called once for each answer; says what may follow.
        draft_tokens: how many tokens are guessed ahead by looking for the answer's end in what came before, 0 to 16; 0
            is off. Tokens are chosen as without; see `lookup` for what rounded models make of that.
        deadline: on `time.monotonic`'s clock; then a waiting request is refused, a running one ends.
        client: those who wait are served in turn, client by client.
    """

    prompt: Sequence[int]
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    max_tokens: int | None = None
    n: int = 1
    stop_ids: frozenset[int] = frozenset()
    watch: Callable[[], Callable[[int], bool]] | None = None
    constraint: Callable[[], Constraint] | None = None
    draft_tokens: int = 0
    deadline: float = math.inf
    client: str = ""

    def __post_init__(self) -> None:
        if not self.prompt:
            raise RequestError("the prompt is empty", hint="send at least one token")
        if self.max_tokens is not None:
            _whole("max_tokens", self.max_tokens, 1, 2**31)
        _whole("n", self.n, 1, MAX_CHOICES)
        _few("stop_ids", self.stop_ids, MAX_STOP_IDS, "token ids")
        _whole("draft_tokens", self.draft_tokens, 0, MAX_DRAFT)
        if math.isnan(self.deadline):
            raise RequestError("deadline is nan: expected a time on time.monotonic's clock")

    def check_fits(self, *, vocabulary: int, context: int, slots: int) -> None:
        """Refuse what an engine of this size cannot answer.

        Raises:
            RequestError: the prompt leaves no room for an answer, a token id is not in the vocabulary, or more
                answers are wanted than the engine has slots.
        """
        if len(self.prompt) >= context:
            raise RequestError(
                f"the prompt has {len(self.prompt)} tokens: expected at most {context - 1}, "
                f"for the context holds {context} with the answer",
                hint="send a shorter prompt",
            )
        if self.n > slots:
            raise RequestError(f"n is {self.n}: expected at most {slots}, as many as are computed together")
        bad = next((i for i in self.prompt if not _is_whole(i) or not 0 <= i < vocabulary), None)
        if bad is not None:
            raise RequestError(f"the prompt holds {bad!r}: expected token ids from 0 to {vocabulary - 1}")
        biased = max(self.sampling.logit_bias, default=0)
        if biased >= vocabulary:
            raise RequestError(f"logit_bias names the token {biased}: expected ids from 0 to {vocabulary - 1}")


def _is_whole(value: Any) -> bool:
    """Whether it is a whole number; numpy's count, booleans do not."""
    return not isinstance(value, bool) and hasattr(value, "__index__")


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)


def _within(name: str, value: Any, low: float, high: float) -> None:
    if not _is_number(value) or not low <= value <= high:
        raise RequestError(f"{name} is {value!r}: expected a number from {low} to {high}")


def _above(name: str, value: Any, low: float, high: float) -> None:
    if not _is_number(value) or not low < value <= high:
        raise RequestError(f"{name} is {value!r}: expected a number above {low}, at most {high}")


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if not _is_whole(value) or not low <= value <= high:
        raise RequestError(f"{name} is {value!r}: expected a whole number from {low} to {high}")


def _few(name: str, value: Any, most: int, what: str) -> None:
    if len(value) > most:
        raise RequestError(f"{name} has {len(value)} {what}: expected at most {most}")
