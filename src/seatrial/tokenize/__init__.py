"""Tokenizers: texts ↔ token ids. Needs the tokenizers library only, and serves releases too.

    train       texts → a tokenizer, by the method that the specification names; one file per method
    save, load  a tokenizer ↔ the files of a Hub folder
    fertility   how well tokenizers suit texts
    extend      a tokenizer → the same with further tokens, and how the old ones spell them
    gap         the control tokens of models that fill gaps
    chat        messages → token ids, by the template of a chat model
    stream      token ids, one at a time → text that is final

A method is one file and one line in `TOKENIZERS`. Refuses to know: models and their weights.
"""

from __future__ import annotations

from seatrial.registry import Registry
from seatrial.tokenize.base import TokenizerMethod

__all__ = ["TOKENIZERS", "TokenizerMethod"]

TOKENIZERS: Registry[TokenizerMethod] = Registry(
    "tokenizer method",
    "seatrial.tokenizers",
    {
        "bpe": "seatrial.tokenize.bpe:train_bpe",
        "wordpiece": "seatrial.tokenize.wordpiece:train_wordpiece",
        "unigram": "seatrial.tokenize.unigram.method:train_unigram",
        "characters": "seatrial.tokenize.characters:train_characters",
    },
)
