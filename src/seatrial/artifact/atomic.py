"""Write a file or a folder so that it is there whole or not at all, whenever the power goes.

Refuses to know what is written.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seatrial.errors import ArtifactError

__all__ = ["atomic_folder", "publish", "temporary_folder", "write_text"]


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block ends well.

    An existing target stays untouched until the new folder is complete on disk, and for good if the block raises.

    Args:
        target: where the folder shall be; its parent is created.

    Raises:
        ArtifactError: no space or no permission, naming the folder.
    """
    with temporary_folder(target) as temporary:
        yield temporary
        publish(temporary, target)


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target`, named after it, that is gone when the block ends unless it was published."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
        temporary.chmod(0o755)
    except OSError as error:
        raise _disk_error(error, target) from error
    try:
        yield temporary
    except OSError as error:
        if error.errno in DISK_ERRORS:
            raise _disk_error(error, target) from error
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def publish(temporary: Path, target: Path) -> None:
    """Put a finished folder in the place of `target`, synced to disk before and after."""
    _sync_tree(temporary)
    _replace_folder(temporary, target)
    _sync(target.parent)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 so that readers see the old file or the new one, never a part.

    Raises:
        ArtifactError: no space or no permission.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        raise _disk_error(error, path) from error


def _replace_folder(source: Path, target: Path) -> None:
    """Put `source` in the place of `target`. A rename cannot replace a full folder, so the old one steps aside."""
    if not target.exists():
        source.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    old = aside / "old"
    target.rename(old)
    try:
        source.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot sync a folder; the rename is still atomic there
            os.fsync(handle)
    finally:
        os.close(handle)


DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM, errno.EFBIG}


def _disk_error(error: OSError, target: Path) -> ArtifactError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return ArtifactError(
        f"cannot write {target.name}: {error.strerror or error}",
        where=str(target.parent),
        hint="free some space and run the same command again; finished stages are kept"
        if full
        else "check that the folder exists and that you may write there",
    )
