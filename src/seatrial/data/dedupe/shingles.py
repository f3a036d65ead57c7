"""A text as a set of overlapping pieces: word 3-grams, or character 3-grams in scripts that put no spaces.

Pieces are 64-bit digests, the same in every process.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.dedupe.exact import normalized

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["shingles"]

SIZE = 3
WORD = re.compile(r"\w+")
# Thai, Lao, Myanmar, Khmer; kana; Han. Korean puts spaces.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
)


def shingles(text: str) -> NDArray[np.uint64]:
    """The distinct shingles of a text in ascending order; at least one.

    A text of fewer than three words is one shingle; a text without any word (emoji only) stands for itself.
    """
    text = normalized(text)
    words = WORD.findall(text)
    letters = "".join(words)
    if 2 * len(UNSPACED.findall(letters)) > len(letters):
        words, glue = list(letters), ""
    else:
        glue = " "
    pieces = {glue.join(words[i : i + SIZE]) for i in range(max(1, len(words) - SIZE + 1))} if words else {text}
    digests = b"".join(hashlib.blake2b(piece.encode(), digest_size=8).digest() for piece in pieces)
    return np.sort(np.frombuffer(digests, dtype="<u8")).astype(np.uint64)
