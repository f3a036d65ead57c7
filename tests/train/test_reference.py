"""What the model says at the start is asked once in a run, kept whole, and never taken from another run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from seatrial.evaluate.measure import scores
from seatrial.progress import Progress, silent
from seatrial.records import Example, Report
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks.base import Known
from seatrial.tasks.preference import Preference
from seatrial.tasks.preference_objective import PreferenceObjective
from seatrial.train.distributed.alone import Alone
from seatrial.train.fit import fit
from seatrial.train.reference import refer_to_start

from ..toy_decoder import toy_decoder, toy_pairs

NOTHING = Known((), np.empty((0, 0), dtype=np.float32))


class Asked:
    """An objective that counts how often it asks, and remembers what it was told."""

    rate_share = 1.0

    def __init__(self) -> None:
        self.times = 0
        self.told: list[list[list[float]]] = []

    def reference(self, model: Any, progress: Progress) -> NDArray[np.float32]:
        self.times += 1
        return np.full((2, 2), self.times, dtype=np.float32)

    def refer_to(self, reference: NDArray[np.float32]) -> None:
        self.told.append(reference.tolist())


class Start(Alone):
    """One process with a model that nobody looks into."""

    def judge(self, use: Any) -> Any:
        return use(object())


def test_the_same_run_asks_once_and_another_asks_again(tmp_path: Path) -> None:
    asked, start = Asked(), Start()
    for run in ("a", "a", "b", "b"):
        refer_to_start(asked, start, tmp_path / "reference", run, progress=silent)
    assert asked.told == [[[n, n], [n, n]] for n in (1, 1, 2, 2)]


@pytest.mark.parametrize("name", ["reference.npy", "run.json"])
def test_a_file_that_was_changed_is_not_believed(name: str, tmp_path: Path) -> None:
    asked, start = Asked(), Start()
    refer_to_start(asked, start, tmp_path / "reference", "a", progress=silent)
    file = tmp_path / "reference" / name
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    refer_to_start(asked, start, tmp_path / "reference", "a", progress=silent)
    assert asked.times == 2


class Stopped(Exception):
    """Stands for a kill."""


def fitted(base: Path, folder: Path, progress: Progress = silent, **training: Any) -> Report:
    """Learn what the toy pairs prefer."""
    task = Preference()

    def score(outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example]) -> Mapping[str, float]:
        said = task.label_scores(outputs, examples, (), NOTHING)
        return scores(task.watched_metrics, said, task.truth(examples, ()))

    settings = {"batch_items": 4, "epochs": 3, "learning_rate": 0.02, "device": "cpu", "precision": "fp32"}
    out = folder / "out"
    out.mkdir(parents=True, exist_ok=True)
    return fit(
        TrainingSpec.model_validate({**settings, **training}),
        ModelSpec(base=str(base), max_length=64),
        task=task,
        base=base,
        labels=(),
        train=toy_pairs(14),
        validation=toy_pairs(5, first=30),
        score=score,
        seed=1,
        out=out,
        work=folder / "work",
        progress=progress,
    )


def weights(folder: Path) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in load_file(folder / "out" / "model.safetensors").items()}


@pytest.mark.parametrize("adapt", ["full", "lora"])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    adapt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = toy_decoder(tmp_path / "base")
    settings: dict[str, Any] = {"adapt": adapt, "accumulate": 2}
    whole = fitted(base, tmp_path / "whole", **settings)
    times, ask = [], PreferenceObjective.reference

    def counted(self: PreferenceObjective, model: Any, progress: Progress) -> NDArray[np.float32]:
        times.append(1)
        return ask(self, model, progress)

    monkeypatch.setattr(PreferenceObjective, "reference", counted)
    words = 0

    def stops(what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        nonlocal words
        words += what == "train"
        if words == 5:
            raise Stopped

    with pytest.raises(Stopped):
        fitted(base, tmp_path / "cut", stops, **settings)
    resumed = fitted(base, tmp_path / "cut", **settings)
    assert len(times) == 1
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")
    assert resumed.series["validations"] == whole.series["validations"]
    last = whole.series["validations"][-1]
    assert last["preference_accuracy"] == 1.0
    assert last["reward_margin_nats"] > 1


def test_another_beta_is_another_run(tmp_path: Path) -> None:
    base = toy_decoder(tmp_path / "base")
    fitted(base, tmp_path / "run", epochs=1)
    kept = (tmp_path / "run" / "work" / "reference" / "run.json").read_text()
    fitted(base, tmp_path / "run", epochs=1, preference={"beta": 0.2})
    assert (tmp_path / "run" / "work" / "reference" / "run.json").read_text() != kept


def test_the_usual_rate_is_a_share_of_the_adapters(tmp_path: Path) -> None:
    base = toy_decoder(tmp_path / "base")
    report = fitted(base, tmp_path / "run", epochs=1, learning_rate=None)
    rates = [step["learning_rate"] for step in report.series["steps"]]
    assert max(rates) <= 2e-4 * PreferenceObjective.rate_share
