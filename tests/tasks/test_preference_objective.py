"""Loss and gradient are those of the paper, written out once more without batches, padding or autograd of the loss.

Source of the formulas: Rafailov et al. 2023, equations 7 and 8.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from seatrial.data.batches import token_budget_batches
from seatrial.errors import DataError
from seatrial.models.language import load_causal
from seatrial.progress import silent
from seatrial.spec.preference import Preference
from seatrial.tasks.language_tokenizer import open_tokenizer
from seatrial.tasks.objective import Refers
from seatrial.tasks.preference_objective import PreferenceObjective, PreferenceValidation
from seatrial.tasks.preference_pairs import TokenPreference, preference_tokens

from ..toy_decoder import toy_decoder, toy_pairs

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

TRAIN, HELD_OUT = toy_pairs(7), toy_pairs(3, first=20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_decoder(tmp_path_factory.mktemp("decoder"))


@pytest.fixture(scope="module")
def start(folder: Path) -> torch.nn.Module:
    return load_causal(folder).eval()


@pytest.fixture
def model(folder: Path) -> torch.nn.Module:
    """The same decoder a step away from where it started."""
    import torch

    torch.manual_seed(5)
    moved = load_causal(folder)
    with torch.no_grad():
        for weights in moved.parameters():
            weights.add_(torch.randn_like(weights), alpha=0.05)
    return moved.train()


def pairs(folder: Path, examples: Any) -> list[TokenPreference]:
    return preference_tokens(open_tokenizer(folder, 64), examples)


def objective(folder: Path, start: torch.nn.Module, **settings: Any) -> PreferenceObjective:
    made = PreferenceObjective(
        pairs(folder, TRAIN),
        PreferenceValidation(HELD_OUT, pairs(folder, HELD_OUT)),
        Preference(**settings),
        pad_id=open_tokenizer(folder, 64).pad_id,
        seed=1,
    )
    made.refer_to(made.reference(start, silent))
    return made


def log_probability(model: torch.nn.Module, prompt: Any, answer: Any) -> torch.Tensor:
    """Of one answer, one text alone and token by token, with a gradient."""
    import torch

    logits = model(torch.tensor([[*prompt, *answer]]))[0]
    rows = [logits[len(prompt) - 1 + place] for place in range(len(answer))]
    return torch.stack([row[token] - row.logsumexp(0) for row, token in zip(rows, answer, strict=True)]).sum()


def both(model: torch.nn.Module, pair: TokenPreference) -> tuple[torch.Tensor, torch.Tensor]:
    return log_probability(model, pair.prompt, pair.chosen), log_probability(model, pair.prompt, pair.rejected)


def margin(model: torch.nn.Module, start: torch.nn.Module, pair: TokenPreference) -> float:
    (chosen, rejected), (chosen_before, rejected_before) = both(model, pair), both(start, pair)
    return float(((chosen - chosen_before) - (rejected - rejected_before)).detach())


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


@pytest.mark.parametrize(
    ("settings", "formula"),
    [
        ({"beta": 0.1}, lambda m: -math.log(sigmoid(0.1 * m))),
        ({"beta": 2.0}, lambda m: -math.log(sigmoid(2 * m))),
        (
            {"beta": 0.5, "label_smoothing": 0.2},
            lambda m: -0.8 * math.log(sigmoid(0.5 * m)) - 0.2 * math.log(sigmoid(-0.5 * m)),
        ),
        ({"loss": "ipo", "beta": 0.25}, lambda m: (m - 2) ** 2),
    ],
)
def test_the_loss_is_that_of_the_paper(
    settings: dict[str, Any], formula: Any, folder: Path, start: torch.nn.Module, model: torch.nn.Module
) -> None:
    made = objective(folder, start, **settings)
    wanted = [formula(margin(model, start, pair)) for pair in pairs(folder, TRAIN)]
    batch = [5, 0, 3]  # of different lengths, so that there is padding
    found = made.loss(model, batch, next(model.parameters()).device)
    assert float(found.detach()) == pytest.approx(float(np.mean([wanted[n] for n in batch])), rel=1e-4)
    loss, told = made.validate(model, lambda *_: {}, next(model.parameters()).device, silent)
    held_out = [formula(margin(model, start, pair)) for pair in pairs(folder, HELD_OUT)]
    assert loss == pytest.approx(float(np.mean(held_out)), rel=1e-4)
    assert told == {made.metric: loss}
    assert model.training


def test_the_surprise_of_the_chosen_answer_can_count_too(
    folder: Path, start: torch.nn.Module, model: torch.nn.Module
) -> None:
    device = next(model.parameters()).device
    alone, beside = (objective(folder, start, likelihood=share) for share in (0.0, 0.5))
    added = [float((beside.loss(model, n, device) - alone.loss(model, n, device)).detach()) for n in ([1], [4])]
    its = [pairs(folder, TRAIN)[n] for n in (1, 4)]
    wanted = [-0.5 * float(both(model, pair)[0].detach()) / len(pair.chosen) for pair in its]
    assert added == pytest.approx(wanted, rel=1e-3)
    validated = [one.validate(model, lambda *_: {}, device, silent)[0] for one in (alone, beside)]
    held_out = [-0.5 * float(both(model, pair)[0].detach()) / len(pair.chosen) for pair in pairs(folder, HELD_OUT)]
    assert validated[1] - validated[0] == pytest.approx(float(np.mean(held_out)), rel=1e-3)


def test_the_gradient_is_that_of_the_paper(folder: Path, start: torch.nn.Module, model: torch.nn.Module) -> None:
    """-beta sigmoid(-beta margin) (gradient of log pi(chosen) - gradient of log pi(rejected))."""
    import torch

    beta, weights = 0.7, list(model.parameters())
    wanted = [torch.zeros_like(weight) for weight in weights]
    for pair in pairs(folder, TRAIN[:4]):
        chosen, rejected = (torch.autograd.grad(one, weights) for one in both(model, pair))
        share = beta * sigmoid(-beta * margin(model, start, pair)) / 4
        for total, up, down in zip(wanted, chosen, rejected, strict=True):
            total.sub_(share * (up - down))
    made = objective(folder, start, beta=beta)
    found = torch.autograd.grad(made.loss(model, range(4), weights[0].device), weights)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-6)


def test_at_the_start_nothing_is_preferred(folder: Path, start: torch.nn.Module) -> None:
    made = objective(folder, start)
    assert float(made.loss(start, range(7), next(start.parameters()).device).detach()) == pytest.approx(math.log(2))


def test_batches_of_a_step_count_by_their_pairs(folder: Path, start: torch.nn.Module, model: torch.nn.Module) -> None:
    made = objective(folder, start)
    device = next(model.parameters()).device
    whole, *parts = (float(made.loss(model, batch, device).detach()) for batch in (range(7), range(5), (5, 6)))
    weights = [made.weight(batch) for batch in (range(5), (5, 6))]
    assert whole == pytest.approx(np.average(parts, weights=weights), rel=1e-5)


def test_a_batch_keeps_the_budget_with_both_answers_and_padding(folder: Path, start: torch.nn.Module) -> None:
    made = objective(folder, start)
    its = pairs(folder, TRAIN)
    longest = [len(pair.prompt) + max(map(len, pair.answers)) - 1 for pair in its]
    batches = made.batches(0, max_tokens=120, max_items=4)
    assert sorted(item for batch in batches for item in batch) == list(range(7))
    assert all(2 * len(batch) * max(longest[item] for item in batch) <= 120 for batch in batches if len(batch) > 1)
    assert batches == token_budget_batches(made.lengths, max_tokens=120, max_items=4, seed=1)


def test_outputs_hold_what_either_model_says(folder: Path, start: torch.nn.Module, model: torch.nn.Module) -> None:
    heard: list[NDArray[np.float32]] = []
    made = objective(folder, start)
    made.validate(model, lambda outputs, _: heard.extend(outputs) or {}, next(model.parameters()).device, silent)
    model.eval()
    for output, pair in zip(heard, pairs(folder, HELD_OUT), strict=True):
        for row, said, before in zip(output, both(model, pair), both(start, pair), strict=True):
            assert row[[0, 2]].tolist() == pytest.approx([float(said.detach()), float(before.detach())], rel=1e-4)
        assert output[:, 1].tolist() == [len(pair.chosen), len(pair.rejected)]


def test_it_refers_and_says_when_numbers_are_not_its_own(folder: Path, start: torch.nn.Module) -> None:
    made = objective(folder, start)
    assert isinstance(made, Refers)
    with pytest.raises(ValueError, match="for pairs"):
        made.refer_to(np.zeros((3, 2), dtype=np.float32))


def test_answers_that_look_alike_to_the_network_are_refused() -> None:
    with pytest.raises(DataError, match="both answers are the same"):
        PreferenceObjective(
            [TokenPreference([1], [2, 3], [2, 3])],
            PreferenceValidation((), ()),
            Preference(),
            pad_id=0,
            seed=1,
        )
