"""A release as an opponent: an earlier model, or one made in another way, asked about the same examples.

It answers as the service would, with its own cleaning, tokenizer and temperature. No torch is loaded. Refuses to know:
how it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seatrial.errors import SpecError
from seatrial.pipeline.release_entities import release_folder
from seatrial.records import Example, Release
from seatrial.spec.released import release_at
from seatrial.tasks import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seatrial.serve.answering import Answering

__all__ = ["ReleaseOpponent", "check_rival", "open_rival", "rival_digests"]

BATCH_TOKENS = 4096
BATCH_TEXTS = 256


class ReleaseOpponent:
    """Answers with a release; see `seatrial.evaluate.opponents.Opponent.probabilities`.

    Args:
        engine: the release, ready to answer.
        task: of the project, which says what the text of an example is.
        labels: k label names in the project's order.

    Raises:
        SpecError: it answers another question.
    """

    def __init__(self, engine: Answering, task: Task, labels: Sequence[str]) -> None:
        check_rival(engine.release, task, labels)
        self._engine, self._task = engine, task
        self._columns = [engine.release.labels.index(label) for label in labels]

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """[n, k], in the project's order of the labels."""
        from seatrial.data.batches import token_budget_batches

        engine = self._engine
        reading = engine.read([self._task.text(example) for example in examples])
        lengths = list(map(len, reading.windows))
        parts: dict[int, NDArray[np.float32]] = {}
        for batch in token_budget_batches(lengths, max_tokens=BATCH_TOKENS, max_items=BATCH_TEXTS):
            parts.update(zip(batch, engine.parts([reading.windows[place] for place in batch]), strict=True))
        outputs = engine.join(reading, [parts[place] for place in range(len(parts))])
        found: NDArray[np.float64] = np.array(outputs, dtype=np.float64)[:, self._columns]
        return found


def check_rival(release: Release, task: Task, labels: Sequence[str]) -> None:
    """Raise SpecError where a release answers another question than the project asks.

    Args:
        release: the release.
        task: of the project.
        labels: of the project; none where they are not known yet.
    """
    if release.task != task.name or (labels and set(release.labels) != set(labels)):
        said = ", ".join(release.labels) or "no labels"
        raise SpecError(
            f"{release.name} is a release of the task {release.task} with {said}",
            where="evaluation.releases",
            expected=f"a release of the task {task.name}" + (f" with {', '.join(labels)}" if labels else ""),
        )


def open_rival(reference: str, root: Path, task: Task, labels: Sequence[str]) -> ReleaseOpponent:
    """The opponent that a reference names.

    Args:
        reference: a release folder, or a project that has one.
        root: what relative paths start from.
        task: of the project.
        labels: label names in the project's order.

    Raises:
        ArtifactError, ResolveError: there is no release, or it was altered.
        SpecError: it answers another question.
    """
    from seatrial.serve.engine import Engine

    return ReleaseOpponent(Engine(_release(reference, root), None), task, labels)


def rival_digests(
    releases: dict[str, str], root: Path, task: Task | None = None, labels: Sequence[str] = ()
) -> dict[str, str]:
    """What evaluation depends on beside its inputs, by a name that can be followed by "changed" → version.

    Args:
        releases: name → reference.
        root: what relative paths start from.
        task: of the project; None leaves what the releases answer unchecked.
        labels: of the project; none where they are not known yet.

    Raises:
        ArtifactError, ResolveError: a release is not there, or was altered.
        SpecError: it answers another question.
    """
    found = {}
    for name, reference in releases.items():
        release = _release(reference, root)
        if task is not None:
            check_rival(release, task, labels)
        found[f"the release {name}"] = release.version
    return found


def _release(reference: str, root: Path) -> Release:
    """A project file or folder stands for the release of the project; anything else is a release folder."""
    from seatrial.export.release import load_release

    path = root / Path(reference).expanduser()
    return load_release(release_at(path, where="evaluation.releases") or release_folder(reference, root))
