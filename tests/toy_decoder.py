"""A decoder of a few thousand random weights with a tokenizer of characters, and pairs of answers for it."""

from __future__ import annotations

from pathlib import Path

from seatrial.models.fresh import fresh_model
from seatrial.progress import silent
from seatrial.records import Example, Provenance
from seatrial.spec.language import NetworkSpec
from seatrial.spec.tokenizer import TokenizerSpec

LETTERS = "abcdefghijklmnopqrstuvwxyz ?!.\n"


def toy_decoder(folder: Path, *, chat: bool = False, max_length: int = 64, heads: int = 2) -> Path:
    """Write one to `folder`; with one head it is of a kind that a service runs."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh_model(
        [LETTERS, LETTERS],
        NetworkSpec(layers=2, width=16, heads=heads),
        TokenizerSpec(method="characters", chat=chat),
        kind="decoder",
        max_length=max_length,
        seed=3,
        out=folder,
        progress=silent,
    )
    return folder


def pair(number: int, prompt: str, chosen: str, rejected: str) -> Example:
    """An example of the task `preference`."""
    inputs = {"prompt": prompt, "chosen": chosen, "rejected": rejected}
    return Example(f"{number:016x}", inputs, "", Provenance("made", number))


def toy_pairs(count: int, *, first: int = 1) -> list[Example]:
    """Pairs of different lengths in which the answer with an exclamation mark is preferred."""
    words = ("red", "green", "yellow", "blue", "orange")
    return [
        pair(n, f"say {words[n % 5]}{'?' * (n % 3)}", f" {words[n % 5]}!", f" no {words[n * 3 % 5]} today")
        for n in range(first, first + count)
    ]
