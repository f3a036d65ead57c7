from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.artifact.store import Store, StoredStage
from seatrial.errors import ArtifactError


def make(store: Store, content: str, fingerprint: str = "f" * 64) -> str:
    with store.create("train", {"prepare": "d"}, {"epochs": 1}, seed=1) as draft:
        (draft.folder / "model").write_text(content)
    store.remember("train", fingerprint, StoredStage(draft.digest, {"spec": 1}, 2.5))
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
    for folder in (tmp_path, tmp_path / "index"):
        (folder / ".latest.json.abc.tmp").touch()
    with store.locked():
        assert not list(tmp_path.rglob("*.tmp"))
        assert [path.name for path in (tmp_path / "artifacts").iterdir()] == [f"train-{digest[:12]}"]


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"fingerprint": "FP"}', '{"fingerprint": "FP", "digest": "d", "size": 1}']
)
def test_a_damaged_index_entry_counts_as_none(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)
    make(store, "weights")
    next((tmp_path / "index").iterdir()).write_text(damage.replace("FP", "f" * 64))
    assert store.find("train", "f" * 64) is None
    assert store.last("train") is None


def test_a_result_that_is_not_reusable_is_known_and_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = make(store, "weights")
    store.remember("train", "f" * 64, StoredStage(digest, {}, 1.0, reusable=False))
    assert store.find("train", "f" * 64) is None
    assert store.last("train") == StoredStage(digest, {}, 1.0, reusable=False)


def test_a_project_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="cannot write"), Store(tmp_path / "file" / ".seatrial").locked():
        pytest.fail("it was locked")


def test_two_runs_do_not_share_a_project(tmp_path: Path) -> None:
    with (
        Store(tmp_path).locked(),
        pytest.raises(ArtifactError, match="another run"),
        Store(tmp_path).locked(),
    ):
        pytest.fail("the second lock was given")
