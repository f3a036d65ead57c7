"""Rules of masks, on paper."""

from __future__ import annotations

import torch

from seatrial.models.networks import masks

PLACES = torch.arange(4)[None]


def drawn(allowed: torch.Tensor) -> list[str]:
    """Rows of queries: x for a key that is seen."""
    return ["".join("x" if seen else "." for seen in row) for row in allowed[0].tolist()]


def test_causal() -> None:
    assert drawn(masks.causal(PLACES, PLACES)) == ["x...", "xx..", "xxx.", "xxxx"]


def test_causal_for_texts_of_different_lengths_in_a_cache() -> None:
    queries = torch.tensor([[2], [0]])
    allowed = masks.causal(queries, torch.arange(3)[None])
    assert allowed.tolist() == [[[True, True, True]], [[True, False, False]]]


def test_window_on_both_sides_and_behind_a_causal_rule() -> None:
    window = masks.window(PLACES, PLACES, 2)
    assert drawn(window) == ["xx..", "xxx.", ".xxx", "..xx"]
    both = masks.every(masks.causal(PLACES, PLACES), window)
    assert both is not None
    assert drawn(both) == ["x...", "xx..", ".xx.", "..xx"]


def test_padding_hides_keys_from_all_queries() -> None:
    assert masks.padding(torch.tensor([[1, 1, 0]])).tolist() == [[[True, True, False]]]


def test_documents_of_a_packed_row() -> None:
    documents = torch.tensor([[7, 7, 3, 3]])
    assert drawn(masks.same_document(documents, documents)) == ["xx..", "xx..", "..xx", "..xx"]


def test_positions_begin_anew_with_each_document() -> None:
    documents = torch.tensor([[4, 4, 4, 2, 2, 9], [1, 2, 2, 2, 2, 2]])
    assert masks.restarting_positions(documents).tolist() == [[0, 1, 2, 0, 1, 0], [0, 0, 1, 2, 3, 4]]


def test_no_rule_is_no_mask() -> None:
    assert masks.every(None, None) is None
    assert masks.additive(None, dtype=torch.float32) is None


def test_a_bias_stays_where_keys_may_be_seen() -> None:
    bias = torch.full((1, 2, 4, 4), 0.5)
    mask = masks.additive(masks.causal(PLACES, PLACES), bias, dtype=torch.float32)
    assert mask is not None
    assert mask.shape == (1, 2, 4, 4)
    assert float(mask[0, 1, 3, 0]) == 0.5
    assert float(mask[0, 1, 0, 3]) == torch.finfo(torch.float32).min
