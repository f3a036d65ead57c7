from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.artifact.manifest import verify, write_manifest
from seatrial.errors import ArtifactError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").write_bytes(bytes(range(256)))
    (tmp_path / "config.json").write_text("{}")
    write_manifest(tmp_path, kind="release", inputs={"train": "ab"}, spec={"name": "x"})
    return tmp_path


def test_an_untouched_folder_passes(folder: Path) -> None:
    assert set(verify(folder)["files"]) == {"config.json", "onnx/model.onnx"}


def test_any_flipped_byte_is_named(folder: Path) -> None:
    file = folder / "onnx" / "model.onnx"
    content = bytearray(file.read_bytes())
    content[200] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"onnx/model\.onnx was altered"):
        verify(folder)


def test_missing_and_foreign_files_are_named(folder: Path) -> None:
    (folder / "extra").write_text("")
    with pytest.raises(ArtifactError, match="extra is not in the manifest"):
        verify(folder)
    (folder / "extra").unlink()
    (folder / "config.json").unlink()
    with pytest.raises(ArtifactError, match=r"config\.json is missing"):
        verify(folder)


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "{", "[" * 100_000, '{"files": 1}'],
    ids=["none", "empty", "list", "half", "deep", "another form"],
)
def test_a_broken_manifest_is_said(folder: Path, content: str | None) -> None:
    (folder / "manifest.json").unlink()
    if content is not None:
        (folder / "manifest.json").write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        verify(folder)


@pytest.mark.parametrize("change", [{"format": 2}, {"files": []}, {"spec": []}])
def test_a_manifest_of_another_form_is_refused(folder: Path, change: dict[str, object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(ArtifactError, match="form that is not known"):
        verify(folder)


def test_equal_content_has_an_equal_digest(folder: Path) -> None:
    first = write_manifest(folder, kind="release", facts={"when": 1})
    assert write_manifest(folder, kind="release", facts={"when": 2}) == first
    (folder / "config.json").write_text("{ }")
    assert write_manifest(folder, kind="release") != first
