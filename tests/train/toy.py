"""A BERT of a few thousand weights with dropout, a tokenizer of twelve words and a task it can learn in seconds."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.models.quiet import quiet_transformers
from seatrial.progress import Progress, silent
from seatrial.records import Example, Provenance, Report
from seatrial.spec.training import ModelSpec, TrainingSpec
from seatrial.tasks.text_classification import TextClassification

LABELS = ("negative", "positive")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "fine", "great", "bad", "poor", "awful", "the", "film", "was"]


def toy_base(folder: Path, *, kind: str = "bert") -> Path:
    """A pretrained encoder without a head, as a transformers folder; `kind` is bert, roberta or distilbert."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel, RobertaConfig, RobertaModel

    size: dict[str, Any] = {"vocab_size": len(WORDS), "max_position_embeddings": 40, "pad_token_id": 0}
    size["initializer_range"] = 0.3  # words far apart from the start, so that it learns fast
    bert = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    torch.manual_seed(1)
    model: Any
    if kind == "bert":
        model = BertModel(BertConfig(**size, **bert))
    elif kind == "roberta":
        model = RobertaModel(RobertaConfig(**size, **bert, bos_token_id=2, eos_token_id=3))
    else:
        model = DistilBertModel(DistilBertConfig(**size, dim=16, n_layers=2, n_heads=2, hidden_dim=32))
    with quiet_transformers():
        model.save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=30, pad_token="[PAD]")
    tokenizer.enable_truncation(30)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "name_or_path": str(folder)}))
    return folder


def toy_examples(n: int, seed: int) -> list[Example]:
    """Texts of 1 to 12 words with one that decides; every third is rated by several people."""
    rng = random.Random(seed)
    examples = []
    for index in range(n):
        label = rng.randrange(2)
        words = rng.choices(WORDS[10:], k=rng.randrange(12))
        words.insert(rng.randrange(len(words) + 1), rng.choice(WORDS[7:10] if label == 0 else WORDS[4:7]))
        share = (0.8, 0.2) if label == 0 else (0.2, 0.8)
        examples.append(
            Example(
                f"{seed}-{index}",
                {"text": " ".join(words)},
                LABELS[label],
                Provenance("toy", index + 1),
                share if index % 3 == 0 else None,
                5 if index % 3 == 0 else None,
            )
        )
    return examples


def accuracy(probabilities: NDArray[np.float32], examples: Sequence[Example]) -> Mapping[str, float]:
    """The injected score."""
    found = [
        LABELS[index] == example.label
        for index, example in zip(np.argmax(probabilities, axis=1), examples, strict=True)
    ]
    return {"accuracy": sum(found) / len(found)}


def toy_spec(**settings: Any) -> TrainingSpec:
    """Three epochs of about ten small batches, in fp32 on one thread."""
    defaults: dict[str, Any] = {
        "epochs": 3,
        "learning_rate": 5e-3,
        "batch_tokens": 64,
        "batch_items": 8,
        "device": "cpu",
        "precision": "fp32",
        "threads": 1,
        "patience": 100,
    }
    return TrainingSpec(**{**defaults, **settings})


def toy_fit(base: Path, folder: Path, spec: TrainingSpec, progress: Progress = silent, **other: Any) -> Report:
    """`fit` on the toy data; writes `folder/out`, works in `folder/work`."""
    from seatrial.train.fit import fit

    (folder / "out").mkdir(parents=True, exist_ok=True)
    arguments: dict[str, Any] = {
        "train": toy_examples(64, 1),
        "validation": toy_examples(24, 2),
        "score": accuracy,
        "seed": 5,
        "labels": LABELS,
        "task": TextClassification(),
    }
    return fit(
        spec,
        ModelSpec(max_length=20),
        base=base,
        out=folder / "out",
        work=folder / "work",
        progress=progress,
        **{**arguments, **other},
    )
