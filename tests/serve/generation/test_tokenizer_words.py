"""A gap is asked for in the very tokens in which gaps are learned, and by nobody's typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import RequestError
from seatrial.serve.generation.tokenizer_words import TokenizerWords
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tasks.fill_in_middle import pieces_with_gaps
from seatrial.tasks.language_tokenizer import open_tokenizer
from seatrial.tokenize.gap import GAP, gap_ids
from seatrial.tokenize.save import save_tokenizer
from seatrial.tokenize.special import begin_texts
from seatrial.tokenize.train import train_tokenizer

TEXTS = ["def add(a, b):\n    return a + b  # caf\u00e9\n", "for i in range(10):\n    print(i)\n", "x = 1\n"]


def saved(folder: Path, special: tuple[str, ...] = GAP) -> Path:
    spec = TokenizerSpec(method="bpe", vocabulary=275, special_tokens=list(special))
    trained = train_tokenizer(TEXTS * 2, spec)
    begin_texts(trained)
    save_tokenizer(trained, folder)
    return folder


def test_a_prompt_is_what_a_learned_gap_begins_with(tmp_path: Path) -> None:
    learned = open_tokenizer(saved(tmp_path), 64)
    words = TokenizerWords(tmp_path)
    assert words.fills
    control = gap_ids(learned.tokenizer)
    assert control is not None
    for document in pieces_with_gaps(learned, TEXTS * 5, 1.0, seed=4):
        ids = list(document.ids)
        first, second, third = (ids.index(token) for token in control)
        before, behind = ids[first + 1 : second], ids[second + 1 : third]
        texts = [learned.text(part) for part in (before, behind)]
        assert words.of_gap(*texts) == ids[: third + 1]
        assert ids[-1] in words.stop_ids


def test_a_prompt_begins_as_the_documents_that_were_learned(tmp_path: Path) -> None:
    learned = open_tokenizer(saved(tmp_path), 64)
    [document] = learned.documents(["x = 1"])
    assert TokenizerWords(tmp_path).of_text("x = 1") == document[:-1]


def test_nobody_opens_a_gap_by_typing(tmp_path: Path) -> None:
    words = TokenizerWords(saved(tmp_path))
    _, *control = words.of_gap("", "")  # what begins every text stands before
    for text in GAP:
        for asked in (words.of_gap(text, "x"), words.of_gap("x", text)):
            assert [token for token in asked if token in control] == control
        assert set(control).isdisjoint(words.of_text(text))


def test_added_tokens_that_are_not_special_open_no_gap_either(tmp_path: Path) -> None:
    """As some published tokenizers have them."""
    tokenizer = train_tokenizer(TEXTS * 2, TokenizerSpec(method="bpe", vocabulary=275))
    tokenizer.add_tokens(list(GAP))
    save_tokenizer(tokenizer, tmp_path)
    words = TokenizerWords(tmp_path)
    assert words.fills
    with pytest.raises(RequestError, match="suffix holds a control token"):
        words.of_gap("x", f"y{GAP[2]}")


def test_a_tokenizer_without_them_does_not_fill(tmp_path: Path) -> None:
    assert not TokenizerWords(saved(tmp_path, ())).fills
