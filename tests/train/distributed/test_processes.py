"""What launchers set is read; anything else is one process."""

from __future__ import annotations

import pytest

from seatrial.train.distributed.processes import ONE, Processes, launched


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ONE),
        ({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}, ONE),
        ({"WORLD_SIZE": "two", "RANK": "0"}, ONE),
        ({"WORLD_SIZE": "2", "RANK": "2"}, ONE),
        ({"WORLD_SIZE": "4", "RANK": "3", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}, Processes(3, 4, 1, 2)),
        ({"WORLD_SIZE": "2", "RANK": "1"}, Processes(1, 2, 1, 2)),
    ],
)
def test_what_a_launcher_said(environment: dict[str, str], expected: Processes) -> None:
    assert launched(environment) == expected


def test_the_first_one_is_told_apart() -> None:
    assert ONE.first
    assert not ONE.several
    assert Processes(0, 2).first
    assert not Processes(1, 2).first
    assert Processes(1, 2).several
