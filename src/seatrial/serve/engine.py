"""The engine: a release ready to answer, with onnxruntime and tokenizers alone.

Refuses to know: queues, requests and transports. It is called with texts and with batches that someone else has put
together. Nothing here loads torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seatrial.data.clean.served import clean_served
from seatrial.export.session import OnnxSession
from seatrial.models.encode import encode, load_tokenizer
from seatrial.records import Release
from seatrial.tasks import TASKS

__all__ = ["Engine"]

WARM_UP_TOKENS = (4, 16, 64)


class Engine:
    """Tokenizes texts and turns token ids into the task's answers.

    Args:
        release: what `load_release` gave.
        threads: threads of one model run; None takes the cores that this process may use.

    Attributes:
        release: the release that answers.
    """

    def __init__(self, release: Release, threads: int | None) -> None:
        self.release = release
        self._task = TASKS.get(release.task)()
        self._tokenizer = load_tokenizer(release.tokenizer_file.parent, release.max_length)
        self._pad_id = self._tokenizer.token_to_id("[PAD]") or 0  # masked anyway, so any known id will do
        self._session = OnnxSession(release.model_file, threads)

    @property
    def version(self) -> str:
        """Which release answers: the first digits of its digest."""
        return self.release.version

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text, cleaned as in training; special tokens included, cut to the release's `max_length`."""
        return encode(self._tokenizer, clean_served(texts, self.release.clean))

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
        """Run the model a few times, so that the first client does not pay for what is set up lazily."""
        for tokens in WARM_UP_TOKENS:
            self.answer([[self._pad_id] * min(tokens, self.release.max_length)])
