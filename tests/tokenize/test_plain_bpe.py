"""The algorithm as it is written out gives the merges and the tokens of the tokenizers library."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from seatrial.tokenize.plain_bpe import BYTE_ORDER, WORD, PlainBpe, split_words

from .corpus import ENGLISH, HELD_OUT

SIZE = 900
TEXTS = [*ENGLISH[:8], "aaaa aaaaa aaa 北京北京 ééé " * 4]
PLAIN = PlainBpe.train(TEXTS, SIZE)


@pytest.fixture(scope="module")
def library() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    split = pre_tokenizers.Split(Regex(WORD.pattern), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, as_bytes])
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=SIZE, min_frequency=2, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def test_merges_are_those_of_the_library(library: Tokenizer) -> None:
    model = json.loads(library.to_str())["model"]
    number = model["vocab"]
    assert [(number[a], number[b]) for a, b in model["merges"]] == list(PLAIN.merges)
    assert len(PLAIN.merges) == SIZE - 256


def test_texts_are_read_as_the_library_does(library: Tokenizer) -> None:
    for text in (*TEXTS[-2:], HELD_OUT[0][:3000]):
        ids = PLAIN.encode(text)
        assert ids == library.encode(text).ids
        assert PLAIN.decode(ids) == text


@settings(max_examples=30)
@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    text = text.encode("utf-8", errors="ignore").decode()
    assert "".join(split_words(text)) == text
    assert PLAIN.decode(PLAIN.encode(text)) == text


def test_training_ends_where_no_pair_is_frequent() -> None:
    small = PlainBpe.train(["ab ab cd"], 10_000)
    assert [small.tokens[number] for number in small.merges.values()] == [b"ab"]
    assert sorted(BYTE_ORDER) == list(range(256))
    assert PlainBpe.train([], 300).merges == {}


def test_bytes_that_are_no_text_do_not_stop_decoding() -> None:
    assert PLAIN.decode([BYTE_ORDER.index(0xE4), BYTE_ORDER.index(ord("a"))]) == "�a"
