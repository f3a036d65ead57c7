"""Every method trains, reads its texts back, keeps to its size and says what it cannot do."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from seatrial.errors import DataError, SpecError
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tokenize import TOKENIZERS
from seatrial.tokenize.train import train_tokenizer

from .corpus import CHINESE, ENGLISH, HELD_OUT, MIXED

METHODS = sorted(TOKENIZERS)


def read_back(tokenizer: Tokenizer, text: str) -> str:
    decoded: str = tokenizer.decode(tokenizer.encode(text).ids)
    return decoded


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    found: list[str] = tokenizer.encode(text, add_special_tokens=False).tokens
    return found


@pytest.mark.parametrize("method", METHODS)
def test_the_size_is_what_was_asked_for(method: str) -> None:
    size = 60 if method == "characters" else 700
    tokenizer = train_tokenizer(ENGLISH, TokenizerSpec(method=method, vocabulary=size))
    assert tokenizer.get_vocab_size() == size
    assert sorted(tokenizer.get_vocab().values()) == list(range(size))
    assert tokenizer.truncation is None
    assert tokenizer.padding is None


@pytest.mark.parametrize("method", ["bpe", "unigram"])
def test_every_text_comes_back_as_it_was(method: str) -> None:
    tokenizer = train_tokenizer(MIXED, TokenizerSpec(method=method))
    for text in (*MIXED, *HELD_OUT, " a  b ", "\n\n\r\n x", "ไทย <unk> <0xE4> <|endoftext", "ﬁ\x00\u200b"):
        assert read_back(tokenizer, text) == text


def test_learned_pieces_make_texts_short() -> None:
    counts = {}
    for method in ("bpe", "unigram", "characters"):
        tokenizer = train_tokenizer(ENGLISH, TokenizerSpec(method=method, vocabulary=None))
        counts[method] = sum(len(tokens(tokenizer, text)) for text in HELD_OUT)
    assert max(counts["bpe"], counts["unigram"]) < counts["characters"] / 2.5


def test_equal_texts_give_an_equal_tokenizer_in_every_process(tmp_path: Path) -> None:
    """The library's hash tables are seeded anew in each process, so only processes can show it."""
    digests = set()
    code = (
        "import hashlib, sys\n"
        "from seatrial.spec.tokenizer import TokenizerSpec\n"
        "from seatrial.tokenize.train import train_tokenizer\n"
        "from pydoc_data.topics import topics\n"
        "texts = [topics[name] for name in sorted(topics)][:5] + ['北京天安门北京天气，京城。'] * 3\n"
        "for method in sys.argv[1:]:\n"
        "    spec = TokenizerSpec(method=method, vocabulary=None if method == 'characters' else 520)\n"
        "    print(hashlib.sha256(train_tokenizer(texts, spec).to_str().encode()).hexdigest())\n"
    )
    for parallel in ("false", "true"):
        environment = {**os.environ, "TOKENIZERS_PARALLELISM": parallel, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", code, *METHODS]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        digests.add(done.stdout)
    assert len(digests) == 1
    assert len(set(digests.pop().split())) == len(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_a_vocabulary_beyond_the_texts_says_how_far_they_go(method: str) -> None:
    with pytest.raises(SpecError, match="tokens at most") as caught:
        train_tokenizer(CHINESE, TokenizerSpec(method=method, vocabulary=50_000))
    assert caught.value.where == "model.tokenizer.vocabulary"
    assert caught.value.hint is not None
    largest = int(caught.value.hint.split()[3].rstrip(","))
    assert train_tokenizer(CHINESE, TokenizerSpec(method=method, vocabulary=largest)).get_vocab_size() == largest
    with pytest.raises(SpecError, match="tokens at most"):
        train_tokenizer(CHINESE, TokenizerSpec(method=method, vocabulary=largest + 1))


@pytest.mark.parametrize("method", METHODS)
def test_a_vocabulary_without_room_says_what_is_needed(method: str) -> None:
    with pytest.raises(SpecError, match="too few") as caught:
        train_tokenizer(ENGLISH, TokenizerSpec(method=method, vocabulary=3))
    assert caught.value.expected is not None
    assert caught.value.expected.startswith("at least ")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("texts", [[], ["", "  \n"]])
def test_no_text_is_an_error(method: str, texts: list[str]) -> None:
    with pytest.raises(DataError, match="no text"):
        train_tokenizer(texts, TokenizerSpec(method=method))


@pytest.mark.parametrize("method", METHODS)
def test_one_character_is_an_error_that_says_how_far_it_goes(method: str) -> None:
    with pytest.raises(DataError, match="only the character 'a'") as caught:
        train_tokenizer(["a", "aa a", "aaaa"], TokenizerSpec(method=method, vocabulary=9999))
    assert "tokens at most" in str(caught.value)


def test_an_iterator_would_be_used_up() -> None:
    with pytest.raises(TypeError, match="several times"):
        train_tokenizer(iter(ENGLISH), TokenizerSpec())


def test_texts_are_streamed() -> None:
    class Texts:
        times = 0

        def __iter__(self) -> Iterator[str]:
            self.times += 1
            yield from ENGLISH[:2]

    texts = Texts()
    heard: list[tuple[str, int, int | None]] = []

    def hear(what: str, done: int, total: int | None = None, figures: object = None) -> None:
        heard.append((what, done, total))

    train_tokenizer(texts, TokenizerSpec(), progress=hear)
    assert texts.times == 2
    assert heard == [("count characters", 2, 2), ("read texts", 2, 2)]


def test_an_unknown_method_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="unknown tokenizer method 'unigrams'") as caught:
        train_tokenizer(ENGLISH, TokenizerSpec(method="unigrams"))
    assert caught.value.hint == "did you mean 'unigram'?"


@pytest.mark.parametrize("method", ["bpe", "unigram"])
def test_chinese_is_learned_within_its_runs_only(method: str) -> None:
    texts = [*CHINESE, *(f"北京abc{n}北京，" for n in range(20))]
    runs = train_tokenizer(texts, TokenizerSpec(method=method, min_frequency=3))
    assert "".join(tokens(runs, "北京的天气")) == "".join(tokens(runs, "北京")) + "".join(tokens(runs, "的天气"))
    assert len(tokens(runs, "北京")) == 1
    assert tokens(runs, "北京abc") == [*tokens(runs, "北京"), "abc"], "never joined with letters"
    single = train_tokenizer(texts, TokenizerSpec(method=method, min_frequency=3, chinese="characters"))
    assert len(tokens(single, "北京天气")) == 4


def test_wordpiece_reads_chinese_by_characters_unless_told() -> None:
    usual = train_tokenizer(CHINESE, TokenizerSpec(method="wordpiece"))
    assert tokens(usual, "北京的鬱") == ["北", "京", "的", "[UNK]"]
    runs = train_tokenizer(CHINESE, TokenizerSpec(method="wordpiece", chinese="runs"))
    assert tokens(runs, "北京的鬱，公园里看书") == ["[UNK]", "，", "公园里", "##看书"], "a whole run is lost"
    assert usual.encode("北京").tokens == ["[CLS]", "北", "京", "[SEP]"]


def test_rare_characters_are_left_out_by_coverage() -> None:
    texts = [*CHINESE * 20, "鬱"]
    for method in ("wordpiece", "characters"):
        assert "鬱" not in train_tokenizer(texts, TokenizerSpec(method=method)).get_vocab()
        assert "鬱" in train_tokenizer(texts, TokenizerSpec(method=method, coverage=1)).get_vocab()
    without = train_tokenizer(texts, TokenizerSpec(method="unigram"))
    assert tokens(without, "鬱") == ["<0xE9>", "<0xAC>", "<0xB1>"]
    unknown = train_tokenizer(texts, TokenizerSpec(method="unigram", byte_fallback=False))
    assert tokens(unknown, "鬱") == ["鬱"] or unknown.encode("鬱").ids == [unknown.token_to_id("<unk>")]
    assert not any(token.startswith("<0x") for token in unknown.get_vocab())


def test_characters_keep_the_most_frequent_within_the_size() -> None:
    tokenizer = train_tokenizer(["aaabbbccd"], TokenizerSpec(method="characters", vocabulary=6, coverage=1))
    assert sorted(tokenizer.get_vocab()) == ["<unk>", "<|endoftext|>", "<|pad|>", "a", "b", "c"]
    fallback = train_tokenizer(["aaabbbccd"], TokenizerSpec(method="characters", byte_fallback=True))
    assert read_back(fallback, "abz 中") == "abz 中"


def test_special_tokens_are_single_and_no_part_of_what_is_learned() -> None:
    spec = TokenizerSpec(chat=True, special_tokens=["<tool>"], vocabulary=400)
    tokenizer = train_tokenizer(ENGLISH, spec)
    assert tokens(tokenizer, "<|im_start|>x<tool>") == ["<|im_start|>", "x", "<tool>"]
    assert tokenizer.get_vocab_size() == 400


@pytest.mark.parametrize("method", ["bpe", "unigram", "wordpiece"])
def test_numbers_can_be_read_digit_by_digit(method: str) -> None:
    spec = TokenizerSpec(method=method, digits="single")
    tokenizer = train_tokenizer([*ENGLISH, *["in 1939 and 1939 and 1939"] * 50], spec)
    assert [token for token in tokens(tokenizer, "in 1939") if token.strip("# Ġ▁").isdigit()] == ["1", "9", "3", "9"]
    together = train_tokenizer(
        [*ENGLISH, *["in 1939 and 1939 and 1939"] * 50], spec.model_copy(update={"digits": "groups"})
    )
    assert len(tokens(together, "in 1939")) < len(tokens(tokenizer, "in 1939"))


def test_the_reading_can_be_lower_case_and_in_one_form() -> None:
    spec = TokenizerSpec(method="characters", lowercase=True, normalize="nfkc")
    tokenizer = train_tokenizer(["ＡＢＣ abc ﬁne"] * 3, spec)
    assert read_back(tokenizer, "ＦＩＮＥ") == "fine"


def test_the_digest_of_a_tokenizer_hangs_on_the_order_of_the_rows_alone() -> None:
    first, second = (train_tokenizer(ENGLISH[:3], TokenizerSpec(vocabulary=400)).to_str() for _ in range(2))
    assert hashlib.sha256(first.encode()).digest() == hashlib.sha256(second.encode()).digest()
