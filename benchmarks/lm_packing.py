"""Packed rows in our loop against padded ones in transformers' `Trainer`: useful tokens a second → `results/lm.json`.

    python benchmarks/lm_packing.py [--rounds N] [--steps N] [--out FOLDER] [--note TEXT]

The film reviews of `recipes/pretrain-tiny`, its network (the same weights, for `Trainer` opened by transformers), its
tokenizer, one number format, threads and optimizer for all. A useful token is one that is learned: padding is not. No
contender loses text: for `Trainer` a review that is longer than a row is cut into several. The opponents need no
attention mask, since padding is on the right, and get the faster of two batch sizes: as many rows as ours, or rows for
as many tokens. Rounds are interleaved; the figures are medians.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lm_trainer import Clock, Material, Rows, Schedule, learn_ours, learn_theirs, material_of
from results import RESULTS, figure, write_part

from seatrial.models.quiet import quiet_transformers
from seatrial.train.runtime import pick_precision

RECIPE = "pretrain-tiny"
BLOCK = "Trainer, padded to the block of 64"
GROUPED = "Trainer, padded to the longest, grouped by length"
OURS = "packed"
GOAL = 1.5
WARM = 5
FEW = 8
"""Validation texts: `fit` validates at its end, which is not timed."""
NOTHING = -100


def rows_of(material: Material) -> list[dict[str, Any]]:
    """Documents in pieces that fit a row, each piece beginning with the last token of the one before it."""
    room = material.spec.model.max_length
    rows = []
    for ids in material.documents():
        for start in range(0, max(1, len(ids) - 1), room - 1):
            piece = ids[start : start + room]
            rows.append({"input_ids": piece, "length": len(piece)})
    return rows


class Padding:
    """Rows → tensors [B, T], and a count of what is learned in them.

    Args:
        pad_id: fills gaps.
        length: T; None takes the longest of a batch.
    """

    def __init__(self, pad_id: int, length: int | None) -> None:
        self._pad_id, self._length = pad_id, length
        self.batches = self.useful = 0

    def __call__(self, rows: Rows) -> Mapping[str, torch.Tensor]:
        length = self._length or max(len(row["input_ids"]) for row in rows)
        input_ids = torch.full((len(rows), length), self._pad_id)
        labels = torch.full((len(rows), length), NOTHING)
        for place, row in enumerate(rows):
            ids = torch.tensor(row["input_ids"])
            input_ids[place, : len(ids)] = ids
            labels[place, : len(ids)] = ids
            self.useful += len(ids) - 1  # the first is foreseen by nothing
        self.batches += 1
        return {"input_ids": input_ids, "labels": labels}


Rates = tuple[float, float]
"""Useful tokens a second, and a second of processors."""


def rates(useful: float, clock: Clock) -> Rates:
    """From the useful tokens of a step."""
    return useful / clock.seconds(WARM), useful / clock.busy(WARM)


def ours(material: Material, how: Schedule) -> Rates:
    """Every place of a packed row is useful, but for the end of the last."""
    learned = learn_ours(material, how, material.validation[:FEW])
    return rates(how.batch * material.spec.model.max_length, learned.clock)


def theirs(material: Material, rows: Rows, how: Schedule, *, grouped: bool) -> Rates:
    """The same of a recipe of `Trainer`."""
    from transformers import AutoModelForCausalLM

    with quiet_transformers():
        model = AutoModelForCausalLM.from_pretrained(material.base, dtype=torch.float32)
    padding = Padding(material.tokenizer.pad_id, None if grouped else material.spec.model.max_length)
    clock = learn_theirs(model, rows, how, padding, sampling="group_by_length" if grouped else "random")
    return rates(padding.useful / padding.batches, clock)


def faster(run: Callable[[Schedule], Rates], how: Schedule, batches: Sequence[int]) -> Schedule:
    """The schedule with the batch at which `run` needs least of the processors, found in one short run each."""
    short = replace(how, steps=max(3 * WARM, how.steps // 3))
    return replace(how, batch=max(batches, key=lambda batch: run(replace(short, batch=batch))[1]))


def figures_of(found: Mapping[str, Sequence[Rates]], steps: int) -> list[dict[str, Any]]:
    """Rates, and the ratio of ours to each opponent's, round by round."""
    rows = []
    for place, (what, unit) in enumerate((("second", "tokens/s"), ("second of processors", "tokens/s"))):
        by_name = {name: [both[place] for both in rounds] for name, rounds in found.items()}
        for name, values in by_name.items():
            span = (min(values), max(values))
            rows.append(
                figure(f"{name}: useful tokens a {what}", statistics.median(values), unit, interval=span, n=steps)
            )
        for name in (BLOCK, GROUPED):
            ratios = [mine / other for mine, other in zip(by_name[OURS], by_name[name], strict=True)]
            ratio = statistics.median(ratios)
            with_goal = name == BLOCK
            rows.append(
                figure(
                    f"useful tokens a {what}",
                    ratio,
                    "x",
                    goal=f">= {GOAL:g}" if with_goal else None,
                    met=ratio >= GOAL if with_goal else None,
                    opponent=name,
                    interval=(min(ratios), max(ratios)),
                    n=len(ratios),
                )
            )
    return rows


def main() -> None:
    """Measure and write the part `packing` of `lm.json`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=120, help="optimizer steps of a contender in a round")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--note", default="nothing else ran", help="what else the machine did")
    options = parser.parse_args()
    with material_of(RECIPE) as material:
        spec, rows = material.spec, rows_of(material)
        assert spec.training.batch_items is not None
        assert spec.training.learning_rate is not None
        precision = pick_precision(spec.training.precision, "cpu")
        how = Schedule(options.steps, spec.training.batch_items, spec.training.learning_rate, precision)
        mean = sum(row["length"] for row in rows) / len(rows)
        alike = round(how.batch * spec.model.max_length / mean)
        schedules = {
            name: faster(lambda h, g=name == GROUPED: theirs(material, rows, h, grouped=g), how, (how.batch, alike))
            for name in (BLOCK, GROUPED)
        }
        ours(material, replace(how, steps=3 * WARM))
        found: dict[str, list[Rates]] = {OURS: [], BLOCK: [], GROUPED: []}
        for number in range(options.rounds):
            found[OURS].append(ours(material, how))
            for name, its in schedules.items():
                found[name].append(theirs(material, rows, its, grouped=name == GROUPED))
            print(f"round {number + 1}: {found}", flush=True)
        sizes = ", ".join(f"{its.batch} ({name})" for name, its in schedules.items())
        note = (
            f"film reviews of {mean:.1f} tokens in rows of {spec.model.max_length}, {RECIPE}'s network, {precision}; "
            f"batches of {how.batch} (packed), {sizes}; {options.rounds} interleaved rounds of {how.steps} steps; "
            f"{options.note}"
        )
        rows_out = figures_of(found, how.steps)
        print(write_part("lm", "packing", rows_out, seed=spec.seed, folder=options.out, note=note))


if __name__ == "__main__":
    main()
