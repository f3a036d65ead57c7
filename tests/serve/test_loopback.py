"""What counts as this machine, and that a network is offered nothing without keys."""

from __future__ import annotations

import pytest

from seatrial.errors import ServiceError
from seatrial.serve.loopback import is_loopback, require_keys_or_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("no.such.host.invalid", False),
    ],
)
def test_what_others_cannot_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("host", "has_keys", "insecure", "allowed"),
    [
        ("127.0.0.1", False, False, True),
        ("0.0.0.0", False, False, False),
        ("0.0.0.0", True, False, True),
        ("0.0.0.0", False, True, True),
    ],
)
def test_a_network_is_offered_nothing_without_keys(host: str, has_keys: bool, insecure: bool, allowed: bool) -> None:
    if allowed:
        require_keys_or_loopback(host, has_keys=has_keys, insecure=insecure)
        return
    with pytest.raises(ServiceError, match="can be reached from other machines") as refused:
        require_keys_or_loopback(host, has_keys=has_keys, insecure=insecure)
    assert "seatrial keys add" in (refused.value.hint or "")
    assert "--insecure" in (refused.value.hint or "")
