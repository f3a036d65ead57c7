"""The `model.tokenizer:` section: how a tokenizer is trained on the texts."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from seatrial.spec.base import Section

__all__ = ["TokenizerSpec"]


class TokenizerSpec(Section):
    """How a tokenizer is trained. See docs/tokenize.md for which method suits what."""

    method: str = "bpe"
    """`bpe`: bytes that often stand together are joined; it reads every text and gives it back exactly. `wordpiece`:
    BERT's, for encoders. `unigram`: the pieces under which the texts are most probable. `characters`: a token for each
    character. Or one that a plugin adds."""
    vocabulary: int | None = Field(default=None, ge=2, le=1_000_000)
    """Tokens in all, special tokens included. null takes 8,000, or fewer where the texts do not give as many; with
    `characters` as many as there are."""
    coverage: float = Field(default=0.9995, gt=0, le=1)
    """Share of the characters in the texts that get a token, the most frequent first; the others are read as bytes or
    are unknown. `bpe` has a token for every byte and takes no notice."""
    byte_fallback: bool | None = None
    """Whether a character without a token is read as its UTF-8 bytes, which takes 256 tokens; else it is unknown. null
    takes yes for `unigram`, no for `characters`. `bpe` always can, `wordpiece` never."""
    min_frequency: int = Field(default=2, ge=1)
    """How often a piece of several characters must occur in the texts."""
    chinese: Literal["runs", "characters"] | None = None
    """Chinese and Japanese, which have no spaces: with `runs` a piece may hold several characters that follow each
    other, with `characters` each is read by itself. Neither joins them with letters of other scripts. null takes
    `characters` for `wordpiece`, where an unknown character would hide its whole run, else `runs`."""
    digits: Literal["groups", "single"] = "groups"
    """A long number is read in groups of up to three digits, or digit by digit, which is easier to calculate with and
    to copy from. `wordpiece` reads one as a word unless it is told `single`; `characters` takes no notice."""
    lowercase: bool = False
    """Whether texts are read in lower case."""
    normalize: Literal["none", "nfc", "nfkc"] = "none"
    """The Unicode form in which texts are read; `nfkc` also makes full-width letters and ligatures plain ones."""
    chat: bool = False
    """Adds the control tokens of ChatML and stores its template, for models that answer messages."""
    special_tokens: list[str] = Field(default_factory=list, max_length=1000)
    """Further control tokens."""

    @field_validator("special_tokens")
    @classmethod
    def _each_once(cls, tokens: list[str]) -> list[str]:
        if any(not token.strip() for token in tokens):
            raise ValueError("a special token is empty")
        twice = next((token for place, token in enumerate(tokens) if token in tokens[:place]), None)
        if twice is not None:
            raise ValueError(f"the special token {twice!r} is there twice; remove one of them")
        return tokens

    @model_validator(mode="after")
    def _can_read_bytes(self) -> Self:
        if self.method == "wordpiece" and self.byte_fallback:
            raise ValueError("byte_fallback: wordpiece cannot read bytes; take unigram or bpe, or leave it out")
        if self.method == "bpe" and self.byte_fallback is False:
            raise ValueError("byte_fallback: bpe always reads bytes; leave it out, or take another method")
        return self
