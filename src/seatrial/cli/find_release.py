"""From what a user names to a release folder: the folder itself, the one inside a project, or one made of a model."""

from __future__ import annotations

from pathlib import Path

from seatrial.cli.console import note
from seatrial.errors import ArtifactError
from seatrial.records import PROJECT_FILE
from seatrial.spec.load import find_project

__all__ = ["find_release", "find_served"]


def find_release(path: Path) -> Path:
    """The release folder at `path` or at `path/release`, or of the project file `path`.

    Raises:
        ArtifactError: there is no release.
    """
    is_project = path.is_file() and path.suffix in (".yaml", ".yml")
    places = (find_project(path).release,) if is_project else (path, path / "release")
    for folder in places:
        if (folder / "manifest.json").is_file():
            return folder
    can_be_made = is_project or (path / PROJECT_FILE).is_file()
    raise ArtifactError(
        "there is no release",
        where=str(path),
        expected="a folder with manifest.json",
        hint=f"make one with `seatrial run {path}`" if can_be_made else "check the path",
    )


def find_served(reference: str) -> Path:
    """The same, or the folder to serve for a language model that is no release: a GGUF file, `package:…`, or a folder
    in Hugging Face layout. That is made once, with a word about it.

    Raises:
        ArtifactError: it leads to neither, or to a model of a kind that cannot be served.
        ResolveError: there is no such model.
    """
    from seatrial.export.bare_model import is_bare_model, release_of_bare_model

    if not is_bare_model(reference):
        found = find_release(Path(reference))
        if not is_bare_model(str(found)):
            return found
        reference = str(found)  # the release of a network, in its project
    return release_of_bare_model(reference, told=lambda: note(f"preparing {reference}, once; this takes a minute"))
