"""A large corpus of short texts, made by sampling and perturbing the 23,703 real comments of the flagship; seeded.

Of its rows 70 % are new: the head of one real comment and the tail of another, one word in eight exchanged for a word
of a third. 15 % are exact copies of an earlier row (of these a third with other case and spaces), 15 % near ones: an
earlier row with one to three words exchanged, added or taken away. One row in twenty carries a made-up e-mail address,
phone number, web address or card number; one in twenty carries HTML entities, tags or odd spaces. Refuses to know: what
is measured on it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from seatrial.data.sources.read import read_rows
from seatrial.records import Row
from seatrial.spec.load import load_spec

__all__ = ["PROJECT", "comments", "corpus", "perturbed", "write_corpus"]

PROJECT = Path(__file__).parent.parent / "examples" / "comments"
EARLIER = 20_000
"""Rows that copies are drawn from: a window, so that the corpus is made in little memory."""


def comments() -> list[str]:
    """The texts of the flagship, as published."""
    spec = load_spec(PROJECT / "seatrial.yaml")
    return [
        str(row.values["text"])
        for place, source in enumerate(spec.data.sources)
        for row in read_rows(source, root=PROJECT, max_row_bytes=10**6, where=f"data.sources.{place}")
        if isinstance(row, Row)
    ]


def corpus(rows: int, seed: int) -> Iterator[str]:
    """The texts, one after the other; the first n of a longer corpus are the corpus of n."""
    rng = random.Random(seed)
    real = [text.split() for text in comments()]
    earlier: list[str] = []
    for _ in range(rows):
        draw = rng.random()
        if draw < 0.7 or not earlier:
            text = _dressed(_fresh(real, rng), rng)
        elif draw < 0.85:
            text = _copy(rng.choice(earlier), rng)
        else:
            text = perturbed(rng.choice(earlier), rng, rng.choice(real))
        if len(earlier) < EARLIER:
            earlier.append(text)
        else:
            earlier[rng.randrange(EARLIER)] = text
        yield text


def perturbed(text: str, rng: random.Random, words_from: list[str]) -> str:
    """The text with one to three words exchanged, added or taken away, at its ends as often as within it."""
    words = text.split() or ["nothing"]
    for _ in range(rng.randint(1, 3)):
        place = rng.choice((0, len(words) - 1, rng.randrange(len(words)), rng.randrange(len(words))))
        what = rng.choice(("exchange", "add", "remove"))
        if what == "remove" and len(words) > 1:
            del words[place]
        else:
            words[place : place + (what == "exchange")] = [rng.choice(words_from or ["word"])]
    return " ".join(words)


def write_corpus(file: Path, rows: int, seed: int) -> Path:
    """The corpus as JSONL with the columns `id` and `text`; not made anew where it is there."""
    if not file.is_file():
        part = file.with_suffix(".part")
        with part.open("w", encoding="utf-8") as stream:
            for number, text in enumerate(corpus(rows, seed)):
                stream.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")
        part.replace(file)
    return file


def _fresh(real: list[list[str]], rng: random.Random) -> str:
    head, tail, other = (rng.choice(real) or ["nothing"] for _ in range(3))
    words = head[: rng.randint(1, len(head))] + tail[rng.randrange(len(tail)) :]
    return " ".join(rng.choice(other) if rng.random() < 0.125 else word for word in words)


def _copy(text: str, rng: random.Random) -> str:
    return text if rng.random() < 2 / 3 else "  ".join(text.upper().split())


def _dressed(text: str, rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.05:
        return f"{text} {rng.choice(PRIVATE)(rng)}"
    if draw < 0.1:
        return rng.choice(("{} &amp; more", "<p>{}</p>", "{}\u00a0\u200b!", "&quot;{}&quot;")).format(text)
    return text


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _card(rng: random.Random) -> str:
    """A number that has the form of a card's and its check digit."""
    digits = "4" + _digits(rng, 14)
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    return f"card {digits}{-total % 10}"


PRIVATE = (
    lambda rng: f"mail me: user{_digits(rng, 4)}@example.org",
    lambda rng: f"call +1 212 555 {_digits(rng, 4)}",
    lambda rng: f"see https://example.org/{_digits(rng, 6)}",
    lambda rng: f"from 192.0.2.{rng.randrange(256)}",
    _card,
)
