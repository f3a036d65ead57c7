"""Write a file or a folder so that it is there whole or not at all, whenever the power goes.

What is not complete yet lies beside its place as `.NAME.xxxxxxxx.tmp`, locked by its writer; what a killed writer left
there is not locked any more, and goes with the next writing of the same name. Refuses to know what is written.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seatrial.artifact.exchange import exchange
from seatrial.artifact.unfinished import TEMPORARY, sweep_unfinished, unfinished
from seatrial.errors import ArtifactError

__all__ = ["atomic_file", "atomic_folder", "disk_error", "publish", "sweep", "temporary_folder", "write_text"]


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
        sweep_unfinished(target)
        temporary, handle = unfinished(target, folder=True)
        _keep_mode(target, temporary)
    except OSError as error:
        raise disk_error(error, target) from error
    try:
        yield temporary
    except OSError as error:
        if _concerns(error, temporary):
            raise disk_error(error, target) from error
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        os.close(handle)


def publish(temporary: Path, target: Path) -> None:
    """Put a finished folder in the place of `target`, synced to disk before and after.

    What was at `target` may lie at `temporary` afterwards; `temporary_folder` removes it.
    """
    _sync_tree(temporary)
    _replace_folder(temporary, target)
    _sync(target.parent)


@contextmanager
def atomic_file(target: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """A temporary file beside `target` that takes its place when the block ends well, for files that are streamed.

    An existing target stays untouched until the new file is complete on disk, and for good if the block raises.

    Args:
        target: where the file shall be; its folder is created.
        mode: the widest permissions it may get. A new file has those that the umask leaves; one that replaces another
            has those of the other. At no moment has it wider ones.

    Raises:
        ArtifactError: no space or no permission, naming the file.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep_unfinished(target)
        before = _mode(target)
        temporary, handle = unfinished(
            target, mode=mode if before is None else before & mode | stat.S_IRUSR | stat.S_IWUSR
        )
    except OSError as error:
        raise disk_error(error, target) from error
    try:
        yield temporary
        if before is not None:
            temporary.chmod(before & mode)
        _fsync(temporary)
        temporary.replace(target)
        _sync(target.parent)
    except OSError as error:
        if error.errno in FULL or error.errno in FORBIDDEN:
            raise disk_error(error, target) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


def write_text(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write `text` as UTF-8 so that readers see the old file or the new one, never a part.

    Args:
        path: the file; its folder is created.
        text: what shall be in it.
        mode: the widest permissions it may get, as in `atomic_file`.

    Raises:
        ArtifactError: no space or no permission.
    """
    try:
        with atomic_file(path, mode=mode) as temporary:
            temporary.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise disk_error(error, path) from error


def sweep(target: Path) -> None:
    """Clean up beside `target` after a writer that was killed, and put back a target that it had moved aside.

    Only for the one who may write `target` now: what another writer is busy with would be removed too.
    """
    beside = f".{glob.escape(target.name)}."
    for aside in target.parent.glob(f"{beside}*{ASIDE}"):
        if (aside / OLD).exists() and not target.exists():
            (aside / OLD).rename(target)
        shutil.rmtree(aside, ignore_errors=True)
    for temporary in target.parent.glob(f"{beside}*{TEMPORARY}"):
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


def disk_error(error: OSError, target: Path) -> ArtifactError:
    """What to tell the user when `target` could not be written."""
    reason = error.strerror or str(error)
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        reason = str(error.args[0][0][-1])  # of a tree: (from, to, reason) per file
    full = error.errno in FULL or any(os.strerror(number) in reason for number in FULL)
    return ArtifactError(
        f"cannot write {target.name}: {reason}",
        where=str(target.parent),
        hint="free some space and run the same command again; finished stages are kept"
        if full
        else "check that the folder exists and that you may write there",
    )


ASIDE, OLD = ".old", "old"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EROFS, errno.EPERM}


def _mode(path: Path) -> int | None:
    """The permissions of what is there."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _keep_mode(target: Path, temporary: Path) -> None:
    """Give a folder the permissions of the one that it will replace."""
    before = _mode(target)
    if before is not None:
        temporary.chmod(before | stat.S_IRWXU)


def _concerns(error: OSError, folder: Path) -> bool:
    """Whether writing below `folder` is what failed, and not reading something that a caller's block needed."""
    if isinstance(error, shutil.Error):  # of a whole tree; the errors of single files are only there as text
        return True
    if error.errno in FULL:
        return True
    names = [Path(os.fsdecode(name)) for name in (error.filename, error.filename2) if isinstance(name, (str, bytes))]
    return error.errno in FORBIDDEN and (not names or any(name.is_relative_to(folder) for name in names))


def _replace_folder(source: Path, target: Path) -> None:
    """Put `source` in the place of `target`.

    A rename cannot replace a full folder. Where folders cannot be exchanged either, the old one steps aside first; for
    that moment there is none, and `sweep` puts it back if the process dies just then.
    """
    if not target.exists():
        source.rename(target)
        return
    if exchange(source, target):
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=ASIDE, dir=target.parent))
    target.rename(aside / OLD)
    try:
        source.rename(target)
    except OSError:
        (aside / OLD).rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    if path.is_dir():
        with suppress(OSError):  # some file systems cannot sync a folder; the rename is still atomic there
            _fsync(path)
    else:
        _fsync(path)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
