"""Some versions of one model, what each says of the same texts, and ways in which a release can be broken.

Versions share a folder of files by hard links, so that placing one costs no copy. Refuses to know: services.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.artifact.atomic import publish, temporary_folder
from seatrial.artifact.manifest import manifest_digest, verify, write_manifest

from .releases import Material, answers_of, make_release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BREAKS", "NO_MANIFEST", "Version", "broken", "make_version", "place"]

METHOD = "int8-block"
"""Its answers do not depend on the company in a batch, and it is small."""


@dataclass(frozen=True)
class Version:
    """A sound release.

    Attributes:
        folder: where it lies; never served from here.
        name: the version that its answers name.
        golden: what it says of the test's texts, float32 [texts, labels].
    """

    folder: Path
    name: str
    golden: NDArray[np.float32]

    @property
    def model_mb(self) -> float:
        """The size of its served model in 10⁶ bytes."""
        return sum(file.stat().st_size for file in self.folder.rglob("*.onnx")) / 1e6


def make_version(material: Material, out: Path, texts: Sequence[str], *, head_seed: int) -> Version:
    """A release whose head comes from a seed."""
    folder = make_release(material, out, head_seed=head_seed, method=METHOD)
    return Version(folder, manifest_digest(verify(folder))[:12], answers_of(folder, list(texts)))


def place(version: Version, live: Path, spoil: Callable[[Path], None] | None = None) -> None:
    """Put a version where a service looks for it, in one step, as `seatrial run` does.

    Args:
        version: what to place.
        live: the folder that is served.
        spoil: breaks the release before it is placed.
    """
    with temporary_folder(live) as temporary:
        shutil.copytree(version.folder, temporary, copy_function=os.link, dirs_exist_ok=True)
        if spoil is not None:
            spoil(temporary)
        publish(temporary, live)


def _own(file: Path) -> Path:
    """The same file with no other name, so that it can be altered."""
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)
    return file


def _model(folder: Path) -> Path:
    return next(folder.rglob("*.onnx"))


def _seal(folder: Path) -> None:
    """Write the manifest anew, so that every hash is right."""
    (folder / "manifest.json").unlink()
    write_manifest(folder, kind="release")


def _truncate(folder: Path) -> None:
    file = _own(_model(folder))
    os.truncate(file, file.stat().st_size // 2)
    _seal(folder)


def _alter(folder: Path) -> None:
    file = _own(_model(folder))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _lose_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _other_golden(folder: Path) -> None:
    file = _own(folder / "golden.json")
    golden = json.loads(file.read_text(encoding="utf-8"))
    for item in golden["items"]:
        item["output"] = item["output"][::-1]
    file.write_text(json.dumps(golden), encoding="utf-8")
    _seal(folder)


def _other_task(folder: Path) -> None:
    file = _own(folder / "config.json")
    config = json.loads(file.read_text(encoding="utf-8"))
    assert config["seatrial"]["task"] == "text-classification"
    config["seatrial"]["task"] = "embedding"
    file.write_text(json.dumps(config), encoding="utf-8")
    _seal(folder)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _copy_half(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    for file in files[len(files) // 2 :]:
        file.unlink()


BREAKS: dict[str, Callable[[Path], None]] = {
    "truncated model": _truncate,
    "altered byte": _alter,
    "golden answers that differ": _other_golden,
    "another task": _other_task,
    "half a copy": _copy_half,
    "no manifest": _lose_manifest,
    "empty folder": _empty,
}
NO_MANIFEST = {"no manifest", "empty folder"}
"""The manifest is written last: who watches a folder waits for it, who is told to look refuses the folder."""


def broken(number: int, *, watched: bool) -> str:
    """The name of the way in which the `number`th broken release is broken."""
    kinds = [kind for kind in BREAKS if not watched or kind not in NO_MANIFEST]
    return kinds[number % len(kinds)]
