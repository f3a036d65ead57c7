"""What each person sees, and what becomes of their acts. Raters see nothing of what others said about an item.

Refuses to know: transports, and how a model computes.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from seatrial.data.annotate.choosing import next_item, seeded_order
from seatrial.data.annotate.standing import Kind
from seatrial.data.annotate.store import Store
from seatrial.errors import DataError
from seatrial.label.figures import LiveFigures, pace

__all__ = ["Session"]

HOLD_S = 600.0
"""Who looks at an item for longer than this no longer keeps it from others."""


class Session:
    """One labelling job over a store. Safe to use from several threads.

    Args:
        store: items, people and answers.
        clock: seconds that never go back.

    Attributes:
        store: the same.
        order: the items in their seeded order.
        unsure: item → how unsure a model is of it, filled in while people label.
        scored: what is told about the model; None without one.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.order = seeded_order(store.ids(), store.setup.seed)
        self._place = {item: place for place, item in enumerate(self.order)}
        self.unsure: dict[str, float] = {}
        self.scored: str | None = None
        self._clock = clock
        self._figures = LiveFigures(store.setup.labels, clock)
        self._held: dict[str, tuple[str, float]] = {}  # rater → the item before them, and until when
        self._lock = threading.RLock()

    def setup(self) -> dict[str, Any]:
        """What a page shows before anything else."""
        setup = self.store.setup
        return {
            "labels": list(setup.labels),
            "guidelines": setup.guidelines,
            "per_item": setup.per_item,
            "items": len(self.order),
        }

    def next_for(self, rater: str) -> dict[str, Any]:
        """The item before this rater, the same until it is answered, and how far everything is."""
        with self._lock:
            self.store.refresh()
            return self._view(rater, self._choose(rater))

    def show(self, rater: str, item: str) -> dict[str, Any]:
        """A certain item, with this rater's own answer.

        Raises:
            DataError: there is none of this name.
        """
        with self._lock:
            self.store.item(item)
            return self._view(rater, item)

    def answer(self, rater: str, item: str, label: str | None, *, token: str, took_s: float) -> dict[str, Any]:
        """Write an answer, or a skip where the label is None; then the next item.

        Raises:
            DataError: no such item or label.
        """
        with self._lock:
            kind: Kind = "skip" if label is None else "answer"
            self.store.record(rater, item, kind, label or "", token=token, took_s=took_s)
            self._held.pop(rater, None)
            return self.next_for(rater)

    def decide(self, rater: str, item: str, label: str, *, token: str) -> dict[str, Any]:
        """Write what an adjudicator says about an item that raters differ about; then the next such item."""
        with self._lock:
            self._require_difference(rater, item)
            self.store.record(rater, item, "decide", label, token=token)
            return self.disagreements(rater)

    def undo(self, rater: str, *, token: str) -> dict[str, Any]:
        """Take back this rater's latest act, and show its item again.

        Raises:
            DataError: there is nothing to take back.
        """
        with self._lock:
            event = self.store.record(rater, "", "undo", token=token)
            self._hold(rater, event.item)
            return self._view(rater, event.item)

    def search(self, rater: str, words: str) -> dict[str, Any]:
        """Items whose text holds the words, with this rater's own answers."""
        with self._lock:
            found = self.store.search(words) if words.strip() else []
            return {"found": [{"id": it.id, "text": it.text[:300], "own": self._own(rater, it.id)} for it in found]}

    def disagreements(self, rater: str) -> dict[str, Any]:
        """The items that raters differ about and nobody has decided, with what they said, for an adjudicator.

        Items that the adjudicator shall still answer as a rater are left out.
        """
        with self._lock:
            self.store.refresh()
            standing = self.store.standing
            differing = sorted(standing.differing & self._place.keys(), key=self._place.__getitem__)
            found = [item for item in differing if not self._needs(rater, item)]
            open_ones = [item for item in found if item not in standing.decided]
            shown = [
                {"id": item, "text": self.store.item(item).text, "said": standing.answers(item)}
                for item in open_ones[:20]
            ]
            return {"open": len(open_ones), "decided": len(found) - len(open_ones), "items": shown, **self._far(rater)}

    def progress(self, rater: str) -> dict[str, Any]:
        """How far everything is, without a look at items."""
        with self._lock:
            self.store.refresh()
            return self._far(rater)

    def _choose(self, rater: str) -> str | None:
        """The item before this rater; another one only when that is answered."""
        standing = self.store.standing
        own = standing.own.get(rater, {})
        now = self._clock()
        mine = self._held.get(rater)
        if mine is not None and (mine[0] not in own):
            self._hold(rater, mine[0])
            return mine[0]
        held: dict[str, int] = {}
        for name, (item, until) in self._held.items():
            if name != rater and until > now:
                held[item] = held.get(item, 0) + 1
        found = next_item(
            self.order,
            own=own,
            answers=standing.given,
            held=held,
            per_item=self.store.setup.per_item,
            unsure=self.unsure,
        )
        if found is None:
            self._held.pop(rater, None)
        else:
            self._hold(rater, found)
        return found

    def _hold(self, rater: str, item: str) -> None:
        self._held[rater] = (item, self._clock() + HOLD_S)

    def _view(self, rater: str, item: str | None) -> dict[str, Any]:
        shown = None
        if item is not None:
            shown = {"id": item, "text": self.store.item(item).text, "own": self._own(rater, item)}
        return {"item": shown, **self._far(rater)}

    def _own(self, rater: str, item: str) -> str | None:
        """This rater's answer; empty for a skip, None for neither."""
        event = self.store.standing.said.get(item, {}).get(rater)
        return None if event is None else event.label

    def _far(self, rater: str) -> dict[str, Any]:
        """How far this rater and everybody is."""
        standing, per_item = self.store.standing, self.store.setup.per_item
        mine: Counter[Kind] = standing.tallies.get(rater, Counter())
        counts = standing.items_with
        return {
            "mine": {
                "answered": mine["answer"],
                "skipped": mine["skip"],
                "per_minute": pace(standing, rater),
            },
            "all": {
                "given": sum(min(count, per_item) * items for count, items in counts.items()),
                "wanted": len(self.order) * per_item,
                "items_done": sum(items for count, items in counts.items() if count >= per_item),
            },
            "agreement": self._figures.of(standing),
            "can_undo": standing.latest(rater) is not None,
            "model": self.scored,
        }

    def _needs(self, rater: str, item: str) -> bool:
        """Whether this person, as a rater, may still be asked about the item and so must not see what others said."""
        full = self.store.standing.given.get(item, 0) >= self.store.setup.per_item
        return not full and self._own(rater, item) is None

    def _require_difference(self, rater: str, item: str) -> None:
        if item not in self.store.standing.differing or self._needs(rater, item):
            raise DataError(
                "this item needs no decision", where=item[:80], hint="look at the list of differences again"
            )
