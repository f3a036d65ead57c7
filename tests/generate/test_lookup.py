from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.generate.lookup import LONGEST, SHORTEST, PromptLookup


@given(tokens=st.lists(st.integers(0, 3), min_size=1, max_size=60), most=st.integers(1, 6))
def test_a_guess_is_what_followed_the_longest_ending_that_came_before(tokens: list[int], most: int) -> None:
    expected: list[int] = []
    for length in range(LONGEST, SHORTEST - 1, -1):
        ends = [end for end in range(length, len(tokens)) if tokens[end - length : end] == tokens[-length:]]
        if len(tokens) > length and ends:
            expected = tokens[ends[-1] : ends[-1] + most]
            break
    assert PromptLookup(tokens, 6).draft(most) == expected


def test_guesses_that_fail_grow_shorter_and_those_that_hold_longer() -> None:
    lookup = PromptLookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2], 6)
    assert lookup.draft(9) == [3, 4, 5, 6, 7, 8]
    lookup.learn(6, 0)
    assert lookup.draft(9) == [3]
    lookup.learn(1, 1)
    assert lookup.draft(9) == [3, 4]
    assert lookup.draft(1) == [3]
    assert lookup.draft(0) == []
