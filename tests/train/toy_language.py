"""A language model of a few thousand weights from nothing, and sentences that it can learn in a second."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.models.fresh import fresh_model
from seatrial.progress import Progress, silent
from seatrial.records import Example, Provenance, Report
from seatrial.spec.language import NetworkSpec
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks.causal_lm import CausalLm
from seatrial.tasks.foresight import BYTES
from seatrial.tokenize.gap import GAP
from seatrial.train.fit import fit

WHO = ["the cat", "a dog", "my friend", "the old man"]
DOES = ["sees", "likes", "hears", "follows"]
ROOM = 24


def sentences(count: int, seed: int) -> list[Example]:
    """Of a small grammar, each with a number of its own."""
    rng = random.Random(seed)
    texts = (f"{rng.choice(WHO)} {rng.choice(DOES)} {rng.choice(WHO)} {number}." for number in range(count))
    return [Example(f"{seed}-{n}", {"text": text}, "", Provenance("toy", n + 1)) for n, text in enumerate(texts)]


def bits_per_byte(outputs: Sequence[NDArray[np.float32]], _: Sequence[Example]) -> Mapping[str, float]:
    """The injected score."""
    nats, size = (sum(float(output[:, column].sum()) for output in outputs) for column in (0, BYTES))
    return {"bits_per_byte": nats / size / math.log(2)}


def toy_language_fit(folder: Path, progress: Progress = silent, **settings: Any) -> Report:
    """`fit` on the sentences; writes `folder/out`, works in `folder/work`."""
    base, train = folder / "base", sentences(60, 1)
    for made in (base, folder / "out"):
        made.mkdir(parents=True, exist_ok=True)
    network = NetworkSpec(layers=2, width=16, heads=2)
    tokenizer = TokenizerSpec(method="bpe", vocabulary=290, special_tokens=list(GAP))
    texts = [example.inputs["text"] for example in train]
    fresh_model(texts, network, tokenizer, kind="decoder", max_length=ROOM, seed=3, out=base, progress=silent)
    quiet: dict[str, Any] = {"device": "cpu", "precision": "fp32", "threads": 1, "patience": 100}
    return fit(
        TrainingSpec(**{**quiet, "epochs": 1, "learning_rate": 0.02, "batch_items": 4, **settings}),
        ModelSpec(network=network, tokenizer=tokenizer, max_length=ROOM),
        task=CausalLm(),
        base=base,
        labels=(),
        train=train,
        validation=sentences(12, 2),
        score=bits_per_byte,
        seed=5,
        out=folder / "out",
        work=folder / "work",
        progress=progress,
    )
