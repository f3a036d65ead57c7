"""A store with six items, three people and two labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.data.annotate.store import Item, Setup, Store

TEXTS = {"a": "good day", "b": "bad day", "c": "good <b>good</b>", "d": "=1+1", "e": "day", "f": "bad bad"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "labels.sqlite", Setup(("bad", "good"), per_item=2, guidelines="Be <kind>."))
    store.add_items(Item(name, text, {"text": text}) for name, text in TEXTS.items())
    store.add_raters(["ann", "bob"])
    store.add_raters(["eve"], decide=True)
    yield store
    store.close()
