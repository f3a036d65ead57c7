"""`manifest.json`: what a folder holds, made from what, by what; written last, checked on load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seatrial import __version__
from seatrial.artifact.atomic import write_text
from seatrial.artifact.digest import folder_files, json_digest
from seatrial.artifact.machine import machine
from seatrial.errors import ArtifactError

__all__ = ["MANIFEST", "manifest_digest", "verify", "write_manifest"]

MANIFEST = "manifest.json"
FORMAT = 1


def write_manifest(
    folder: Path,
    *,
    kind: str,
    inputs: Mapping[str, str] | None = None,
    spec: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Hash everything in `folder` and write its manifest. Call it last.

    Args:
        folder: a finished folder.
        kind: what it is, for example ``"dataset"`` or ``"release"``.
        inputs: name → digest of each artifact or source it was made from.
        spec: the part of the resolved project file that shaped it.
        facts: seeds and other plain JSON worth keeping.

    Returns:
        The folder's digest: 64 hex digits over kind, files, inputs and spec. Machine and versions do not enter, so that
        equal content has an equal name.
    """
    manifest = {
        "format": FORMAT,
        "kind": kind,
        "files": folder_files(folder, leave_out=frozenset({MANIFEST})),
        "inputs": dict(inputs or {}),
        "spec": dict(spec or {}),
        "facts": dict(facts or {}),
        "seatrial": __version__,
        "machine": machine(),
    }
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return manifest_digest(manifest)


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """The digest that names a folder with this manifest."""
    return json_digest({key: manifest[key] for key in ("kind", "files", "inputs", "spec")})


def verify(folder: Path) -> dict[str, Any]:
    """Check every file against the manifest.

    Returns:
        The manifest.

    Raises:
        ArtifactError: no manifest, or the first file that is missing, altered or not listed.
    """
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        listed: dict[str, str] = manifest["files"]
        manifest_digest(manifest)
        known = manifest["format"] == FORMAT and isinstance(listed, dict) and isinstance(manifest["spec"], dict)
    except FileNotFoundError as error:
        raise ArtifactError("there is no manifest.json", where=str(folder), hint=AGAIN) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError("manifest.json cannot be read", where=str(path), hint=AGAIN) from error
    if not known:
        raise ArtifactError(
            "manifest.json has a form that is not known here",
            where=str(path),
            expected=f"format {FORMAT}",
            hint="use the version of Seatrial that wrote it, or " + AGAIN,
        )
    found = folder_files(folder, leave_out=frozenset({MANIFEST}))
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            raise ArtifactError(f"{name} is missing", where=str(folder), hint=AGAIN)
        if name not in listed:
            raise ArtifactError(f"{name} is not in the manifest", where=str(folder), hint="remove the file")
        if listed[name] != found[name]:
            raise ArtifactError(
                f"{name} was altered", where=str(folder), expected=f"SHA-256 {listed[name][:12]}…", hint=AGAIN
            )
    return manifest


AGAIN = "copy the folder again from where it was made, or make it again with `seatrial run`"
