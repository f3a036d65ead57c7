"""What this machine is: cores, memory, CPU and the versions that shape results. Read when asked, never on import."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["cpu", "cpu_count", "machine", "versions"]

SHAPING_PACKAGES = (
    "accelerate",
    "numpy",
    "onnx",
    "onnxruntime",
    "peft",
    "scikit-learn",
    "tokenizers",
    "torch",
    "transformers",
)
"""Packages whose version can change a model's numbers."""

SHAPING_FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "i8mm")
"""CPU flags that decide which kernels run; int8 in particular differs with and without VNNI."""


def cpu_count() -> int:
    """Cores this process may use (its affinity mask), at least 1."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


@cache
def machine() -> dict[str, Any]:
    """Cores, memory in 10⁹ bytes, CPU model, its relevant flags, and package versions."""
    return {
        "cores": cpu_count(),
        "memory_gb": _memory_gb(),
        **cpu(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions(SHAPING_PACKAGES),
    }


def cpu() -> dict[str, Any]:
    """The CPU's model and its relevant flags: what the same numbers and the same speed depend on."""
    model, flags = _cpu()
    return {"cpu": model, "cpu_flags": [flag for flag in SHAPING_FLAGS if flag in flags]}


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Distribution name → installed version; what is not installed is left out."""
    return {name: found for name in packages if (found := _version(name))}


def _cpu() -> tuple[str, frozenset[str]]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown", frozenset()
    model, flags = "unknown", ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name" and model == "unknown":
            model = value.strip()
        elif key.strip() in {"flags", "Features"} and not flags:
            flags = value
    return model, frozenset(flags.split())


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    except (ValueError, OSError, AttributeError):
        return None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
