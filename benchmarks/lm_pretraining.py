"""The network of our recipes against transformers' GPT-2 of the same size, from nothing → `results/lm.json`.

    python benchmarks/lm_pretraining.py [--only NAME…] [--seeds N] [--steps N] [--rounds N] [--out FOLDER] [--note TEXT]

nanoGPT's configuration for a CPU: 4 layers, 4 heads, 128 wide, 64 tokens, 2,000 steps of 12 rows, no dropout; film
reviews and Chinese news, by characters and by byte pairs. Both get the same texts, tokenizer, number format, threads
and schedule; ours by our loop on packed rows, GPT-2 by `Trainer` on blocks of one long stream of documents, as is
usual. The opponent's highest rate is the best of RATES, found on the validation split in short runs first; ours is the
recipe's. The loss is that of a token of the validation split after the last step, each document by itself, for both by
the same function; the opponent's is also taken in one stream, as it was trained, and the smaller one counts.

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
from lm_trainer import Clock, Material, Rows, Schedule, judged, learn_ours, learn_theirs, material_of
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


def in_stream(material: Material, model: torch.nn.Module) -> tuple[float, float]:
    """As `judged`, with the documents one after the other in windows that overlap by half, as the model was trained."""
    texts = [material.task.text(example) for example in material.validation]
    stream = torch.tensor([token for ids in material.tokenizer.documents(texts) for token in ids[:-1]])
    length, nats, tokens = material.spec.model.max_length, 0.0, 0
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(stream) - 1, length // 2):
            window = stream[start : start + length + 1]
            losses = torch.nn.functional.cross_entropy(model(window[None, :-1]).logits[0], window[1:], reduction="none")
            fresh = losses[length // 2 if start else 0 :]
            nats, tokens = nats + float(fresh.sum()), tokens + len(fresh)
    return nats / tokens, nats / math.log(2) / sum(len(text.encode()) for text in texts)


def theirs(material: Material, blocks: Blocks, how: Schedule) -> tuple[float, float]:
    """Loss and bits per byte, read in the way that suits the model better."""
    model = gpt2(material, how.seed)
    learn_theirs(model, blocks.rows, how, collated, loss=next_token_loss)
    found = judged(material, model), in_stream(material, model)
    print(f"  GPT-2: {found[0]} by document, {found[1]} in a stream", flush=True)
    return min(found)


def best_rate(material: Material, blocks: Blocks, how: Schedule) -> float:
    """With which the opponent learns best, by the validation split."""
    found = {rate: theirs(material, blocks, replace(how, rate=rate, steps=how.steps // SHORT))[0] for rate in RATES}
    print(f"  rates: { ({rate: round(loss, 4) for rate, loss in found.items()}) }", flush=True)
    return min(found, key=lambda rate: found[rate])


def timed(material: Material, blocks: Blocks, how: Schedule, rounds: int) -> list[tuple[Clock, Clock]]:
    """Short runs of ours and theirs, round by round."""
    short, found = replace(how, steps=TIMED), []
    for _ in range(rounds):
        mine = learn_ours(material, short, material.validation[:FEW]).clock
        other = learn_theirs(gpt2(material, how.seed), blocks.rows, short, collated, loss=next_token_loss)
        found.append((mine, other))
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
        loss, its_bits = theirs(material, blocks, replace(its, seed=how.seed + number))
        losses.append((mine.loss, loss))
        bits.append((mine.bits_per_byte, its_bits))
        print(f"  seed {how.seed + number}: loss {losses[-1]}, bits per byte {bits[-1]}", flush=True)
    clocks = timed(material, blocks, how, options.rounds)
    sizes = [sum(p.numel() for p in model.parameters()) for model in (load_causal(material.base), gpt2(material, 1))]
    note = f"{name}: {sizes[0]:,} and {sizes[1]:,} weights, rates {how.rate:g} and {its.rate:g}, {precision}"
    return figures_of(name, losses, bits, clocks, how.steps), note


def figures_of(
    name: str,
    losses: Sequence[tuple[float, float]],
    bits: Sequence[tuple[float, float]],
    clocks: Sequence[tuple[Clock, Clock]],
    n: int,
) -> list[dict[str, Any]]:
    """Ours, theirs, and what is compared with a goal: the difference of losses, the ratio of times."""
    rows = []
    times = [(1e3 * mine.seconds(WARM), 1e3 * other.seconds(WARM)) for mine, other in clocks]
    busy = [(1e3 * mine.busy(WARM), 1e3 * other.busy(WARM)) for mine, other in clocks]
    for what, pairs, unit in (
        ("validation loss", losses, "nats/token"),
        ("bits per byte", bits, "bits/byte"),
        ("time of a step", times, "ms"),
        ("processors' time of a step", busy, "ms"),
    ):
        for who, values in zip(("ours", "GPT-2"), zip(*pairs, strict=True), strict=True):
            span = (min(values), max(values))
            rows.append(figure(f"{name}: {what}, {who}", statistics.median(values), unit, interval=span, n=len(values)))
    more = [mine - other for mine, other in losses]
    excess = statistics.median(more)
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
    for what, pairs in (("time of a step", times), ("processors' time of a step", busy)):
        ratios = [mine / other for mine, other in pairs]
        ratio, span = statistics.median(ratios), (min(ratios), max(ratios))
        rows.append(figure(f"{name}: {what}", ratio, "x", goal="<= 1", met=ratio <= 1, interval=span, **settings))
    assert math.isfinite(excess)
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
