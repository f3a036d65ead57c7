from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.artifact.manifest import write_manifest
from seatrial.errors import ArtifactError
from seatrial.export.release import load_release, onnx_path, served_size_mb, write_release
from seatrial.export.session import OnnxSession

LABELS = ["angry", "calm", "glad"]
TEXT = "the film was not very good"

ALONE = """
import json, sys
from pathlib import Path
import numpy as np, onnxruntime
from tokenizers import Tokenizer

folder = Path(sys.argv[1])
served = json.loads((folder / "config.json").read_text(encoding="utf-8"))["seatrial"]
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
session = onnxruntime.InferenceSession(str(folder / served["served"]))
ids = np.array([tokenizer.encode(sys.argv[2]).ids])
logits = session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
scores = np.exp((logits - logits.max()) / served["temperature"])
scores = dict(zip(served["labels"], (scores / scores.sum()).tolist()))
print(json.dumps({"scores": scores, "tokens": ids.size, "modules": sorted(sys.modules)}))
"""


def write(out: Path, bert: Path, bert_onnx: Path, **changes: Any) -> Path:
    arguments: dict[str, Any] = {
        "model_folder": bert,
        "onnx_files": {"fp32": bert_onnx, "int8-dynamic": bert_onnx},
        "served": "int8-dynamic",
        "name": "mood",
        "task": "text-classification",
        "labels": LABELS,
        "temperature": 1.5,
        "max_length": 12,
    }
    out.mkdir()
    write_release(out, **{**arguments, **changes})
    return out


@pytest.fixture(scope="module")
def finished(bert: Path, bert_onnx: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("release") / "release", bert, bert_onnx)
    (folder / "README.md").write_text("a card\n")
    write_manifest(folder, kind="release")
    return folder


@pytest.fixture
def release(finished: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return shutil.copytree(finished, tmp_path / "elsewhere")


def edit_config(folder: Path, **changes: Any) -> None:
    """Change the `seatrial` key and sign the folder again, so that only the config check is left to object."""
    config = json.loads((folder / "config.json").read_text())
    config["seatrial"].update(changes)
    (folder / "config.json").write_text(json.dumps(config))
    write_manifest(folder, kind="release")


def test_what_was_written_comes_back(release: Path) -> None:
    loaded = load_release(release)
    assert (loaded.name, loaded.task, loaded.labels) == ("mood", "text-classification", tuple(LABELS))
    assert (loaded.temperature, loaded.max_length) == (1.5, 12)
    assert loaded.path == release
    assert loaded.model_file == release / "onnx" / "model_int8_dynamic.onnx"
    assert loaded.tokenizer_file.is_file()
    assert len(loaded.version) == 12


def test_the_version_depends_on_what_is_released(finished: Path, bert: Path, bert_onnx: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", bert, bert_onnx, temperature=1.6)
    write_manifest(other, kind="release")
    assert load_release(other).version != load_release(finished).version


def test_transformers_loads_the_folder_and_agrees(release: Path) -> None:
    from transformers import AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained(release)
    assert tokenizer.model_max_length == 12
    assert len(tokenizer(TEXT).input_ids) == 8
    answers = pipeline("text-classification", str(release), top_k=None)([TEXT])
    found = {row["label"]: row["score"] for row in answers[0]}
    loaded = load_release(release)
    logits = OnnxSession(loaded.model_file, threads=1).logits([tokenizer(TEXT).input_ids])[0]
    expected = np.exp(logits - logits.max())
    assert found == pytest.approx(dict(zip(LABELS, expected / expected.sum(), strict=True)), abs=1e-4)


def test_the_folder_needs_only_onnxruntime_tokenizers_and_numpy(release: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(release), TEXT], capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["tokens"] == 8, "the tokenizer must not pad"
    assert not {"seatrial", "torch", "transformers"} & set(answer["modules"])
    assert list(answer["scores"]) == LABELS
    assert sum(answer["scores"].values()) == pytest.approx(1)
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(release), TEXT * 9], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["tokens"] == 12, "the tokenizer must cut at max_length"


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "onnx/model_int8_dynamic.onnx", "README.md"])
def test_a_flipped_byte_is_named(release: Path, name: str) -> None:
    content = bytearray((release / name).read_bytes())
    content[len(content) // 2] ^= 1
    (release / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=rf"{name} was altered"):
        load_release(release)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temperature": 0}, "seatrial.temperature"),
        ({"temperature": float("nan")}, "seatrial.temperature"),
        ({"labels": ["a", "b"]}, "3 outputs for 2 labels"),
        ({"labels": ["a", "b", "a"]}, "a label is there twice"),
        ({"max_length": 41}, "positions for 40 tokens"),
        ({"served": "../../etc/model.onnx"}, "seatrial.served"),
        ({"served": "onnx/absent.onnx"}, "onnx/absent.onnx is missing"),
        ({"surprise": 1}, "seatrial.surprise"),
    ],
)
def test_a_config_that_cannot_be_served_is_refused(release: Path, changes: dict[str, Any], message: str) -> None:
    edit_config(release, **changes)
    with pytest.raises(ArtifactError, match=message):
        load_release(release)


def test_a_plain_model_folder_and_another_artifact_are_no_release(release: Path, bert: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no manifest\.json"):
        load_release(bert)
    write_manifest(release, kind="model")
    with pytest.raises(ArtifactError, match="this is a model, not a release"):
        load_release(release)


def test_labels_must_fit_the_network(bert: Path, bert_onnx: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="3 outputs for 2 labels"):
        write(tmp_path / "out", bert, bert_onnx, labels=["a", "b"])


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_model_folder_is_named(bert: Path, bert_onnx: Path, tmp_path: Path, missing: str) -> None:
    model = shutil.copytree(bert, tmp_path / "model")
    (model / missing).unlink()
    with pytest.raises(ArtifactError, match=missing):
        write(tmp_path / "out", model, bert_onnx)


def test_served_size_counts_what_serving_needs(release: Path) -> None:
    loaded = load_release(release)
    files = [loaded.model_file, release / "tokenizer.json", release / "config.json"]
    assert served_size_mb(loaded.model_file, loaded.path) == sum(len(file.read_bytes()) for file in files) / 1e6


def test_each_method_has_its_file() -> None:
    assert onnx_path("fp32") == "onnx/model.onnx"
    assert onnx_path("int8-dynamic") == "onnx/model_int8_dynamic.onnx"
