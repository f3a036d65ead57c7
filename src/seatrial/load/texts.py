"""What is sent: the texts of a file, or made-up ones of a length mix. Refuses to know: how they are sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, TextIO

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.data.sources.reading import MAX_ROW_BYTES, reading_of
from seatrial.errors import DataError
from seatrial.spec.data import Source

__all__ = ["LENGTHS", "FileTexts", "Lengths", "made_up_texts", "texts_of"]

Lengths = Literal["short", "mixed", "long"]
LENGTHS: tuple[Lengths, ...] = ("short", "mixed", "long")
MAX_TEXTS = 20_000
DELIMITED = (".csv", ".tsv")
COLUMNS = ("text", "inputs", "body", "comment", "sentence", "content")
WORDS = [
    word
    for line in (
        "the a one this that some our your my they we it and but or so then while because when before after with",
        "without from into over under about between good bad small large new old early late quick slow warm cold clear",
        "dark quiet loud simple hard easy full empty open happy sad fine great poor rich strong weak house street",
        "garden river table window book story film song picture letter paper phone camera bottle coffee bread water",
        "morning evening week summer winter city village market office school train ship engine road bridge people",
        "friend child doctor teacher player writer price quality service delivery colour sound taste size is was has",
        "had will would can could came went made took gave found kept lost saw heard said asked liked loved hated",
        "bought sold used broke worked failed arrived waited returned never always often again really quite too",
    )
    for word in line.split()
]
"""Common words: each is one token for most tokenizers of English."""


def made_up_texts(lengths: Lengths, count: int, *, seed: int) -> list[str]:
    """Texts that all differ, so that no cache answers for the model.

    Args:
        lengths: ``"short"`` 3 to 12 words, ``"long"`` 150 to 250, ``"mixed"`` like comments: half below 20 words, one
            in twenty above 85, none above 250.
        count: how many; at most 20,000 are made.
        seed: of the choice.
    """
    random = Random(seed)  # noqa: S311  # made-up texts hold no secret
    return [" ".join(random.choices(WORDS, k=_words(random, lengths))) for _ in range(min(count, MAX_TEXTS))]


def _words(random: Random, lengths: Lengths) -> int:
    if lengths == "short":
        return random.randint(3, 12)
    if lengths == "long":
        return random.randint(150, 250)
    return min(250, max(3, round(random.lognormvariate(3.0, 0.88))))


@dataclass(frozen=True, slots=True)
class FileTexts:
    """The texts of a file.

    Attributes:
        texts: at least one.
        told: where they are from, for people: the file and, where it has several, the column.
        left_out: rows that could not be read.
    """

    texts: list[str]
    told: str
    left_out: int = 0


def texts_of(file: Path) -> FileTexts:
    """The texts of a file: a line each (.txt), a column of a CSV or TSV, a field of JSON Lines, or a JSON list.

    The column or field is `text` (or `inputs`, `inputs.text`, `body`, `comment`, `sentence`, `content`). Encoding and
    delimiter of a CSV or TSV are found; the others are UTF-8. At most 20,000 texts are read; empty ones are left out.

    Raises:
        DataError: no such file, not UTF-8, not what its ending says, or without texts.
    """
    if not file.is_file():
        raise DataError("there is no such file", where=str(file))
    if file.suffix.lower() in DELIMITED:
        return _delimited(file)
    read = {".jsonl": _json_lines, ".ndjson": _json_lines, ".json": _json_list}
    found: list[str] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for text in read.get(file.suffix.lower(), _lines)(stream, file):
                if text.strip():
                    found.append(text)
                if len(found) >= MAX_TEXTS:
                    break
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8", where=str(file), hint="convert it, for example with iconv -t UTF-8") from error
    return _some(FileTexts(found, file.name), file)


def _lines(stream: TextIO, _file: Path) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in stream)


def _delimited(file: Path) -> FileTexts:
    reading = reading_of(file, where="--texts")
    names = list(reading.rows[0])
    column = next((name for name in COLUMNS if name in names), names[0] if len(names) == 1 else None)
    if column is None:
        raise DataError(
            f"has no column of texts, only {', '.join(map(repr, names[:20]))}",
            where=str(file),
            expected=f"one named {', '.join(COLUMNS)}",
        )
    source = Source(name=file.name, path=file.name, encoding=reading.encoding or "utf-8", delimiter=reading.delimiter)
    found: list[str] = []
    left_out = 0
    for row in read_rows(source, root=file.resolve().parent, max_row_bytes=MAX_ROW_BYTES, where="--texts"):
        if isinstance(row, BadRow):
            left_out += 1
        elif (text := row.values[column] or "").strip():
            found.append(text)
        if len(found) >= MAX_TEXTS:
            break
    how = [f"delimiter {reading.delimiter!r}"] if reading.delimiter else []
    how += [f"encoding {reading.encoding}"] if reading.encoding else []
    return _some(FileTexts(found, ", ".join([f"column {column!r} of {file.name}", *how]), left_out), file)


def _some(found: FileTexts, file: Path) -> FileTexts:
    if not found.texts:
        raise DataError("holds no texts", where=str(file), expected="a line, row or object per text")
    return found


def _json_lines(stream: TextIO, file: Path) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        if line.strip():
            yield _text_in(_parsed(line, f"{file}:{number}"), f"{file}:{number}")


def _json_list(stream: TextIO, file: Path) -> Iterator[str]:
    value = _parsed(stream.read(), str(file))
    if not isinstance(value, list):
        raise DataError("is not a list", where=str(file), expected="a JSON list of texts or objects")
    for place, item in enumerate(value):
        yield _text_in(item, f"{file}[{place}]")


def _parsed(raw: str, where: str) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON ({error})", where=where) from error


def _text_in(item: object, where: str) -> str:
    """The text of an item: itself, or the first known field, within `inputs` too."""
    for _ in range(2):
        if isinstance(item, dict):
            item = next((item[name] for name in COLUMNS if name in item), None)
    if isinstance(item, str):
        return item
    raise DataError("holds no text", where=where, expected=f"a text, or one in a field named {', '.join(COLUMNS)}")
