"""`seatrial tokenizer report`: how well tokenizers suit the texts of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import open_table
from seatrial.cli.data.options import Delimiter, Encoding, TextColumn
from seatrial.cli.options import Debug, Json
from seatrial.cli.tokenizer.options import tokenizer_folder
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["report"]


@guarded
def report(
    named: Annotated[
        list[str],
        typer.Argument(
            metavar="TOKENIZER|FILE",
            help="Folders with a tokenizer.json, or models; and data files.",
            show_default=False,
        ),
    ],
    *,
    part: Annotated[
        str | None,
        typer.Option("--slice", metavar="COLUMN", help="Compare by this column, such as language.  [default: by file]"),
    ] = None,
    text: TextColumn = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Compare tokenizers on texts: tokens per word, bytes per token, what is not read, what is not used.

    Fewer tokens per word leave more room for text in a model's input, and cost less.
    """
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.cli.tokenizer.tables import report_tables
    from seatrial.cli.tokenizer.texts import TableTexts
    from seatrial.data.inspect.lengths import word_count
    from seatrial.tokenize.fertility import measure_tokenizers

    tokenizers, files = _opened(named)
    table = open_table(files, encoding, delimiter)
    texts = TableTexts(table, table.column(text), table.column(part, where="--slice") if part else None)
    with ProgressBars() as bars:
        found = measure_tokenizers(tokenizers, texts.pairs(), count_words=word_count, progress=bars)
    if texts.bad_rows:
        note(f"{texts.bad_rows:,} rows could not be read and were passed over")
    if json_output:
        write_json({**found.as_dict(), "bad_rows": texts.bad_rows})
        return
    say(report_tables(found))


def _opened(named: list[str]) -> tuple[dict[str, Tokenizer], list[Path]]:
    """The tokenizers by name, and the data files, whatever order they were named in."""
    from seatrial.tokenize.load import load_tokenizer

    folders = {name: tokenizer_folder(name) for name in dict.fromkeys(named)}
    files = [Path(name) for name, folder in folders.items() if folder is None]
    tokenizers = {
        name: load_tokenizer(folder, None, where="TOKENIZER") for name, folder in folders.items() if folder is not None
    }
    if not tokenizers:
        raise SpecError("no tokenizer is named", where="TOKENIZER|FILE", hint="name a folder with a tokenizer.json")
    if not files:
        raise SpecError("no data file is named", where="TOKENIZER|FILE", hint="name files with texts too")
    return tokenizers, files
