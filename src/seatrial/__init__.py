"""Seatrial: from a written requirement to an accepted, served language model.

Importing this package loads nothing but the standard library; every part is loaded when it is used.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
