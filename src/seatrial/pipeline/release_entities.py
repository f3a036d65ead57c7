"""A release of the task token-classification as the model that cleaning steps ask for names. No torch is loaded.

Refuses to know: what becomes of the entities.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.data.base import OpenEntities
from seatrial.errors import ArtifactError, SpecError
from seatrial.records import Span
from seatrial.spec.cleaning import CleaningStep, step_options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seatrial.serve.engine import Engine

__all__ = ["ReleaseEntities", "entity_digests", "open_entities_in", "open_release", "release_folder"]

NAMES_FROM = "names_from"
BATCH_TOKENS = 4096
BATCH_WINDOWS = 256


class ReleaseEntities:
    """Finds entities with a release; see `seatrial.data.base.FindsEntities`.

    Args:
        engine: the release, ready to answer.

    Attributes:
        labels: what it tells apart.
        version: of the release.

    Raises:
        SpecError: it answers with something else than entities, or cleans texts first, so that positions would not fit.
    """

    def __init__(self, engine: Engine) -> None:
        from seatrial.tasks.tags import labels_of

        release = engine.release
        if engine.output_name != "entities":
            raise SpecError(
                f"{release.name} is a release of the task {release.task}, which marks no parts of texts",
                where=NAMES_FROM,
                expected="a release of the task token-classification",
            )
        if release.clean:
            raise SpecError(
                f"{release.name} changes texts before it reads them, so its answers are no places in them",
                where=NAMES_FROM,
                hint="make the release again with data.clean: [drop-empty]",
            )
        self.labels = labels_of(release.labels)
        self.version = release.version
        self._engine = engine

    def __call__(self, texts: Sequence[str]) -> list[list[tuple[Span, float]]]:
        """For each text its entities in order, with the mean probability of their pieces."""
        from seatrial.data.batches import token_budget_batches

        engine = self._engine
        reading = engine.read(texts)
        lengths = list(map(len, reading.windows))
        parts: dict[int, NDArray[np.float32]] = {}
        for batch in token_budget_batches(lengths, max_tokens=BATCH_TOKENS, max_items=BATCH_WINDOWS):
            parts.update(zip(batch, engine.parts([reading.windows[place] for place in batch]), strict=True))
        outputs = engine.join(reading, [parts[place] for place in range(len(parts))])
        return [
            [
                (Span(one["start"], one["end"], one["label"]), float(one["score"]))
                for one in engine.describe(output, text)["entities"]
            ]
            for output, text in zip(outputs, texts, strict=True)
        ]


def open_release(reference: str, *, root: Path, threads: int | None = None) -> ReleaseEntities:
    """The model that a reference names.

    Args:
        reference: a release folder, or a project that has one.
        root: what relative paths start from.
        threads: of one model run; None takes all cores.

    Raises:
        ArtifactError: there is no release, or it was altered.
        SpecError: a release that finds no entities.
    """
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine

    return ReleaseEntities(Engine(load_release(release_folder(reference, root)), threads))


def open_entities_in(root: Path, *, threads: int | None = None) -> OpenEntities:
    """`open_release` with its other arguments settled; it can be sent to other processes.

    Args:
        root: what relative paths start from.
        threads: of one model run; 1 where several processes share the cores.
    """
    return partial(open_release, root=root.absolute(), threads=threads)


def entity_digests(steps: Sequence[CleaningStep], root: Path) -> dict[str, str]:
    """What cleaning depends on beside its options, by a name that can be followed by "changed" → digest.

    Args:
        steps: of the project file.
        root: the project folder.

    Raises:
        ArtifactError: a release that a step names is not there, or was altered.
    """
    from importlib.metadata import version

    from seatrial.export.release import load_release

    found: dict[str, str] = {}
    for step in steps:
        reference = step_options(step).get(NAMES_FROM)
        if isinstance(reference, str):
            release = load_release(release_folder(reference, root))
            found[f"model for names {reference}"] = f"{release.version} onnxruntime {version('onnxruntime')}"
    return found


def release_folder(reference: str, root: Path) -> Path:
    """The folder of a release that a reference names: itself, or that of a project.

    Raises:
        ArtifactError: there is none.
    """
    path = root / Path(reference).expanduser()
    for folder in (path, path / "release"):
        if (folder / "manifest.json").is_file():
            return folder
    raise ArtifactError(
        "there is no release",
        where=str(path),
        expected="a folder with manifest.json, or a project that has one",
        hint="make one with `seatrial run`, or check the path",
    )
