"""The release folder: what is in it, how it is written and how it is trusted again.

    config.json           transformers' own, with the key `seatrial` (`ServedModel`)
    model.safetensors     the trained weights, for transformers
    tokenizer.json …      cuts at `max_length`, pads nothing
    onnx/model.onnx       the uncompressed export; onnx/model_<method>.onnx beside it
    README.md, verdict.json, report.html, golden.json, manifest.json    added by the pipeline, the manifest last

The folder needs no Seatrial: transformers loads it, and so do onnxruntime and tokenizers alone.
Refuses to know: torch, transformers, how a candidate was chosen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from seatrial.artifact.manifest import manifest_digest, verify
from seatrial.errors import ArtifactError
from seatrial.records import Release
from seatrial.spec.base import Section
from seatrial.spec.cleaning import CleaningStep

__all__ = ["ServedModel", "load_release", "onnx_path", "served_size_mb", "write_release"]

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
WEIGHTS = "model*.safetensors*"  # one file, or shards and their index
OTHER_TOKENIZER_FILES = (
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
)
AGAIN = "make the release again with `seatrial run`"


class ServedModel(Section):
    """The key `seatrial` of a release's config.json: what serving needs beside the weights."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    """The project's name: in addresses and headers, so nothing that they cannot hold."""
    task: str = Field(min_length=1)
    """Registered task name."""
    labels: tuple[str, ...] = ()
    """Label names in the order of the logits; empty for a model that gives vectors."""
    dimensions: int | None = Field(default=None, ge=1)
    """Length of the vectors that the model gives; null for one that gives labels or text."""
    generates: bool = False
    """Whether the model answers with texts of its own; it then has neither labels nor dimensions."""
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Logits are divided by this before softmax."""
    max_length: int = Field(ge=2)
    """Longest input in tokens; longer inputs are cut."""
    clean: tuple[CleaningStep, ...] = ()
    """Cleaning steps that texts went through in training, in order; serving applies them too."""
    served: str = Field(pattern=r"^onnx/[A-Za-z0-9_]+\.onnx$")
    """The model file to serve, relative to the release folder."""

    @field_validator("labels")
    @classmethod
    def _distinct(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(labels)) < len(labels):
            raise ValueError("a label is there twice")
        return labels

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        if self.generates:
            if self.labels or self.dimensions is not None:
                raise ValueError("a model that generates has neither labels nor dimensions")
            return self
        if len(self.labels) < (2 if self.dimensions is None else 0):
            raise ValueError("give at least two labels, or the dimensions of the vectors")
        if self.labels and self.dimensions is not None:
            raise ValueError("give labels or dimensions, not both")
        return self


def onnx_path(method: str) -> str:
    """Where the file of a compression method lies in a release: ``onnx/model.onnx`` for fp32."""
    return "onnx/model.onnx" if method == "fp32" else f"onnx/model_{method.replace('-', '_')}.onnx"


def write_release(
    out: Path,
    *,
    model_folder: Path,
    onnx_files: Mapping[str, Path],
    served: str,
    name: str,
    task: str,
    labels: Sequence[str],
    max_length: int,
    temperature: float = 1.0,
    clean: Sequence[CleaningStep] = (),
    dimensions: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a release's files into a folder. The caller adds its own files and then calls `write_manifest`.

    Args:
        out: an existing, empty folder, usually from `atomic_folder`.
        model_folder: the trained model as transformers saved it.
        onnx_files: compression method → ONNX file.
        served: the method whose file is served; a key of `onnx_files`.
        name: the project's name.
        task: registered task name.
        labels: label names in the order of the logits; empty where the model gives vectors.
        max_length: longest input in tokens.
        temperature: logits are divided by this before softmax; above 0.
        clean: cleaning steps that texts went through in training, in order.
        dimensions: length of the vectors that the model gives; None where it gives labels.
        extra: file name → JSON value of files that another library looks for.

    Raises:
        ArtifactError: a file is missing in `model_folder`, or its config contradicts `labels` or `max_length`.
    """
    if served not in onnx_files:
        raise ValueError(f"{served!r} is not among the ONNX files {sorted(onnx_files)}")
    weights = sorted(model_folder.glob(WEIGHTS))
    if not weights:
        raise ArtifactError("there is no model.safetensors", where=str(model_folder), hint=AGAIN)
    config = _read_json(model_folder / CONFIG)
    _check_config(config, labels, max_length, model_folder / CONFIG)
    config.pop("_name_or_path", None)  # a path of the machine that trained
    if labels:
        config["id2label"] = {str(i): label for i, label in enumerate(labels)}
        config["label2id"] = {label: i for i, label in enumerate(labels)}
    config["seatrial"] = ServedModel(
        name=name,
        task=task,
        labels=tuple(labels),
        dimensions=dimensions,
        temperature=temperature,
        max_length=max_length,
        clean=tuple(clean),
        served=onnx_path(served),
    ).model_dump(mode="json")
    _write_json(out / CONFIG, config)
    _write_tokenizer(model_folder, out, max_length)
    for file in weights:
        shutil.copyfile(file, out / file.name)
    (out / "onnx").mkdir()
    for method, file in onnx_files.items():
        shutil.copyfile(file, out / onnx_path(method))
    for path, value in (extra or {}).items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        _write_json(out / path, value)


def load_release(folder: Path) -> Release:
    """Trust a release folder: every file is what its manifest says, and its config makes sense.

    Args:
        folder: a folder that `write_release` filled and `write_manifest` finished, wherever it was copied since.

    Raises:
        ArtifactError: no release, a file altered, missing or added, or a config that cannot be served.
    """
    folder = folder.resolve()
    manifest = verify(folder)
    if manifest["kind"] != "release":
        raise ArtifactError(f"this is a {manifest['kind']}, not a release", where=str(folder), hint=AGAIN)
    config = _read_json(folder / CONFIG)
    described = config.get("seatrial")
    if isinstance(described, dict) and described.get("served", "") is None:
        raise ArtifactError(
            f"this release of the task {described.get('task')} holds a network, and nothing that a service runs",
            where=str(folder),
            hint="open it with transformers: its README.md shows how",
        )
    try:
        model = ServedModel.model_validate_json(json.dumps(config.get("seatrial")))  # as JSON a list is a tuple
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(["seatrial", *map(str, first["loc"])])
        raise ArtifactError(f"{place}: {first['msg']}", where=str(folder / CONFIG), hint=AGAIN) from error
    _check_config(config, model.labels, model.max_length, folder / CONFIG)
    for file in (model.served, TOKENIZER):
        if file not in manifest["files"]:
            raise ArtifactError(f"{file} is missing", where=str(folder), hint=AGAIN)
    return Release(
        path=folder,
        name=model.name,
        version=manifest_digest(manifest)[:12],
        task=model.task,
        labels=model.labels,
        model_file=folder / model.served,
        tokenizer_file=folder / TOKENIZER,
        temperature=model.temperature,
        max_length=model.max_length,
        clean=model.clean,
        dimensions=model.dimensions,
        generates=model.generates,
    )


def served_size_mb(model_file: Path, folder: Path) -> float:
    """What has to be shipped to serve: the ONNX file, tokenizer.json and config.json, in 10⁶ bytes.

    Args:
        model_file: the ONNX file.
        folder: the release, or the model folder that the file was exported from.
    """
    files = (model_file, folder / TOKENIZER, folder / CONFIG)
    return sum(file.stat().st_size for file in files) / 1e6


def _check_config(config: Mapping[str, Any], labels: Sequence[str], max_length: int, where: Path) -> None:
    """Refuse labels that the network does not have and lengths that it has no positions for."""
    outputs = len(config.get("id2label", labels)) if labels else 0  # a headless model's config may name two of no use
    if outputs != len(labels):
        raise ArtifactError(f"the model has {outputs} outputs for {len(labels)} labels", where=str(where), hint=AGAIN)
    positions = config.get("max_position_embeddings") or max_length
    if max_length > positions:
        raise ArtifactError(
            f"max_length is {max_length}, the model has positions for {positions} tokens",
            where=str(where),
            hint=f"set model.max_length to {positions} or less",
        )


def _write_tokenizer(model_folder: Path, out: Path, max_length: int) -> None:
    """Copy the tokenizer so that it cuts at `max_length` and pads nothing.

    Published tokenizer.json files often pad to a fixed length: whoever loads one with `tokenizers` alone would compute
    mostly padding.
    """
    tokenizer = _read_json(model_folder / TOKENIZER)
    tokenizer["padding"] = None
    tokenizer["truncation"] = {
        "direction": "Right",
        "max_length": max_length,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    (out / TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    if (model_folder / TOKENIZER_CONFIG).exists():
        settings = _read_json(model_folder / TOKENIZER_CONFIG)
        settings.pop("name_or_path", None)
        _write_json(out / TOKENIZER_CONFIG, {**settings, "model_max_length": max_length})
    for name in OTHER_TOKENIZER_FILES:
        if (model_folder / name).exists():
            shutil.copyfile(model_folder / name, out / name)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"there is no {path.name}", where=str(path.parent), hint=AGAIN) from error
    except ValueError as error:
        raise ArtifactError("this is not JSON", where=str(path), hint=AGAIN) from error
    if not isinstance(value, dict):
        raise ArtifactError("this is not a JSON object", where=str(path), hint=AGAIN)
    return value


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
