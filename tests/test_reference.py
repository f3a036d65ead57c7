"""Model references lead to a folder with safetensors, or to a message that says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seatrial.errors import OfflineError, ResolveError
from seatrial.reference import model_digest, resolve_model

HEADER = b'{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + bytes(8)


def make_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text(name)
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    return folder


def resolve(reference: str, root: Path, revision: str | None = None) -> Path:
    return resolve_model(reference, revision=revision, root=root)


def test_a_relative_folder_starts_at_the_project_and_an_absolute_one_does_not(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "project" / "models" / "mine")
    assert resolve("models/mine", tmp_path / "project") == folder
    assert resolve(str(folder), tmp_path / "elsewhere") == folder


def test_a_folder_in_a_package_is_found_without_importing_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_model(tmp_path / "toy_weights" / "model")
    (tmp_path / "toy_weights" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert resolve("package:toy_weights/model", tmp_path) == folder
    assert "toy_weights" not in sys.modules
    with pytest.raises(ResolveError, match="no folder 'other'"):
        resolve("package:toy_weights/other", tmp_path)


def test_a_package_that_is_not_installed_is_named_for_pip(tmp_path: Path) -> None:
    with pytest.raises(ResolveError) as caught:
        resolve("package:no_such_weights/model", tmp_path)
    assert caught.value.hint == "pip install no-such-weights"


@pytest.mark.parametrize("reference", ["package:", "package:a.b/model", "package:json/../secret"])
def test_a_package_reference_stays_inside_one_package(reference: str, tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match="names no folder in a package"):
        resolve(reference, tmp_path)


@pytest.mark.parametrize("variable", ["SEATRIAL_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_a_hub_id_that_is_not_cached_is_refused_without_the_network(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def no_network(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    with pytest.raises(OfflineError, match="network is forbidden"):
        resolve("seatrial-tests/never-cached", tmp_path)


def test_offline_a_cached_hub_id_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    folder = make_model(tmp_path / "cache")
    asked: dict[str, object] = {}

    def snapshot_download(name: str, **options: object) -> str:
        asked.update(options, name=name)
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    assert resolve("organisation/model", tmp_path, revision="abc") == folder
    assert (asked["name"], asked["revision"], asked["local_files_only"]) == ("organisation/model", "abc", True)
    assert "*.bin" not in asked["allow_patterns"]  # type: ignore[operator]


def test_a_mistyped_path_is_not_taken_for_a_hub_id(tmp_path: Path) -> None:
    with pytest.raises(ResolveError, match="no folder on this machine"):
        resolve("./models/mine/", tmp_path)


def test_a_revision_of_something_that_has_none_is_refused(tmp_path: Path) -> None:
    make_model(tmp_path / "mine")
    with pytest.raises(ResolveError) as caught:
        resolve("mine", tmp_path, revision="main")
    assert caught.value.where == "model.revision"


def test_pickled_weights_are_refused_with_a_way_out(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "mine")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ResolveError, match=r"only pytorch_model\.bin") as caught:
        resolve("mine", tmp_path)
    assert "save_pretrained" in str(caught.value.hint)


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json"])
def test_a_folder_that_lacks_a_part_is_refused(missing: str, tmp_path: Path) -> None:
    (make_model(tmp_path / "mine") / missing).unlink()
    with pytest.raises(ResolveError, match=missing):
        resolve("mine", tmp_path)


def test_the_digest_follows_names_and_contents_of_model_files_only(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "mine")
    first = model_digest(folder)
    (folder / "README.md").write_text("new words")
    assert model_digest(folder) == first
    (folder / "tokenizer.json").write_text("changed")
    changed = model_digest(folder)
    assert changed != first
    (folder / "tokenizer.json").rename(folder / "tokenizer_config.json")
    assert model_digest(folder) not in {first, changed}


def test_an_empty_folder_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(ResolveError):
        model_digest(tmp_path)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (WEIGHTS[:-3], f"{len(WEIGHTS) - 3} of {len(WEIGHTS)} bytes"),
        (WEIGHTS + b"0", f"{len(WEIGHTS) + 1} of {len(WEIGHTS)} bytes"),
        (WEIGHTS[:30], "30 bytes that are not such a file"),
        (b"", "0 bytes that are not such a file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "that are not such a file"),
        ((2).to_bytes(8, "little") + b"[]", "that are not such a file"),
    ],
)
def test_weights_that_were_cut_off_are_named_before_they_are_loaded(weights: bytes, said: str, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "mine")
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(ResolveError, match="safetensors is damaged") as caught:
        resolve("mine", tmp_path)
    assert said in caught.value.message
    assert caught.value.hint == "copy or download the model again"


def test_the_check_agrees_with_the_library(tmp_path: Path) -> None:
    numpy, safetensors = pytest.importorskip("numpy"), pytest.importorskip("safetensors.numpy")
    folder = make_model(tmp_path / "mine")
    for tensors in ({}, {"a": numpy.ones((3, 2), "f4"), "b": numpy.ones(5, "i8")}):
        safetensors.save_file(tensors, folder / "model.safetensors")
        assert resolve("mine", tmp_path) == folder


def test_a_file_in_another_format_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResolveError, match="is no file on this machine"):
        resolve("gone.gguf", tmp_path)
    (tmp_path / "toy_weights").mkdir()
    (tmp_path / "toy_weights" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ResolveError, match=r"has no file 'gone\.gguf'"):
        resolve("package:toy_weights/gone.gguf", tmp_path)


def test_a_file_in_another_format_is_converted_into_the_cache_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seatrial.reference import FORMATS

    converted: list[Path] = []

    def convert(file: Path, folder: Path) -> None:
        converted.append(file)
        make_model(folder)

    monkeypatch.setitem(FORMATS._loaded, "gguf", convert)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "small.gguf"
    file.write_bytes(b"one")
    first = resolve("small.gguf", tmp_path)
    assert first.parent == tmp_path / "cache" / "seatrial" / "models"
    assert first.name.startswith("small-")
    assert resolve("small.gguf", tmp_path) == first
    assert converted == [file]
    file.write_bytes(b"two")
    assert resolve("small.gguf", tmp_path) != first
    with pytest.raises(ResolveError, match="no revision"):
        resolve("small.gguf", tmp_path, revision="main")
