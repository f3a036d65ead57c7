"""The forms in which SageMaker's clients send texts and want answers: JSON, JSON lines, CSV.

Refuses to know: routes, models, and what an answer means.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from starlette.requests import Request

from seatrial.errors import RequestError
from seatrial.serve.http.answers import read_object
from seatrial.serve.http.fields import only
from seatrial.serve.http.limits import check_headers, parse_json, read_body
from seatrial.serve.settings import ServeSettings

__all__ = ["CSV", "JSON", "LINES", "accepted", "read_texts", "write_answers"]

JSON, LINES, CSV = "application/json", "application/jsonlines", "text/csv"
LINES_NAMES = (LINES, "application/x-jsonlines", "application/jsonl", "application/x-ndjson")
HINT = 'send {"inputs": "a text"}'
HEAD = "inputs"


def accepted(headers: Sequence[str]) -> str:
    """The form to answer in: of those that the client accepts the one it likes best.

    Args:
        headers: the values of `Accept`; none accepts anything.

    Raises:
        RequestError: 406, it accepts none of them.
    """
    best, liking = (JSON, 0.0) if headers else (JSON, 1.0)
    for part in ",".join(headers).split(","):
        name, _, parameters = part.strip().lower().partition(";")
        form = _form(name.strip())
        if form and (quality := _quality(parameters)) > liking:
            best, liking = form, quality
    if not liking and ",".join(headers).strip(", "):
        raise RequestError(
            "Accept names no form that there is", status=406, hint=f"send Accept: {JSON}, {LINES} or {CSV}"
        )
    return best


def _form(name: str) -> str | None:
    if name in ("*/*", "application/*", JSON):
        return JSON
    if name in LINES_NAMES:
        return LINES
    return CSV if name in (CSV, "text/*") else None


def _quality(parameters: str) -> float:
    """The weight of a media type; 1 if there is none, 0 if it cannot be read."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


async def read_texts(request: Request, settings: ServeSettings) -> object:
    """The texts in a request's body, as the handlers take them.

    Raises:
        RequestError: it is too large, of another type, or malformed.
    """
    name = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if name != CSV and name not in LINES_NAMES:
        body = await read_object(request, settings, hint=HINT)
        only(body, (HEAD, "parameters"), required=HEAD, hint=HINT)
        if body.get("parameters") not in (None, {}, {"truncation": True}):
            raise RequestError("these parameters cannot be set", hint="leave parameters out")
        return body[HEAD]
    check_headers(request, (name,))
    body_bytes = await read_body(request, settings)
    return _rows(body_bytes, settings.max_texts) if name == CSV else _lines(body_bytes, settings)


def _rows(body: bytes, max_texts: int) -> list[str]:
    """The only column of a CSV table; a first row that says `inputs` is its head. More than `max_texts` are refused."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"the body is not UTF-8 (byte {error.start})", status=400, hint="encode it") from error
    try:
        given = (row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row)
        rows = list(islice(given, max_texts + 1))  # with a head
        more = sum(1 for _ in given)  # counted, not kept
    except csv.Error as error:
        raise RequestError("the body is not CSV", status=400, hint='put texts in quotes, and " as ""') from error
    for number, row in enumerate(rows):
        if len(row) != 1:
            raise RequestError(
                f"row {number + 1} has {len(row)} columns", hint="send one column; put texts with commas in quotes"
            )
    texts = [row[0] for row in rows]
    texts = texts[1:] if texts[:1] == [HEAD] else texts
    _check_count(len(texts) + more, max_texts)
    return texts


def _lines(body: bytes, settings: ServeSettings) -> list[object]:
    """The texts of JSON lines; more than `max_texts` are refused before any is parsed."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    _check_count(len(lines), settings.max_texts)
    return [_line(parse_json(line, settings.max_json_depth)) for line in lines]


def _check_count(count: int, max_texts: int) -> None:
    if count > max_texts:
        raise RequestError(f"inputs holds {count} texts", hint=f"send 1 to {max_texts} texts in one request")


def _line(value: object) -> object:
    return value[HEAD] if isinstance(value, Mapping) and set(value) == {HEAD} else value


def write_answers(answers: Sequence[Mapping[str, Any]], form: str) -> bytes:
    """Answers in one of the forms.

    Args:
        answers: one object per text.
        form: what `accepted` gave; as CSV there are label and score, the numbers of the embedding, or the entities as
            JSON, without a head.
    """
    if form == JSON:
        return _json(answers).encode()
    if form == LINES:
        return "".join(f"{_json(answer)}\n" for answer in answers).encode()
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\n").writerows(map(_cells, answers))
    return table.getvalue().encode()


def _cells(answer: Mapping[str, Any]) -> Sequence[object]:
    """A row of CSV."""
    if "embedding" in answer:
        cells: Sequence[object] = answer["embedding"]
        return cells
    if "entities" in answer:
        return (_json(answer["entities"]),)
    return (answer["label"], answer["score"])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
