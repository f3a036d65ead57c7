"""The cleaning steps with options: each on the texts it is for, on those it must leave alone, and on hostile ones."""

from __future__ import annotations

import pickle
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.data.clean import CLEANERS, Changed, CleanStep, Refusal
from seatrial.data.clean.build import build_cleaners
from seatrial.data.clean.served import ServedCleaning
from seatrial.errors import SpecError
from seatrial.spec.cleaning import CleaningStep, step_name

GOOD_PAGE = "The first line has five words. \nThe second line has them too!\nAnd is this one the third?"


def cleaned(step: CleaningStep, text: str) -> str | Refusal:
    (built,) = build_cleaners([step])
    result = built.clean(text)
    return result.text if isinstance(result, Changed) else result


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        ("repair-unicode", "schÃ¶n, das “Haus”", "schön, das “Haus”"),
        ({"repair-unicode": {"straight_quotes": True}}, "“Haus”", '"Haus"'),
        ("repair-unicode", "ﬁn &amp; Ａ", "fin &amp; Ａ"),
        ("normalize-unicode", "cafe\u0301 ﬁ", "caf\u00e9 ﬁ"),
        ({"normalize-unicode": {"form": "NFKC"}}, "ﬁ ２", "fi 2"),
        ("normalize-width", "ＡＢＣ１２，好！ｶﾞｽ", "ABC12，好！ガス"),
        ({"normalize-width": {"punctuation": True}}, "Ａ，\u3000好！", "A, 好!"),
        ({"normalize-width": {"to": "full"}}, "A1, b", "Ａ１, ｂ"),
        ("strip-control", "a\x00b\x1b[31mred\x1b[0m\tc\r\nd\u200b\ufeff", "abred\tc\nd"),
        ({"strip-control": {"invisible": False}}, "a\u200bb\x07", "a\u200bb"),
        ("strip-control", "👩\u200d🔬", "👩\u200d🔬"),
        ("strip-tags", "<p>One <b>two</b><br/>three &amp; four</p>", "\nOne two\nthree & four\n"),
        ("strip-tags", "a<script type='x'>if (a<b) {}</script>b<!-- <i>no</i> -->c", "abc"),
        ("strip-tags", "if a < b and c > d, 1 <2> 3 <3", "if a < b and c > d, 1 <2> 3 <3"),
        ("strip-tags", "<a title=\"x>y\" href='z'>link</a> <!doctype html>", "link "),
        ("strip-tags", "<script>never closed", "never closed"),
        ({"strip-tags": {"unescape": False}}, "<i>a &lt; b</i>", "a &lt; b"),
        ("strip-urls", "see https://x.org/a?b=c. ok (www.y.de)", "see . ok ()"),
        ("strip-urls", "e.g. http and HTTP://Z.com", "e.g. http and "),
        ({"strip-urls": {"replacement": "URL"}}, "at https://x.org!", "at URL!"),
        ("strip-mentions", "hi @anna_b, mail a@b.org", "hi , mail a@b.org"),
        ({"strip-mentions": {"replacement": "@USER"}}, "@a.b. ok", "@USER. ok"),
        ("strip-hashtags", "so #happy about #1 and #北京#", "so happy about #1 and 北京"),
        ({"strip-hashtags": {"keep_word": False}}, "so #happy!", "so !"),
        ("shorten-repeats", "sooooo good!!!! 1000000   x", "soo good!! 1000000   x"),
        ({"shorten-repeats": {"most": 1, "digits": True, "spaces": True}}, "soo 11  x", "so 1 x"),
        ("convert-chinese", "電腦很貴", "电脑很贵"),
        ({"convert-chinese": {"config": "s2twp"}}, "软件", "軟體"),
        ("convert-chinese", "日本の電腦です", "日本の電腦です"),
        ("segment-words", "我爱北京 and ok你好", "我 爱 北京 and ok 你好"),
        ("drop-stop-words", "The cat is not on the mat.", "cat not mat."),
        ({"drop-stop-words": {"languages": ["zh"]}}, "这个电影的故事不好看", "电影故事不好看"),
        ({"drop-stop-words": {"words": ["Cat"], "keep": ["the"]}}, "the cat", "the"),
        ({"fill-empty": {"value": "none"}}, " ", "none"),
        ({"limit-length": {"max_words": 2, "too_long": "cut"}}, " a b c", " a b"),
        ({"limit-length": {"max_words": 2}}, "a b c", Refusal("more than 2 words")),
        ({"limit-length": {"min_words": 2}}, "a", Refusal("fewer than 2 words")),
        ({"limit-length": {"min_chars": 2, "max_chars": 3}}, "a", Refusal("fewer than 2 characters")),
        ({"limit-length": {"min_chars": 2, "max_chars": 3}}, "abcd", Refusal("more than 3 characters")),
        ({"limit-length": {"max_chars": 3, "too_long": "cut"}}, "abcd", "abc"),
        ({"limit-length": {"min_chars": 2, "max_chars": 3}}, "abc", "abc"),
    ],
)
def test_each_step(step: CleaningStep, text: str, expected: str | Refusal) -> None:
    assert cleaned(step, text) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("This is plainly an English sentence.", {"languages": ["en"]}, None),
        ("Das ist ganz klar ein deutscher Satz.", {"languages": ["en"]}, "language is probably de"),
        ("这是一个用中文写的句子，内容很长，足以判断它的语言。", {"languages": ["en"]}, "language is probably zh"),
        ("Das ist ganz klar ein deutscher Satz.", {"languages": ["en", "de"]}, None),
        ("Ja!", {"languages": ["en"]}, None),
        ("Ja!", {"languages": ["en"], "short": "drop"}, "too short to tell its language"),
        ("anything that is written here", {"languages": ["en"], "among": ["en"]}, None),
    ],
)
def test_languages(text: str, options: dict[str, Any], expected: str | None) -> None:
    wanted = {"among": ["en", "de", "zh"], **options}
    assert cleaned({"keep-languages": wanted}, text) == (Refusal(expected) if expected else text)


def test_a_page_gives_its_main_text() -> None:
    body = "".join(f"<p>Paragraph {i} tells how ships were tried at sea before anyone paid.</p>" for i in range(8))
    page = f"<html><body><nav><a href='/'>Home</a></nav><article>{body}</article><footer>Imprint</footer></body></html>"
    text = cleaned("main-text", page)
    assert isinstance(text, str)
    assert "Paragraph 7 tells" in text
    assert "Imprint" not in text
    assert "<" not in text
    assert cleaned("main-text", "no page, a < b") == "no page, a < b"
    assert cleaned("main-text", "<html><body></body></html>") == Refusal("page without main text")
    assert cleaned({"main-text": {"max_chars": 9}}, page) == Refusal("page longer than 9 characters")


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        (GOOD_PAGE, {}, GOOD_PAGE.replace(". \n", ".\n")),
        (f"{GOOD_PAGE}\nNo end to this line here\nToo short.", {}, GOOD_PAGE.replace(". \n", ".\n")),
        (f"{GOOD_PAGE}\nPlease turn JavaScript on to read.", {}, GOOD_PAGE.replace(". \n", ".\n")),
        (f"{GOOD_PAGE}\nThis site uses cookies, as all do.", {}, GOOD_PAGE.replace(". \n", ".\n")),
        (f"{GOOD_PAGE} {{", {}, Refusal("C4: curly bracket")),
        (f"{GOOD_PAGE} Lorem ipsum dolor.", {}, Refusal("C4: placeholder text")),
        ("One line with five words.", {}, Refusal("C4: fewer than 3 sentences")),
        (GOOD_PAGE, {"forbidden_words": ["THIRD"]}, Refusal("C4: forbidden word")),
        ("As was shown [12] there is one.", {"min_sentences": 1}, "As was shown  there is one."),
    ],
)
def test_c4(text: str, options: dict[str, Any], expected: str | Refusal) -> None:
    assert cleaned({"c4-quality": options}, text) == expected


PROSE = (
    "It was the custom of the yard to try each ship at sea before anybody paid for her. The owner came aboard with "
    "two of his own people, and the builder with his, and they would run the measured mile in both directions so that "
    "wind and tide could have no part in the result."
)


@pytest.mark.parametrize(
    ("step", "text", "reason"),
    [
        ("gopher-quality", PROSE, None),
        ("gopher-quality", "Too short.", "fewer than 50 words"),
        ({"gopher-quality": {"max_words": 51}}, PROSE, "more than 51 words"),
        ("gopher-quality", "a " * 60, "words too short on average"),
        ("gopher-quality", "incomprehensibilities " * 60, "words too long on average"),
        ("gopher-quality", PROSE + " #" * 9, "too many hash signs"),
        ("gopher-quality", PROSE + " …" * 9, "too many ellipses"),
        ("gopher-quality", PROSE + " 2021" * 40, "too few words with a letter"),
        ("gopher-quality", "alpha gamma delta " * 20, "too few usual words"),
        ("gopher-quality", "\n".join(f"- {line}" for line in PROSE.split(",")), "too many lines with a bullet"),
        (
            {"gopher-quality": {"max_symbols_per_word": 9}},
            "\n".join(f"{line} ..." for line in PROSE.split(",")),
            "too many lines that end with an ellipsis",
        ),
        ("gopher-repetition", PROSE, None),
        ("gopher-repetition", "one line\n" * 4, "repeated lines"),
        ("gopher-repetition", f"a\nb\nc\n{PROSE}\n{PROSE}", "repeated characters in lines"),
        ("gopher-repetition", "sea trial " * 8, "one sequence of 2 words too often"),
        ("gopher-repetition", f"{PROSE} {PROSE}", "repeated sequences of 5 words"),
        ({"gopher-repetition": {"ngrams": False}}, f"{PROSE} {PROSE}", None),
    ],
)
def test_gopher(step: CleaningStep, text: str, reason: str | None) -> None:
    assert cleaned(step, text) == (Refusal(f"Gopher: {reason}") if reason else text)


def test_changes_are_counted() -> None:
    (step,) = build_cleaners(["strip-urls"])
    assert step.clean("http://a.org http://b.org") == Changed(" ", {"address": 2})
    (step,) = build_cleaners(["c4-quality"])
    assert step.clean(f"{GOOD_PAGE}\nshort.\nno end") == Changed(
        GOOD_PAGE.replace(". \n", ".\n"), {"line too short": 1, "line without an end": 1}
    )


def test_filters_have_no_part_in_serving() -> None:
    steps: list[CleaningStep] = [
        {"keep-languages": {"languages": ["en"]}},
        {"limit-length": {"max_chars": 3}},
        "gopher-quality",
        "gopher-repetition",
        "c4-quality",
        {"limit-length": {"max_chars": 20, "too_long": "cut"}},
        "shorten-repeats",
    ]
    assert ServedCleaning(steps)(["Das ist ein Satz, jaaaaa, der endet"]) == ["Das ist ein Satz, ja"]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"limit-length": {}}, "no limit"),
        ({"limit-length": {"min_words": 3, "max_words": 2}}, "no text is both"),
        ({"keep-languages": {"languages": ["English"]}}, "no language"),
        ({"convert-chinese": {"config": "x2y"}}, "x2y"),
    ],
)
def test_options_that_cannot_be_meant(step: CleaningStep, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        build_cleaners([step])


def test_a_language_that_cannot_be_told_is_named() -> None:
    with pytest.raises(SpecError, match="language 'xx' cannot be told"):
        cleaned({"keep-languages": {"languages": ["xx"], "among": ["en"]}}, "long enough to be looked at by it")


TEXTS = st.text(st.sampled_from("aab  \n.!<>/@#&;:1１Ａ，好的電脑\u200b\x00é\u0301") | st.characters(), max_size=60)


@pytest.mark.parametrize(
    "step",
    [
        "normalize-unicode",
        "normalize-width",
        {"normalize-width": {"to": "full"}},
        "shorten-repeats",
        {"limit-length": {"max_words": 3, "max_chars": 9, "too_long": "cut"}},
        {"fill-empty": {"value": "none"}},
        "convert-chinese",
    ],
    ids=str,
)
def test_a_second_time_changes_nothing(step: CleaningStep) -> None:
    @settings(max_examples=40, deadline=None)
    @given(TEXTS)
    def settles(text: str) -> None:
        once = cleaned(step, text)
        assert isinstance(once, str)
        assert cleaned(step, once) == once

    settles()


STEPS: list[CleaningStep] = [
    *("unescape-html", "normalize-space", "repair-unicode", "normalize-unicode", "normalize-width", "strip-control"),
    *("strip-tags", "main-text", "strip-urls", "strip-mentions", "strip-hashtags", "shorten-repeats"),
    *("convert-chinese", "segment-words", "drop-stop-words", "c4-quality", "gopher-quality", "gopher-repetition"),
    {"limit-length": {"max_words": 100, "max_chars": 100, "too_long": "cut"}},
    {"keep-languages": {"languages": ["en"], "among": ["en", "de"]}},
    {"drop-stop-words": {"languages": ["en", "zh"]}},
]
HOSTILE = (
    *("a", "<", "<a ", "<script>", "<!--", "<!", "</script ", "<a b='", "&#9", "&amp;", "&#", "@a", "#", "#1", "#a"),
    *(
        "http://",
        "www.",
        ". ",
        "...\n",
        "\n",
        "a b ",
        "[1",
        "\x1b[",
        "é",
        "Ã¶",
        "好",
        "好a",
        "a's",
        "的",
        "\u0301",
        "ｶﾞ",
    ),
    *("<div>", "<html><div>", "{", "\u200d", "the "),
)
SIZE_BYTES = 64_000
MUCH_S = 10.0
"""Far more than any step needs on a slow machine, and far less than a search whose time grows with the square."""


@pytest.mark.parametrize("step", STEPS, ids=step_name)
def test_hostile_texts_take_time_in_proportion(step: CleaningStep) -> None:
    (built,) = build_cleaners([step])
    built.clean("warm up, mit ganz vielen Buchstaben 好")
    for piece in HOSTILE:
        text = (piece.encode() * SIZE_BYTES)[:SIZE_BYTES].decode(errors="ignore")
        began = time.process_time()
        built.clean(text)
        assert time.process_time() - began < MUCH_S, piece


def test_every_step_with_options_goes_to_another_process() -> None:
    for step in build_cleaners(STEPS):
        if isinstance(step.clean, CleanStep):
            assert pickle.loads(pickle.dumps(step.clean)) == step.clean


def test_every_step_has_a_description() -> None:
    for name in CLEANERS:
        assert CLEANERS.get(name).__doc__, name
