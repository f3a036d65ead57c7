"""A text gets the same answer whoever it is computed with: alone, and in 1,000 random batches."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from seatrial.export.release import load_release
from seatrial.load.texts import made_up_texts
from seatrial.serve.engine import Engine

from .figures import Figures
from .releases import Material, make_release

BATCHES = 1000
MOST_TOKENS = 32
PROBES = (
    "Thank you!",
    "It was not what I had hoped for, and yet I would go again.",
    "No.",
    "The shop opens at nine on weekdays, at ten on Saturdays and stays closed on Sundays and public holidays.",
)
# What is allowed of int8, whose activations are scaled over the whole batch: measured at up to 0.06 with this head of
# random, large weights. Trained heads move less; each release's card states its own figure.
ALLOWED = {"fp32": 1e-5, "int8-block": 1e-5, "int8-dynamic": 0.15}


@pytest.mark.parametrize("method", ["fp32", "int8-block", "int8-dynamic"])
def test_company_changes_no_answer(
    material: Material, tmp_path: Path, figures: Figures, seed: int, method: str
) -> None:
    engine = Engine(load_release(make_release(material, tmp_path / method, head_seed=1, method=method)), 1)
    rng = random.Random(seed)
    probes = engine.tokenize(PROBES)
    alone = [engine.outputs([ids])[0] for ids in probes]
    company = [ids for ids in engine.tokenize(made_up_texts("mixed", 200, seed=seed)) if len(ids) <= MOST_TOKENS]
    assert len(company) > 50
    largest, relabelled = 0.0, 0
    for number in range(BATCHES):
        probe = number % len(probes)
        batch = rng.choices(company, k=rng.randint(1, 5))
        place = rng.randint(0, len(batch))
        found = engine.outputs([*batch[:place], probes[probe], *batch[place:]])[place]
        largest = max(largest, float(np.abs(found - alone[probe]).max()))
        relabelled += int(found.argmax() != alone[probe].argmax())
    figures.add(
        f"largest change of a probability by company, {method}",
        largest,
        "1",
        goal=f"<= {ALLOWED[method]:g}",
        met=largest <= ALLOWED[method],
        n=BATCHES,
    )
    figures.add(
        f"labels changed by company, {method}", relabelled, "count", goal="<= 0", met=relabelled == 0, n=BATCHES
    )
    assert largest <= ALLOWED[method]
    assert relabelled == 0
