"""`seatrial predict`: answers from a release, without a service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.options import Debug, Json
from seatrial.cli.texts import given_texts, lines_of, on_one_line

__all__ = ["predict"]

CHUNK = 256
BATCH_TOKENS = 4096


@guarded
def predict(
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="Release folder, or a project that has one.")],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="Texts; without any, lines of stdin.")
    ] = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Classify texts given as arguments, or one per line on stdin.

    Prints label, score and text, parted by tabs; a line break or tab within a text is shown as \\n or \\t.
    """
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
    for chunk in _chunks(given_texts(texts) if texts else _typed_or_piped()):
        answers = classify(chunk)
        if json_output:
            collected += [{"text": text, **answer} for text, answer in zip(chunk, answers, strict=True)]
            continue
        for text, answer in zip(chunk, answers, strict=True):
            say(f"{answer['label']}\t{answer['score']:.3f}\t{on_one_line(text)}")
    if json_output:
        write_json({"model": engine.release.name, "version": engine.release.version, "predictions": collected})


def _typed_or_piped() -> Iterator[str]:
    if sys.stdin.isatty():
        note("type a text and press Enter; Ctrl-D ends")
    return lines_of(sys.stdin.buffer)


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    size = 1 if sys.stdin.isatty() else CHUNK  # who types wants an answer to each line
    while chunk := list(islice(texts, size)):
        yield chunk
