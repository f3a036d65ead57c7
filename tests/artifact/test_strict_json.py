from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.artifact.strict_json import strict_json


def refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


def test_nan_and_infinity_become_null_at_every_depth() -> None:
    value = {"a": float("nan"), "b": [1.5, (float("inf"), {"c": -float("inf")})], 3: Path("p"), "é": True}
    read = json.loads(strict_json(value), parse_constant=refuse)
    assert read == {"a": None, "b": [1.5, [None, {"c": None}]], "3": "p", "é": True}


@pytest.mark.parametrize("ascii_only", [False, True])
def test_other_characters(ascii_only: bool) -> None:
    text = strict_json("≥ 😀", ascii_only=ascii_only)
    assert text.isascii() is ascii_only
    assert json.loads(text) == "≥ 😀"
