"""A release of the task token-classification that knows three words: `zorro blick` is a person, `atlantis` a place."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

__all__ = ["TAGS", "entity_release"]

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
WORDS = ("[PAD]", "[UNK]", "zorro", "blick", "atlantis")
SAID = ("O", "O", "B-PER", "I-PER", "B-LOC")
"""The tag of each word."""


def entity_release(folder: Path, *, clean: tuple[str, ...] = ()) -> Path:
    """Write the release.

    Args:
        folder: to make.
        clean: steps that it says it was trained with.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers

    from seatrial.artifact.manifest import write_manifest
    from seatrial.export.release import ServedModel

    (folder / "onnx").mkdir(parents=True)
    logits = np.array([[8.0 * (tag == said) for tag in TAGS] for said in SAID], dtype=np.float32)
    nodes = [
        helper.make_node("Gather", ["tags", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["rows", "column"], ["logits"]),
    ]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "s"]) for n in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "s", len(TAGS)])
    constants = {"tags": logits, "last": np.array([2])}
    graph = helper.make_graph(
        nodes, "toy", inputs, [output], [numpy_helper.from_array(array, name) for name, array in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, folder / "onnx" / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(8)
    tokenizer.save(str(folder / "tokenizer.json"))
    served = ServedModel(
        name="toy-names",
        task="token-classification",
        labels=TAGS,
        max_length=8,
        clean=clean,
        served="onnx/model.onnx",
    )
    (folder / "config.json").write_text(json.dumps({"seatrial": served.model_dump(mode="json")}), encoding="utf-8")
    (folder / "README.md").write_text("# Toy\n", encoding="utf-8")
    write_manifest(folder, kind="release")
    return folder
