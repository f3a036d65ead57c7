"""The engine: a release ready to answer, with onnxruntime and tokenizers alone.

Refuses to know: queues, requests and transports. It is called with texts and with batches that someone else has put
together. Nothing here loads torch.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from seatrial.export.session import OnnxSession
from seatrial.models.encode import encode, load_tokenizer
from seatrial.records import Release
from seatrial.tasks import TASKS

__all__ = ["Engine"]

SHORT, LONG = 8, 64  # tokens of the two probes whose times tell what a run costs beyond its tokens
PROBES = 5
RUN_COST_BOUNDS = (2, 64)


class Engine:
    """Tokenizes texts and turns token ids into the task's answers.

    Args:
        release: what `load_release` gave.
        threads: threads of one model run; None takes the cores that this process may use.

    Attributes:
        release: the release that answers.
        run_cost_tokens: what one run costs beyond its tokens, expressed in tokens; measured by `warm_up`.
    """

    def __init__(self, release: Release, threads: int | None) -> None:
        self.release = release
        self.run_cost_tokens = 8
        self._task = TASKS.get(release.task)()
        self._tokenizer = load_tokenizer(release.tokenizer_file.parent, release.max_length)
        self._pad_id = self._tokenizer.token_to_id("[PAD]") or 0  # masked anyway, so any known id will do
        self._session = OnnxSession(release.model_file, threads)

    @property
    def version(self) -> str:
        """Which release answers: the first digits of its digest."""
        return self.release.version

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text, special tokens included, cut to the release's `max_length`."""
        return encode(self._tokenizer, texts)

    def answer(self, token_ids: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
        """The task's answer to each item of one batch.

        Args:
            token_ids: one list of ids per item, of any lengths; not empty.

        Returns:
            One JSON object per item, in order.
        """
        logits = self._session.logits(token_ids, self._pad_id)
        probabilities = self._task.probabilities(logits, self.release.temperature)
        return [self._task.answer(row, self.release.labels) for row in probabilities]

    def warm_up(self) -> None:
        """Run the model a few times, so that the first client does not pay for lazy set-up, and measure a run's cost.

        The time of a run is close to ``a + b * tokens``; `run_cost_tokens` becomes ``a / b``.
        """
        short, long = (self._fastest_run_s(tokens) for tokens in (SHORT, LONG))
        per_token_s = max(long - short, 1e-9) / (LONG - SHORT)
        low, high = RUN_COST_BOUNDS
        self.run_cost_tokens = min(max(round(short / per_token_s) - SHORT, low), high)

    def _fastest_run_s(self, tokens: int) -> float:
        """The least of several timings: noise on a shared machine only ever adds."""
        ids = [[self._pad_id] * min(tokens, self.release.max_length)]
        times = []
        for _ in range(PROBES):
            started = time.perf_counter()
            self.answer(ids)
            times.append(time.perf_counter() - started)
        return min(times)
