"""New tokens for what is frequent; old ones keep their numbers and what they stand for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tokenizers import Tokenizer, models

from seatrial.errors import SpecError
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize.extend import extend_tokenizer
from seatrial.tokenize.train import train_tokenizer
from seatrial.tokenize.vocabulary_file import tokenizer_of, vocabulary_of, with_tokens

OLD = ["the cat sat on the mat, and the dog sat on the log. "] * 5 + ["reading and writing, walking and talking"] * 3
NEW = ["tokenization of molecules: tokenization, molecules and tokens 分子分子 🙂"] * 6
METHODS = ("bpe", "unigram", "wordpiece", "characters")


def trained(method: str) -> tuple[Tokenizer, dict[str, Any]]:
    tokenizer = train_tokenizer(OLD, TokenizerSpec(method=method, coverage=1, chat=True))
    return tokenizer, json.loads(tokenizer.to_str())


@pytest.mark.parametrize("method", METHODS)
def test_old_tokens_stay_and_new_ones_shorten_texts(method: str) -> None:
    old, settings = trained(method)
    first = old.get_vocab_size() + 3
    before = json.dumps(settings)
    extension = extend_tokenizer(settings, NEW, 40, first=first)
    assert json.dumps(settings) == before
    new = tokenizer_of(extension.settings)
    assert 0 < len(extension.tokens) <= 40
    assert [token.id for token in extension.tokens] == list(range(first, first + len(extension.tokens)))
    assert all(new.token_to_id(token.token) == token.id for token in extension.tokens)
    assert all(new.token_to_id(token) == number for token, number in old.get_vocab().items())
    assert len(new.encode(NEW[0]).ids) < len(old.encode(NEW[0]).ids) / 1.2
    assert new.encode("<|im_end|>", add_special_tokens=False).ids == [old.token_to_id("<|im_end|>")]
    if method != "wordpiece":
        assert new.decode(new.encode(NEW[0]).ids) == NEW[0]
    assert not {"[UNK]", "<unk>"} & set(new.encode(NEW[0]).tokens)


@pytest.mark.parametrize("method", METHODS)
def test_spellings_are_what_the_old_tokenizer_read(method: str) -> None:
    old, settings = trained(method)
    extension = extend_tokenizer(settings, NEW, 60)
    characters, pieces = extension.tokens[: extension.characters], extension.tokens[extension.characters :]
    assert pieces
    name = {number: token for token, number in vocabulary_of(extension.settings).items()}
    for piece in pieces:
        names = [name[number].removeprefix("##") for number in piece.spelled]
        if any(part.startswith("<0x") for part in names):
            assert old.decode(list(piece.spelled)) == piece.token.replace("▁", " ")
        else:
            assert "".join(names) == piece.token.removeprefix("##")
    for character in characters:
        spelled = old.decode(list(character.spelled))
        assert spelled in ("", character.token), "its bytes, or nothing"
    assert (extension.characters > 0) == (method != "bpe"), "bytes read everything"


def test_no_more_than_asked_for_and_always_the_same() -> None:
    _, settings = trained("wordpiece")
    first, second = (extend_tokenizer(settings, NEW, 5) for _ in range(2))
    assert len(first.tokens) == 5
    assert first == second
    assert extend_tokenizer(settings, [], 5).tokens == ()


def test_kinds_to_which_nothing_can_be_added() -> None:
    for model in (models.WordLevel({"a": 0}, unk_token="a"), models.BPE({"a</w>": 0}, [], end_of_word_suffix="</w>")):
        with pytest.raises(SpecError, match="no tokens can be added") as caught:
            extend_tokenizer(json.loads(Tokenizer(model).to_str()), NEW, 5, where="MODEL")
        assert caught.value.where == "MODEL"


@pytest.mark.parametrize("method", METHODS)
def test_tokens_beside_the_vocabulary_keep_their_numbers(method: str) -> None:
    """The library counts them anew from the size of the vocabulary, unless they are written into it."""
    old, settings = trained(method)
    grown = tokenizer_of(with_tokens(settings, ["new", "<|im_end|>", "newer"], first=1000))
    assert (grown.token_to_id("new"), grown.token_to_id("newer")) == (1000, 1001)
    assert grown.token_to_id("<|im_end|>") == old.token_to_id("<|im_end|>")
