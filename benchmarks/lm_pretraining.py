"""The network of our recipes against transformers' GPT-2 of the same size, from nothing → `results/lm.json`.

    python benchmarks/lm_pretraining.py [--only NAME…] [--seeds N] [--steps N] [--rounds N] [--out FOLDER] [--note TEXT]

nanoGPT's configuration for a CPU: 4 layers, 4 heads, 128 wide, 64 tokens, 2,000 steps of 12 rows, no dropout; film
reviews and Chinese news, by characters and by byte pairs. Both get the same texts, tokenizer, number format, threads
and schedule; ours by our loop on packed rows, GPT-2 by `Trainer` on blocks of one long stream of documents, as is
usual. The opponent's highest rate is the best of RATES, found on the validation split in short runs first; ours is the
recipe's. The loss is that of a token of the validation split, each document by itself, for both by the same function,
after the last step.

Time is that of a step, from short interleaved rounds: the whole runs come one after the other, and the machine may be
busy in one of them.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lm_trainer import Material, Rows, Schedule, judged, learn_ours, learn_theirs, material_of
from results import RESULTS, figure, write_part

from seatrial.models.language import load_causal
from seatrial.train.runtime import pick_precision

SETTINGS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "film reviews, characters": ("pretrain-characters", {}),
    "film reviews, byte pairs": ("pretrain-tiny", {}),
    "Chinese news, characters": ("pretrain-chinese", {}),
    "Chinese news, byte pairs": ("pretrain-chinese", {"tokenizer": {"method": "bpe", "vocabulary": 4000}}),
}
"""Name → recipe, and what of its model is changed."""
RATES = (1e-3, 2e-3, 4e-3)
SHORT = 8
"""The search for a rate takes so many times fewer steps."""
OPPONENT = "transformers' GPT-2 of the same size, Trainer"
WARM, TIMED, FEW = 5, 40, 8


@dataclass(frozen=True)
class Blocks:
    """The training documents as one stream in blocks of T tokens, each with the tokens that follow."""

    rows: Rows

    @classmethod
    def of(cls, material: Material) -> Blocks:
        """All of them; what is left at the end is dropped."""
        stream = torch.tensor([token for ids in material.documents() for token in ids[:-1]])  # an end begins the next
        length = material.spec.model.max_length
        starts = range(0, len(stream) - length, length)
        return cls([{"input_ids": stream[s : s + length], "labels": stream[s + 1 : s + 1 + length]} for s in starts])


def collated(rows: Rows) -> dict[str, torch.Tensor]:
    """[B, T] each."""
    return {name: torch.stack([row[name] for row in rows]) for name in ("input_ids", "labels")}


def next_token_loss(outputs: Any, labels: torch.Tensor, **_: Any) -> torch.Tensor:
    """The mean over all places: the labels are shifted already, so that no place of a block is lost."""
    return torch.nn.functional.cross_entropy(outputs["logits"].flatten(0, 1).float(), labels.flatten())


def gpt2(material: Material, seed: int) -> torch.nn.Module:
    """A fresh one."""
    from transformers import GPT2Config, GPT2LMHeadModel

    network, tokenizer = material.spec.model.network, material.tokenizer
    assert network is not None
    torch.manual_seed(seed)
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=tokenizer.tokenizer.get_vocab_size(),
            n_positions=material.spec.model.max_length,
            n_embd=network.width,
            n_layer=network.layers,
            n_head=network.heads,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=tokenizer.start_id,
            eos_token_id=tokenizer.end_id,
        )
    )


def theirs(material: Material, blocks: Blocks, how: Schedule) -> tuple[float, float, float]:
    """Seconds of a step, loss, bits per byte."""
    model = gpt2(material, how.seed)
    clock = learn_theirs(model, blocks.rows, how, collated, loss=next_token_loss)
    return clock.seconds(WARM), *judged(material, model)


def best_rate(material: Material, blocks: Blocks, how: Schedule) -> float:
    """With which the opponent learns best, by the validation split."""
    found = {rate: theirs(material, blocks, replace(how, rate=rate, steps=how.steps // SHORT))[1] for rate in RATES}
    print(f"  rates: { ({rate: round(loss, 4) for rate, loss in found.items()}) }", flush=True)
    return min(found, key=lambda rate: found[rate])


def step_ratios(material: Material, blocks: Blocks, how: Schedule, rounds: int) -> list[tuple[float, float]]:
    """Seconds of a step of ours and theirs, round by round."""
    short, found = replace(how, steps=TIMED), []
    for _ in range(rounds):
        mine = learn_ours(material, short, material.validation[:FEW]).clock.seconds(WARM)
        clock = learn_theirs(gpt2(material, how.seed), blocks.rows, short, collated, loss=next_token_loss)
        found.append((mine, clock.seconds(WARM)))
    return found


def measure(name: str, material: Material, options: argparse.Namespace) -> tuple[list[dict[str, Any]], str]:
    """The rows of one setting, and a note."""
    training, blocks = material.spec.training, Blocks.of(material)
    assert training.batch_items is not None
    assert training.learning_rate is not None
    precision = pick_precision(training.precision, "cpu")
    how = Schedule(options.steps, training.batch_items, training.learning_rate, precision)
    its = replace(how, rate=best_rate(material, blocks, how))
    losses: list[tuple[float, float]] = []
    bits: list[tuple[float, float]] = []
    for number in range(options.seeds):
        mine = learn_ours(material, replace(how, seed=how.seed + number), material.validation)
        _, loss, its_bits = theirs(material, blocks, replace(its, seed=how.seed + number))
        losses.append((mine.loss, loss))
        bits.append((mine.bits_per_byte, its_bits))
        print(f"  seed {how.seed + number}: loss {losses[-1]}, bits per byte {bits[-1]}", flush=True)
    steps = step_ratios(material, blocks, how, options.rounds)
    sizes = [sum(p.numel() for p in model.parameters()) for model in (load_causal(material.base), gpt2(material, 1))]
    note = f"{name}: {sizes[0]:,} and {sizes[1]:,} weights, rates {how.rate:g} and {its.rate:g}, {precision}"
    return figures_of(name, losses, bits, steps, how.steps), note


def figures_of(
    name: str,
    losses: Sequence[tuple[float, float]],
    bits: Sequence[tuple[float, float]],
    steps: Sequence[tuple[float, float]],
    n: int,
) -> list[dict[str, Any]]:
    """Ours, theirs, and what is compared with a goal: the difference of losses, the ratio of times."""
    rows = []
    for what, pairs, unit in (
        ("validation loss", losses, "nats/token"),
        ("bits per byte", bits, "bits/byte"),
        ("time of a step", [(1e3 * a, 1e3 * b) for a, b in steps], "ms"),
    ):
        for who, values in zip(("ours", "GPT-2"), zip(*pairs, strict=True), strict=True):
            span = (min(values), max(values))
            rows.append(figure(f"{name}: {what}, {who}", statistics.median(values), unit, interval=span, n=len(values)))
    more = [mine - other for mine, other in losses]
    excess = statistics.median(more)
    ratios = [mine / other for mine, other in steps]
    ratio = statistics.median(ratios)
    settings: dict[str, Any] = {"opponent": OPPONENT, "n": n}
    rows.append(
        figure(
            f"{name}: validation loss, difference",
            excess,
            "nats/token",
            goal="<= 0",
            met=excess <= 0,
            interval=(min(more), max(more)),
            **settings,
        )
    )
    rows.append(
        figure(
            f"{name}: time of a step",
            ratio,
            "x",
            goal="<= 1",
            met=ratio <= 1,
            interval=(min(ratios), max(ratios)),
            **settings,
        )
    )
    assert all(map(math.isfinite, (excess, ratio)))
    return rows


def main() -> None:
    """Measure and write the part `pretraining` of `lm.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--seeds", type=int, default=3, help="whole runs of each")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds for the times")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--note", default="nothing else ran", help="what else the machine did")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for name in options.only:
        recipe, changes = SETTINGS[name]
        print(name, flush=True)
        with material_of(recipe, model=changes) as material:
            found, note = measure(name, material, options)
            seed = material.spec.seed
        rows += found
        notes.append(note)
        said = f"{options.seeds} seeds, {options.steps} steps; {'; '.join(notes)}; {options.note}"
        print(write_part("lm", "pretraining", rows, seed=seed, folder=options.out, note=said), flush=True)


if __name__ == "__main__":
    main()
