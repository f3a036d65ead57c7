"""What a run of the model costs, learned from the runs themselves: seconds = per run + tokens × per token.

Nothing has to be configured for a faster machine, another engine or a longer model, and the batcher can say beforehand
how long a batch will take. Refuses to know: models, queues.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RunCost"]

MEMORY = 0.98  # weight of what was known beside one new run: about the last 50 runs count
FEW_RUNS = 8.0  # fewer say too little about the slope


@dataclass(slots=True)
class RunCost:
    """A straight line through recent runs, by least squares with exponentially fading weights.

    Attributes:
        per_run_s: cost of a run beyond its tokens, before anything was measured and when runs are all alike.
        per_token_s: cost of a token, before anything was measured.
    """

    per_run_s: float = 0.0003
    per_token_s: float = 0.0001
    _weight: float = 0.0
    _tokens: float = 0.0
    _seconds: float = 0.0
    _tokens_squared: float = 0.0
    _product: float = 0.0

    def learn(self, tokens: int, seconds: float) -> None:
        """Take a run of `tokens` tokens, padding included, into account."""
        self._weight = MEMORY * self._weight + 1
        self._tokens = MEMORY * self._tokens + tokens
        self._seconds = MEMORY * self._seconds + seconds
        self._tokens_squared = MEMORY * self._tokens_squared + tokens * tokens
        self._product = MEMORY * self._product + tokens * seconds
        if self._weight < FEW_RUNS:
            return
        mean_tokens, mean_seconds = self._tokens / self._weight, self._seconds / self._weight
        spread = self._tokens_squared / self._weight - mean_tokens**2
        if spread < 0.01 * mean_tokens**2:  # runs of one size: no slope to see, so only the level is corrected
            self.per_token_s = max(1e-9, (mean_seconds - self.per_run_s) / mean_tokens)
            return
        slope = (self._product / self._weight - mean_tokens * mean_seconds) / spread
        self.per_token_s = min(max(slope, 1e-9), mean_seconds / mean_tokens)
        self.per_run_s = max(0.0, mean_seconds - self.per_token_s * mean_tokens)

    @property
    def run_tokens(self) -> float:
        """What a run costs beyond its tokens, expressed in tokens: padding up to this much is cheaper than two runs."""
        return self.per_run_s / self.per_token_s

    def tokens_within(self, seconds: float) -> int:
        """How many tokens a run of this length may hold, at least 1."""
        return max(1, int((seconds - self.per_run_s) / self.per_token_s))
