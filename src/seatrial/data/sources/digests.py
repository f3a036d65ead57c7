"""What the contents of a source are known by before it is read: the part of a fingerprint that follows the data."""

from __future__ import annotations

import hashlib
from pathlib import Path

from seatrial.data.sources.files import place_digest
from seatrial.data.sources.sql import database_digest
from seatrial.spec.data import Source
from seatrial.spec.data_sources import is_server

__all__ = ["known_beforehand", "source_digest"]


def source_digest(source: Source, root: Path, where: str) -> str:
    """A word that changes when the contents do; nothing is fetched and no query is run.

    Args:
        source: what would be read.
        root: the project folder.
        where: dotted path of the source in the project file.

    Returns:
        SHA-256 of its file (of all files together for a glob or folder), the pinned SHA-256 of a source package,
        ``id@revision`` of a Hub data set, SHA-256 of a database file. A source with a join has one for both files.

    Raises:
        DataError: a file is missing.
    """
    if source.hub is not None:
        digest = f"{source.hub}@{source.revision or 'main'}"
    elif source.sql is not None:
        digest = database_digest(source, root, where)
    else:
        digest = place_digest(source, root, where)
    if source.join is not None:
        both = f"{digest}\n{place_digest(source.join, root, f'{where}.join')}"
        digest = hashlib.sha256(both.encode()).hexdigest()
    return digest


def known_beforehand(source: Source) -> bool:
    """Whether `source_digest` follows the contents. Of a database server it does so only with a `revision`."""
    return not is_server(source.database) or source.revision is not None
