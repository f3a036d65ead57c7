from __future__ import annotations

import pytest

from seatrial.load.answers import Reply
from seatrial.load.protocols import refusal_of


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"error": {"message": "no such model", "hint": "name one"}}', "no such model; name one"),
        (b'{"error": {"message": "no such model", "type": "not_found"}}', "no such model"),
        (b'{"error": "too long", "error_type": "validation"}', "too long"),
        (b'{"message": "busy", "hint": "wait"}', "busy; wait"),
        (b'{"detail": [{"loc": ["body"]}]}', ""),
        (b'{"error": "two\\n lines\\u001b"}', "two lines"),
        (b'{"error": "' + b"a" * 5000 + b'"}', "a" * 300),
        (b"<html>", ""),
        (b"[1]", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_what_a_refusal_says_is_found_in_every_shape(body: bytes, told: str) -> None:
    assert refusal_of(Reply(400, b"http/1.1 400 bad", body)) == told
