"""The loss of packed answers is the same whether logits are computed for all places or for the learned ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seatrial.data.packing import NOTHING, Document, pack_whole
from seatrial.models.language_logits import causal_logits
from seatrial.models.networks import build
from seatrial.models.networks.config import NetworkConfig
from seatrial.models.reading import Reading
from seatrial.tasks.causal_lm import CausalLm
from seatrial.tasks.next_token import NextToken, Validated


@pytest.mark.parametrize("learned", [2, 7])
def test_the_loss_is_the_mean_over_what_is_learned(learned: int) -> None:
    torch.manual_seed(3)
    network = build(NetworkConfig(kind="decoder", vocab_size=20, width=16, layers=1, heads=2, max_positions=16))
    document = Document(list(range(1, 9)), [place >= 8 - learned for place in range(8)])
    packed = pack_whole([document, document], 7, pad_id=0, seed=1)
    validation = Validated(CausalLm(), None, [], Reading([], []))
    objective = NextToken(packed, validation, metric="bits_per_byte", lower_is_better=True, seed=1)
    loss = objective.loss(network, [0, 1], torch.device("cpu"))
    logits = causal_logits(network, torch.from_numpy(packed.input_ids.astype(np.int64)))
    targets = torch.from_numpy(packed.targets.astype(np.int64))
    assert objective.weight([0, 1]) == 2 * learned == int((targets != NOTHING).sum())
    wanted = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NOTHING)
    torch.testing.assert_close(loss, wanted)
