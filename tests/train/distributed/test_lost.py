"""A process that is gone becomes one message; other failures stay what they are."""

from __future__ import annotations

import pytest

from seatrial.errors import LostProcessError, TrainingError
from seatrial.train.distributed.lost import lost_explained
from seatrial.train.distributed.processes import ONE, Processes

TWO = Processes(0, 2)


@pytest.mark.parametrize(
    "said", ["[gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:1", "NCCL error: remote", "gloo"]
)
def test_a_failed_exchange_says_what_to_do(said: str) -> None:
    with pytest.raises(LostProcessError, match="another process") as caught, lost_explained(TWO):
        raise RuntimeError(said)
    assert "goes on from the last checkpoint" in str(caught.value.hint)


def test_other_failures_pass() -> None:
    with pytest.raises(RuntimeError, match="size mismatch"), lost_explained(TWO):
        raise RuntimeError("size mismatch")
    with pytest.raises(TrainingError, match="NaN"), lost_explained(TWO):
        raise TrainingError("NaN")
    with pytest.raises(RuntimeError, match="gloo"), lost_explained(ONE):
        raise RuntimeError("gloo")
