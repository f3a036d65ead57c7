"""The flagship's way through a source package, on a package of the same shape made here."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from seatrial.data.dataset import read_split
from seatrial.data.prepare import prepare
from seatrial.data.sources.package import cached_package
from seatrial.progress import silent
from seatrial.spec.data import DataSpec
from seatrial.tasks import TASKS

LABELS = ("negative", "neutral", "positive")


def tar_gz(files: dict[str, str], encoding: str = "utf-8") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode(encoding))
            tar.addfile(member, io.BytesIO(content.encode(encoding)))
    return buffer.getvalue()


def test_rated_texts_from_a_cached_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SEATRIAL_OFFLINE", "1")
    means = [-2, 0, 3]
    texts = "\r\n".join(f'{i}\t{means[i % 3]}\t"Text &amp; number n{i} p{i * 3}' for i in range(60))
    ratings = "\ufeff" + "\r\n".join(f"{i}\t0.1\t1\t{[means[i % 3]] * (7 - i % 2) + [0] * 3}" for i in range(60))
    inner = tar_gz({"set/texts.txt": texts, "set/ratings.txt": ratings})
    outer = io.BytesIO()
    with tarfile.open(fileobj=outer, mode="w:gz") as tar:
        member = tarfile.TarInfo("toy-1.0/data/set.tar.gz")
        member.size = len(inner)
        tar.addfile(member, io.BytesIO(inner))
    sha256 = hashlib.sha256(outer.getvalue()).hexdigest()
    cached = cached_package("toy==1.0", sha256)
    cached.parent.mkdir(parents=True)
    cached.write_bytes(outer.getvalue())

    place = {"package": "toy==1.0", "sha256": sha256, "format": "tsv"}
    source = {
        "name": "tweets",
        "add": {"domain": "tweets"},
        **place,
        "member": ["data/set.tar.gz", "set/texts.txt"],
        "header": ["id", "mean", "text"],
        "join": {
            "on": "id",
            **place,
            "member": ["data/set.tar.gz", "set/ratings.txt"],
            "header": ["id", "m", "sd", "r"],
        },
    }
    data = DataSpec.model_validate({"sources": [source], "columns": {"ratings": "r"}, "slices": ["domain"]})
    task = TASKS.get("text-classification")()
    report = prepare(data, task=task, labels=LABELS, root=tmp_path, seed=1, out=tmp_path, progress=silent)

    assert report.tables["sources"] == [{"source": "tweets", "rows": 60, "bad_rows": 0}]
    (first,) = [e for s in ("train", "validation", "test") for e in read_split(tmp_path, s) if e.provenance.row == 1]
    assert first.inputs["text"] == '"Text & number n0 p0'
    assert first.label == "negative"
    assert first.distribution == (0.7, 0.3, 0.0)
    assert first.slices == {"domain": "tweets", "agreed": "yes"}
    assert json.loads((tmp_path / "dataset.json").read_text())["splits"] == {"train": 42, "validation": 6, "test": 12}
