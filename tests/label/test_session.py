from __future__ import annotations

from itertools import count

import pytest

from seatrial.data.annotate.store import Store
from seatrial.errors import DataError
from seatrial.label.session import Session

TOKENS = (f"token-{number}" for number in count())


def say(session: Session, rater: str, item: str, label: str | None) -> dict[str, object]:
    return session.answer(rater, item, label, token=next(TOKENS), took_s=3.0)


@pytest.fixture
def session(store: Store) -> Session:
    return Session(store)


def test_an_item_stays_until_it_is_answered_and_every_item_comes_once(session: Session) -> None:
    seen = []
    view = session.next_for("ann")
    while view["item"]:
        assert session.next_for("ann")["item"] == view["item"]
        seen.append(view["item"]["id"])
        view = say(session, "ann", seen[-1], None if len(seen) == 2 else "bad")
    assert seen == session.order
    assert view["mine"] == {"answered": 5, "skipped": 1, "per_minute": 20.0}
    assert (view["all"]["given"], view["all"]["wanted"]) == (5, 12)


def test_a_begun_item_comes_first_and_nothing_tells_what_others_said(session: Session) -> None:
    last = session.order[-1]
    say(session, "ann", last, "good")
    view = session.next_for("bob")
    assert view["item"] == {"id": last, "text": session.store.item(last).text, "own": None}
    assert session.search("bob", view["item"]["text"])["found"][0]["own"] is None


def test_an_item_goes_to_no_more_raters_than_asked_for(session: Session) -> None:
    first = session.order[0]
    assert [session.next_for(rater)["item"]["id"] for rater in ("ann", "bob")] == [first, first]
    assert session.next_for("eve")["item"]["id"] == session.order[1]


def test_who_looks_too_long_keeps_an_item_from_nobody(store: Store) -> None:
    now = [0.0]
    session = Session(store, clock=lambda: now[0])
    session.next_for("ann")
    session.next_for("bob")
    now[0] = 601.0
    assert session.next_for("eve")["item"]["id"] == session.order[0]


def test_undo_shows_the_item_again_and_an_answer_may_be_changed(session: Session) -> None:
    item = session.next_for("ann")["item"]["id"]
    say(session, "ann", item, "good")
    view = session.undo("ann", token=next(TOKENS))
    assert (view["item"]["id"], view["item"]["own"], view["can_undo"]) == (item, None, False)
    assert session.next_for("ann")["item"]["id"] == item
    say(session, "ann", item, "bad")
    assert session.show("ann", item)["item"]["own"] == "bad"
    with pytest.raises(DataError):
        session.show("ann", "nothing")


def test_agreement_grows(session: Session) -> None:
    assert session.next_for("ann")["agreement"] == {"alpha": None, "percent": None, "items": 0}
    for item, said in {"a": "good", "b": "bad", "c": "good", "f": "bad"}.items():
        say(session, "ann", item, said)
        say(session, "bob", item, said)
    session._figures._next_at = 0.0  # the clock may not have moved on enough for a new look
    assert session.next_for("ann")["agreement"] == {"alpha": 1.0, "percent": 1.0, "items": 4}


def test_differences_are_decided_by_who_need_not_answer_them(session: Session) -> None:
    say(session, "ann", "a", "good")
    with pytest.raises(DataError, match="no decision"):
        session.decide("eve", "a", "bad", token=next(TOKENS))
    say(session, "eve", "a", "bad")
    say(session, "ann", "b", "good")
    say(session, "bob", "b", "bad")
    state = session.disagreements("eve")
    assert {it["id"]: it["said"] for it in state["items"]} == {
        "a": {"ann": "good", "eve": "bad"},
        "b": {"ann": "good", "bob": "bad"},
    }
    assert session.decide("eve", "b", "good", token=next(TOKENS))["decided"] == 1
    assert session.store.standing.decided["b"].label == "good"
