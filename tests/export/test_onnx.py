from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification

from seatrial.errors import ArtifactError
from seatrial.export.onnx import export_onnx
from seatrial.export.session import OnnxSession
from seatrial.tasks.embedding import Embedding
from seatrial.tasks.text_classification import TextClassification
from seatrial.tasks.token_classification import TokenClassification

from .conftest import SIZES

TASK = TextClassification()
TEXTS = [[2, 4, 5, 6, 3], [2, 3], [2, 9, 9, 8, 7, 6, 5, 4, 12, 3]]
ROBERTA = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "max_position_embeddings": 42}


def torch_logits(folder: Path, texts: list[list[int]]) -> np.ndarray:
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        return np.concatenate([model(torch.tensor([ids])).logits.numpy() for ids in texts])


def operators(file: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(file).graph.node)


@pytest.mark.parametrize(
    ("model_type", "changes"),
    [
        ("bert", {}),
        ("bert", {"layer_norm_eps": 0.1, "num_hidden_layers": 1, "num_labels": 7}),
        ("roberta", ROBERTA),
        ("xlm-roberta", ROBERTA),
        ("distilbert", {"dim": 32, "hidden_dim": 64, "n_heads": 4, "n_layers": 2}),
    ],
)
def test_fused_families_compute_what_torch_computes(
    toy: Callable[..., Path], tmp_path: Path, model_type: str, changes: dict[str, object]
) -> None:
    folder = toy(model_type, **changes)
    export_onnx(folder, tmp_path / "model.onnx", task=TASK)
    layers = changes.get("num_hidden_layers", 2)
    found = operators(tmp_path / "model.onnx")
    assert found["Attention"] == found["BiasGelu"] == layers
    assert found["SkipLayerNormalization"] == 2 * layers + 1
    logits = OnnxSession(tmp_path / "model.onnx", threads=1).logits(TEXTS, pad_id=1)
    np.testing.assert_allclose(logits, torch_logits(folder, TEXTS), atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model_type", "changes"),
    [("bert", {"hidden_act": "gelu_new"}), ("electra", {"embedding_size": 16})],
)
def test_other_architectures_go_through_the_exporter(
    toy: Callable[..., Path], tmp_path: Path, model_type: str, changes: dict[str, object]
) -> None:
    folder = toy(model_type, **changes)
    export_onnx(folder, tmp_path / "model.onnx", task=TASK)
    assert not operators(tmp_path / "model.onnx")["Attention"]
    session = OnnxSession(tmp_path / "model.onnx", threads=1)
    np.testing.assert_allclose(session.logits(TEXTS), torch_logits(folder, TEXTS), atol=2e-5)
    np.testing.assert_allclose(session.logits(TEXTS[:1]), torch_logits(folder, TEXTS[:1]), atol=2e-5)


def test_erf_gelu_is_not_approximated(bert: Path, bert_onnx: Path) -> None:
    """The tanh approximation errs by up to 5e-4 per activation; these wide weights carry that into the logits."""
    difference = np.abs(OnnxSession(bert_onnx, threads=1).logits(TEXTS) - torch_logits(bert, TEXTS))
    assert difference.max() < 2e-5
    model = AutoModelForSequenceClassification.from_pretrained(bert, hidden_act="gelu_new").eval()
    with torch.inference_mode():
        approximate = np.concatenate([model(torch.tensor([ids])).logits.numpy() for ids in TEXTS])
    assert np.abs(approximate - torch_logits(bert, TEXTS)).max() > 1e-4


def test_one_file_that_an_older_onnxruntime_reads_with_two_inputs(bert_onnx: Path) -> None:
    model = onnx.load(bert_onnx, load_external_data=False)
    assert model.ir_version <= 10
    assert [value.name for value in model.graph.input] == ["input_ids", "attention_mask"]
    assert [value.name for value in model.graph.output] == ["logits"]
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert [path.name for path in bert_onnx.parent.iterdir()] == ["model.onnx"]


def test_a_graph_that_deviates_is_refused_and_removed(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from seatrial.export import onnx as module

    def wrong(model: object) -> object:
        weights = read_weights(model)
        return replace(weights, positions=weights.positions[::-1])

    read_weights = module.read_weights
    monkeypatch.setattr(module, "read_weights", wrong)
    with pytest.raises(ArtifactError, match="deviates"):
        export_onnx(bert, tmp_path / "model.onnx", task=TASK)
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_classifier_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="no model for text-classification") as caught:
        export_onnx(tmp_path, tmp_path / "model.onnx", task=TASK)
    assert caught.value.where == str(tmp_path)


@pytest.fixture(scope="module")
def headless(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a toy encoder's folder with wild weights, by architecture."""

    def make(model_type: str, **changes: object) -> Path:
        from transformers import AutoConfig, AutoModel

        folder = tmp_path_factory.mktemp(model_type)
        torch.manual_seed(6)
        model = AutoModel.from_config(AutoConfig.for_model(model_type, **{**SIZES, **changes})).eval()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                centre = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
                parameter.normal_(centre, 0.3)
        model.save_pretrained(folder)
        return folder

    return make


@pytest.mark.parametrize(
    ("model_type", "changes", "fused"),
    [
        ("bert", {}, True),
        ("roberta", ROBERTA, True),
        ("xlm-roberta", ROBERTA, True),
        ("distilbert", {"dim": 32, "hidden_dim": 64, "n_heads": 4, "n_layers": 2}, True),
        pytest.param("bert", {"hidden_act": "gelu_new"}, False, marks=pytest.mark.slow),
    ],
)
def test_pooling_and_unit_length_are_inside_the_file(
    headless: Callable[..., Path], tmp_path: Path, model_type: str, changes: dict[str, object], fused: bool
) -> None:
    from transformers import AutoModel

    folder = headless(model_type, **changes)
    export_onnx(folder, tmp_path / "model.onnx", task=Embedding())
    assert bool(operators(tmp_path / "model.onnx")["Attention"]) is fused
    (output,) = onnx.load(tmp_path / "model.onnx").graph.output
    assert output.name == "sentence_embedding"
    encoder = AutoModel.from_pretrained(folder).eval()
    expected = []
    with torch.inference_mode():
        for ids in TEXTS:
            mean = encoder(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0).numpy()
            expected.append(mean / np.linalg.norm(mean))
    session = OnnxSession(tmp_path / "model.onnx", threads=1)
    np.testing.assert_allclose(session.logits(TEXTS, pad_id=1), expected, atol=2e-5)
    np.testing.assert_allclose(session.logits(TEXTS[1:2]), expected[1:2], atol=2e-5)


@pytest.mark.parametrize("method", ["int8-block", "int8-dynamic"])
def test_compressed_vectors_keep_their_length_and_direction(
    headless: Callable[..., Path], tmp_path: Path, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    from seatrial.compress import METHODS

    export_onnx(headless("bert"), tmp_path / "model.onnx", task=Embedding())
    METHODS.get(method)(tmp_path / "model.onnx", tmp_path / "small.onnx")
    assert not caplog.records, "the pooling is no product that a quantiser would look at"
    source = OnnxSession(tmp_path / "model.onnx", threads=1).logits(TEXTS)
    found = OnnxSession(tmp_path / "small.onnx", threads=1).logits(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert not np.array_equal(found, source)
    assert (found * source).sum(axis=1).min() > 0.98


def test_a_model_with_two_outputs_is_refused(bert_onnx: Path, tmp_path: Path) -> None:
    model = onnx.load(bert_onnx)
    model.graph.output.append(onnx.helper.make_tensor_value_info("mask", onnx.TensorProto.INT32, ["batch", "sequence"]))
    onnx.save(model, tmp_path / "two.onnx")
    with pytest.raises(ArtifactError, match="gives the outputs logits, mask"):
        OnnxSession(tmp_path / "two.onnx", threads=1)


@pytest.mark.parametrize("model_type", ["bert", "roberta", "distilbert", "electra"])
def test_a_classifier_of_tokens_answers_for_each_token(model_type: str, tmp_path: Path) -> None:
    """The fused graph, and for a family that it does not know the traced one."""
    torch.manual_seed(3)
    config = AutoConfig.for_model(model_type, **{**SIZES, "num_labels": 5})
    AutoModelForTokenClassification.from_config(config).save_pretrained(tmp_path)
    out = tmp_path / "model.onnx"
    export_onnx(tmp_path, out, task=TokenClassification())  # proves it against the source
    found = OnnxSession(out, 1).logits([[2, 5, 6, 3], [2, 3]])
    assert found.shape == (2, 4, 5)
