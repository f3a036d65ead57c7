"""Texts of any length are read whole, and every piece is found among the tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from seatrial.models.reading import Reading
from seatrial.tasks.pieces import pieces
from seatrial.tasks.windows import read_windows

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefgh", *(f"##{letter}" for letter in "abcdefgh"), "北", "京", ","]


def tokenizer(longest: int) -> Tokenizer:
    """As BERT's, on eight letters."""
    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_truncation(longest)
    return made


def tokens_of(reading: Reading, text: int = 0) -> list[str]:
    """The token behind each piece of a text."""
    start, end = reading.spans[text]
    ids = [token for window in reading.windows[start:end] for token in window]
    return [WORDS[ids[place]] if place >= 0 else "" for place in reading.places[text].tokens]


def test_a_word_is_found_at_its_first_token() -> None:
    reading = read_windows(tokenizer(32), ["abc 北京, ha", "d"])
    assert tokens_of(reading) == ["a", "北", "京", ",", "h"]
    assert tokens_of(reading, 1) == ["d"]
    assert reading.windows[0][0] == 2
    assert reading.windows[0][-1] == 3


def test_what_the_tokenizer_leaves_out_has_no_token() -> None:
    reading = read_windows(tokenizer(32), ["a \ufffd b"])  # BERT's normalizer drops it
    assert tokens_of(reading) == ["a", "", "b"]


def test_pieces_of_one_token_are_joined() -> None:
    made = Tokenizer(models.WordLevel({"[UNK]": 0, "北京": 1}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.enable_truncation(8)
    places = read_windows(made, ["北京 北"]).places[0]
    assert places.tokens.tolist() == [0, 0, 1]
    assert places.joined.tolist() == [False, True, False]


@pytest.mark.parametrize("words", [1, 13, 14, 15, 29, 100])
def test_long_texts_are_read_in_windows_that_overlap(words: int) -> None:
    text = " ".join("abcdefgh"[i % 8] for i in range(words))
    reading = read_windows(tokenizer(16), [text, "a"])
    assert max(map(len, reading.windows)) <= 16
    assert tokens_of(reading) == text.split()
    assert tokens_of(reading, 1) == ["a"]
    assert reading.spans[0][1] == 1 if words <= 14 else reading.spans[0][1] > 1


def test_a_piece_is_answered_where_it_has_the_most_around_it() -> None:
    reading = read_windows(tokenizer(16), [" ".join("abcdefgh"[i % 8] for i in range(40))])
    length = 16
    for place in reading.places[0].tokens.tolist()[3:-3]:
        assert 2 < place % length < length - 2, "a piece is answered at the edge of its window"


@given(st.text(alphabet="abch 北京,\u200b👍🏽é", max_size=120), st.integers(3, 20))
def test_every_piece_of_every_text_is_found(text: str, longest: int) -> None:
    reading = read_windows(tokenizer(longest), [text])
    assert max(map(len, reading.windows)) <= longest
    places = reading.places[0]
    assert len(places.tokens) == len(pieces(text))
    assert places.tokens.max(initial=0) < reading.lengths[0]
    specials = {i for i, ids in enumerate(token for w in reading.windows for token in w) if ids in (2, 3)}
    assert not specials & set(places.tokens.tolist())
