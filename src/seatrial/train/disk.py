"""A full disk while weights are written → a typed error. safetensors reports it with an exception of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.errors import ArtifactError

__all__ = ["weights_written"]


@contextmanager
def weights_written(what: str, folder: Path) -> Iterator[None]:
    """Turns a failure to write weights within the block into one message.

    Args:
        what: what could not be written then, for the message.
        folder: where it should have gone.

    Raises:
        ArtifactError: no space, or no permission.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise ArtifactError(
            f"cannot write {what}: {reason or str(error).removeprefix('Error while serializing: ')}",
            where=str(folder),
            hint="free some space and run the same command again; it goes on from the last checkpoint",
        ) from error
