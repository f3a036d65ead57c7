"""Unigram: the pieces under which the texts are most probable, each piece by itself.

    seeds      units with counts → frequent substrings, many more than are wanted
    lattice    all ways to cut strings into pieces: their probabilities and the best one
    learning   expectation and maximisation, and leaving out what is missed least, until the size is right
    method     the tokenizer around it

The trainer of the tokenizers library adds in the order of a hash table, so that two processes get different scores and
sometimes different pieces; this one adds in a fixed order. The result is an ordinary model of that library.

Source: Kudo 2018, "Subword Regularization", §3.2; Kudo and Richardson 2018, "SentencePiece".
"""

from __future__ import annotations

__all__: list[str] = []
