"""Examples → train, validation or test, by the method that the project file names; folds; what leaks between splits.

A method is one file and one line in `SPLITTERS`. `keys` reads from a row what a method needs beside the example,
`components` says what must stay together, and `leaks` looks at the result, whoever made it. Everything depends on the
seed and the rows, never on their order or the process.
"""

from __future__ import annotations

from seatrial.data.split.base import Splitter
from seatrial.registry import Registry

__all__ = ["SPLITTERS", "Splitter"]

SPLITTERS: Registry[Splitter] = Registry(
    "way to split",
    "seatrial.splitters",
    {
        "stratified": "seatrial.data.split.stratified:assign_stratified",
        "group": "seatrial.data.split.grouped:assign_by_group",
        "time": "seatrial.data.split.in_time:assign_by_time",
        "hash": "seatrial.data.split.hashed:assign_by_hash",
    },
)
