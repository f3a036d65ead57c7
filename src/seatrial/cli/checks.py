"""The checks behind `seatrial doctor`: versions, extras, disk, the network switch."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seatrial.artifact.machine import machine
from seatrial.errors import MissingExtraError
from seatrial.offline import forbidding_switch

__all__ = ["Check", "run_checks"]

SERVE_PACKAGES = ("onnxruntime", "tokenizers", "fastapi", "uvicorn")
TRAIN_PACKAGES = ("torch", "transformers", "accelerate", "peft", "onnx", "scikit-learn")
MIN_FREE_GB = 2.0


@dataclass
class Check:
    """One thing looked at. `required` ones must hold for `seatrial serve` to work."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    required: bool = False


def run_checks() -> list[Check]:
    """Look at everything; takes milliseconds and imports none of what it looks for."""
    facts = machine()
    flags = ", ".join(facts["cpu_flags"]) or "none that matter here"
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    switch = forbidding_switch()
    extra = MissingExtraError("training", "train")
    return [
        Check("python", sys.version_info >= (3, 11), facts["python"], "install Python 3.11 or later", required=True),
        Check("machine", True, f"{facts['cores']} cores, {facts['memory_gb']} GB, {facts['cpu']}"),
        Check("cpu flags", True, flags),
        _packages("serve", SERVE_PACKAGES, "pip install seatrial, or '.' in a clone of the repository", required=True),
        _packages("train", TRAIN_PACKAGES, extra.hint or "", required=False),
        Check("disk", free_gb >= MIN_FREE_GB, f"{free_gb:.1f} GB free", f"a run needs about {MIN_FREE_GB:g} GB"),
        Check("network", True, f"forbidden by {switch}" if switch else "allowed"),
    ]


def _packages(name: str, wanted: tuple[str, ...], remedy: str, *, required: bool) -> Check:
    found, missing = [], []
    for package in wanted:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    text = f"without {', '.join(missing)}" if missing else ", ".join(found)
    return Check(name, not missing, text, remedy, required)
