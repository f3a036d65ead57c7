"""A tokenizer and texts → the same tokenizer with further tokens, and how the old tokens spell the new ones.

First every frequent character that it cannot read, or reads only as bytes, gets a token. Then tokens that often stand
side by side are joined, as in byte-pair encoding, which goes on where the tokenizer's own training ended. Old tokens
keep their numbers, and old merges go first. Refuses to know: models; `seatrial.models.more_tokens` makes their rows.

Source: Sennrich, Haddow and Birch 2016, algorithm 1, over tokens instead of characters.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tokenizers import Tokenizer

from seatrial.errors import SpecError
from seatrial.tokenize.plain_bpe import Merge, learn_merges
from seatrial.tokenize.special import unknown_id
from seatrial.tokenize.unread import byte_ids, unread_characters
from seatrial.tokenize.vocabulary_file import Settings, tokenizer_of, vocabulary_of, with_tokens
from seatrial.tokenize.wordpiece import CONTINUES, wordpiece_forms

__all__ = ["Extension", "NewToken", "extend_tokenizer"]

LEAST_OCCURRENCES = 2
SPACE = "▁"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was added.

    Attributes:
        token: as the vocabulary writes it.
        id: its number.
        spelled: the tokens that it was read as before, or would be: old ones, and of a piece with characters that
            could not be read the new ones of these. Empty for such a character itself.
        count: how often its character occurs, or its parts stood together when they were joined.
    """

    token: str
    id: int
    spelled: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Extension:
    """What came of it.

    Attributes:
        settings: content of the new `tokenizer.json`.
        tokens: the new tokens in the order of their numbers, which have no gaps.
        characters: how many of them, the first ones, are characters that were not read; the others are pieces.
    """

    settings: Settings
    tokens: tuple[NewToken, ...]
    characters: int


def extend_tokenizer(
    settings: Settings, texts: Sequence[str], most: int, *, first: int = 0, where: str = "tokens"
) -> Extension:
    """Add tokens for what occurs often in the texts and costs several tokens now.

    Args:
        settings: content of a `tokenizer.json` with a BPE, WordPiece or unigram model; it is not changed.
        texts: of the kind that the tokenizer shall suit better.
        most: tokens to add at most.
        first: lowest number of a new token, such as the number of rows of the model's table.
        where: what asked for it, for messages.

    Raises:
        SpecError: the tokenizer is of a kind to which nothing can be added.
    """
    join = _join_of(settings, where)
    known = vocabulary_of(settings)
    by_character = _characters(settings, texts, most)
    total = max(1, sum(map(len, texts)))
    shares = {token: math.log(count / total) for token, (_, count) in by_character.items()}
    grown = with_tokens(settings, by_character, first=first, scores=shares)
    vocabulary = vocabulary_of(grown)
    names = list(vocabulary)
    merges = _merges(tokenizer_of(grown), texts, names, most - len(by_character), join)
    spelled: dict[str, tuple[int, ...]] = {token: (number,) for token, number in known.items()}
    spelled |= {token: spelling or (vocabulary[token],) for token, (spelling, _) in by_character.items()}
    counts = {token: count for token, (_, count) in by_character.items()}
    for (left, right), joined, count in merges:
        spelled.setdefault(names[joined], (*spelled[names[left]], *spelled[names[right]]))
        counts.setdefault(names[joined], count)
    total = max(1, sum(merge.times for merge in merges))
    pieces = names[len(vocabulary) :]
    grown = with_tokens(grown, pieces, first=first, scores={piece: math.log(counts[piece] / total) for piece in pieces})
    if "merges" in grown["model"]:
        grown["model"]["merges"] += [[names[left], names[right]] for (left, right), _, _ in merges]
    numbers = vocabulary_of(grown)
    new = [NewToken(token, numbers[token], spelling, count) for token, (spelling, count) in by_character.items()]
    new += [NewToken(piece, numbers[piece], spelled[piece], counts[piece]) for piece in pieces]
    return Extension(grown, tuple(new), len(by_character))


def _join_of(settings: Settings, where: str) -> Callable[[str, str], str]:
    """How the vocabulary writes what two tokens are together."""
    model = settings["model"]
    kind = model.get("type")
    if kind == "WordPiece" and model.get("continuing_subword_prefix") == CONTINUES:
        return lambda left, right: left + right.removeprefix(CONTINUES)
    marked = model.get("continuing_subword_prefix") or model.get("end_of_word_suffix")
    if kind == "Unigram" or (kind == "BPE" and not marked):
        return operator.add
    raise SpecError(
        f"to a tokenizer of the kind {kind}{' with marked pieces' if marked else ''} no tokens can be added",
        where=where,
        expected="BPE, WordPiece or Unigram",
        hint="take another model, or train a tokenizer of your own",
    )


def _characters(settings: Settings, texts: Sequence[str], most: int) -> dict[str, tuple[tuple[int, ...], int]]:
    """Tokens for characters that are not read → their old spelling and how often the character occurs."""
    tokenizer = tokenizer_of(settings)
    of_byte = byte_ids(tokenizer)
    known = vocabulary_of(settings)
    found: dict[str, tuple[tuple[int, ...], int]] = {}
    for character, count in unread_characters(tokenizer, texts).items():
        spelling = tuple(of_byte[byte] for byte in character.encode() if byte in of_byte)
        forms = wordpiece_forms(character) if settings["model"]["type"] == "WordPiece" else (character,)
        found |= {form: (spelling, count) for form in forms if form not in known}
    return dict(islice(found.items(), most))


def _merges(
    tokenizer: Tokenizer, texts: Sequence[str], names: list[str], most: int, join: Callable[[str, str], str]
) -> list[Merge]:
    """Join the most frequent neighbours; new names are appended to `names`."""
    place = {tokenizer.token_to_id(name): index for index, name in enumerate(names)}
    apart = {*byte_ids(tokenizer).values(), unknown_id(tokenizer)}
    words: Counter[tuple[int, ...]] = Counter()
    for unit, count in _units(tokenizer, texts).items():
        word: list[int] = []
        for token in tokenizer.model.tokenize(unit):
            if token.id in apart:  # what is not read belongs to no piece
                words[tuple(word)] += count
                word = []
            else:
                word.append(place[token.id])
        words[tuple(word)] += count
    return learn_merges(words, names, size=len(names) + most, min_frequency=LEAST_OCCURRENCES, join=join)


def _units(tokenizer: Tokenizer, texts: Sequence[str]) -> Mapping[str, int]:
    """What the tokenizer reads by itself, as its model sees it → how often."""
    counts: Counter[str] = Counter()
    for text in texts:
        read = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
        if tokenizer.pre_tokenizer:
            counts.update(unit for unit, _ in tokenizer.pre_tokenizer.pre_tokenize_str(read))
        else:
            counts.update(_words(read))
    return counts


def _words(text: str) -> Iterator[str]:
    """Words with the mark of the space before them; some tokenizers read whole texts, but no new token shall."""
    at = 0
    while at < len(text):
        stop = text.find(SPACE, at + 1)
        stop = len(text) if stop < 0 else stop
        yield text[at:stop]
        at = stop
