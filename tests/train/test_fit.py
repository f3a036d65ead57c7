"""A fit learns, writes a folder that transformers opens, and continues to the same bits after any interruption."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from seatrial.errors import DataError, SpecError, TrainingError
from seatrial.models.forward import torch_logits
from seatrial.models.quiet import quiet_transformers
from seatrial.records import Report
from seatrial.spec.training import ModelSpec
from seatrial.tasks.text_classification import TextClassification
from seatrial.tokenize.load import encode, load_tokenizer
from seatrial.train.fit import fit

from .toy import LABELS, accuracy, toy_base, toy_examples, toy_fit, toy_spec

SCRIPT = Path(__file__).parent / "killed_run.py"


class Stopped(Exception):
    """Stands for a kill, raised from the progress callback."""


class StopAt:
    """A progress that raises at its Nth word."""

    def __init__(self, words: int) -> None:
        self.left = words

    def __call__(
        self, what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None
    ) -> None:
        self.left -= 1
        if self.left == 0:
            raise Stopped


def weights(folder: Path) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in load_file(folder / "out" / "model.safetensors").items()}


@pytest.fixture(scope="module")
def whole(base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """An uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, toy_fit(base, folder, toy_spec())


def test_it_learns(base: Path, tmp_path: Path) -> None:
    report = toy_fit(base, tmp_path, toy_spec(epochs=12), train=toy_examples(192, 1))
    assert report.series["validations"][-1]["accuracy"] > 0.95
    assert report.series["steps"][-1]["loss"] < 0.75 * report.series["steps"][0]["loss"]


def test_it_reports_every_step(whole: tuple[Path, Report]) -> None:
    folder, report = whole
    steps, validations = report.series["steps"], report.series["validations"]
    assert [v["epoch"] for v in validations] == [1, 2, 3]
    assert sum(v["best"] for v in validations) >= 1
    assert [s["step"] for s in steps] == list(range(1, len(steps) + 1))
    assert {"step", "epoch", "loss", "learning_rate", "texts_per_s"} <= set(steps[0])
    best = max(validations, key=lambda v: v["accuracy"])
    assert report.facts["best_step"] == best["step"]
    assert report.facts["stopped"] == "all epochs done"
    assert report.facts["trainable_parameters"] == report.facts["parameters"]
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report
    assert list((folder / "out" / "tensorboard").glob("events.*"))


def test_the_folder_opens_in_transformers_and_gives_the_scores_of_the_best_validation(
    whole: tuple[Path, Report], base: Path
) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    out, report = whole[0] / "out", whole[1]
    validation = toy_examples(24, 2)
    texts = [example.inputs["text"] for example in validation]
    tokenizer = load_tokenizer(out, 20)
    model = TextClassification().load_trained(out)
    logits = torch_logits(model, encode(tokenizer, texts))
    found = accuracy(TextClassification().outputs(logits, 1.0), validation)["accuracy"]
    assert found == max(v["accuracy"] for v in report.series["validations"])

    with quiet_transformers():
        theirs = AutoModelForSequenceClassification.from_pretrained(out)
        fast = AutoTokenizer.from_pretrained(out)
        assert fast(texts)["input_ids"] == encode(tokenizer, texts)
        assert len(fast("good " * 90, truncation=True)["input_ids"]) == 20
        classify = pipeline("text-classification", model=theirs, tokenizer=fast)
        answers = classify(texts, batch_size=8)
    assert [answer["label"] for answer in answers] == [LABELS[i] for i in logits.argmax(1)]
    assert theirs.config.id2label == dict(enumerate(LABELS))
    assert str(base) not in (out / "config.json").read_text() + (out / "tokenizer_config.json").read_text()


def test_a_run_killed_by_the_system_continues_to_identical_bits(
    whole: tuple[Path, Report], base: Path, tmp_path: Path
) -> None:
    killed = subprocess.run([sys.executable, str(SCRIPT), str(base), str(tmp_path), "17"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "out" / "model.safetensors").exists()
    checkpoint = max((tmp_path / "work" / "checkpoints").iterdir())
    assert json.loads((checkpoint / "state.json").read_text())["position"]["batch"] > 0  # in the middle of an epoch
    resumed = toy_fit(base, tmp_path, toy_spec())
    assert weights(tmp_path) == weights(whole[0])
    for part in ("loss", "step", "learning_rate"):
        expected = [step[part] for step in whole[1].series["steps"]]
        assert [step[part] for step in resumed.series["steps"]] == expected
    assert resumed.series["validations"] == whole[1].series["validations"]


@pytest.mark.parametrize("every_seconds", [0, 60])
@pytest.mark.parametrize("words", [1, 11, 12, 13, 25, 32])
def test_an_interruption_at_any_moment_changes_nothing(
    words: int, every_seconds: float, whole: tuple[Path, Report], base: Path, tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        toy_fit(base, tmp_path, toy_spec(checkpoint_seconds=every_seconds), StopAt(words))
    resumed = toy_fit(base, tmp_path, toy_spec())
    assert weights(tmp_path) == weights(whole[0])
    assert [s["step"] for s in resumed.series["steps"]] == [s["step"] for s in whole[1].series["steps"]]
    assert resumed.series["validations"] == whole[1].series["validations"]


def test_half_precision_and_several_threads_continue_to_identical_bits_too(base: Path, tmp_path: Path) -> None:
    settings = {"precision": "bf16", "threads": 2}
    toy_fit(base, tmp_path / "whole", toy_spec(**settings))
    with pytest.raises(Stopped):
        toy_fit(base, tmp_path / "cut", toy_spec(checkpoint_seconds=0, **settings), StopAt(17))
    toy_fit(base, tmp_path / "cut", toy_spec(**settings))
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


def test_a_checkpoint_of_other_settings_or_data_is_not_continued(base: Path, tmp_path: Path) -> None:
    spec = toy_spec(epochs=1)
    for name, changed, other in (
        ("rate", spec.model_copy(update={"learning_rate": 1e-3}), {}),
        ("data", spec, {"train": toy_examples(63, 1)}),
        ("seed", spec, {"seed": 6}),
    ):
        folder = tmp_path / name
        with pytest.raises(Stopped):
            toy_fit(base, folder, spec.model_copy(update={"checkpoint_seconds": 0}), StopAt(6))
        toy_fit(base, folder, changed, **other)
        fresh = tmp_path / f"{name}-fresh"
        toy_fit(base, fresh, changed, **other)
        assert weights(folder) == weights(fresh), name
        assert len((folder / "out" / "history.jsonl").read_text().splitlines()) == len(
            (fresh / "out" / "history.jsonl").read_text().splitlines()
        )


def test_early_stopping_restores_the_best_weights(base: Path, tmp_path: Path) -> None:
    values = iter([0.5, 0.9, 0.8, 0.7, 0.6])
    seen: list[np.ndarray] = []

    def falling(probabilities: np.ndarray, examples: object) -> dict[str, float]:
        seen.append(probabilities)
        return {"accuracy": next(values)}

    report = toy_fit(base, tmp_path, toy_spec(epochs=5, patience=2), score=falling)
    assert report.facts["stopped"] == "no better accuracy in 2 validations"
    assert [v["best"] for v in report.series["validations"]] == [False, True, False, False]
    texts = [example.inputs["text"] for example in toy_examples(24, 2)]
    model = TextClassification().load_trained(tmp_path / "out")
    logits = torch_logits(model, encode(load_tokenizer(tmp_path / "out", 20), texts))
    np.testing.assert_allclose(TextClassification().outputs(logits, 1.0), seen[1], atol=1e-6)


def test_the_seed_decides_everything(whole: tuple[Path, Report], base: Path, tmp_path: Path) -> None:
    toy_fit(base, tmp_path / "same", toy_spec())
    toy_fit(base, tmp_path / "other", toy_spec(), seed=6)
    assert weights(tmp_path / "same") == weights(whole[0])
    assert weights(tmp_path / "other") != weights(whole[0])


def test_a_rate_that_breaks_the_model_is_reported_not_saved(base: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"the loss is|gradient") as caught:
        toy_fit(base, tmp_path, toy_spec(learning_rate=1e38))
    assert "learning_rate" in str(caught.value.hint)
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_a_score_without_the_primary_metric_is_an_error(base: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="gave no accuracy"):
        toy_fit(base, tmp_path, toy_spec(epochs=1), score=lambda probabilities, examples: {"f1_macro": 1.0})


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_empty_split_is_an_error(split: str, base: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"the {split} split is empty"):
        toy_fit(base, tmp_path, toy_spec(), **{split: []})


def test_texts_longer_than_the_model_reads_are_refused_before_training(base: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="at most 40 tokens, not 41") as caught:
        fit(
            toy_spec(),
            ModelSpec(max_length=41),
            task=TextClassification(),
            base=base,
            labels=LABELS,
            train=toy_examples(8, 1),
            validation=toy_examples(8, 2),
            score=accuracy,
            seed=1,
            out=tmp_path,
            work=tmp_path / "work",
            progress=lambda what, done, total=None, figures=None: None,
        )
    assert caught.value.where == "model.max_length"


def test_the_bar_counts_texts_and_closes(base: Path, tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    names: set[str] = set()

    def progress(what: str, done: int, total: int | None = None, figures: Mapping[str, float] | None = None) -> None:
        if what == "train":
            heard.append((done, total))
            names.update(figures or {})

    toy_fit(base, tmp_path, toy_spec(epochs=2), progress)
    assert heard[-1] == (128, 128)
    assert names == {"loss", "texts_per_s"}


@pytest.mark.parametrize("kind", ["roberta", "distilbert"])
def test_other_encoders_train_and_open_too(kind: str, tmp_path: Path) -> None:
    other = toy_base(tmp_path / "base", kind=kind)
    toy_fit(other, tmp_path, toy_spec(epochs=1, class_weights="balanced"))
    model = TextClassification().load_trained(tmp_path / "out")
    assert torch_logits(model, [[2, 4, 3], [2, 3]]).shape == (2, 2)
