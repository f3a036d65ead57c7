"""A release folder → a model in service of the kind that its release says. Refuses to know: tasks by name, queues."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from seatrial.records import Release
from seatrial.serve.in_service import InService
from seatrial.serve.queue.batching import Batch
from seatrial.serve.settings import ServeSettings

__all__ = ["load_in_service"]


def load_in_service(
    folder: Path, settings: ServeSettings, observe: Callable[[Release, Batch], None] | None = None
) -> InService:
    """A release folder → a model that is warm and can answer.

    Must be called where no event loop runs, or in a thread; the model belongs to the loop that first uses it.

    Args:
        folder: a release.
        settings: for the model.
        observe: told of each batch of a model that answers with numbers.

    Raises:
        ArtifactError: the release is missing, altered or cannot be loaded.
    """
    from seatrial.export.release import load_release

    release = load_release(folder)
    if release.generates:
        from seatrial.serve.generation.load import load_generating

        return load_generating(release, settings)
    from seatrial.serve.served import load_answering

    return load_answering(release, settings, observe)
