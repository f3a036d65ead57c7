"""Rules that label texts: texts → what each rule says about each text, a rule being a rater who may keep silent.

`base` says what a rule is, one file per kind makes it, `read` takes rules from a YAML file, `apply` asks them all. What
many rules say is brought together in `seatrial.data.annotate.weak_labels`.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.registry import Registry

__all__ = ["FUNCTIONS"]

FUNCTIONS: Registry[Callable[[str], str | None]] = Registry("rule function", "seatrial.rules", {})
"""Functions that plugins bring: text → label, or None to say nothing. A rules file can name these and no others, so
that opening somebody's file runs only what was installed on purpose."""
