"""Toy classifiers in transformers' folder layout, made once per run: two layers, hidden width 32, wild weights.

Weights are wide, biases and norms are not left at zero and one: with the usual initial values a swapped bias or an
approximate GELU would hide below every tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = [*SPECIAL, "good", "bad", "film", "rain", "sun", "day", "the", "a", "was", "not", "very", ",", ".", "!", "##s"]
LABELS = ("negative", "neutral", "positive")
SIZES = {
    "vocab_size": len(WORDS),
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
    "num_labels": len(LABELS),
    "pad_token_id": 0,
}


def save_toy(folder: Path, model_type: str, **changes: object) -> Path:
    """Write a toy classifier of this architecture."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    torch.manual_seed(5)
    config = AutoConfig.for_model(model_type, **{**SIZES, **changes})
    model = AutoModelForSequenceClassification.from_config(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            centre = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
            parameter.normal_(centre, 0.3)
    model.save_pretrained(folder)
    return folder


def save_tokenizer(folder: Path) -> None:
    """Write a WordPiece tokenizer that, like many published ones, pads to a fixed length."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertTokenizerFast

    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair=None, special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=64)
    BertTokenizerFast(tokenizer_object=tokenizer, model_max_length=512).save_pretrained(folder)


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a toy classifier's folder by architecture and changes to its config; made once for equal arguments."""
    made: dict[str, Path] = {}

    def make(model_type: str = "bert", **changes: object) -> Path:
        key = repr((model_type, sorted(changes.items())))
        if key not in made:
            made[key] = save_toy(tmp_path_factory.mktemp(model_type), model_type, **changes)
        return made[key]

    return make


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT classifier with its tokenizer."""
    folder = save_toy(tmp_path_factory.mktemp("bert"), "bert")
    save_tokenizer(folder)
    return folder


@pytest.fixture(scope="session")
def bert_onnx(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ONNX file of `bert`."""
    from seatrial.export.onnx import export_onnx
    from seatrial.tasks.text_classification import TextClassification

    out = tmp_path_factory.mktemp("onnx") / "model.onnx"
    export_onnx(bert, out, task=TextClassification())
    return out
