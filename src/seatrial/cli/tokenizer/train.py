"""`seatrial tokenizer train`: the texts of files → a tokenizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from seatrial.cli.console import guarded, note, say, write_json
from seatrial.cli.data.files import open_table
from seatrial.cli.data.options import Delimiter, Encoding, Files, Overwrite, TextColumn
from seatrial.cli.options import Debug, Json
from seatrial.cli.tokenizer.options import OutFolder, check_folder
from seatrial.errors import SpecError

if TYPE_CHECKING:
    from seatrial.spec.tokenizer import TokenizerSpec

__all__ = ["train"]


@guarded
def train(
    files: Files,
    *,
    out: OutFolder,
    method: Annotated[str, typer.Option(metavar="NAME", help="bpe, wordpiece, unigram or characters.")] = "bpe",
    vocabulary: Annotated[
        int | None,
        typer.Option(min=2, metavar="N", help="Tokens.  [default: 8,000, or as many as the texts give]"),
    ] = None,
    chat: Annotated[bool, typer.Option("--chat", help="Add the control tokens of ChatML, and its template.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="A=B", help="Another key of `model.tokenizer`, such as coverage=1; may be repeated."
        ),
    ] = None,
    text: TextColumn = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    overwrite: Overwrite = False,
    json_output: Json = False,
    debug: Debug = False,
) -> None:
    """Train a tokenizer on the texts of data files and write it in the layout of the Hub.

    Equal texts and settings give an equal tokenizer. Memory holds the different words, not the texts.
    """
    from seatrial.artifact.atomic import atomic_folder
    from seatrial.artifact.manifest import write_manifest
    from seatrial.cli.progress_bars import ProgressBars
    from seatrial.cli.tokenizer.texts import TableTexts
    from seatrial.tokenize.save import save_tokenizer
    from seatrial.tokenize.train import train_tokenizer

    spec = _spec({"method": method, "vocabulary": vocabulary, "chat": chat}, settings or [])
    check_folder(out, overwrite=overwrite)
    table = open_table(files, encoding, delimiter)
    texts = TableTexts(table, table.column(text))
    with ProgressBars() as bars:
        trained = train_tokenizer(texts, spec, where="tokenizer", progress=bars)
    section = spec.model_dump(mode="json")
    size = trained.get_vocab_size()
    with atomic_folder(out) as folder:
        save_tokenizer(trained, folder, chat=spec.chat)
        digest = write_manifest(folder, kind="tokenizer", spec=section, facts={"vocabulary": size})
    if texts.bad_rows:
        note(f"{texts.bad_rows:,} rows could not be read and were passed over")
    if json_output:
        write_json({"out": str(out), "vocabulary": size, "digest": digest, "bad_rows": texts.bad_rows, "spec": section})
        return
    say(f"{size:,} tokens by {spec.method}: {out}")


def _spec(given: dict[str, Any], settings: list[str]) -> TokenizerSpec:
    """The specification from the options and `--set`.

    Raises:
        SpecError: a key or a value that cannot be used.
    """
    from pydantic import ValidationError

    from seatrial.spec.mistakes import describe
    from seatrial.spec.overrides import apply_overrides
    from seatrial.spec.tokenizer import TokenizerSpec

    tree = apply_overrides({key: value for key, value in given.items() if value is not None}, settings)
    try:
        return TokenizerSpec.model_validate(tree)
    except ValidationError as error:
        one = error.errors(include_url=False, include_context=False)[0]
        told = describe(TokenizerSpec, one["loc"], one["type"], one["msg"], one["input"])
        raise SpecError(told.message, where=f"--set {told.where}", expected=told.expected, hint=told.hint) from None
