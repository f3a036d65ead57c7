"""Which turns stay: whole ones, the last in any case, and with room for more."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from seatrial.serve.conversation.window import fit
from seatrial.serve.generation.ask import Message, Role


def count(messages: Sequence[Message]) -> int:
    return sum(len(message.content) for message in messages)


def turn(size: int) -> list[Message]:
    return [Message(Role.USER, "u" * size), Message(Role.ASSISTANT, "a" * size)]


def test_what_fits_stays() -> None:
    messages = [*turn(5), *turn(5)]
    window = fit(messages, count=count, budget=20)
    assert (list(window.kept), window.fallen) == (messages, ())


def test_the_oldest_turns_fall_out_whole_and_leave_room() -> None:
    turns = [turn(5) for _ in range(6)]
    window = fit([message for one in turns for message in one], count=count, budget=50)
    assert list(window.kept) == [message for one in turns[3:] for message in one]  # 30 of 50
    assert list(window.fallen) == [message for one in turns[:3] for message in one]


def test_the_last_turn_stays_even_where_it_is_too_long() -> None:
    last = [Message(Role.USER, "first thought"), Message(Role.USER, "x" * 100)]
    window = fit([*turn(5), *last], count=count, budget=50)
    assert list(window.kept) == last


SAID = st.lists(st.tuples(st.sampled_from([Role.USER, Role.ASSISTANT]), st.integers(0, 30)), min_size=1)


@given(SAID, st.integers(1, 200))
def test_nothing_is_lost_and_nothing_is_turned_around(said: list[tuple[Role, int]], budget: int) -> None:
    messages = [Message(role, "x" * size) for role, size in said]
    window = fit(messages, count=count, budget=budget)
    assert [*window.fallen, *window.kept] == messages
    assert window.kept
    if window.fallen and window.fallen[-1].role is Role.ASSISTANT:
        assert window.kept[0].role is Role.USER  # a turn begins with a question
