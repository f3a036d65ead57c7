"""Every access for every kind of caller, and nothing told about the keys there are."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import mkdtemp

import pytest

from seatrial.errors import QuotaError, RequestError
from seatrial.serve.access import ANONYMOUS, Access, Caller, Gatekeeper, Scope
from seatrial.serve.keys import KeyStore
from seatrial.serve.quota import Quota

from ..timeliness import in_time

SETS_OF_SCOPES = [
    frozenset(chosen) for size in range(1, len(Scope) + 1) for chosen in combinations(sorted(Scope), size)
]
INVALID = ["garbage", "wrong secret", "unknown id", "revoked", "expired", "empty"]


@pytest.fixture(scope="module")
def presented(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyStore, dict[object, str]]:
    """A store, and by set of scopes or by fault what a client presents."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    editor = KeyStore(path, create=True)
    keys: dict[object, str] = {scopes: editor.add("one", sorted(scopes))[1] for scopes in SETS_OF_SCOPES}
    everything = sorted(Scope)
    past = datetime.now(UTC) - timedelta(days=1)
    gone, keys["revoked"] = editor.add("gone", everything)
    editor.revoke(gone.id)
    _, keys["expired"] = editor.add("old", everything, expires=past)
    _, valid = editor.add("valid", everything)
    keys |= {
        "garbage": "sesame",
        "wrong secret": valid[:-3] + "000",
        "unknown id": "st_00000000" + valid[11:],
        "empty": "",
    }
    return KeyStore(path), keys


def status_of(gatekeeper: Gatekeeper, access: Access, key: str | None) -> int:
    try:
        gatekeeper.admit(access, key)
    except RequestError as error:
        return error.status
    return 200


@pytest.mark.parametrize("access", Access)
@pytest.mark.parametrize("scopes", SETS_OF_SCOPES, ids=lambda scopes: "+".join(sorted(scopes)))
def test_a_key_opens_what_its_scopes_name(
    access: Access, scopes: frozenset[Scope], presented: tuple[KeyStore, dict[object, str]]
) -> None:
    store, keys = presented
    assert Gatekeeper(store, None).has_keys
    allowed = access is Access.PUBLIC or access.value in scopes
    assert status_of(Gatekeeper(store, None), access, keys[scopes]) == (200 if allowed else 403)


@pytest.mark.parametrize("access", Access)
@pytest.mark.parametrize("fault", [None, *INVALID])
def test_without_a_valid_key_only_public_is_open(
    access: Access, fault: str | None, presented: tuple[KeyStore, dict[object, str]]
) -> None:
    store, keys = presented
    key = None if fault is None else keys[fault]
    assert status_of(Gatekeeper(store, None), access, key) == (200 if access is Access.PUBLIC else 401)


@pytest.mark.parametrize("access", Access)
@pytest.mark.parametrize("key", [None, "unused", "st_00000000_" + "a" * 43])
def test_a_service_without_keys_is_open_but_for_administration(access: Access, key: str | None) -> None:
    assert not Gatekeeper(None, None).has_keys
    assert status_of(Gatekeeper(None, None), access, key) == (403 if access is Access.ADMIN else 200)
    if access is not Access.ADMIN:
        assert Gatekeeper(None, None).admit(access, key) is ANONYMOUS


def test_the_table_is_complete() -> None:
    """Whoever adds an access decides who has it."""
    assert {access.value for access in Access} == {scope.value for scope in Scope} | {"public"}
    assert ANONYMOUS.scopes == frozenset(Scope) - {Scope.ADMIN}


def test_every_invalid_key_gets_the_same_answer(presented: tuple[KeyStore, dict[object, str]]) -> None:
    store, keys = presented
    answers = set()
    for fault in INVALID:
        with pytest.raises(RequestError) as caught:
            Gatekeeper(store, None).admit(Access.PREDICT, keys[fault])
        answers.add((caught.value.status, caught.value.message, caught.value.hint))
        assert not keys[fault] or keys[fault] not in str(caught.value)
    assert len(answers) == 1


def test_the_first_refusal_says_how_to_send_a_key(presented: tuple[KeyStore, dict[object, str]]) -> None:
    with pytest.raises(RequestError) as caught:
        Gatekeeper(presented[0], None).admit(Access.PREDICT, None)
    assert "Authorization: Bearer" in str(caught.value.hint)


def test_the_tenant_is_the_id_and_no_secret(presented: tuple[KeyStore, dict[object, str]]) -> None:
    store, keys = presented
    key = keys[frozenset(Scope)]
    assert Gatekeeper(store, None).admit(Access.ADMIN, key) == Caller(key[3:11], frozenset(Scope))


def test_public_never_looks_at_a_key() -> None:
    class Untouchable(KeyStore):
        def __init__(self) -> None:
            pass

        def find(self, presented: str) -> None:
            raise AssertionError("looked at")

    assert Gatekeeper(Untouchable(), None).admit(Access.PUBLIC, "st_x") is ANONYMOUS
    with pytest.raises(AssertionError, match="looked at"):
        Gatekeeper(Untouchable(), None).admit(Access.PREDICT, "st_x")


def test_the_rate_of_the_key_goes_before_that_of_the_service(tmp_path: Path) -> None:
    editor = KeyStore(tmp_path / "keys.json", create=True)
    _, slow = editor.add("slow", [Scope.PREDICT, Scope.METRICS], requests_per_minute=2)
    _, plain = editor.add("plain", [Scope.PREDICT])
    gatekeeper = Gatekeeper(KeyStore(tmp_path / "keys.json"), Quota(5, clock=lambda: 0.0))

    def admitted(key: str) -> int:
        for count in range(10):
            try:
                gatekeeper.admit(Access.PREDICT, key)
            except QuotaError:
                return count
        return 10

    assert (admitted(slow), admitted(plain)) == (2, 5)
    assert gatekeeper.admit(Access.METRICS, slow).tenant == slow[3:11], "watching is not counted"


def test_a_key_keeps_its_rate_where_the_service_has_none(tmp_path: Path) -> None:
    _, key = KeyStore(tmp_path / "keys.json", create=True).add("slow", [Scope.PREDICT], requests_per_minute=2)
    gatekeeper = Gatekeeper(KeyStore(tmp_path / "keys.json"), None)
    for _ in range(2):
        gatekeeper.admit(Access.PREDICT, key)
    with pytest.raises(QuotaError):
        gatekeeper.admit(Access.PREDICT, key)


def test_whoever_is_refused_uses_nothing_up(tmp_path: Path) -> None:
    _, key = KeyStore(tmp_path / "keys.json", create=True).add("x", [Scope.METRICS], requests_per_minute=1)
    quota = Quota(1)
    gatekeeper = Gatekeeper(KeyStore(tmp_path / "keys.json"), quota)
    for attempt in (key, "garbage", None):
        for _ in range(3):
            with pytest.raises(RequestError):
                gatekeeper.admit(Access.PREDICT, attempt)
    assert len(quota) == 0


def test_anonymous_callers_share_one_rate() -> None:
    gatekeeper = Gatekeeper(None, Quota(3, clock=lambda: 0.0))
    for _ in range(3):
        gatekeeper.admit(Access.PREDICT, None)
    with pytest.raises(QuotaError):
        gatekeeper.admit(Access.PREDICT, "another")


@pytest.mark.timed
def test_a_running_gatekeeper_sees_a_revocation_within_a_second(tmp_path: Path) -> None:
    """With the real clock and the real file."""
    file = Path(mkdtemp(dir=tmp_path)) / "keys.json"
    editor = KeyStore(file, create=True)
    key, presented = editor.add("shop", [Scope.PREDICT])
    gatekeeper = Gatekeeper(KeyStore(file), None)
    gatekeeper.admit(Access.PREDICT, presented)
    editor.revoke(key.id)
    revoked_at = time.monotonic()
    while status_of(gatekeeper, Access.PREDICT, presented) == 200:
        assert time.monotonic() < revoked_at + 60
        time.sleep(0.01)
    in_time(time.monotonic() - revoked_at, 1.1, "seconds until a revocation is seen")


def sent(*values: str | None) -> list[list[str]]:
    """Headers as a transport gives them."""
    return [[] if value is None else [value] for value in values]


@pytest.mark.parametrize(
    ("authorization", "api_key", "expected"),
    [
        (None, None, None),
        ("Bearer abc", None, "abc"),
        ("bearer abc", None, "abc"),
        ("BEARER   abc ", None, "abc"),
        (None, "abc", "abc"),
        (None, " abc ", "abc"),
        ("Bearer abc", "abc", "abc"),
        ("Bearer", None, None),
        ("Bearer ", "abc", "abc"),
        ("", "", None),
    ],
)
def test_where_a_key_is_looked_for(authorization: str | None, api_key: str | None, expected: str | None) -> None:
    assert Gatekeeper.presented(*sent(authorization, api_key)) == expected


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [("Basic dXNlcjpwYXNz", None), ("abc", None), ("Bearer a b", None), ("Bearer abc", "other"), ("Basic x", "abc")],
)
def test_headers_that_say_something_else(authorization: str, api_key: str | None) -> None:
    with pytest.raises(RequestError) as caught:
        Gatekeeper.presented(*sent(authorization, api_key))
    assert caught.value.status == 401
    assert "dXNlcjpwYXNz" not in str(caught.value), "what was sent may be somebody's password"


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [(["Bearer abc", "Bearer other"], []), (["Bearer abc"] * 2, []), ([], ["abc", "other"]), (["", "Bearer abc"], [])],
)
def test_a_header_that_is_there_twice(authorization: list[str], api_key: list[str]) -> None:
    """A proxy may look at the first and the service at the last, or the other way round."""
    with pytest.raises(RequestError, match="twice") as caught:
        Gatekeeper.presented(authorization, api_key)
    assert caught.value.status == 401
