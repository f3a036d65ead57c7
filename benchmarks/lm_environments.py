"""Environments for what decoding is compared with, beside those of the service and made in the same way.

llama.cpp is compiled for this machine, which takes a quarter of an hour on two idle cores. Refuses to know: what is
measured.
"""

from __future__ import annotations

from pathlib import Path

from service_environments import ENVIRONMENTS, environment

__all__ = ["python_of"]

ENVIRONMENTS.update(
    {
        "llama-cpp": ("llama-cpp-python==0.3.36", "numpy==2.4.6"),
        "openvino-genai": ("openvino-genai==2026.4.1.0", "numpy==2.4.6"),
    }
)


def python_of(name: str) -> Path:
    """The interpreter of an opponent's environment; the first call makes it.

    Raises:
        SystemExit: it could not be made.
    """
    return environment(name) / "python"
