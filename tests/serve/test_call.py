"""Numbers of requests: of one form, and never the same twice."""

from __future__ import annotations

import re

import pytest

from seatrial.serve.call import new_request_id, usable_request_id


def test_every_request_has_a_number_of_its_own() -> None:
    found = [new_request_id() for _ in range(10_000)]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch("[0-9a-f]{16}", number) for number in found)


@pytest.mark.parametrize(
    ("offered", "used"),
    [
        ("a-1_B.2", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("a b", False),
        ("a\n", False),
        (None, False),
    ],
)
def test_a_clients_own_number_is_used_if_it_can_be(offered: str | None, used: bool) -> None:
    assert usable_request_id(offered) == (offered if used else None)
