"""The folder that the files of a split take the place of, and what must not be in it. Refuses to know: rows."""

from __future__ import annotations

from pathlib import Path

from seatrial.errors import SpecError
from seatrial.records import SPLITS
from seatrial.spec.data_split import Split

__all__ = ["DROPPED", "refuse_others_files"]

DROPPED = "dropped.jsonl"


def refuse_others_files(out: Path, split: Split, ending: str, *, all_folds: bool) -> None:
    """Refuse a folder that holds anything but the files that this division writes, since it is replaced whole.

    Args:
        out: the folder; it need not be there.
        split: as in the project file.
        ending: of the files, such as ``".csv"``.
        all_folds: whether one file for each fold is written.

    Raises:
        SpecError: naming the first file or folder that would be lost.
    """
    names = [f"fold-{number}" for number in range(1, (split.folds or 0) + 1)] if all_folds else SPLITS
    own = {DROPPED, *(f"{name}{ending}" for name in names)}
    for path in sorted(out.iterdir()) if out.is_dir() else ():
        if path.name not in own or path.is_dir():
            raise SpecError(
                f"{out} holds {path.name}, which is none of the files of this split",
                where="--out",
                expected=f"a folder with nothing but {', '.join(sorted(own))}",
                hint="name another folder, or move that file away",
            )
