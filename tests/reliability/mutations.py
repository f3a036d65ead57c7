"""Requests that are spoiled at random: cut, flipped, doubled, nested, with other headers. Refuses to know: sending."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["mutated"]

MOST_FLIPS = 8
MOST_LEVELS = 100
HEAD_END = b"\r\n\r\n"


def cut(sent: bytes, rng: random.Random) -> bytes:
    """An end is missing."""
    return sent[: rng.randrange(1, len(sent))]


def flipped(sent: bytes, rng: random.Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(sent)
    for _ in range(rng.randint(1, MOST_FLIPS)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def doubled(sent: bytes, rng: random.Random) -> bytes:
    """A piece is there twice."""
    start = rng.randrange(len(sent))
    end = min(len(sent), start + rng.randint(1, 200))
    return sent[:end] + sent[start:end] + sent[end:]


def line_doubled(sent: bytes, rng: random.Random) -> bytes:
    """A header is there twice, somewhere."""
    head, end, body = sent.partition(HEAD_END)
    first, *lines = head.split(b"\r\n")
    if lines:
        lines.insert(rng.randint(0, len(lines)), rng.choice(lines))
    return b"\r\n".join([first, *lines]) + end + body


def nested(sent: bytes, rng: random.Random) -> bytes:
    """The body is in lists; its length may be as it was."""
    head, end, body = sent.partition(HEAD_END)
    levels = rng.randint(1, MOST_LEVELS)
    deeper = b"[" * levels + body + b"]" * levels
    if rng.random() < 0.8:
        head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(deeper))
    return head + end + deeper


def respelled(sent: bytes, rng: random.Random) -> bytes:
    """Headers have other cases, spaces and places."""
    head, end, body = sent.partition(HEAD_END)
    first, *lines = head.split(b"\r\n")
    spelled = []
    for line in lines:
        name, colon, value = line.partition(b":")
        name = bytes(byte ^ 32 if rng.random() < 0.3 and chr(byte).isalpha() else byte for byte in name)
        spaces = [rng.choice((b"", b" ", b"\t", b"  \t")) for _ in range(3)]
        before = spaces[0] if rng.random() < 0.1 else b""
        spelled.append(name + before + colon + spaces[1] + value.strip() + spaces[2])
    rng.shuffle(spelled)
    return b"\r\n".join([first, *spelled]) + end + body


def stuffed(sent: bytes, rng: random.Random) -> bytes:
    """Random bytes stand somewhere."""
    place = rng.randrange(len(sent))
    return sent[:place] + rng.randbytes(rng.randint(1, 30)) + sent[place:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    cut,
    flipped,
    doubled,
    line_doubled,
    nested,
    respelled,
    stuffed,
)


def mutated(sent: bytes, rng: random.Random) -> tuple[str, bytes]:
    """What was done to a request, and the request."""
    mutation = rng.choice(MUTATIONS)
    return mutation.__name__, mutation(sent, rng)
