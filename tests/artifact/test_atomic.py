from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.artifact import atomic
from seatrial.artifact.atomic import atomic_file, atomic_folder, sweep, temporary_folder, write_text
from seatrial.artifact.exchange import exchange
from seatrial.errors import ArtifactError


@pytest.fixture(params=["exchange", "no exchange"])
def swap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to replace a folder, whatever this machine can do."""
    if request.param == "no exchange":
        monkeypatch.setattr(atomic, "exchange", lambda one, other: False)
    return str(request.param)


def test_folder_appears_whole_and_replaces_the_old_one(tmp_path: Path, swap: str) -> None:
    target = tmp_path / "release"
    for text in ("one", "two"):
        with atomic_folder(target) as folder:
            (folder / "a").write_text(text)
            assert not target.exists() or (target / "a").read_text() == "one"
    assert (target / "a").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_an_error_leaves_the_old_folder_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "release"
    with atomic_folder(target) as folder:
        (folder / "a").write_text("old")
    with pytest.raises(RuntimeError), atomic_folder(target) as folder:
        (folder / "a").write_text("new")
        raise RuntimeError
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_full_disk_is_said_and_the_old_folder_stays(tmp_path: Path) -> None:
    target = tmp_path / "release"
    with atomic_folder(target) as folder:
        (folder / "a").write_text("old")
    with pytest.raises(ArtifactError, match="No space left") as caught, atomic_folder(target) as folder:
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "free some space" in str(caught.value.hint)
    assert (target / "a").read_text() == "old"


def test_a_failed_swap_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "release"
    with atomic_folder(target) as folder:
        (folder / "a").write_text("old")
    monkeypatch.setattr(atomic, "exchange", lambda one, other: False)
    rename = Path.rename

    def fail_new(self: Path, to: Path) -> Path:
        if self.name.endswith(".tmp"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, to)

    monkeypatch.setattr(atomic.Path, "rename", fail_new)
    with pytest.raises(OSError, match="Input/output"), atomic_folder(target) as folder:
        (folder / "a").write_text("new")
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_target_moved_aside_by_a_killed_writer_is_put_back(tmp_path: Path) -> None:
    target = tmp_path / "release"
    aside = tmp_path / ".release.abc.old"
    (aside / "old").mkdir(parents=True)
    (aside / "old" / "a").write_text("old")
    (tmp_path / ".release.abc.tmp").mkdir()
    (tmp_path / ".release.def.tmp").write_text("half")
    (tmp_path / ".released.ghi.tmp").mkdir()
    sweep(target)
    assert (target / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".released.ghi.tmp", "release"]


def test_a_new_target_is_not_replaced_by_the_one_set_aside(tmp_path: Path) -> None:
    target = tmp_path / "release"
    (tmp_path / ".release.abc.old" / "old").mkdir(parents=True)
    target.mkdir()
    (target / "a").write_text("new")
    sweep(target)
    assert (target / "a").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_exchanged_folders_leave_no_moment_without_a_target(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    if not exchange(one, other):
        pytest.skip("this file system cannot exchange")
    assert (one / "name").read_text() == "other"
    assert (other / "name").read_text() == "one"
    assert not exchange(one, tmp_path / "absent")
    assert (one / "name").read_text() == "other"


def test_a_full_disk_while_a_tree_is_copied_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a").write_text("a")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(ArtifactError, match="No space left") as caught, atomic_folder(tmp_path / "release") as folder:
        shutil.copytree(tmp_path / "from", folder, dirs_exist_ok=True, copy_function=shutil.copy2)
    assert "free some space" in str(caught.value.hint)
    assert [path.name for path in tmp_path.iterdir()] == ["from"]


def test_what_the_block_may_not_read_is_not_said_to_be_unwritable(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), temporary_folder(tmp_path / "prepare"):
        raise PermissionError(errno.EACCES, "Permission denied", "/data/a.csv")
    with pytest.raises(ArtifactError, match="cannot write"), temporary_folder(tmp_path / "prepare") as folder:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder / "a"))


def test_data_that_did_not_reach_the_disk_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", lost)
    with pytest.raises(OSError, match="Input/output"), atomic_folder(tmp_path / "release") as folder:
        (folder / "a").write_text("a")
    assert list(tmp_path.iterdir()) == []


def test_write_text_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.json"
    write_text(path, "1")
    write_text(path, "2")
    assert path.read_text() == "2"
    assert list(path.parent.iterdir()) == [path]


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_new_files_and_folders_follow_the_umask(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "a") as temporary:
        assert mode(temporary) == 0o640
    with atomic_folder(tmp_path / "b"):
        pass
    write_text(tmp_path / "c", "")
    with atomic_file(tmp_path / "d", mode=0o604):
        pass
    assert [mode(tmp_path / name) for name in "abcd"] == [0o640, 0o750, 0o640, 0o600]


@pytest.mark.parametrize("kept", [0o600, 0o664, 0o444])
def test_what_is_replaced_keeps_its_permissions(tmp_path: Path, kept: int) -> None:
    file, folder = tmp_path / "a", tmp_path / "b"
    file.touch()
    file.chmod(kept)
    folder.mkdir(0o700)
    with atomic_file(file) as temporary:
        temporary.write_text("new")
        assert not mode(temporary) & ~kept & 0o077
    with atomic_folder(folder) as unpublished:
        (unpublished / "a").touch()
    assert (mode(file), file.read_text(), mode(folder)) == (kept, "new", 0o700)
    write_text(file, "private", mode=0o600)
    assert mode(file) == kept & 0o600


WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from seatrial.artifact.atomic import atomic_file, temporary_folder

target = Path(sys.argv[1])
with temporary_folder(target) as folder, atomic_file(target) as file:
    (folder / "a").touch()
    os.kill(os.getpid(), 9)
"""


def test_the_next_writer_sweeps_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    done = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(target)], check=False)
    assert done.returncode == -9
    others = [".a.csv.backup.tmp", ".a.csv.gz.0123abcd.tmp", ".b.csv.0123abcd.tmp"]
    for name in others:
        (tmp_path / name).touch()
    assert len(list(tmp_path.iterdir())) == len(others) + 2
    with atomic_file(target) as live, temporary_folder(target) as folder, atomic_file(target) as second:
        assert {path.name for path in tmp_path.iterdir()} == {*others, live.name, folder.name, second.name}
        second.write_text("second")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "a.csv"])
