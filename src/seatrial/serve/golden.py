"""Whether an engine gives the answers that its release was accepted with. Refuses to know: queues, swaps, clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.errors import ArtifactError
from seatrial.serve.answering import Answering

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["check_golden"]

PROBE = "A text, to see whether the model answers with numbers."


def check_golden(engine: Answering) -> None:
    """Let an engine answer its release's golden texts, each alone; without any, a text of our own.

    Raises:
        ArtifactError: the answers are others than when the release was accepted, or no numbers.
    """
    import numpy as np

    from seatrial.export.golden import read_golden

    golden = read_golden(engine.release.path)
    texts = golden.texts if golden else (PROBE,)
    outputs: list[NDArray[np.float32]] = [_alone(engine, text) for text in texts]
    difference = golden.differs(outputs) if golden else None
    if difference is None and not all(np.isfinite(output).all() for output in outputs):
        difference = "an output is not a number"
    if difference is not None:
        raise ArtifactError(f"the model does not give its golden answers: {difference}")


def _alone(engine: Answering, text: str) -> NDArray[np.float32]:
    """The output for one text, each of its windows computed alone."""
    reading = engine.read([text])
    return engine.join(reading, [engine.parts([window])[0] for window in reading.windows])[0]
