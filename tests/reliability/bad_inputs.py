"""Every named bad input with the doors over HTTP that it is given to. Refuses to know: sending, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .bad_bodies import BAD_BODIES, BAD_ROUTES, BAD_TEXTS
from .bad_heads import BAD_HEADS, Make
from .bad_tensors import BAD_BY_DOOR
from .doors import DOORS, EMBEDDINGS, HTTP, Door

__all__ = ["BAD", "Bad", "named_inputs"]

BAD: dict[str, tuple[int, Make]] = {**BAD_HEADS, **BAD_BODIES, **BAD_TEXTS, **BAD_ROUTES}
"""What every door is given: name → Seatrial's own status, and the request."""
ACCEPTED = {("a media type that is none", "v2")}
"""What a door takes that others refuse: Triton's client names no media type."""

MANY = {
    "100,000 texts",
    "100,000 fields",
    "240,000 lists beside each other",
    "190,000 objects beside each other",
}
"""What may also be refused before anybody looks at what it is, for being so much JSON."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad input for one door.

    Attributes:
        statuses: what must be answered; one, as a rule.
        broken: whether HTTP itself is broken, so that the connection must end.
        homeless: whether no route is meant, so that the refusal may have Seatrial's own shape.
    """

    name: str
    door: Door
    sent: bytes
    statuses: frozenset[int]
    broken: bool = False
    homeless: bool = False

    def __str__(self) -> str:
        return f"{self.name} × {self.door.name}"


def named_inputs() -> Iterator[Bad]:
    """Each bad input for each of its doors; made one by one, because some are large."""
    for name, (own, make) in BAD.items():
        broken = name in BAD_HEADS
        for door in HTTP:
            if (name, door.name) not in ACCEPTED:
                status = own if broken else door.status(own)
                statuses = frozenset({status, 400} if name in MANY else {status})
                yield Bad(name, door, make(door), statuses, broken, homeless=name in BAD_ROUTES and own == 404)
    for door in (*DOORS.values(), EMBEDDINGS):
        for name, (status, make) in BAD_BY_DOOR[door.name].items():
            yield Bad(name, door, make(door), frozenset({status}))
