"""The opponent that counts: a model of five characters in a row, with interpolated Kneser-Ney smoothing.

What a language model has to beat to have learned more than spelling. It learns from the same texts and foresees each
character, and the end of each text, from the four before it.

    p_k(c | h) = (max(n(hc) - D, 0) + D·kinds(h)·p_(k-1)(c | h′)) / n(h)

n counts occurrences for the longest history h and, below it, how many different characters stood before; kinds(h) is
how many different characters followed h; h′ is h without its first character; D is estimated from what occurs once and
twice. Below order 1 all known characters are alike, and one that was never seen costs, beside that, the choice among
all of Unicode.

Source: Kneser and Ney 1995, "Improved backing-off for m-gram language modeling"; interpolated as in Chen and Goodman
1999, "An empirical study of smoothing techniques for language modeling", §4.1.6.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seatrial.errors import SpecError
from seatrial.evaluate.opponents.base import Opponent
from seatrial.records import Example

__all__ = ["CharacterModel", "Ngram"]

ORDER = 5
START, END = "\x02", "\x03"
"""Characters of no text: before its first and after its last."""
CHARACTERS_OF_UNICODE = 0x110000


@dataclass(slots=True)
class _Order:
    """Counts of one order: n(hc), n(h) and kinds(h), by strings."""

    counts: Counter[str]
    totals: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    discount: float = 0.0

    def __post_init__(self) -> None:
        for gram, count in self.counts.items():
            self.totals[gram[:-1]] += count
            self.kinds[gram[:-1]] += 1
        once, twice = (sum(1 for count in self.counts.values() if count == n) for n in (1, 2))
        self.discount = once / (once + 2 * twice) if once else 0.0


class CharacterModel:
    """The model itself.

    Args:
        texts: what it learns from.
        order: characters that it looks at, the foreseen one included.
    """

    def __init__(self, texts: Sequence[str], order: int = ORDER) -> None:
        self.order = order
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(_grams(text, order))
        self._orders = [_Order(seen)]
        for _ in range(order - 1):  # how many different characters stood before each shorter one
            seen = Counter(gram[1:] for gram in seen)
            self._orders.append(_Order(seen))
        self._orders.reverse()
        self._known = {gram for gram in self._orders[0].counts if gram != START}

    def surprise(self, text: str) -> float:
        """-ln p(text), the end included, in nats."""
        return -sum(math.log(self.probability(gram)) for gram in _grams(text, self.order))

    def probability(self, gram: str) -> float:
        """p(last character | those before it); `gram` has as many characters as the order of the model."""
        found = 1 / (len(self._known) + 1)
        if gram[-1] not in self._known:
            found /= CHARACTERS_OF_UNICODE
        for length, counts in enumerate(self._orders, start=1):
            part = gram[-length:]
            total = counts.totals[part[:-1]]
            if total:
                kept = max(counts.counts[part] - counts.discount, 0.0)
                found = (kept + counts.discount * counts.kinds[part[:-1]] * found) / total
        return found


class Ngram(Opponent):
    """See `Opponent`. Its tokens are not the model's, so it has no perplexity and no token accuracy; bits per byte are
    the same for both."""

    answers: tuple[str, ...] = ("tokens",)

    def __init__(self, train: Sequence[Example], labels: Sequence[str], seed: int) -> None:
        del labels, seed  # there are none, and nothing here is random
        self._model = CharacterModel([_text(example) for example in train])

    def probabilities(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Counts [n, 4]: surprise in nats, 0, bytes, 0; see `Opponent.probabilities`."""
        found = np.zeros((len(examples), 4))
        for row, example in zip(found, examples, strict=True):
            text = _text(example)
            row[0], row[2] = self._model.surprise(text), len(text.encode())
        return found


def _grams(text: str, order: int) -> Iterator[str]:
    """What ends in each character of the text and in its end, with `order` characters each."""
    padded = START * (order - 1) + text + END
    return (padded[i : i + order] for i in range(len(padded) - order + 1))


def _text(example: Example) -> str:
    if "text" not in example.inputs:
        raise SpecError(
            "ngram reads documents, and these are messages",
            where="evaluation.opponents",
            hint="set evaluation.opponents to []",
        )
    return example.inputs["text"]
