"""The checks behind `seatrial doctor`: versions, extras, disk, the network switch."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seatrial.artifact.machine import machine

__all__ = ["Check", "run_checks"]

SERVE_PACKAGES = ("onnxruntime", "tokenizers", "fastapi", "uvicorn")
TRAIN_PACKAGES = ("torch", "transformers", "accelerate", "peft", "onnx", "scikit-learn", "datasketch")
MIN_FREE_GB = 2.0
YES = {"1", "true", "yes", "on"}


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
    offline = [name for name in ("SEATRIAL_OFFLINE", "HF_HUB_OFFLINE") if os.environ.get(name, "").lower() in YES]
    return [
        Check("python", sys.version_info >= (3, 11), facts["python"], "install Python 3.11 or later", required=True),
        Check("machine", True, f"{facts['cores']} cores, {facts['memory_gb']} GB, {facts['cpu']}"),
        Check("cpu flags", True, flags),
        _packages("serve", SERVE_PACKAGES, "pip install seatrial", required=True),
        _packages("train", TRAIN_PACKAGES, "pip install 'seatrial[train]'", required=False),
        Check("disk", free_gb >= MIN_FREE_GB, f"{free_gb:.1f} GB free", f"a run needs about {MIN_FREE_GB:g} GB"),
        Check("network", True, f"forbidden by {offline[0]}" if offline else "allowed"),
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
