from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from seatrial.data.annotate.store import Store
from seatrial.label.app import create_app
from seatrial.label.session import Session

OWN = {"X-Seatrial-Label": "1"}
ANN = {**OWN, "X-Rater": "ann"}
Connect = Callable[..., TestClient]


@pytest.fixture
def connect(store: Store) -> Connect:
    def connected(*, keyed: bool = False, local: bool = True) -> TestClient:
        app = create_app(Session(store), keyed=keyed, local=local)
        return TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False)

    return connected


def answer(client: TestClient, **changes: Any) -> Any:
    given = {"item": "a", "label": "good", "token": "12345678", "took_s": 1} | changes
    return client.post("/api/answer", json=given, headers=ANN)


def test_an_answer_is_on_disk_when_it_is_answered(connect: Connect, store: Store) -> None:
    done = answer(connect())
    assert done.status_code == 200
    assert done.json()["mine"]["answered"] == 1
    other = Store(store.path)
    assert other.standing.answers("a") == {"ann": "good"}
    other.close()
    assert answer(connect()).json()["mine"]["answered"] == 1  # the same act sent again


def test_the_page_loads_nothing_and_runs_nothing_but_its_own(connect: Connect) -> None:
    page = connect().get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "://" not in page.text.replace("http://www.w3.org", "")
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:8765"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"X-Rater": "mallory"}, 401),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_requests_from_elsewhere_are_refused(
    connect: Connect, store: Store, headers: dict[str, str], status: int
) -> None:
    body = '{"item": "a", "label": "good", "token": "12345678"}'
    usual = {**ANN, "Content-Type": "application/json"}
    assert connect().post("/api/answer", content=body, headers={**usual, **headers}).status_code == status
    assert store.standing.number == 0


def test_without_the_header_of_the_page_nothing_is_told(connect: Connect) -> None:
    for path in ("/api/setup", "/api/next", "/api/export"):
        assert connect().get(path, headers={"X-Rater": "ann"}).status_code == 403


@pytest.mark.parametrize(
    "changes", [{"label": "maybe"}, {"item": "zz"}, {"item": 3}, {"token": "short"}, {"took_s": -1}, {"took_s": "x"}]
)
def test_what_cannot_be_meant_is_refused_and_not_kept(
    connect: Connect, store: Store, changes: dict[str, object]
) -> None:
    done = answer(connect(), **changes)
    assert done.status_code == 422
    assert done.json()["message"]
    assert store.standing.number == 0


def test_long_and_broken_bodies_are_refused(connect: Connect) -> None:
    headers = {**ANN, "Content-Type": "application/json"}
    for content, status in (("x" * 70_000, 413), ("{", 422), ("[" * 50_000, 422), ("[]", 422)):
        assert connect().post("/api/answer", content=content, headers=headers).status_code == status


def test_with_keys_a_name_is_not_enough(connect: Connect, store: Store) -> None:
    store.set_key("bob", "the key of bob")
    client = connect(keyed=True, local=False)
    assert client.get("/api/next", headers=ANN).status_code == 401
    assert client.get("/api/setup", headers=OWN).status_code == 401
    own = {**OWN, "X-Rater-Key": "the key of bob"}
    told = client.get("/api/setup", headers=own).json()
    assert told["rater"] == {"name": "bob", "decides": False}
    assert "raters" not in told
    assert client.get("/api/next", headers={**own, "Host": "labels.example"}).status_code == 200


def test_only_adjudicators_see_what_others_said(connect: Connect) -> None:
    client = connect()
    answer(client)
    for path in ("/api/differences", "/api/export"):
        assert client.get(path, headers=ANN).status_code == 403
    eve = {**OWN, "X-Rater": "eve"}
    assert client.get("/api/differences", headers=eve).status_code == 200
    assert '"label": "good"' in client.get("/api/export?format=jsonl", headers=eve).text
    assert client.get("/api/export?format=exe", headers=eve).status_code == 422
