"""What tasks share whose answers are rows that a network gives for one text, read alone: labels, tags, vectors.

Such a network is exported and served. Refuses to know: what the rows mean.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.models.forward import torch_logits
from seatrial.models.reading import Reading
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.spec.language import NetworkKind
from seatrial.spec.training import ModelSpec
from seatrial.tasks.language_start import require_pretrained
from seatrial.tokenize.load import load_tokenizer

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["NetworkAnswers"]


class NetworkAnswers(ABC):
    """Methods of a task; see `seatrial.tasks.base.Task`."""

    exported = True
    lower_is_better = False
    new_head = True
    network_kind: NetworkKind | None = None
    name: str

    def check_model(self, model: ModelSpec) -> None:
        require_pretrained(model, self.name)

    def texts(self, example: Example) -> Sequence[str]:
        return (self.text(example),)

    def load_tokenizer(self, folder: Path, max_length: int) -> Tokenizer:
        return load_tokenizer(folder, max_length)

    @abstractmethod
    def text(self, example: Example) -> str: ...

    @abstractmethod
    def read(self, tokenizer: Tokenizer, texts: Sequence[str]) -> Reading: ...

    def reading(self, tokenizer: Tokenizer, examples: Sequence[Example]) -> Reading:
        return self.read(tokenizer, [self.text(example) for example in examples])

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: Tokenizer,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        return torch_logits(model, reading.windows, progress=progress)

    def measurable(self, labels: Sequence[str]) -> bool:
        return bool(labels)
