"""What the verbs of `seatrial tokenizer` share: where their output goes, and which folder holds a tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seatrial.errors import SpecError

__all__ = ["OutFolder", "check_folder", "tokenizer_folder"]

OutFolder = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="The folder to write.")]
TOKENIZER_FILE = "tokenizer.json"


def check_folder(out: Path, *, overwrite: bool) -> None:
    """Refuse to write over what is there.

    Raises:
        SpecError: naming it.
    """
    if out.exists() and not out.is_dir():
        raise SpecError(f"{out} is a file", where="--out", expected="a folder", hint="give it another name")
    if out.is_dir() and any(out.iterdir()) and not overwrite:
        raise SpecError(f"{out} is there already", where="--out", hint="name another folder, or add --overwrite")


def tokenizer_folder(name: str) -> Path | None:
    """The folder that holds the tokenizer which the user named; None where it is a data file.

    Args:
        name: a folder with a tokenizer.json, that file, a GGUF file, a project with a release,
            ``package:MODULE/FOLDER`` or, if there is no such file and its ending tells no format, a Hub id.

    Raises:
        ResolveError: a reference that leads to nothing.
        SpecError: a folder without a tokenizer.
    """
    from seatrial.data.sources import ENDINGS
    from seatrial.data.sources.unpack import bare_name
    from seatrial.reference import FORMATS, PACKAGE, resolve_model

    path = Path(name)
    if path.is_file() and path.suffix.removeprefix(".") in FORMATS:
        return resolve_model(name, revision=None, root=Path.cwd())
    if path.is_file():
        return path.parent if path.name == TOKENIZER_FILE else None
    if path.is_dir():
        for folder in (path, path / "release"):
            if (folder / TOKENIZER_FILE).is_file():
                return folder
        raise SpecError(
            f"there is no {TOKENIZER_FILE} in {name}",
            where="TOKENIZER|FILE",
            hint="name data files, not their folder",
        )
    if not name.startswith(PACKAGE) and Path(bare_name(path.name)).suffix in ENDINGS:
        return None
    return resolve_model(name, revision=None, root=Path.cwd())
