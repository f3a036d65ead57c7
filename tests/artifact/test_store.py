from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.artifact.store import Store
from seatrial.errors import ArtifactError


def make(store: Store, content: str, fingerprint: str = "f" * 64) -> str:
    with store.create("train", {"prepare": "d"}, {"epochs": 1}, seed=1) as draft:
        (draft.folder / "model").write_text(content)
    store.remember("train", fingerprint, {"spec": 1}, draft.digest, 2.5)
    return draft.digest


def test_what_was_made_is_found_and_verified(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = make(store, "weights")
    found = store.find("train", "f" * 64)
    assert found is not None
    assert (found.digest, found.seconds) == (digest, 2.5)
    artifact = store.load("train", digest)
    assert (artifact.path / "model").read_text() == "weights"
    assert store.find("train", "e" * 64) is None
    assert store.last("train") == found


def test_an_altered_artifact_is_refused_and_can_be_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = make(store, "weights")
    (store.folder("train", digest) / "model").write_text("Weights")
    with pytest.raises(ArtifactError, match="model was altered"):
        store.load("train", digest)
    store.forget("train", "f" * 64)
    assert store.find("train", "f" * 64) is None
    assert not store.folder("train", digest).exists()


def test_a_failed_stage_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(RuntimeError), store.create("train", {}, {}, seed=1) as draft:
        (draft.folder / "model").write_text("half")
        raise RuntimeError
    assert list((tmp_path / "artifacts").iterdir()) == []


def test_leftovers_of_a_killed_run_are_swept_under_the_lock(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = make(store, "weights")
    (tmp_path / "artifacts" / ".train.abc.tmp").mkdir()
    with store.locked():
        assert [path.name for path in (tmp_path / "artifacts").iterdir()] == [f"train-{digest[:12]}"]


def test_two_runs_do_not_share_a_project(tmp_path: Path) -> None:
    with (
        Store(tmp_path).locked(),
        pytest.raises(ArtifactError, match="another run"),
        Store(tmp_path).locked(),
    ):
        pytest.fail("the second lock was given")
