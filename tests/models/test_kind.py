"""Kinds of networks and heads by their configurations alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.models.kind import Head, head_of, network_kind_of


def folder_with(tmp_path: Path, config: Any) -> Path:
    (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"model_type": "bert"}, "encoder"),
        ({"model_type": "bert", "is_decoder": True}, "decoder"),
        ({"model_type": "llama"}, "decoder"),
        ({"model_type": "t5", "is_encoder_decoder": True}, "encoder-decoder"),
        ({"model_type": "seatrial", "network": {"kind": "decoder"}}, "decoder"),
        ({"model_type": "seatrial", "network": {"kind": "circle"}}, None),
        ({"model_type": "new"}, None),
        ("no json", None),
        ("[]", None),
    ],
)
def test_kind(config: Any, kind: str | None, tmp_path: Path) -> None:
    assert network_kind_of(folder_with(tmp_path, config)) == kind


def test_labels_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = {str(number): f"l{number}" for number in (10, *range(10))}
    config = {"architectures": ["BertForSequenceClassification"], "id2label": names}
    assert head_of(folder_with(tmp_path, config)) == Head("text-classification", tuple(f"l{n}" for n in range(11)))


def test_a_language_model_has_no_labels_and_a_body_no_head(tmp_path: Path) -> None:
    both = {"0": "LABEL_0", "1": "LABEL_1"}
    config = {"architectures": ["BertForMaskedLM"], "id2label": both}
    assert head_of(folder_with(tmp_path, config)) == Head("masked-lm", ())
    assert head_of(folder_with(tmp_path, {"architectures": ["BertModel"]})) is None
