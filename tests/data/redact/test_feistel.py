from __future__ import annotations

import pytest

from seatrial.data.redact.feistel import permuted

KEY = bytes(range(32))


@pytest.mark.parametrize("length", [1, 2, 3])
def test_it_is_a_permutation(length: int) -> None:
    numbers = [f"{number:0{length}}" for number in range(10**length)]
    images = [permuted(number, KEY, b"t") for number in numbers]
    assert sorted(images) == numbers
    assert images != numbers


def test_key_and_tweak_matter_and_other_alphabets_do() -> None:
    assert permuted("12345678", KEY, b"a") != permuted("12345678", KEY, b"b")
    assert permuted("12345678", KEY, b"a") != permuted("12345678", KEY[::-1], b"a")
    assert set(permuted("ABBA", KEY, b"a", alphabet="AB")) <= {"A", "B"}
    assert permuted("", KEY, b"a") == ""
