"""The data set on disk reads back as it was written; damage is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.data.dataset import read_labels, read_split, write_dataset_file, write_split
from seatrial.errors import ArtifactError
from seatrial.records import Example, Provenance

EXAMPLES = [
    Example("1", {"text": "é\u2028中\n😀"}, "a", Provenance("s", 1), (0.25, 0.75), 20, {"domain": "d"}),
    Example("2", {"text": ""}, "b", Provenance("s", 2)),
]


def test_round_trip(tmp_path: Path) -> None:
    write_split(tmp_path, "train", EXAMPLES)
    write_dataset_file(tmp_path, ["b", "a"], {"train": 2}, 17)
    assert read_split(tmp_path, "train") == EXAMPLES
    assert read_labels(tmp_path) == ("b", "a")
    assert (tmp_path / "train.jsonl").read_bytes().count(b"\n") == 2


def test_a_cut_file_names_the_line(tmp_path: Path) -> None:
    write_split(tmp_path, "test", EXAMPLES)
    file = tmp_path / "test.jsonl"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ArtifactError, match=r"test\.jsonl:2: is not an example"):
        read_split(tmp_path, "test")


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no test split"):
        read_split(tmp_path, "test")
    with pytest.raises(ArtifactError, match=r"dataset\.json: cannot be read"):
        read_labels(tmp_path)
