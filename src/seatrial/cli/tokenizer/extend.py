"""`seatrial tokenizer extend`: a model → the same with tokens for what occurs often in the texts of files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from seatrial.cli.console import guarded, say, write_json
from seatrial.cli.data.files import open_table
from seatrial.cli.data.options import Delimiter, Encoding, Overwrite, TextColumn
from seatrial.cli.options import Debug, Json
from seatrial.cli.tokenizer.options import OutFolder, check_folder
from seatrial.errors import DataError, MissingExtraError

__all__ = ["extend"]

SHOWN = 20


@guarded
def extend(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model folder, package:MODULE/FOLDER or a Hub id.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Data files.", show_default=False)],
    *,
    out: OutFolder,
    tokens: Annotated[int, typer.Option(min=1, max=1_000_000, metavar="N", help="Tokens to add at most.")] = 1000,
    noise: Annotated[
        float,
        typer.Option(min=0, max=10, metavar="X", help="Noise on new rows, in standard deviations of the old ones."),
    ] = 0.0,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the noise.")] = 0,
    text: TextColumn = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Add tokens to a model for the characters it cannot read and the pieces that are frequent in the texts.

    A new token begins as the mean of the tokens that spelled it; train the model afterwards. The texts are held in
    memory.
    """
    from seatrial.artifact.atomic import atomic_folder
    from seatrial.cli.tokenizer.texts import TableTexts
    from seatrial.reference import resolve_model

    check_folder(out, overwrite=overwrite)
    base = resolve_model(model, revision=None, root=Path.cwd())
    table = open_table(files, encoding, delimiter)
    texts = list(TableTexts(table, table.column(text)))
    if not texts:
        raise DataError("there is no text in it", where=str(files[0]), hint="check which column holds the text")
    with atomic_folder(out) as folder:
        try:
            from seatrial.models.more_tokens import with_more_tokens

            added = with_more_tokens(base, texts, tokens, folder, noise=noise, seed=seed, where="MODEL")
        except ModuleNotFoundError as error:
            raise MissingExtraError("adding tokens to a model", "train") from error
    shown: list[dict[str, Any]] = [
        {"token": token.token, "id": token.id, "spelled": list(token.spelled), "count": token.count} for token in added
    ]
    if json_output:
        write_json({"out": str(out), "added": shown})
        return
    examples = ", ".join(repr(row["token"]) for row in shown[:SHOWN])
    say(f"{len(added):,} tokens added: {out}" + (f"\nsuch as {examples}" if shown else ""))
