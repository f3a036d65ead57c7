"""Fits that one process and several can do alike, and the program that several run.

As a program: `shared_runs.py BASES FOLDER NAME…`, started by torchrun, does the named fits one after the other below
FOLDER and writes there what came of them.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from toy import LABELS, accuracy, toy_base, toy_examples, toy_spec

from seatrial.progress import Progress, silent
from seatrial.records import Example, Provenance, Report
from seatrial.spec.training import ModelSpec
from seatrial.train.distributed.processes import Processes, launched
from seatrial.train.fit import fit

AGAIN = "-again"
RUNS: dict[str, dict[str, Any]] = {
    # Batches of up to 8 items; three of them make a step, and the last step has one.
    "classifier": {"epochs": 1, "accumulate": 3, "class_weights": "balanced", "checkpoint_seconds": 0},
    "classifier-head": {"steps": 3, "adapt": "head"},
    "classifier-lora": {"steps": 3, "adapt": "lora", "lora": {"rank": 4, "dropout": 0.0}},
    "decoder": {"epochs": 1, "batch_tokens": 160, "gradient_checkpointing": True},
    "decoder-lora": {"steps": 3, "adapt": "lora", "lora": {"rank": 4, "dropout": 0.0}, "batch_tokens": 160},
    # Every step leaves a checkpoint to go on from.
    "dropout": {"epochs": 2, "checkpoint_seconds": 0, "batch_items": 12, "batch_tokens": 200},
}
"""Name → settings; ``NAME:STRATEGY`` does it with that strategy, and ``NAME:STRATEGY-again`` goes on from what was
copied of its work."""
COPIED = {"dropout:ddp": ("train", 4), "dropout:fsdp": ("predict", 1)}
"""When the work is copied: in the middle of an epoch, and before the first validation is done."""


def bases(folder: Path) -> Path:
    """The three toy models: a BERT with dropout, one without, and a decoder."""
    from seatrial.models.fresh import fresh_model
    from seatrial.spec.language import NetworkSpec
    from seatrial.spec.tokenizer import TokenizerSpec

    for name in ("dropout", "classifier", "decoder"):
        (folder / name).mkdir(parents=True)
    toy_base(folder / "dropout")
    toy_base(folder / "classifier")
    config = json.loads((folder / "classifier" / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "classifier" / "config.json").write_text(json.dumps(config))
    fresh_model(
        [example.inputs["text"] for example in sentences(60, 1)],
        NetworkSpec(layers=2, width=16, heads=2),
        TokenizerSpec(method="characters"),
        kind="decoder",
        max_length=20,
        seed=3,
        out=folder / "decoder",
        progress=silent,
    )
    return folder


def sentences(n: int, seed: int) -> list[Example]:
    """Sentences of a small grammar."""
    rng, who = random.Random(seed), ("the cat", "a dog", "my friend", "the old man")
    texts = [f"{rng.choice(who)} {rng.choice(('sees', 'likes'))} {rng.choice(who)}." for _ in range(n)]
    return [Example(f"{seed}-{i}", {"text": text}, "", Provenance("toy", i + 1)) for i, text in enumerate(texts)]


def run(base: Path, folder: Path, name: str, *, processes: Processes, progress: Progress = silent) -> Report | None:
    """One fit, below `folder`."""
    kind, _, strategy = name.removesuffix(AGAIN).partition(":")
    spec = toy_spec(**RUNS[kind], **({"distributed": strategy} if strategy else {}))
    (folder / "out").mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {"seed": 5, "out": folder / "out", "work": folder / "work", "processes": processes}
    if kind.startswith("decoder"):
        from seatrial.tasks.causal_lm import CausalLm

        task, splits, labels, score = CausalLm(), (sentences(30, 1), sentences(9, 2)), (), surprise
    else:
        from seatrial.tasks.text_classification import TextClassification

        task, splits, labels, score = TextClassification(), (toy_examples(45, 1), toy_examples(12, 2)), LABELS, accuracy
    return fit(
        spec,
        ModelSpec(max_length=20, dropout=None if kind == "dropout" else 0.0),
        task=task,
        base=base / kind.partition("-")[0],
        labels=labels,
        train=splits[0],
        validation=splits[1],
        score=score,
        progress=progress,
        **settings,
    )


def surprise(outputs: Sequence[Any], examples: Sequence[Example]) -> Mapping[str, float]:
    """The injected score of the decoder."""
    from seatrial.models.surprise import NATS

    return {"bits_per_byte": float(sum(output[:, NATS].sum() for output in outputs))}


def copying(work: Path, to: Path, what: str, count: int) -> Progress:
    """Copies a run's work at the Nth word about something, as a kill at that moment would leave it."""
    heard = 0

    def progress(told: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        nonlocal heard
        heard += told == what
        if heard == count and told == what:
            shutil.copytree(work, to)

    return progress


def main(base: str, folder: str, *names: str) -> None:
    import torch

    processes = launched()
    torch.distributed.init_process_group("gloo")  # once: a second group would read the first one's addresses
    for name in names:
        place = Path(folder) / name
        progress = silent
        if name in COPIED and not (place / "work").exists() and processes.first:
            progress = copying(place / "work", Path(folder) / f"{name}{AGAIN}" / "work", *COPIED[name])
        report = run(Path(base), place, name, processes=processes, progress=progress)
        assert (report is not None) == processes.first
        if report:
            (place / "report.json").write_text(json.dumps(report.as_dict()))
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
