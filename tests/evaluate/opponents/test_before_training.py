"""The model before training answers as the trained one does, and learns nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seatrial.errors import ResolveError
from seatrial.evaluate.metrics import METRICS
from seatrial.evaluate.opponents import OPPONENTS, AsksStart, Start
from seatrial.evaluate.opponents.before_training import BeforeTraining
from seatrial.models.fresh import fresh_model
from seatrial.progress import silent
from seatrial.records import Example, Provenance
from seatrial.spec.language import NetworkSpec
from seatrial.spec.tokenizer import TokenizerSpec
from seatrial.tasks import TASKS, Known

TEXTS = ["the cat sees a dog", "a dog likes the cat", "my friend hears"]
EXAMPLES = [Example(str(n), {"text": text}, "", Provenance("toy", n)) for n, text in enumerate(TEXTS)]


def base(folder: Path, task: str) -> Start:
    network = NetworkSpec(layers=1, width=16, heads=2)
    kind = "encoder" if task == "masked-lm" else "decoder"
    tokenizer = TokenizerSpec(method="wordpiece" if task == "masked-lm" else "characters")
    fresh_model(TEXTS, network, tokenizer, kind=kind, max_length=24, seed=1, out=folder, progress=silent)
    return Start(TASKS.get(task)(), folder, 24, silent)


@pytest.mark.parametrize("name", ["causal-lm", "masked-lm"])
def test_it_gives_what_the_task_gives_for_that_model(name: str, tmp_path: Path) -> None:
    start = base(tmp_path, name)
    opponent = OPPONENTS.get("base")(EXAMPLES, (), 1)
    assert isinstance(opponent, AsksStart)
    opponent.start_from(start)
    found = opponent.probabilities(EXAMPLES)
    task, tokenizer = start.task, start.task.load_tokenizer(tmp_path, 24)
    reading = task.reading(tokenizer, EXAMPLES)
    rows = task.rows(task.load_trained(tmp_path), tokenizer, EXAMPLES, reading, silent)
    outputs = task.join(reading, reading.parts(rows))
    expected = task.label_scores(outputs, EXAMPLES, (), Known((), np.empty((0, 0), dtype=np.float32)))
    np.testing.assert_array_equal(found, expected)
    assert METRICS.get("perplexity").compute(found, task.truth(EXAMPLES, ())) > 1


def test_a_folder_without_such_a_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    opponent = BeforeTraining(EXAMPLES, (), 1)
    opponent.start_from(Start(TASKS.get("causal-lm")(), tmp_path, 24, silent))
    with pytest.raises(ResolveError, match="before it is trained"):
        opponent.probabilities(EXAMPLES)
