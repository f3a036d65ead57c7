"""Hidden words → words that could stand there, by an encoder with a masked-language-model head.

A checkpoint that was made for sentence embeddings has no such head any more. Then one is trained here on the texts at
hand: the encoder and the word embeddings, which the head shares, stay as they are; only what the checkpoint lacks is
learned. Refuses to know what the words are wanted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seatrial.errors import SpecError
from seatrial.models.padding import padded
from seatrial.models.quiet import quiet_transformers
from seatrial.models.vocabulary import whole_words
from seatrial.progress import Progress, silent
from seatrial.tokenize.load import load_tokenizer

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["MaskFiller", "load_filler", "train_head"]

BATCH = 32
HIDDEN_SHARE = 0.15
"""Of the tokens of a text, while a head is trained; as in Devlin et al. 2019, §3.1, but all of them by the mask."""
LEARNING_RATE = 2e-3


@dataclass(slots=True)
class MaskFiller:
    """An encoder, its head and its tokenizer; see `fill` and `train_head`."""

    model: Any
    tokenizer: Tokenizer
    mask_id: int
    pad_id: int
    lacking: tuple[str, ...]
    """Names of parameters that the checkpoint did not hold; they are random until `train_head` has run."""

    def fill(
        self, texts: Sequence[str], gaps: Sequence[Sequence[tuple[int, int]]], count: int
    ) -> list[list[list[tuple[str, float]]]]:
        """What could stand in the gaps.

        Args:
            texts: n texts.
            gaps: of each, (start, end) in characters; all gaps of a text are hidden at the same time.
            count: at most so many words for each gap.

        Returns:
            For each text and gap, whole words and their probabilities among all pieces, the most probable first; none
            where the gap is not a single piece of the vocabulary, or lies beyond what the encoder reads.
        """
        words = whole_words(self.tokenizer)
        names, columns = list(words), np.fromiter(words.values(), dtype=np.int64, count=len(words))
        found: list[list[list[tuple[str, float]]]] = [[[] for _ in its] for its in gaps]
        encodings = self.tokenizer.encode_batch(list(texts))
        order = sorted((i for i in range(len(texts)) if gaps[i]), key=lambda i: len(encodings[i].ids))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows, places = [], []
            for row, index in enumerate(batch):
                ids = list(encodings[index].ids)
                at = {(start, end): token for token, (start, end) in enumerate(encodings[index].offsets) if start < end}
                for number, gap in enumerate(gaps[index]):
                    if gap in at:
                        ids[at[gap]] = self.mask_id
                        places.append((row, at[gap], index, number))
                rows.append(ids)
            if not places:
                continue
            probabilities = self._probabilities(rows, [(row, token) for row, token, _, _ in places])[:, columns]
            best = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
            for (_, _, index, number), ids, line in zip(places, best, probabilities, strict=True):
                found[index][number] = [(names[i], float(line[i])) for i in ids]
        return found

    def _probabilities(self, rows: Sequence[Sequence[int]], places: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            logits: NDArray[np.float32] = torch.softmax(self.logits(rows, places), dim=-1).numpy()
        return logits

    def logits(
        self, rows: Sequence[Sequence[int]], places: Sequence[tuple[int, int]], *, learn: bool = False
    ) -> torch.Tensor:
        """[places, vocabulary]; the head is asked only where something is hidden, which is most of the cost.

        Args:
            rows: token ids, with masks.
            places: (row, token) of each.
            learn: whether gradients of the head are wanted; the encoder has none.
        """
        import torch

        input_ids, attention_mask = padded(rows, self.pad_id, "cpu")
        with torch.no_grad():
            hidden = self.model.base_model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            asked = hidden[[row for row, _ in places], [token for _, token in places]]
        with nullcontext() if learn else torch.no_grad():
            found: torch.Tensor = _head(self.model)(asked)
        return found


def load_filler(folder: Path, max_length: int) -> MaskFiller:
    """Load the encoder with its masked-language-model head.

    Args:
        folder: a transformers folder with the model and its tokenizer.
        max_length: tokens that are read of a text.

    Raises:
        SpecError: the model has no mask token, or no such head is known for its kind.
    """
    from transformers import AutoModelForMaskedLM

    tokenizer = load_tokenizer(folder, max_length)
    mask_id = next((i for name in ("[MASK]", "<mask>") if (i := tokenizer.token_to_id(name)) is not None), None)
    try:
        with quiet_transformers():
            model, told = AutoModelForMaskedLM.from_pretrained(
                folder, dtype="float32", local_files_only=True, output_loading_info=True
            )
    except ValueError as error:
        raise _unfit(folder) from error
    if mask_id is None or _head(model) is None:
        raise _unfit(folder)
    pad_id = getattr(model.config, "pad_token_id", None) or 0
    return MaskFiller(model.eval(), tokenizer, mask_id, pad_id, tuple(sorted(told["missing_keys"])))


def train_head(
    filler: MaskFiller, texts: Sequence[str], *, steps: int, seed: int, progress: Progress = silent
) -> float:
    """Train what the checkpoint lacks, and nothing else, on texts with some words hidden.

    Args:
        filler: as `load_filler` gives it; changed in place.
        texts: of the kind in which words shall be filled in.
        steps: batches of 32 texts.
        seed: of the head's first weights, of the order and of what is hidden.
        progress: hears ``"mask head"``, in steps.

    Returns:
        The mean loss of the last tenth of the steps, in nats per hidden token; NaN when nothing was to be trained.
    """
    import torch
    from torch.nn.functional import cross_entropy

    for name, parameter in filler.model.named_parameters():
        parameter.requires_grad_(name in filler.lacking)
    wanted = [parameter for parameter in filler.model.parameters() if parameter.requires_grad]
    ids = [encoding.ids for encoding in filler.tokenizer.encode_batch(list(texts))]
    special = [encoding.special_tokens_mask for encoding in filler.tokenizer.encode_batch(list(texts))]
    usable = [i for i in range(len(ids)) if not all(special[i])]
    if not wanted or not usable:
        return float("nan")
    generator = torch.Generator().manual_seed(seed)
    _begin(filler.model, filler.lacking, generator)
    optimizer = torch.optim.AdamW(wanted, lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.1)
    losses: list[float] = []
    for step in range(steps):
        progress("mask head", step, steps)
        picks = torch.randint(len(usable), (BATCH,), generator=generator).tolist()
        rows, places, truth = [], [], []
        for row, pick in enumerate(picks):
            tokens = list(ids[usable[pick]])
            free = [t for t, mark in enumerate(special[usable[pick]]) if not mark]
            hidden = torch.randperm(len(free), generator=generator)[: max(1, round(HIDDEN_SHARE * len(free)))]
            for token in sorted(free[i] for i in hidden.tolist()):
                places.append((row, token))
                truth.append(tokens[token])
                tokens[token] = filler.mask_id
            rows.append(tokens)
        loss = cross_entropy(filler.logits(rows, places, learn=True), torch.tensor(truth))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    progress("mask head", steps, steps)
    return float(np.mean(losses[-max(1, steps // 10) :]))


def _head(model: Any) -> Any:
    """BERT calls its head `cls`, RoBERTa and its kin `lm_head`."""
    return getattr(model, "cls", None) or getattr(model, "lm_head", None)


def _begin(model: Any, lacking: Sequence[str], generator: torch.Generator) -> None:
    """First weights that depend on the seed only: the layer before the word embeddings passes on what it gets."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name not in lacking:
                continue
            if parameter.dim() == 2 and parameter.shape[0] == parameter.shape[1]:
                noise = torch.empty_like(parameter).normal_(0.0, 0.02, generator=generator)
                parameter.copy_(torch.eye(len(parameter)) + noise)
            elif name.endswith("weight") and parameter.dim() == 1:
                parameter.fill_(1.0)
            else:
                parameter.zero_()


def _unfit(folder: Path) -> SpecError:
    return SpecError(
        f"the encoder {folder.name} cannot fill in hidden words",
        where="model.base",
        expected="a BERT or RoBERTa model whose tokenizer has a mask token",
        hint="choose another way to augment",
    )
