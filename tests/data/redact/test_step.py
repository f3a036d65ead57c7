"""The cleaning step: what stands in the text afterwards, what is refused, and which options cannot be meant."""

from __future__ import annotations

import pickle

import pytest

from seatrial.data.clean.base import Changed, Refusal
from seatrial.data.clean.build import build_cleaners
from seatrial.data.redact import find
from seatrial.data.redact.pseudonym import CHECKED
from seatrial.data.redact.step import Redact
from seatrial.errors import SpecError

TEXT = (
    "Dear Sarah Connor, write to a.b@example.org or call +1 212-555-0123; card 4111 1111 1111 1111, ssn 123-45-6789, "
    "IBAN DE89 3704 0044 0532 0130 00, 11010519491231002X, A123456789 身分證, HKID A123456(3), VAT DE136695976, "
    "https://example.net/a, 1.2.3.4, 密码是abc12345。张伟先生住在深圳市南山区科技路12号3栋502室"
)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACT_KEY", "a key of the tests, long enough")


def redacted(text: str, **options: object) -> Changed:
    done = Redact.model_validate(options)(text)
    assert isinstance(done, Changed)
    return done


def test_a_mask_says_what_was_there() -> None:
    done = redacted("a@example.org and b@example.org, 138 1234 5678")
    assert done == Changed("[EMAIL] and [EMAIL], [PHONE]", {"email": 2, "phone": 1})
    assert Redact()(done.text) == done.text
    assert Redact()("nothing here") == "nothing here"


@pytest.mark.parametrize("replace", ["pseudonym", "hash"])
def test_a_value_has_one_replacement_per_key(replace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"replace": replace, "key_env": "REDACT_KEY"}
    once, again = redacted(TEXT, **options), redacted(TEXT, **options)
    assert once == again
    for value in (
        "Sarah",
        "Connor",
        "a.b@",
        "0123",
        "4111",
        "6789",
        "3704",
        "002X",
        "A1234",
        "example.net",
        "张伟",
        "深圳",
    ):
        assert value not in once.text
    assert redacted("A.B@Example.org", **options).text in once.text
    monkeypatch.setenv("REDACT_KEY", "another key, also long enough")
    assert redacted(TEXT, **options).text != once.text


def test_pseudonyms_keep_the_form_and_are_nobodys_number() -> None:
    done = redacted(TEXT, replace="pseudonym", key_env="REDACT_KEY")
    assert len(done.text) > 200
    entities = {one.entity for one in find(done.text, min_score=0.75)}
    assert not entities & CHECKED
    assert {"email", "phone", "url", "ip", "name"} <= {one.entity for one in find(done.text)}
    one, two = (
        redacted(text, replace="pseudonym", key_env="REDACT_KEY").text for text in ("+86 13812345678", "138-1234-5678")
    )
    assert one[-8:] == two.replace("-", "")[-8:]


def test_a_text_that_cannot_be_searched_is_refused() -> None:
    assert Redact(max_chars=5)("a@b.cd") == Refusal(
        "not searched for personal data: a text is longer than 5 characters"
    )


def test_it_goes_to_another_process_and_holds_no_key() -> None:
    (step,) = build_cleaners([{"redact": {"replace": "hash", "key_env": "REDACT_KEY"}}])
    sent = pickle.dumps(step.clean)
    assert b"a key of the tests" not in sent
    assert pickle.loads(sent) == step.clean


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replace": "hash"}, "hash needs key_env"),
        ({"vault": "v"}, "a mask cannot be restored"),
        ({"vault": "v", "replace": "hash"}, "either vault_key or vault_key_env"),
        ({"vault_key": "k"}, "but no vault"),
        ({"regions": ["cn"]}, "two capital letters"),
        ({"entity": ["email"]}, "unknown key 'entity'"),
    ],
)
def test_options_that_cannot_be_meant_are_told(options: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        build_cleaners([{"redact": options}])
    assert message in str(caught.value)


def test_a_missing_or_short_key_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    step = Redact(replace="hash", key_env="REDACT_KEY")
    monkeypatch.setenv("REDACT_KEY", "short")
    with pytest.raises(SpecError, match="REDACT_KEY has fewer than 16 characters"):
        step.check()
    monkeypatch.delenv("REDACT_KEY")
    with pytest.raises(SpecError, match="REDACT_KEY is not set"):
        step("a@example.org")


def test_a_service_writes_no_vault() -> None:
    served = Redact(replace="hash", vault="v", vault_key_env="K").served()
    assert isinstance(served, Redact)
    assert (served.vault, served.replace) == (None, "mask")
    assert Redact().served() == Redact()
