"""What a data file seems to hold: its encoding and delimiter, which column is the text and which the label.

Refuses to know: the project file. Every guess is shown to the user, who knows better.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from seatrial.data.sources import DOCUMENTS, ENDINGS
from seatrial.data.sources.reading import reading_of
from seatrial.data.sources.unpack import bare_name
from seatrial.errors import SpecError
from seatrial.registry import did_you_mean

__all__ = ["Guess", "look_at"]

LABEL_NAMES = re.compile(
    "label|class|klasse|categor|kategor|sentiment|rating|stars|sterne|target|note|bewertung|score|polarit|emotion"
    "|topic|thema|intent|stimmung|urteil|etiquet|étiquet|valorac|calific",
    re.IGNORECASE,
)
"""How people call the column with the label, in a few languages."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What was found. None and empty stand for "as usual".

    Attributes:
        columns: ``text`` and, if one was found, ``label`` → the file's column.
        slices: other columns with few different values, which may be slices, or the label after all.
        encoding: of the file, unless UTF-8.
        delimiter: of the file, unless its format's own.
        sample: a word that reads right only if the encoding is.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    slices: Sequence[str] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sample: str = ""


def look_at(data: Path) -> Guess:
    """Read the first rows of a file.

    Raises:
        SpecError: it is not a file whose ending tells its format.
        DataError: it has no row that can be read.
    """
    _check_file(data)
    reading = reading_of(data, where="--data")
    rows = reading.rows
    lengths: dict[str, float] = {}
    kinds: dict[str, int] = {}
    for column in rows[0]:
        values = [str(row[column]) for row in rows if row.get(column) is not None]
        lengths[column] = sum(map(len, values)) / max(1, len(values))
        kinds[column] = len(set(values))
    text = max(lengths, key=lambda column: lengths[column])
    few = [column for column in kinds if column != text and 1 < kinds[column] <= max(2, len(rows) // 2)]
    named = [column for column in few if LABEL_NAMES.search(column)]
    label = min(named or few, key=lambda column: kinds[column], default=None)
    return Guess(
        {"text": text, **({"label": label} if label else {})},
        [column for column in few if column != label],
        reading.encoding,
        reading.delimiter,
        reading.sample(text),
    )


def _check_file(data: Path) -> None:
    folder = data if data.is_dir() else data.parent
    names = [file.name for file in sorted(folder.iterdir()) if _format_of(file)] if folder.is_dir() else []
    if not data.is_file():
        what = "is a folder" if data.is_dir() else "there is no such file"
        hint = did_you_mean(data.name, names[:20]) or "name a CSV, TSV, JSONL or Parquet file"
        raise SpecError(f"{what}: {data}", where="--data", hint=hint)
    if not _format_of(data):
        raise SpecError(
            f"the ending of {data.name} does not tell its format",
            where="--data",
            expected="one of " + ", ".join(ending for ending, form in ENDINGS.items() if form not in DOCUMENTS),
            hint="save it as CSV, or leave --data out and set format in the project file",
        )


def _format_of(file: PurePath) -> str | None:
    """The format of a table; a document is one example, and no data set to begin with."""
    form = ENDINGS.get(PurePath(bare_name(file.name)).suffix)
    return None if form in DOCUMENTS else form
