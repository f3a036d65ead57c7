"""The project's store: artifacts by digest, and which fingerprint made which.

.seatrial/
  artifacts/KIND-DIGEST12/     immutable, each with its manifest
  index/STAGE-FINGERPRINT.json which artifact a stage made under a fingerprint, and from what
  work/STAGE-FINGERPRINT/      checkpoints of a stage that is under way
  latest.json                  the fingerprint parts of each stage's last run, for `plan`
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seatrial.artifact.atomic import disk_error, publish, temporary_folder, write_text
from seatrial.artifact.manifest import manifest_digest, verify, write_manifest
from seatrial.errors import ArtifactError
from seatrial.records import Artifact

__all__ = ["Draft", "Store", "StoredStage"]


@dataclass(frozen=True, slots=True)
class StoredStage:
    """What the index remembers of a run.

    Attributes:
        digest: of the artifact it made.
        parts: the fingerprint's parts.
        seconds: what it took.
        reusable: False for a result that the next run makes anew, such as a missed contract.
    """

    digest: str
    parts: Mapping[str, Any]
    seconds: float
    reusable: bool = True


@dataclass(slots=True)
class Draft:
    """An artifact that is being written: its folder, and its digest once it is finished."""

    folder: Path
    digest: str = ""


class Store:
    """Artifacts of one project.

    Args:
        root: the `.seatrial` folder; created on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, kind: str, digest: str) -> Path:
        """Where an artifact lies."""
        return self.root / "artifacts" / f"{kind}-{digest[:12]}"

    def work(self, stage: str, fingerprint: str) -> Path:
        """A folder for a stage's unfinished work; survives a kill, removed when the stage is done."""
        return self.root / "work" / f"{stage}-{fingerprint[:12]}"

    def find(self, stage: str, fingerprint: str) -> StoredStage | None:
        """What `stage` made under this fingerprint and may be used again, or None.

        A damaged index entry counts as none.
        """
        stored = self._stored(stage, fingerprint)
        return stored if stored and stored.reusable and self.folder(stage, stored.digest).is_dir() else None

    def last(self, stage: str) -> StoredStage | None:
        """What the last finished run of `stage` made, whatever its fingerprint."""
        fingerprint = (_read_json(self.root / "latest.json") or {}).get(stage)
        return self._stored(stage, fingerprint) if isinstance(fingerprint, str) else None

    def load(self, kind: str, digest: str) -> Artifact:
        """An artifact, every file checked against its manifest.

        Raises:
            ArtifactError: naming the file that is missing or altered.
        """
        folder = self.folder(kind, digest)
        manifest = verify(folder)
        if manifest_digest(manifest) != digest:
            raise ArtifactError("manifest.json was altered", where=str(folder), hint=f"remove {folder} and run again")
        return Artifact(folder, digest, kind, manifest)

    @contextmanager
    def create(self, stage: str, inputs: Mapping[str, str], spec: Mapping[str, Any], seed: int) -> Iterator[Draft]:
        """A temporary folder for a stage's output; it becomes an artifact when the block ends well."""
        with temporary_folder(self.root / "artifacts" / stage) as folder:
            draft = Draft(folder)
            yield draft
            draft.digest = write_manifest(folder, kind=stage, inputs=inputs, spec=spec, facts={"seed": seed})
            publish(folder, self.folder(stage, draft.digest))

    def remember(self, stage: str, fingerprint: str, stored: StoredStage) -> None:
        """Write the index entry of a finished run, then drop its work folder."""
        entry = {"fingerprint": fingerprint, **asdict(stored)}
        write_text(self._entry(stage, fingerprint), json.dumps(entry, indent=1, ensure_ascii=False))
        latest = _read_json(self.root / "latest.json") or {}
        write_text(self.root / "latest.json", json.dumps({**latest, stage: fingerprint}, indent=1))
        shutil.rmtree(self.work(stage, fingerprint), ignore_errors=True)

    def forget(self, stage: str, fingerprint: str) -> None:
        """Drop an index entry whose artifact turned out to be damaged, so that the stage runs again."""
        stored = self._stored(stage, fingerprint)
        self._entry(stage, fingerprint).unlink(missing_ok=True)
        if stored:
            shutil.rmtree(self.folder(stage, stored.digest), ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the project for one run at a time; the lock goes with the process, however it ends.

        Raises:
            ArtifactError: another run holds it, or the folder cannot be written.
        """
        import fcntl

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise disk_error(error, self.root) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise ArtifactError(
                    f"another run of this project is under way (process {file.read().strip() or 'unknown'})",
                    where=str(self.root.parent),
                    hint="wait for it, or stop it",
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Remove what a killed run left half-written. Only called under the lock."""
        for leftover in (self.root / "artifacts").glob(".*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for folder in (self.root, self.root / "index"):
            for leftover in folder.glob(".*.tmp"):
                leftover.unlink(missing_ok=True)

    def _stored(self, stage: str, fingerprint: str) -> StoredStage | None:
        entry = _read_json(self._entry(stage, fingerprint))
        if not entry or entry.pop("fingerprint", None) != fingerprint:
            return None
        try:
            return StoredStage(**entry)
        except TypeError:  # keys are missing, or those of another version
            return None

    def _entry(self, stage: str, fingerprint: str) -> Path:
        return self.root / "index" / f"{stage}-{fingerprint[:16]}.json"


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
