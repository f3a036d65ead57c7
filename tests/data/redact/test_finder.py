"""Each kind of personal data is found where it stands, and what only looks like it is not."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from seatrial.data.redact import RECOGNIZERS, Candidate, Finder, Gate, RecognizerSettings, TooMuchToSearch, find
from seatrial.errors import SpecError

GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"


def found(text: str, *, regions: tuple[str, ...] = ("CN", "TW", "HK", "US")) -> list[tuple[str, str]]:
    return [(one.entity, text[one.start : one.end]) for one in find(text, regions=regions)]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("write to Joe.Doe+x@mail.example.co.uk.", "email", "Joe.Doe+x@mail.example.co.uk"),
        ("邮箱zhang_3@example.cn，谢谢", "email", "zhang_3@example.cn"),
        ("joe [at] example [dot] org", "email", "joe [at] example [dot] org"),
        ("电话13812345678请回", "phone", "13812345678"),
        ("拨打010-62345678转123", "phone", "010-62345678转123"),
        ("on ＋86 138-1234-5678 now", "phone", "＋86 138-1234-5678"),
        ("(212) 555-0123 ext. 4", "phone", "(212) 555-0123 ext. 4"),
        ("call 7605837783 today", "phone", "7605837783"),
        ("+44 20 7946 0958 2026", "phone", "+44 20 7946 0958"),
        ("手機 0912-345-678", "phone", "0912-345-678"),
        ("see (https://a.example/x(y)?z=1).", "url", "https://a.example/x(y)?z=1"),
        ("t.co/Ab12 rt", "url", "t.co/Ab12"),
        ("host 192.168.10.254:80", "ip", "192.168.10.254"),
        ("at 2001:db8::8a2e:370:7334.", "ip", "2001:db8::8a2e:370:7334"),
        ("paid 4111 1111 1111 1111 123", "card", "4111 1111 1111 1111"),
        ("paid 4111111111111111", "card", "4111111111111111"),
        ("paid 3782-822463-10005", "card", "3782-822463-10005"),
        ("DE89 3704 0044 0532 0130 00 PLEASE", "iban", "DE89 3704 0044 0532 0130 00"),
        (f"token {GITHUB}", "secret", GITHUB),
        (f"Bearer {JWT}", "secret", JWT),
        (f"key:\n{PEM}\nend", "secret", PEM),
        ("password: hunter2!", "secret", "hunter2"),
        ("密码是abc12345，好", "secret", "abc12345"),
        ("身份证号11010519491231002X。", "id-cn", "11010519491231002X"),
        ("A123456789 是我的", "id-tw", "A123456789"),
        ("HKID A123456(3)", "id-hk", "A123456(3)"),
        ("my SSN is 123-45-6789", "us-ssn", "123-45-6789"),
        ("VAT DE136695976", "eu-vat", "DE136695976"),
        ("Yesterday Ryan Gallagher left", "name", "Ryan Gallagher"),
        ("met Dr. Mckenzie O'Brien", "name", "Mckenzie O'Brien"),
        ("I saw Sarah Connor's dog", "name", "Sarah Connor"),
        ("If you see Jim, say hi", "name", "Jim"),
        ("that is Sandra's favourite", "name", "Sandra"),
        ("When I told Matt I had lost it", "name", "Matt"),
        ("as President Obama said", "name", "Obama"),
        ("my best friend named sarah left", "name", "sarah"),
        ("thanks chris!", "name", "chris"),
        ("联系人：王芳，女", "name", "王芳"),
        ("歐陽建成先生", "name", "歐陽建成"),
        ("I live at 12 Farley Ports\nStephenview, TN 72327", "address", "12 Farley Ports\nStephenview, TN 72327"),
        ("我住在深圳市南山区科技路12号3栋502室。", "address", "深圳市南山区科技路12号3栋502室"),
    ],
)
def test_it_is_found_with_its_exact_place(text: str, entity: str, value: str) -> None:
    assert found(text) == [(entity, value)]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # Luhn
        "9999 9999 9999 9995",  # passes Luhn; no issuer
        "DE88 3704 0044 0532 0130 00",
        "version 1.2.3.4 and 256.1.1.1",
        "at 12:30:45, std::cout",
        "110105194912310021",  # check digit
        "A123456788",
        "A123456(4)",
        "000-12-3456 and 666-12-3456",
        "in 2010-2011 and 2012 2013",
        "he said no.Then 3.14159265358979",
        "password: required",
        "token: your_token_here",
        "the White House in New York on Good Friday",
        "逛街3号去，坐2号线，高兴的时候",
        "price 1,234,567,890",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("卡 ４１１１１１１１１１１１１１１１", "４１１１１１１１１１１１１１１１"),
        ("card 4111\u200b1111\u200b1111\u200b1111!", "4111\u200b1111\u200b1111\u200b1111"),
        ("card 4111\u00a01111\u20111111\u00a01111", "4111\u00a01111\u20111111\u00a01111"),
        ("\ufeffcard ٤١١١١١١١١١١١١١١١", "٤١١١١١١١١١١١١١١١"),
        ("卡4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1。", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
    ],
)
def test_digits_in_disguise_keep_their_place_in_the_text(text: str, value: str) -> None:
    assert found(text) == [("card", value)]


def test_numbers_of_other_regions_are_found_where_they_are_asked_for() -> None:
    text = "Tel. 020 7946 0958"
    assert found(text, regions=("GB",)) == [("phone", "020 7946 0958")]
    assert found("Ruf 030 901820", regions=("DE",)) == [("phone", "030 901820")]


def test_words_nearby_make_it_surer() -> None:
    (alone,) = find("138 1234 5678")
    (beside,) = find("手机 138 1234 5678")
    assert alone.score < beside.score


def test_entities_languages_and_scores_narrow_the_search() -> None:
    text = "Ryan Gallagher, a@example.org, 张伟先生"
    assert [one.entity for one in find(text, ["email"])] == ["email"]
    assert [one.entity for one in find(text, languages=["en"])] == ["name", "email"]
    assert [one.entity for one in find(text, min_score=0.9)] == ["email", "name"]
    with pytest.raises(SpecError, match="did you mean 'email'"):
        find(text, ["emial"])


def test_what_overlaps_becomes_one_finding() -> None:
    text = "see https://example.org/?mail=a@example.org&ip=10.0.0.1 now"
    assert found(text) == [("url", "https://example.org/?mail=a@example.org&ip=10.0.0.1")]


def test_too_much_is_refused() -> None:
    with pytest.raises(TooMuchToSearch, match="longer than 10 characters"):
        Finder(["email"], max_chars=10).find("a" * 11)
    with pytest.raises(TooMuchToSearch, match="too many places"):
        find("a@b.cc " * 30_000, ["email"])


def test_a_plugin_brings_a_recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    class Badge:
        entity, gate, context = "badge", Gate(digits=3), "badge"
        languages: tuple[str, ...] = ()

        def __init__(self, settings: RecognizerSettings) -> None: ...

        def find(self, text):  # type: ignore[no-untyped-def]
            place = text.data.find(b"B-123")
            return [Candidate(place, place + 5, 0.3)] if place >= 0 else []

    monkeypatch.setitem(RECOGNIZERS._builtin, "badge", "of a test")
    monkeypatch.setitem(RECOGNIZERS._loaded, "badge", Badge)
    monkeypatch.setattr(RECOGNIZERS, "_paths", None)
    finder = Finder(["badge"])
    assert [one.score for one in finder.find("my badge: B-123")] == [0.65]
    assert finder.find("the number B-123") == []


def test_every_pattern_is_one_that_re2_accepts() -> None:
    from importlib import import_module
    from pkgutil import iter_modules

    from seatrial.data.redact import recognizers
    from seatrial.data.redact.matching import Pattern

    patterns = [
        value
        for module in iter_modules(recognizers.__path__)
        for value in vars(import_module(f"{recognizers.__name__}.{module.name}")).values()
        if isinstance(value, Pattern)
    ]
    assert len(patterns) > 20
    for pattern in patterns:
        assert isinstance(pattern.compiled, type(re2.compile("a")))


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_can_be_searched_and_places_are_in_it(text: str) -> None:
    findings = find(text)
    places = [place for one in findings for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
