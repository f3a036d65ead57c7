"""Documents rearranged so that a causal model learns to fill a gap: what is before, what is behind, what is between.

    <|fim_prefix|> before <|fim_suffix|> behind <|fim_middle|> between <end>

The gap begins and ends at any character, since a user's cursor does. Documents are cut into pieces that fit a row
first, for a gap whose surroundings are in another row could not be learned. Refuses to know: networks, packing.

Source: Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the Middle", §3 (at the level of the
context, prefix first).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from seatrial.data.packing import Document
from seatrial.errors import SpecError
from seatrial.tasks.language_tokenizer import LanguageTokenizer
from seatrial.tokenize.gap import GAP, gap_ids

__all__ = ["pieces_with_gaps"]

ROOM = 0.75
"""Of a row, the tokens of a piece: cut anew at the gap, it has some more."""


def pieces_with_gaps(tokenizer: LanguageTokenizer, texts: Sequence[str], share: float, *, seed: int) -> list[Document]:
    """The texts in pieces, of which about `share` are rearranged.

    Args:
        tokenizer: with the three tokens of `tokenize.gap`.
        texts: any.
        share: 0 to 1.
        seed: of which pieces, and where their gaps are.

    Raises:
        SpecError: the tokenizer lacks one of the tokens.
    """
    rng = random.Random(seed)  # noqa: S311 - gaps, not secrets
    control = _control(tokenizer)
    room = max(1, int(tokenizer.max_length * ROOM))
    documents = []
    for text in texts:
        encoding = tokenizer.tokenizer.encode(text, add_special_tokens=False)
        written = 0  # characters; one that two pieces share is in the first
        for start in range(0, len(encoding.ids), room):
            stop = min(start + room, len(encoding.ids))
            ids = encoding.ids[start:stop]
            piece = text[max(written, encoding.offsets[start][0]) : encoding.offsets[stop - 1][1]]
            written = max(written, encoding.offsets[stop - 1][1])
            if rng.random() < share:
                documents.append(Document(_with_gap(tokenizer, piece, control, rng)))
                continue
            before = [tokenizer.start_id] if start == 0 else []
            behind = [tokenizer.end_id] if stop == len(encoding.ids) else [encoding.ids[stop]]
            documents.append(Document([*before, *ids, *behind]))
    return documents


def _with_gap(tokenizer: LanguageTokenizer, text: str, control: Sequence[int], rng: random.Random) -> list[int]:
    first, last = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    ids = [tokenizer.start_id]
    parts = (text[:first], text[last:], text[first:last])
    for token, part in zip(control, tokenizer.documents(parts), strict=True):
        ids += [token, *part[1:-1]]
    return [*ids, tokenizer.end_id]


def _control(tokenizer: LanguageTokenizer) -> Sequence[int]:
    found = gap_ids(tokenizer.tokenizer)
    if found is None:
        raise SpecError(
            f"the tokenizer has no tokens {', '.join(GAP)}",
            where="training.fill_in_middle",
            expected=", ".join(GAP),
            hint="add them to model.tokenizer.special_tokens, or take a base that has them",
        )
    return found
