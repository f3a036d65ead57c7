"""The release of a language model: the Hub layout, which transformers opens, and the graph that a service runs.

    config.json           transformers' own, with the key `seatrial` (`ServedModel`, or `ReleasedNetwork` without graph)
    model.safetensors     the trained weights, for transformers and for training to go on from
    tokenizer.json …      cuts and pads nothing; with the chat template where there is one
    adapter/              the low-rank updates alone, as peft opens them, where the network learned by such
    onnx/model.onnx       the decoder graph that was accepted; with model.onnx.data beside it above 1.5 GB
    golden.json           what it writes (`golden_tokens`), added by the pipeline with
    README.md, verdict.json, report.html, manifest.json    the manifest last

A network of which no graph can be written has neither graph nor golden answers. Refuses to know: torch, transformers,
what the network is for.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from seatrial.errors import ArtifactError
from seatrial.export.release import (
    AGAIN,
    CONFIG,
    OTHER_TOKENIZER_FILES,
    TOKENIZER,
    TOKENIZER_CONFIG,
    WEIGHTS,
    ServedModel,
)
from seatrial.spec.base import Section

__all__ = ["ReleasedNetwork", "adapter_size_mb", "network_size_mb", "write_network_release"]

ADAPTER = "adapter"
GRAPH = "onnx/model.onnx"
MORE_FILES = ("generation_config.json", "chat_template.jinja", *OTHER_TOKENIZER_FILES)


class ReleasedNetwork(Section):
    """The key `seatrial` in the config.json of a release without a graph."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    """The project's name."""
    task: str = Field(min_length=1)
    """Registered task name."""
    max_length: int = Field(ge=2)
    """Tokens that it was trained on at once."""
    served: None = None
    """There is no model file that a service runs."""


def write_network_release(
    out: Path, *, model_folder: Path, name: str, task: str, max_length: int, graph: Path | None = None
) -> None:
    """Write the files into a folder. The caller adds its own files and then calls `write_manifest`.

    Args:
        out: an existing, empty folder.
        model_folder: the trained model as `train` saved it.
        name: the project's name.
        task: registered task name.
        max_length: tokens that it was trained on at once.
        graph: the folder of the decoder graph that is served; None where there is none.

    Raises:
        ArtifactError: a file is missing in `model_folder`.
    """
    weights = sorted(model_folder.glob(WEIGHTS))
    if not weights:
        raise ArtifactError("there is no model.safetensors", where=str(model_folder), hint=AGAIN)
    config = _read(model_folder / CONFIG)
    config.pop("_name_or_path", None)  # a path of the machine that trained
    described: ReleasedNetwork | ServedModel = ReleasedNetwork(name=name, task=task, max_length=max_length)
    if graph is not None:
        described = ServedModel(name=name, task=task, generates=True, max_length=max_length, served=GRAPH)
        shutil.copytree(graph, (out / GRAPH).parent)
    config["seatrial"] = described.model_dump(mode="json")
    _write(out / CONFIG, config)
    tokenizer = _read(model_folder / TOKENIZER)
    _write(out / TOKENIZER, {**tokenizer, "padding": None, "truncation": None})
    settings = _read(model_folder / TOKENIZER_CONFIG)
    settings.pop("name_or_path", None)
    _write(out / TOKENIZER_CONFIG, settings)
    for file in (*weights, *(model_folder / other for other in MORE_FILES)):
        if file.exists():
            shutil.copyfile(file, out / file.name)
    if (model_folder / ADAPTER).is_dir():
        shutil.copytree(model_folder / ADAPTER, out / ADAPTER, copy_function=shutil.copyfile)  # readable for all


def network_size_mb(folder: Path) -> float:
    """What has to be shipped to use it, in 10⁶ bytes: the graph where there is one, else the weights, with
    tokenizer.json and config.json."""
    used = [*folder.glob("onnx/*")] or [*folder.glob(WEIGHTS)]
    files = [*used, folder / TOKENIZER, folder / CONFIG]
    return sum(file.stat().st_size for file in files) / 1e6


def adapter_size_mb(folder: Path) -> float | None:
    """What has to be shipped to whoever has the base model, in 10⁶ bytes; None where there are no updates."""
    files = list((folder / ADAPTER).glob("*"))
    return sum(file.stat().st_size for file in files) / 1e6 if files else None


def _read(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"cannot read {path.name}", where=str(path.parent), hint=AGAIN) from error
    return value


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
