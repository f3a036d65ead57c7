"""What the model said before the first step, kept with the run: computed once, and read again by a run that goes on.

Refuses to know what it is about; the objective asks and understands.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.artifact.atomic import atomic_folder
from seatrial.artifact.digest import file_digest
from seatrial.progress import Progress
from seatrial.tasks.objective import Refers
from seatrial.train.distributed import Strategy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["refer_to_start"]

NUMBERS, RUN = "reference.npy", "run.json"


def refer_to_start(
    objective: Refers, strategy: Strategy, folder: Path, fingerprint: str, *, progress: Progress
) -> None:
    """Tell the objective what the model says before anything is learned.

    Args:
        objective: asks and is told.
        strategy: has the model, with the weights that training starts from, whether the run is at its start or goes on.
        folder: where the numbers are kept; those of another run are replaced.
        fingerprint: of the run.
        progress: hears ``"predict"``.

    Raises:
        ArtifactError: no space.
    """
    import numpy as np

    first = strategy.processes.first
    numbers = strategy.agree(_kept(folder, fingerprint) if first else None)
    if numbers is None:
        numbers = strategy.judge(lambda network: objective.reference(network, progress))
        if first:
            with atomic_folder(folder) as made:
                np.save(made / NUMBERS, numbers)
                told = {"fingerprint": fingerprint, "digest": file_digest(made / NUMBERS)}
                (made / RUN).write_text(json.dumps(told), encoding="utf-8")
    objective.refer_to(numbers)


def _kept(folder: Path, fingerprint: str) -> NDArray[np.float32] | None:
    """The numbers if every byte is as written and they are of this run."""
    import numpy as np

    try:
        told = json.loads((folder / RUN).read_text(encoding="utf-8"))
        if told != {"fingerprint": fingerprint, "digest": file_digest(folder / NUMBERS)}:
            return None
        numbers: NDArray[np.float32] = np.load(folder / NUMBERS, allow_pickle=False)
    except (OSError, ValueError):
        return None
    return numbers
