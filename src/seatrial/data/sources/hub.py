"""A Hugging Face Hub data set, streamed row by row through `datasets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.data.sources.base import Record
from seatrial.errors import MissingExtraError, ResolveError
from seatrial.offline import refuse_offline
from seatrial.spec.data import Source

__all__ = ["read_hub"]


def read_hub(source: Source, where: str) -> Iterator[Record]:
    """The rows of one split; class numbers become class names.

    Args:
        source: `hub`, `revision` and `split` are read.
        where: dotted path of the source in the project file.

    Raises:
        OfflineError: the network is forbidden.
        ResolveError: no such data set, revision or split, or the Hub does not answer.
    """
    assert source.hub is not None
    refuse_offline(
        f"the data set {source.hub}",
        where=f"{where}.hub",
        hint="download it where there is a network, and name its files with `path`",
    )
    try:
        import datasets
        import datasets.exceptions
    except ImportError as error:
        raise MissingExtraError("reading a Hub data set", "train") from error
    try:
        stream = datasets.load_dataset(source.hub, split=source.split, revision=source.revision, streaming=True)
        names = _class_names(stream.features or {})
        for line, values in enumerate(stream, start=1):
            yield Record(line, {key: _named(value, names.get(key)) for key, value in values.items()})
    except (datasets.exceptions.DatasetsError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResolveError(
            f"the data set {source.hub} cannot be read: {reason}",
            where=f"{where}.hub",
            hint="check its id, revision and split, and the connection",
        ) from error


def _class_names(features: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: feature.names for key, feature in features.items() if getattr(feature, "names", None)}


def _named(value: Any, names: list[str] | None) -> Any:
    """The class name for a class number; -1 is how data sets say that a label is missing."""
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None
