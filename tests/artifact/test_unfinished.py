from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.artifact import unfinished as module
from seatrial.artifact.unfinished import is_unfinished, sweep_unfinished, unfinished


def test_one_that_is_swept_before_it_is_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = module._lock
    swept: list[str] = []

    def sweep_first(handle: int, *, wait: bool) -> bool:
        if wait and not swept:
            swept.extend(path.name for path in tmp_path.iterdir())
            (tmp_path / swept[0]).unlink()
        return lock(handle, wait=wait)

    monkeypatch.setattr(module, "_lock", sweep_first)
    path, handle = unfinished(tmp_path / "a")
    os.close(handle)
    assert path.exists()
    assert path.name not in swept


def test_where_there_are_no_locks_nothing_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_lock", lambda handle, *, wait: False)
    path, handle = unfinished(tmp_path / "a")
    os.close(handle)
    sweep_unfinished(tmp_path / "a")
    assert path.exists()


def test_its_name_is_told_from_others(tmp_path: Path) -> None:
    path, handle = unfinished(tmp_path / "a.csv")
    os.close(handle)
    assert is_unfinished(path)
    assert not any(
        is_unfinished(tmp_path / name) for name in ("a.csv", ".a.tmp", ".a.csv.backup.tmp", "a.0123abcd.tmp")
    )
