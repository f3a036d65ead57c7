from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from seatrial.cli.data.label import _scorer
from seatrial.data.annotate.store import Store
from seatrial.errors import SeatrialError
from seatrial.label.scoring import Scoring
from seatrial.label.session import Session

from ..serve.conftest import toy_release

__all__ = ["toy_release"]


def asked_in_order(session: Session) -> list[str]:
    """The texts in the order in which one rater sees them."""
    seen = []
    view = session.next_for("ann")
    while view["item"]:
        seen.append(view["item"]["text"])
        view = session.answer("ann", view["item"]["id"], "bad", token=f"token-{len(seen)}", took_s=1)
    return seen


def test_what_the_release_is_least_sure_of_comes_first(store: Store, toy_release: Path) -> None:
    session = Session(store)
    scoring = Scoring(session, _scorer(toy_release))
    scoring.start()
    assert scoring.wait(60)
    assert session.scored == "what the model is least sure of comes first"
    assert set(session.unsure) == set(session.order)
    assert session.unsure["e"] == pytest.approx(1)  # "day" says nothing
    assert session.unsure["a"] > session.unsure["f"]  # one word of a label, and two
    texts = asked_in_order(session)
    assert set(texts[:2]) == {"day", "=1+1"}
    assert texts == [store.item(item).text for item in sorted(session.order, key=lambda it: -session.unsure[it])]


def test_a_model_that_fails_stops_nobody(store: Store) -> None:
    def failing(texts: Sequence[str]) -> NDArray[np.float32]:
        raise SeatrialError("no memory")

    session = Session(store)
    scoring = Scoring(session, failing)
    scoring.start()
    assert scoring.wait(60)
    assert session.scored == "the model stopped: no memory"
    assert len(asked_in_order(session)) == 6
