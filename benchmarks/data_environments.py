"""Environments for the opponents of the data benchmarks, beside those of the service and made in the same way."""

from __future__ import annotations

from pathlib import Path

from service_environments import ENVIRONMENTS, environment

__all__ = ["python_of"]

ENVIRONMENTS.update(
    {
        "datasketch": ("datasketch==2.0.0", "numpy==2.4.6", "scipy==1.17.1", "xxhash==4.1.0"),
        "presidio": ("presidio-analyzer==2.2.366", "presidio-anonymizer==2.2.366"),
    }
)


def python_of(name: str) -> Path:
    """The interpreter of an opponent's environment; the first call installs it.

    Raises:
        SystemExit: it could not be installed.
    """
    return environment(name) / "python"
