"""`seatrial predict`: answers from a release, without a service.

Of a file or stdin, a text that cannot be answered is named and left out. Refuses to know: how texts are read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.options import Debug, Json
from seatrial.cli.texts import Unusable, given_texts, lines_of, on_one_line, texts_of_file
from seatrial.errors import SpecError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seatrial.serve.engine import Engine

__all__ = ["predict"]

CHUNK = 256
BATCH_TOKENS = 4096
MAX_NAMED = 10
"""Texts left out that are named one by one; of a file read wrongly there may be thousands."""


@guarded
def predict(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="Release folder, or a project that has one.")],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="Texts; without any, lines of stdin.")
    ] = None,
    *,
    data: Annotated[
        Path | None, typer.Option("--data", help="A CSV, TSV, JSONL, Parquet or text file to read texts from instead.")
    ] = None,
    column: Annotated[str, typer.Option("--column", help="The column of --data that holds the text.")] = "text",
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of --data, such as cp1252 or gb18030.  [default: found]")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="CHAR", help="Between the columns of --data.  [default: found]")
    ] = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Answer texts given as arguments, in a file, or one per line on stdin.

    Prints label, score and text, parted by tabs; a line break or tab within a text is shown as \\n or \\t. From a
    release that gives vectors or entities, prints one JSON object per text, with the text and those. A row or line that
    cannot be answered is named on stderr and left out; with --json it keeps its place, with an error.
    """
    from seatrial.cli.find_release import find_release
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine

    engine = Engine(load_release(find_release(release)), threads=None)
    collected: list[dict[str, Any]] = []
    answered = left_out = 0
    given = _given(texts or [], data, column, encoding, delimiter)
    for text, answer in _answers(engine, given):
        if isinstance(text, Unusable):
            left_out += 1
            if left_out <= MAX_NAMED:
                note(f"left out: {text}")
            row: dict[str, Any] = {"text": None, "error": text.reason, "where": text.where}
        else:
            answered += 1
            row = {"text": text, **answer}
        if json_output:
            collected.append(row)
        elif isinstance(text, str):
            say(_line(text, answer))
    if json_output:
        write_json({"model": engine.release.name, "version": engine.release.version, "predictions": collected})
    if left_out > MAX_NAMED or (left_out and not answered):
        note(f"left out: {left_out:,} of {answered + left_out:,} texts")
    if left_out and not answered:
        raise typer.Exit(1)


def _answers(engine: Engine, given: Iterator[str | Unusable]) -> Iterator[tuple[str | Unusable, dict[str, Any]]]:
    """Each text with its answer, in order; an unusable one with none."""
    from seatrial.data.batches import token_budget_batches

    for chunk in _chunks(given):
        texts = [text for text in chunk if isinstance(text, str)]
        reading = engine.read(texts)
        parts: dict[int, NDArray[np.float32]] = {}
        for batch in token_budget_batches(list(map(len, reading.windows)), max_tokens=BATCH_TOKENS, max_items=CHUNK):
            parts.update(zip(batch, engine.parts([reading.windows[i] for i in batch]), strict=True))
        outputs = iter(engine.join(reading, [parts[window] for window in range(len(parts))]))
        for text in chunk:
            yield text, engine.describe(next(outputs), text) if isinstance(text, str) else {}


def _given(
    texts: list[str], data: Path | None, column: str, encoding: str | None, delimiter: str | None
) -> Iterator[str | Unusable]:
    if data is None:
        if encoding or delimiter:
            raise SpecError("is for a file", where="--encoding" if encoding else "--delimiter", hint="name it: --data")
        return given_texts(texts) if texts else _typed_or_piped()
    if texts:
        raise SpecError("texts are given twice", where="--data", hint="name texts or a file, not both")
    return _read(data, column, encoding, delimiter)


def _read(data: Path, column: str, encoding: str | None, delimiter: str | None) -> Iterator[str | Unusable]:
    """The texts of a file, after a word on what was found out about it."""
    from seatrial.data.sources.reading import reading_of

    reading = reading_of(data, encoding=encoding, delimiter=delimiter, where="--data")
    if reading.encoding and encoding in (None, "auto"):
        word = f"; right if this word is: {sample}" if (sample := reading.sample(column)) else ""
        note(f"{data.name} is read as {reading.encoding} (a guess; --encoding changes it{word})")
    if reading.delimiter and not delimiter:
        note(f"{data.name} is read with the delimiter {reading.delimiter!r} (a guess; --delimiter changes it)")
    return texts_of_file(data, column, encoding=reading.encoding, delimiter=reading.delimiter)


def _line(text: str, answer: dict[str, Any]) -> str:
    """What stands on one line of the output: three fields where there is a label, else the answer as JSON."""
    if "label" in answer:
        return f"{answer['label']}\t{answer['score']:.3f}\t{on_one_line(text)}"
    return json.dumps({"text": text, **answer}, ensure_ascii=False)


def _typed_or_piped() -> Iterator[str | Unusable]:
    if sys.stdin.isatty():
        note("type a text and press Enter; Ctrl-D ends")
    return lines_of(sys.stdin.buffer)


def _chunks(texts: Iterator[str | Unusable]) -> Iterator[list[str | Unusable]]:
    size = 1 if sys.stdin.isatty() else CHUNK  # who types wants an answer to each line
    while chunk := list(islice(texts, size)):
        yield chunk
