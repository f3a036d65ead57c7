"""A file inside a tar archive, or inside an archive inside it, read in memory; nothing is unpacked to disk.

So no name in an archive can lead outside a folder, and links are never followed.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from seatrial.errors import DataError
from seatrial.registry import did_you_mean

__all__ = ["open_member"]

MAX_MEMBER_BYTES = 1 << 29
MAX_ARCHIVE_BYTES = 1 << 31
MAX_MEMBERS = 100_000


def open_member(archive: Path, member: Sequence[str], where: str) -> BinaryIO:
    """The bytes of one file.

    Args:
        archive: a tar file, compressed or not.
        member: path in the archive without its top folder; further names go into nested archives, with their full
            path there.
        where: dotted path in the project file.

    Raises:
        DataError: no such file (with the nearest name), not an archive, or larger than is reasonable.
    """
    stream: BinaryIO = archive.open("rb")
    name = archive.name
    for depth, wanted in enumerate(member):
        with stream:
            try:
                content = _read(stream, wanted, top_folder=depth == 0, where=f"{where}.{depth}", archive=name)
            except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
                raise DataError(f"{name} is not a readable tar archive: {error}", where=f"{where}.{depth}") from error
        stream, name = io.BytesIO(content), wanted
    return stream


def _read(stream: BinaryIO, wanted: str, *, top_folder: bool, where: str, archive: str) -> bytes:
    seen: list[str] = []
    total = 0
    with tarfile.open(fileobj=stream, mode="r:*") as tar:
        for member in tar:
            total += member.size  # finding the next member unpacks this one, so a bomb must stop here
            if total > MAX_ARCHIVE_BYTES or len(seen) >= MAX_MEMBERS:
                raise DataError(f"{archive} is too large to be searched", where=where)
            name = member.name.removeprefix("./")
            name = name.partition("/")[2] if top_folder else name
            if not member.isreg():
                continue
            seen.append(name)
            if name != wanted:
                continue
            if member.size > MAX_MEMBER_BYTES:
                raise DataError(
                    f"{wanted} in {archive} has {member.size:,} bytes",
                    where=where,
                    expected=f"at most {MAX_MEMBER_BYTES:,}",
                    hint="unpack the archive and name the file with `path`",
                )
            file = tar.extractfile(member)
            assert file is not None  # it is a regular file
            return file.read()
    raise DataError(f"{archive} holds no file {wanted!r}", where=where, hint=did_you_mean(wanted, seen[:1000]))
