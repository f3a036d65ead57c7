"""`seatrial predict`: answers from a release, without a service."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.options import Debug, Json
from seatrial.errors import DataError

__all__ = ["predict"]

CHUNK = 256
BATCH_TOKENS = 4096


@guarded
def predict(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="Release folder, or a project that has one.")],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts; without any, lines of stdin.")
    ] = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Classify texts given as arguments, or one per line on stdin."""
    from seatrial.cli.find_release import find_release
    from seatrial.data.batches import token_budget_batches
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine

    engine = Engine(load_release(find_release(release)), threads=None)

    def classify(texts: list[str]) -> list[dict[str, Any]]:
        token_ids = engine.tokenize(texts)
        answers: dict[int, dict[str, Any]] = {}
        for batch in token_budget_batches(list(map(len, token_ids)), max_tokens=BATCH_TOKENS, max_items=CHUNK):
            answers.update(zip(batch, engine.answer([token_ids[i] for i in batch]), strict=True))
        return [answers[i] for i in range(len(texts))]

    collected = []
    for chunk in _chunks(_given(texts) if texts else _lines(sys.stdin.buffer)):
        answers = classify(chunk)
        if json_output:
            collected += [{"text": text, **answer} for text, answer in zip(chunk, answers, strict=True)]
            continue
        for text, answer in zip(chunk, answers, strict=True):
            say(f"{answer['label']}\t{answer['score']:.3f}\t{text}")
    if json_output:
        write_json({"model": engine.release.name, "version": engine.release.version, "predictions": collected})


def _given(texts: Sequence[str]) -> Iterator[str]:
    for place, text in enumerate(texts, 1):
        yield _decoded(os.fsencode(text), f"text {place}")  # as the shell gave it


def _lines(stream: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        yield _decoded(line, f"stdin:{number}").rstrip("\r\n")


def _decoded(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8", where=where, hint="convert it, for example with iconv -t UTF-8") from error


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(texts, CHUNK)):
        yield chunk
