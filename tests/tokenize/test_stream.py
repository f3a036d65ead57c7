"""However tokens and text are cut, the pieces together are what decoding at once gives, and none is taken back."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from seatrial.errors import SpecError
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.stream import Detokenizer, StopStrings, TokenStream
from seatrial.tokenize.train import train_tokenizer

from .corpus import MIXED

KINDS = ("bpe", "unigram", "wordpiece", "characters", "llama", "no decoder", "end of word")


@cache
def tokenizer_of(kind: str) -> Tokenizer:
    """One tokenizer for each way in which tokens become text."""
    if kind in ("bpe", "unigram", "wordpiece", "characters"):
        tokenizer = train_tokenizer(MIXED, TokenizerSpec(method=kind, chat=True, byte_fallback=kind != "wordpiece"))
        tokenizer.add_tokens(["né w", "詞"])  # beside the vocabulary, and as plain text
        return tokenizer
    if kind == "end of word":
        tokenizer = Tokenizer(models.BPE({"a</w>": 0, "b": 1, "c</w>": 2}, []))
        tokenizer.decoder = decoders.BPEDecoder(suffix="</w>")
        return tokenizer
    words = ["▁", "▁ab", "c", "d▁", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, [], byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    if kind == "llama":
        parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        tokenizer.decoder = decoders.Sequence(parts)
    return tokenizer


def pieces_of(stream: TokenStream, ids: list[int]) -> list[str]:
    return [*(stream.push(number) for number in ids), stream.finish()]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_pieces_are_the_whole(kind: str, data: st.DataObject) -> None:
    tokenizer = tokenizer_of(kind)
    size = max(tokenizer.get_vocab().values())
    texts = st.text(max_size=12).map(lambda text: text.encode("utf-8", errors="ignore").decode())
    real = texts.map(lambda text: list(tokenizer.encode(text).ids))
    some = st.lists(st.integers(0, size + 2), max_size=12)  # what a bad model writes, numbers without a token too
    ids = [number for part in data.draw(st.lists(st.one_of(real, some), max_size=4)) for number in part]
    for skip in (True, False):
        stream = TokenStream(Detokenizer(tokenizer, skip_special_tokens=skip))
        assert "".join(pieces_of(stream, ids)) == tokenizer.decode(ids, skip_special_tokens=skip)


def test_bytes_of_a_character_wait_for_each_other() -> None:
    tokenizer = tokenizer_of("bpe")
    ids = tokenizer.encode("鬱 x").ids
    pieces = pieces_of(TokenStream(Detokenizer(tokenizer)), ids)
    assert next(filter(None, pieces)) == "鬱"
    assert pieces[:2] == ["", ""]
    assert "".join(pieces) == "鬱 x"
    assert pieces_of(TokenStream(Detokenizer(tokenizer)), ids[:2]) == ["", "", "�"]


def test_text_comes_as_soon_as_it_is_final() -> None:
    tokenizer = tokenizer_of("bpe")
    ids = tokenizer.encode("the class of an instance").ids
    pieces = pieces_of(TokenStream(Detokenizer(tokenizer)), ids)
    assert all(pieces[:-1])
    assert pieces[-1] == ""


def test_control_tokens_leave_no_trace_unless_asked_for() -> None:
    tokenizer = tokenizer_of("bpe")
    ids = tokenizer.encode("a<|im_end|>b").ids
    assert "".join(pieces_of(TokenStream(Detokenizer(tokenizer)), ids)) == "ab"
    shown = TokenStream(Detokenizer(tokenizer, skip_special_tokens=False))
    assert "".join(pieces_of(shown, ids)) == "a<|im_end|>b"


LETTERS = st.text(alphabet="ab<|", max_size=30)


def first_stop(text: str, stops: list[str]) -> str:
    """The text before the stop string that is complete first; the longest of those that end there."""
    for end in range(len(text) + 1):
        found = [stop for stop in stops if text[:end].endswith(stop)]
        if found:
            return text[: end - max(map(len, found))]
    return text


@given(text=LETTERS, stops=st.lists(st.text(alphabet="ab<|", min_size=1, max_size=5), max_size=4), data=st.data())
def test_stop_strings_do_not_hang_on_how_text_is_cut(text: str, stops: list[str], data: st.DataObject) -> None:
    matcher = StopStrings(stops)
    given_out = ""
    rest = text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        given_out += matcher.push(rest[:size])
        rest = rest[size:]
        assert first_stop(text, stops).startswith(given_out), "nothing is given out that is taken back"
    given_out += matcher.finish()
    assert given_out == first_stop(text, stops)
    assert (matcher.found is not None) == any(stop in text for stop in stops)


def test_only_what_may_be_a_stop_string_is_held_back() -> None:
    matcher = StopStrings(["</s>", "\n\nQ"])
    assert [matcher.push(piece) for piece in ("so <", "b> is", "\n", "\n", "A", "</s", ">x", "y")] == [
        *("so ", "<b> is", "", "", "\n\nA", "", "", ""),
    ]
    assert matcher.found == "</s>"
    assert matcher.finish() == ""
    open_end = StopStrings(["</s>"])
    assert (open_end.push("a</"), open_end.finish(), open_end.found) == ("a", "</", None)


def test_a_stream_ends_at_its_stop_string() -> None:
    tokenizer = tokenizer_of("bpe")
    stream = Detokenizer(tokenizer).stream(["instance 北"])
    ids = tokenizer.encode("an instance 北京").ids
    assert "".join([*(stream.push(number) for number in ids), stream.finish()]) == "an "
    assert stream.stopped == "instance 北"


@pytest.mark.parametrize("stops", [[""], ["x"] * 65, ["x" * 1001], "stop"])
def test_stop_strings_that_cannot_be_used(stops: list[str]) -> None:
    with pytest.raises(SpecError, match="string") as caught:
        StopStrings(stops)
    assert caught.value.where is not None
    assert caught.value.where.startswith("stop")
