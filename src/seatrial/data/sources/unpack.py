"""Packed bytes → their contents while they are read: .gz, .bz2, .xz, .zst, and .zip with one file in it.

Nothing is unpacked to disk, so no name in an archive leads anywhere; a name that tries to is refused all the same,
since whoever made such an archive meant harm. What grows out of all proportion is a bomb and stops at a bound.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from seatrial.errors import DataError, MissingExtraError
from seatrial.registry import did_you_mean

__all__ = ["PACKED", "UNREADABLE", "bare_name", "unpacked", "zip_member"]

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What damaged or cut packed bytes raise while they are read."""
MAX_RATIO = 250
"""Texts pack to a tenth, tables of repeated words to a fiftieth; a bomb to a thousandth and less."""
FREE_BYTES = 1 << 26
"""Up to here the ratio is not looked at: this much is soon read, and a small file of equal rows packs very well."""
BUFFER_BYTES = 1 << 18


def bare_name(name: str) -> str:
    """A file's name in lower case, without the ending that says how it is packed."""
    lower = name.lower()
    return next((lower.removesuffix(ending) for ending in PACKED if lower.endswith(ending)), lower)


@contextmanager
def unpacked(stream: BinaryIO, name: str, member: str | None = None) -> Iterator[BinaryIO]:
    """The contents of a file that may be packed; its ending says how.

    Args:
        stream: the file's bytes, seekable; closed at the end.
        name: the file's name, also for messages.
        member: of a zip archive, the file to read; see `zip_member`.

    Raises:
        DataError: the contents are out of proportion to the file; a zip archive that cannot be used.
        MissingExtraError: a .zst file, and pyarrow is not installed.
    """
    ending = PurePosixPath(name.lower()).suffix
    with stream:
        if ending not in PACKED:
            yield stream
            return
        bound = max(FREE_BYTES, MAX_RATIO * _size(stream))
        with _opened(stream, ending, name, member) as inner:
            raw = _Bounded(inner, name, bound)
            with io.BufferedReader(raw, BUFFER_BYTES) as buffered:
                yield buffered


def zip_member(stream: BinaryIO, name: str, wanted: str | None, where: str | None = None) -> str:
    """The name of the file to read in a zip archive: the one that is asked for, or the only one.

    Args:
        stream: the archive's bytes, seekable; left open.
        name: the archive's name for messages.
        wanted: full name in the archive, or None.
        where: dotted path of what asks for it.

    Raises:
        DataError: not a zip archive; it holds no such file, or not exactly one; a name that leads outside; encrypted.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DataError(
            f"is not a readable zip archive: {error}", where=name, hint="write the archive again"
        ) from error
    for entry in entries:
        _refuse_outside(entry.filename, name)
    found = [entry for entry in entries if _is_file(entry)]
    names = [entry.filename for entry in found]
    if wanted is None and len(found) != 1:
        raise DataError(
            f"holds {len(found)} files" + (f": {', '.join(names[:5])}" if names else ""),
            where=name,
            expected="a zip archive with one file in it",
            hint="name one of them in `member`, or unpack the archive" if names else "put the file into the archive",
        )
    chosen = next((entry for entry in found if wanted in (None, entry.filename)), None)
    if chosen is None:
        raise DataError(f"{name} holds no file {wanted!r}", where=where, hint=did_you_mean(str(wanted), names[:1000]))
    if chosen.flag_bits & 1:
        raise DataError(f"{chosen.filename} is encrypted", where=name, hint="unpack the archive with its password")
    return chosen.filename


def _opened(stream: BinaryIO, ending: str, name: str, member: str | None) -> Any:
    """A file object over the contents; closing it leaves `stream` open."""
    if ending == ".gz":
        return gzip.GzipFile(fileobj=stream)
    if ending == ".bz2":
        return bz2.BZ2File(stream)
    if ending == ".xz":
        return lzma.LZMAFile(stream)
    if ending == ".zst":
        try:
            import pyarrow
        except ImportError as error:
            raise MissingExtraError("unpacking .zst", "data") from error
        return pyarrow.CompressedInputStream(pyarrow.PythonFile(_Unclosed(stream), mode="r"), "zstd")
    return _ZipMember(stream, zip_member(stream, name, member))


class _ZipMember:
    """One file of a zip archive as a context manager that ends with the archive closed."""

    def __init__(self, stream: BinaryIO, member: str) -> None:
        self._archive = zipfile.ZipFile(stream)
        self._member = member

    def __enter__(self) -> Any:
        try:
            self._file = self._archive.open(self._member)
        except NotImplementedError as error:
            self._archive.close()
            raise DataError(f"{error}", where=self._member, hint="pack it again with deflate") from error
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._archive.close()


class _Unclosed(io.RawIOBase):
    """A stream for a reader that closes what it reads from, though it is not its own."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


class _Bounded(io.RawIOBase):
    """Passes bytes on until there are more than `bound`."""

    def __init__(self, inner: Any, name: str, bound: int) -> None:
        super().__init__()
        self._inner = inner
        self._name = name
        self._bound = bound
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece: bytes = self._inner.read(len(buffer))
        self._total += len(piece)
        if self._total > self._bound:
            raise DataError(
                f"unpacks to more than {self._bound:,} bytes, {MAX_RATIO} times its size",
                where=self._name,
                hint="it looks like a decompression bomb; if you trust it, unpack it and name what comes out",
            )
        buffer[: len(piece)] = piece
        return len(piece)


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size


def _refuse_outside(member: str, name: str) -> None:
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or member[1:2] == ":" or "\0" in member:
        raise DataError(
            f"holds {member[:200]!r}, a name that leads outside of its folder",
            where=name,
            expected="names inside the archive's own folder",
            hint="do not trust this archive; if you do, unpack it and name the file",
        )


def _is_file(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file of the user's: no folder, no link, none of what macOS adds."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    path = PurePosixPath(entry.filename)
    added = path.parts[:1] == ("__MACOSX",) or path.name == ".DS_Store"
    return not entry.is_dir() and kind in (0, stat.S_IFREG) and not added
