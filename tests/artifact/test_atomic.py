from __future__ import annotations

import errno
from pathlib import Path

import pytest

from seatrial.artifact import atomic
from seatrial.artifact.atomic import atomic_folder, write_text
from seatrial.errors import ArtifactError


def test_folder_appears_whole_and_replaces_the_old_one(tmp_path: Path) -> None:
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
    rename = Path.rename

    def fail_new(self: Path, to: Path) -> Path:
        if self.name.endswith(".tmp"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, to)

    monkeypatch.setattr(atomic.Path, "rename", fail_new)
    with pytest.raises(OSError, match="Input/output"), atomic_folder(target) as folder:
        (folder / "a").write_text("new")
    assert (target / "a").read_text() == "old"


def test_write_text_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.json"
    write_text(path, "1")
    write_text(path, "2")
    assert path.read_text() == "2"
    assert list(path.parent.iterdir()) == [path]
