"""What stands after everything that raters did: a history of events folded into each item's answers.

Nothing is ever taken out of the history: an undo is an event of its own. Refuses to know: where events are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from seatrial.data.annotate.ratings import Vote

__all__ = ["Event", "Kind", "Outcome", "Standing", "outcome_of"]

Kind = Literal["answer", "skip", "decide", "undo"]
Outcome = Literal["adjudicated", "unanimous", "majority", "tied"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a person did.

    Attributes:
        number: its place in the history, from 1.
        rater: who.
        item: about which item; of an undo, the item of what it takes back.
        kind: `answer` and `skip` of a rater, `decide` of an adjudicator, `undo` of the latest of these.
        label: the answer; empty for a skip and an undo.
        at_s: when, in seconds since 1970.
        took_s: how long the item was looked at, in seconds.
    """

    number: int
    rater: str
    item: str
    kind: Kind
    label: str
    at_s: float
    took_s: float


class Standing:
    """The state after the events so far.

    Attributes:
        said: item → rater → what stands of this rater, an answer or a skip.
        decided: item → the adjudicator's decision.
        number: of the latest event.
        own: rater → item → what stands of this rater, an answer or a skip.
        given: item → how many answers stand; none of them is 0.
        items_with: how many answers → how many items have so many.
        tallies: rater → how many answers and skips stand.
        differing: the items whose answers are not all the same.

    The last five are running counts of the first, kept so that no request has to look at every item.
    """

    def __init__(self) -> None:
        self.said: dict[str, dict[str, Event]] = {}
        self.decided: dict[str, Event] = {}
        self.number = 0
        self.own: dict[str, dict[str, Event]] = {}
        self.given: dict[str, int] = {}
        self.items_with: Counter[int] = Counter()
        self.tallies: dict[str, Counter[Kind]] = {}
        self.differing: set[str] = set()
        self._done: dict[str, list[Event]] = {}

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self.number = event.number
        done = self._done.setdefault(event.rater, [])
        if event.kind == "undo":
            if done:
                self._take_back(done.pop(), done)
            return
        done.append(event)
        self._put(event)

    def latest(self, rater: str) -> Event | None:
        """What an undo of this rater would take back."""
        done = self._done.get(rater)
        return done[-1] if done else None

    def done(self, rater: str) -> Sequence[Event]:
        """What this rater did and did not take back, in order; an item may be there more than once."""
        return self._done.get(rater, ())

    def votes(self) -> Iterator[Vote]:
        """Item, rater and label of every answer that stands."""
        for item, said in self.said.items():
            for rater, event in said.items():
                if event.kind == "answer":
                    yield item, rater, event.label

    def answers(self, item: str) -> dict[str, str]:
        """Rater → label of the answers about an item."""
        return {rater: event.label for rater, event in self.said.get(item, {}).items() if event.kind == "answer"}

    def _put(self, event: Event) -> None:
        if event.kind == "decide":
            self.decided[event.item] = event
        else:
            self._set(event.item, event.rater, event)

    def _set(self, item: str, rater: str, event: Event | None) -> None:
        """What stands of a rater about an item from now on, and what follows for the counts."""
        said = self.said.setdefault(item, {})
        own = self.own.setdefault(rater, {})
        tally = self.tallies.setdefault(rater, Counter())
        before = said.get(rater)
        if before is not None:
            tally[before.kind] -= 1
        if event is not None:
            said[rater] = own[item] = event
            tally[event.kind] += 1
        elif before is not None:
            del said[rater], own[item]
        answers = [it.label for it in said.values() if it.kind == "answer"]
        had = self.given.pop(item, 0)
        if had:
            self.items_with[had] -= 1
        if answers:
            self.given[item] = len(answers)
            self.items_with[len(answers)] += 1
        if len(set(answers)) > 1:
            self.differing.add(item)
        else:
            self.differing.discard(item)

    def _take_back(self, event: Event, before: Sequence[Event]) -> None:
        """The item is again as this rater's earlier events left it."""
        if event.kind == "decide":
            self.decided.pop(event.item, None)
        else:
            self._set(event.item, event.rater, None)
        same = {"decide"} if event.kind == "decide" else {"answer", "skip"}
        earlier = next((it for it in reversed(before) if it.item == event.item and it.kind in same), None)
        if earlier is not None:
            self._put(earlier)


def outcome_of(answers: Sequence[str], decision: str | None = None) -> tuple[str, Outcome]:
    """The one label of an item, and how it came about.

    Args:
        answers: the raters' labels; at least one, unless there is a decision.
        decision: the adjudicator's label, which goes before all.

    Returns:
        The label, empty where several labels have the most votes; and why it is this one.
    """
    if decision is not None:
        return decision, "adjudicated"
    ranked = Counter(answers).most_common()
    if len(ranked) == 1:
        return ranked[0][0], "unanimous"
    return (ranked[0][0], "majority") if ranked[0][1] > ranked[1][1] else ("", "tied")
