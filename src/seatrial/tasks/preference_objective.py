"""Learning which of two answers is preferred, without a model of rewards: how much more probable each has become.

The model that training starts from is the reference. What it says of every pair is computed once, before the first
step, so that no second model is in memory while the first learns. Refuses to know: which network it is, and how pairs
became tokens.

Source: Rafailov et al. 2023, "Direct Preference Optimization: Your Language Model is Secretly a Reward Model", §4;
label smoothing: Mitchell 2023, "A note on DPO with noisy preferences and relationship to IPO"; the loss `ipo`: Azar et
al. 2023, "A General Theoretical Paradigm to Understand Learning from Human Preferences", §5; the likelihood of the
chosen answer beside it: Pang et al. 2024, "Iterative Reasoning Preference Optimization", §2.

Shapes: B pairs or answers of a batch, T tokens of an answer with its prompt, N of them that are foreseen, V vocabulary;
2: the chosen answer, the rejected one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seatrial.data.batches import token_budget_batches
from seatrial.errors import DataError
from seatrial.models.language_logits import causal_logits, vocabulary_size
from seatrial.models.padding import padded
from seatrial.models.surprise import NATS, NOTHING, surprises
from seatrial.progress import Progress
from seatrial.records import Example
from seatrial.spec.preference import Preference
from seatrial.tasks.objective import Score
from seatrial.tasks.preference_pairs import TokenPreference

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = [
    "LOG_PROBABILITY",
    "REFERENCE",
    "TOKENS",
    "PreferenceObjective",
    "PreferenceValidation",
    "answer_rows",
    "preference_losses",
]

LOG_PROBABILITY, TOKENS, REFERENCE = range(3)
"""Columns of a row about one answer: its log-probability in nats, how many tokens it has, and its log-probability by
the model that training started from."""


@dataclass(frozen=True, slots=True)
class PreferenceValidation:
    """The validation split.

    Attributes:
        examples: n examples.
        pairs: the same as tokens.
    """

    examples: Sequence[Example]
    pairs: Sequence[TokenPreference]


class PreferenceObjective:
    """See `Objective` and `Refers`; an item is a pair.

    Early stopping follows the loss on validation: the accuracy may be 1 long before the answers that the model writes
    have changed.

    Args:
        train: the training split.
        validation: the validation split.
        settings: the loss.
        pad_id: fills gaps.
        seed: of the order.
    """

    metric = "preference_loss"
    lower_is_better = True
    rate_share = 0.05

    def __init__(
        self,
        train: Sequence[TokenPreference],
        validation: PreferenceValidation,
        settings: Preference,
        *,
        pad_id: int,
        seed: int,
    ) -> None:
        self._train, self._validation, self._settings = train, validation, settings
        self._pad_id, self._seed = pad_id, seed
        if all(pair.chosen == pair.rejected for pair in train):
            raise DataError(
                "in every pair both answers are the same as far as the network reads",
                where="model.max_length",
                hint="raise it, so that answers fit into it with the end of their prompts",
            )
        self.lengths: Sequence[int] = [_padded_tokens(pair) for pair in train]
        digest = hashlib.sha256()
        for pair in (*train, *validation.pairs):
            for ids in (pair.prompt, *pair.answers):
                digest.update(np.asarray(ids, dtype=np.int32).tobytes() + b"|")
        self.digest = digest.hexdigest()
        self._reference: NDArray[np.float32] | None = None

    def reference(self, model: torch.nn.Module, progress: Progress) -> NDArray[np.float32]:
        """Log-probabilities [pairs of training and then validation, 2] by the model as it is."""
        pairs = [*self._train, *self._validation.pairs]
        return _without_gradient(model, pairs, self._pad_id, progress)[:, LOG_PROBABILITY].reshape(-1, 2)

    def refer_to(self, reference: NDArray[np.float32]) -> None:
        """Take what `reference` gave for the model that training starts from."""
        expected = (len(self._train) + len(self._validation.pairs), 2)
        if reference.shape != expected:
            raise ValueError(f"log-probabilities {reference.shape} for pairs {expected}")
        self._reference = reference

    def batches(self, epoch: int, *, max_tokens: int, max_items: int) -> Sequence[Sequence[int]]:
        return token_budget_batches(self.lengths, max_tokens=max_tokens, max_items=max_items, seed=self._seed + epoch)

    def loss(self, model: torch.nn.Module, batch: Sequence[int], device: torch.device) -> torch.Tensor:
        import torch

        assert self._reference is not None  # `refer_to` comes first
        pairs = [self._train[index] for index in batch]
        said_B2 = _answer_log_probabilities(model, pairs, self._pad_id, device)
        reference_B2 = torch.from_numpy(self._reference[list(batch)]).to(device)
        return self._mean_loss(said_B2, reference_B2, pairs)

    def weight(self, batch: Sequence[int]) -> float:
        return float(len(batch))

    def validate(
        self, model: torch.nn.Module, score: Score, device: torch.device, progress: Progress
    ) -> tuple[float, Mapping[str, float]]:
        import torch

        assert self._reference is not None  # `refer_to` comes first
        rows = _without_gradient(model, self._validation.pairs, self._pad_id, progress)
        reference_n2 = self._reference[len(self._train) :]
        outputs = np.concatenate([rows, reference_n2.reshape(-1, 1)], axis=1).reshape(-1, 2, 3)
        said_n2 = torch.from_numpy(outputs[:, :, LOG_PROBABILITY].astype(np.float64))
        loss = float(self._mean_loss(said_n2, torch.from_numpy(reference_n2), self._validation.pairs))
        return loss, {**score(list(outputs), self._validation.examples), self.metric: loss}

    def _mean_loss(
        self, said_B2: torch.Tensor, reference_B2: torch.Tensor, pairs: Sequence[TokenPreference]
    ) -> torch.Tensor:
        losses_B = preference_losses(said_B2 - reference_B2, self._settings)
        if self._settings.likelihood:
            tokens_B = said_B2.new_tensor([len(pair.chosen) for pair in pairs])
            losses_B = losses_B - self._settings.likelihood * said_B2[:, 0] / tokens_B
        return losses_B.mean()


def preference_losses(log_ratios_B2: torch.Tensor, settings: Preference) -> torch.Tensor:
    """The loss of each pair, [B].

    Args:
        log_ratios_B2: [B, 2], log pi(answer) - log pi_reference(answer) in nats.
        settings: which loss, and its numbers.
    """
    from torch.nn.functional import logsigmoid

    margin_B = log_ratios_B2[:, 0] - log_ratios_B2[:, 1]
    if settings.loss == "ipo":
        return (margin_B - 1 / (2 * settings.beta)) ** 2
    reward_B, turned = settings.beta * margin_B, settings.label_smoothing
    return -(1 - turned) * logsigmoid(reward_B) - turned * logsigmoid(-reward_B)


def answer_rows(
    model: torch.nn.Module, pairs: Sequence[TokenPreference], *, pad_id: int, progress: Progress
) -> NDArray[np.float32]:
    """What a model says of answers, without a gradient.

    Args:
        model: in evaluation mode, on any device.
        pairs: n pairs.
        pad_id: fills gaps.
        progress: hears ``"predict"``.

    Returns:
        [2n, 2], the chosen and the rejected answer of each pair in turn; see `LOG_PROBABILITY`, `TOKENS`.
    """
    if not pairs:
        return np.zeros((0, 2), dtype=np.float32)
    sides = [(pair.prompt, answer) for pair in pairs for answer in pair.answers]
    windows, wanted = zip(*(_foreseen(prompt, answer) for prompt, answer in sides), strict=True)
    tokens = surprises(
        lambda input_ids, *_: causal_logits(model, input_ids),  # padding is on the right, where nothing sees it
        windows,
        wanted,
        vocabulary=vocabulary_size(model),
        pad_id=pad_id,
        device=next(model.parameters()).device,
        progress=progress,
    )
    starts = np.cumsum([0, *map(len, windows[:-1])])
    rows = np.empty((len(windows), 2), dtype=np.float32)
    rows[:, LOG_PROBABILITY] = -np.add.reduceat(tokens[:, NATS].astype(np.float64), starts)
    rows[:, TOKENS] = [len(answer) for _, answer in sides]
    return rows


def _answer_log_probabilities(
    model: torch.nn.Module, pairs: Sequence[TokenPreference], pad_id: int, device: torch.device
) -> torch.Tensor:
    """[B, 2], with a gradient."""
    import torch
    from torch.nn.functional import cross_entropy

    sides = [_foreseen(pair.prompt, answer) for pair in pairs for answer in pair.answers]
    input_ids, _ = padded([window for window, _ in sides], pad_id, device)
    wanted_BT, _ = padded([wanted for _, wanted in sides], NOTHING, device)
    there_BT = wanted_BT != NOTHING
    logits_NV = causal_logits(model, input_ids, wanted=there_BT)
    nats_N = cross_entropy(logits_NV.float(), wanted_BT[there_BT], reduction="none")
    nats_BT = torch.zeros(wanted_BT.shape, device=device).masked_scatter(there_BT, nats_N)
    return -nats_BT.sum(dim=1).view(-1, 2)


def _foreseen(prompt: Sequence[int], answer: Sequence[int]) -> tuple[list[int], list[int]]:
    """What the network is given, and what it shall foresee at each place of it: the answer and nothing else."""
    return [*prompt, *answer[:-1]], [*[NOTHING] * (len(prompt) - 1), *answer]


def _without_gradient(
    model: torch.nn.Module, pairs: Sequence[TokenPreference], pad_id: int, progress: Progress
) -> NDArray[np.float32]:
    """`answer_rows` of a model that learns, which is left in the mode it was in."""
    was_training = model.training
    model.eval()
    try:
        return answer_rows(model, pairs, pad_id=pad_id, progress=progress)
    finally:
        model.train(was_training)


def _padded_tokens(pair: TokenPreference) -> int:
    """Tokens that the network is given for a pair."""
    return 2 * (len(pair.prompt) + max(map(len, pair.answers)) - 1)
