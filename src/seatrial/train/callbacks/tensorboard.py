"""The run's records as TensorBoard events: `tensorboard --logdir FOLDER` shows them live."""

from __future__ import annotations

from pathlib import Path

from seatrial.train.events import Event, Step
from seatrial.train.position import Position

__all__ = ["TensorBoard"]


class TensorBoard:
    """Writes scalars below `train/` and `validation/`.

    Args:
        folder: for the event files; a continued run adds a file, which tells the viewer to forget later steps.
        position: where the run starts.
    """

    def __init__(self, folder: Path, position: Position) -> None:
        from torch.utils.tensorboard import SummaryWriter

        purge_step = position.step + 1 if position.step else None
        self._writer = SummaryWriter(str(folder), purge_step=purge_step)

    def __call__(self, event: Event) -> None:
        group = "train" if isinstance(event, Step) else "validation"
        for name, value in event.as_dict().items():
            if name not in {"step", "best"}:
                self._writer.add_scalar(f"{group}/{name}", value, event.step)

    def close(self) -> None:
        self._writer.close()
