"""The base model as a source of words: neighbours at once, gaps only with a head, and all of it in the fingerprint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import DataError, SpecError
from seatrial.pipeline.encoder_words import digests_beside_sources, encoder_of
from seatrial.pipeline.stages.prepare import Prepare
from seatrial.spec.load import parse_spec
from seatrial.spec.project import ProjectSpec

from ..models.test_fill_mask import TEXTS, base, one_thread

__all__ = ["one_thread"]


def spec(root: Path, *augment: dict[str, Any]) -> ProjectSpec:
    return parse_spec(
        {
            "name": "toy",
            "data": {"sources": [{"name": "s", "path": "c.csv"}], "columns": {"label": "l"}, "augment": list(augment)},
            "model": {"base": "base", "max_length": 20},
            "requirements": [{"metric": "accuracy", "at_least": 0.5}],
        },
        "toy",
    )


def test_words_of_a_base_model(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    base(tmp_path / "base")
    masked = spec(tmp_path, {"method": "masked-words"})
    make = encoder_of(masked, tmp_path)
    assert make is not None
    words = make(TEXTS)
    near = words.neighbours(["hot", "unheard"], 2, -1.0)
    assert list(near) == ["hot"]
    assert len(near["hot"]) == 2
    with pytest.raises(SpecError, match="has no head that fills in hidden words"):
        words.fill(TEXTS, [[(11, 14)], []], 3, 0)
    assert len(words.fill(TEXTS, [[(11, 14)], []], 3, 1)[0][0]) == 3
    assert list(digests_beside_sources(masked, tmp_path)) == ["base model base"]
    assert Prepare().section(masked)["max_length"] == 20


def test_nothing_is_loaded_or_hashed_in_vain(tmp_path: Path) -> None:
    plain = spec(tmp_path, {"method": "typos"})
    assert encoder_of(plain, tmp_path) is None
    assert digests_beside_sources(plain, tmp_path) == {}
    assert "max_length" not in Prepare().section(plain)
    listed = spec(tmp_path, {"method": "synonyms", "options": {"file": "list.tsv"}})
    with pytest.raises(DataError, match=r"list\.tsv cannot be read"):
        digests_beside_sources(listed, tmp_path)
    (tmp_path / "list.tsv").write_text("a\tb\n")
    before = digests_beside_sources(listed, tmp_path)
    (tmp_path / "list.tsv").write_text("a\tc\n")
    assert digests_beside_sources(listed, tmp_path) != before
