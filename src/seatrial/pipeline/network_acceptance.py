"""One run of accept for a network that no service runs: it is judged as training wrote it, without latencies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seatrial.pipeline.acceptance import TRIED, Acceptance
from seatrial.pipeline.beside_base import beside_base
from seatrial.pipeline.contenders import Contender
from seatrial.pipeline.training_figures import training_figures
from seatrial.records import Measurement

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NetworkAcceptance"]


class NetworkAcceptance(Acceptance):
    """The steps of `Acceptance` with the network that `train` wrote in the place of an ONNX file."""

    def _contender(self, name: str, logits: NDArray[np.float32]) -> Contender:
        from seatrial.export.network_release import network_size_mb, write_network_release

        trained = self._trained
        folder = self.context.out / TRIED / name
        folder.mkdir(parents=True)
        write_network_release(
            folder,
            model_folder=trained,
            name=self.spec.name,
            task=self.spec.task,
            max_length=self.spec.model.max_length,
        )
        size_mb = network_size_mb(folder)
        operational = {
            "size_mb": Measurement("size_mb", size_mb, 1, "service", system=name),
            **training_figures(self.context.inputs["train"], name),
        }
        figures = self._figures(name, operational, logits)
        return Contender(name, trained, 1.0, figures, folder, size_mb, {}, logits)

    def _model_digest(self, contender: Contender) -> str:
        from seatrial.reference import model_digest

        return model_digest(contender.model_file)

    def _test_logits(self, contender: Contender) -> NDArray[np.float32]:
        model = self.task.load_trained(contender.model_file)
        examples, reading = self.splits["test"].examples, self.readings["test"]
        rows = self.task.rows(model, self.tokenizer, examples, reading, self.context.progress)
        return beside_base(self.task, rows, self.said, "test")

    def _answers(self, name: str, split: str) -> Sequence[str]:
        """The candidate is the network that has written on validation already."""
        if split == "validation":
            return self.written["source"][split]
        return super()._answers(name, split)

    def finish(self, winner: Contender) -> None:
        """Nothing more: there is no served answer that could be kept to compare with."""

    def file_of(self, contender: Contender) -> str:
        del contender
        return "model.safetensors"

    @property
    def _trained(self) -> Path:
        return self.context.inputs["train"].path
