"""Tensors by the table: joined, cut and turned."""

from __future__ import annotations

import torch

from seatrial.models.hub_layout.base import Place
from seatrial.models.hub_layout.translate import from_theirs, to_theirs


def test_three_of_ours_are_one_of_theirs_and_back() -> None:
    ours = {name: torch.randn(4, 6) for name in ("c", "a", "b")}
    places = {name: Place("abc", transposed=True, part=part, parts=3) for part, name in enumerate("abc")}
    theirs = to_theirs(ours, places)
    assert {name: tensor.shape for name, tensor in theirs.items()} == {"abc": (6, 12)}
    for name, place in places.items():
        assert torch.equal(from_theirs(place, theirs["abc"]), ours[name])
