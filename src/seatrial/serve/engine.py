"""The engine: a release ready to answer: cleaning, tokenizer, network, and what the task makes of its outputs.

Refuses to know: queues, requests and transports. It is called with texts and with batches that someone else has put
together. With the default runtime nothing here loads torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from seatrial.data.clean.served import ServedCleaning
from seatrial.errors import ArtifactError
from seatrial.models.reading import Reading
from seatrial.records import Release
from seatrial.serve.answering import Answering
from seatrial.serve.engines import ENGINES
from seatrial.tasks import TASKS
from seatrial.tokenize.load import encode, load_tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Engine"]

WARM_UP_TOKENS = (4, 16, 64)


class Engine(Answering):
    """Tokenizes texts and turns token ids into the task's outputs.

    Args:
        release: what `load_release` gave.
        threads: threads of one model run; None leaves it to the runtime.
        runtime: what runs the network, by name.

    Attributes:
        release: the release that answers.

    Raises:
        ArtifactError: the model file cannot be loaded, or writes texts of its own.
        MissingExtraError: the runtime is not installed.
    """

    def __init__(self, release: Release, threads: int | None, runtime: str = "onnxruntime") -> None:
        if release.generates:
            raise ArtifactError(
                "this release writes texts of its own",
                where=str(release.path),
                hint="ask it by `seatrial chat`, or over HTTP with `seatrial serve`",
            )
        self.release = release
        self._task = TASKS.get(release.task)()
        self._cleaning = ServedCleaning(release.clean)
        self._tokenizer = load_tokenizer(release.tokenizer_file.parent, release.max_length)
        self._pad_id = self._tokenizer.token_to_id("[PAD]") or 0  # masked anyway, so any known id will do
        self._network = ENGINES.get(runtime, where="serving.engine")(release, threads)

    @property
    def output_name(self) -> str:
        """What the task calls its answers, for protocols that name their tensors."""
        return self._task.output_name

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text, cleaned as in training; special tokens included, cut to the release's `max_length`."""
        return encode(self._tokenizer, self._cleaning(texts))

    def outputs(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """What the task makes of one batch.

        Args:
            token_ids: one list of ids per item, of any lengths; not empty.

        Returns:
            Probabilities in the order of the labels, or embeddings: float32 [items, k], not to be written to; or
            [items, longest, k] from a model that answers for every token.
        """
        outputs = self._task.outputs(self._network.logits(token_ids, self._pad_id), self.release.temperature)
        outputs.flags.writeable = False  # rows are handed to several callers when they come from a cache
        return outputs

    def read(self, texts: Sequence[str]) -> Reading:
        """The windows that each text is read in, cleaned as in training."""
        return self._task.read(self._tokenizer, self._cleaning(texts))

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """What `parts` gave for each window → the output for each text, not to be written to."""
        outputs = self._task.join(reading, parts)
        for output in outputs:
            output.flags.writeable = False
        return outputs

    def describe(self, output: NDArray[np.float32], text: str) -> dict[str, Any]:
        """The task's JSON object for the output for one text."""
        return self._task.answer(output, self.release.labels, text)

    def warm_up(self) -> None:
        """Run the model a few times, so that the first client does not pay for what is set up lazily."""
        self.tokenize(["The first text takes a tokenizer longer than all that follow."])
        for tokens in WARM_UP_TOKENS:
            ids = [[self._pad_id] * min(tokens, self.release.max_length)]
            self.outputs(ids)
            with ThreadPoolExecutor(2) as side_by_side:  # a runtime may have another way for runs that are not alone
                list(side_by_side.map(self.outputs, [ids, ids]))
