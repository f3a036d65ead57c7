"""Files without their copies: which rows stay, what is told of the others, and nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seatrial.data.dedupe import corpus
from seatrial.data.dedupe.corpus import Search, chunked
from seatrial.data.dedupe.files import DedupeReport, dedupe_files
from seatrial.data.flow.tables import table_of
from seatrial.errors import DataError, SpecError

LONG = "the room was clean and the staff was kind to all of us on every day of our stay"
ROWS = [
    {"text": LONG, "label": "good"},
    {"text": "A dog barks", "label": "bad"},
    {"text": LONG + " there", "label": "good"},
    {"text": "a  dog barks", "label": "good"},
    {"text": None, "label": "bad"},
    {"text": "", "label": "bad"},
    {"text": "a dog BARKS", "label": "good"},
    {"text": "something else altogether", "label": "bad"},
]


def written(file: Path, rows: Sequence[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def run(folder: Path, files: Sequence[Path], search: Search, outs: Sequence[str], **options: Any) -> DedupeReport:
    return dedupe_files(
        table_of(files),
        search,
        outs=[folder / out for out in outs],
        dropped=folder / "dropped.jsonl",
        clusters=folder / "clusters.jsonl",
        **options,
    )


def test_exact_then_near_copies_go_and_rows_without_text_stay(tmp_path: Path) -> None:
    report = run(tmp_path, [written(tmp_path / "in.jsonl", ROWS)], Search(), ["out.jsonl"])
    assert (report.rows, report.kept, report.bad_rows) == (8, 5, 0)
    assert report.clusters == {"exact": 1, "near": 1, "semantic": 0}
    assert lines(tmp_path / "out.jsonl") == [ROWS[i] for i in (0, 1, 4, 5, 7)]
    dropped = lines(tmp_path / "dropped.jsonl")
    assert [(row["step"], row["reason"], row["row"]) for row in dropped] == [
        ("dedupe-near", "near copy", 3),
        ("dedupe-exact", "exact copy", 4),
        ("dedupe-exact", "exact copy", 7),
    ]
    name = str(tmp_path / "in.jsonl")
    exact, near = lines(tmp_path / "clusters.jsonl")
    assert [(m["row"], m["kept"], m["similarity"]) for m in exact["members"]] == [
        (2, True, 1),
        (4, False, 1),
        (7, False, 1),
    ]
    assert (near["cluster"], near["kind"], near["kept"]) == (2, "near", [{"file": name, "row": 1}])
    assert near["members"][1] == {"file": name, "row": 3, "kept": False, "similarity": 0.9444, "text": LONG + " there"}


def test_the_longest_or_the_majority_stays(tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", ROWS)
    run(tmp_path, [file], Search(keep="longest"), ["out.jsonl"])
    assert [row["text"] for row in lines(tmp_path / "out.jsonl")][:2] == [LONG + " there", "a  dog barks"]
    report = run(tmp_path, [file], Search(keep="majority", label="label"), ["out.jsonl"])
    assert [row["text"] for row in lines(tmp_path / "out.jsonl")][:2] == [LONG, "a  dog barks"]
    reasons = {row["reason"] for row in report.dropped}
    assert "exact copy under another label than most" in reasons
    written(file, [{"text": "a", "label": "x"}, {"text": "a", "label": "y"}, {"text": "b", "label": "y"}])
    report = run(tmp_path, [file], Search(keep="majority", label="label"), ["out.jsonl"])
    assert [row["reason"] for row in report.dropped] == ["exact copies whose labels disagree"]
    assert lines(tmp_path / "clusters.jsonl")[0]["kept"] == []


def test_copies_of_a_protected_file_leave_the_others(tmp_path: Path) -> None:
    train = written(tmp_path / "train.jsonl", [{"text": "a b c"}, {"text": "d e f"}, {"text": "D e f"}])
    test = written(tmp_path / "test.jsonl", [{"text": "A b c"}, {"text": "a b c"}])
    report = run(tmp_path, [train, test], Search(protect=[str(test)]), ["1.jsonl", "2.jsonl"])
    assert lines(tmp_path / "1.jsonl") == [{"text": "d e f"}]
    assert lines(tmp_path / "2.jsonl") == [{"text": "A b c"}, {"text": "a b c"}]
    assert {row["reason"] for row in report.dropped} == {"exact copy of a protected row", "exact copy"}
    assert report.across == [{"kind": "exact", "between": [str(test), str(train)], "clusters": 1}]
    with pytest.raises(DataError, match="no 'other' to protect"):
        run(tmp_path, [train, test], Search(protect=["other"]), ["1.jsonl", "2.jsonl"])


def test_a_column_may_name_the_splits(tmp_path: Path) -> None:
    rows = [{"text": "a b c", "part": "train"}, {"text": "a b c", "part": "test"}, {"text": "x", "part": "train"}]
    search = Search(split="part", protect=["test"])
    report = run(tmp_path, [written(tmp_path / "in.jsonl", rows)], search, ["out.jsonl"])
    assert lines(tmp_path / "out.jsonl") == rows[1:]
    assert report.across == [{"kind": "exact", "between": ["test", "train"], "clusters": 1}]


def by_letter(texts: Sequence[str]) -> NDArray[np.float32]:
    """A model that goes by the first letter alone."""
    return np.eye(26, dtype=np.float32)[[ord(text[0]) - ord("a") for text in texts]] * 3


def test_semantic_copies_are_looked_for_among_what_is_left(tmp_path: Path) -> None:
    rows = [{"text": text} for text in ("apple", "apple", "bee", "", "ant", "cat", "bird", "axe")]
    search = Search(semantic=0.9, near=None)
    report = run(tmp_path, [written(tmp_path / "in.jsonl", rows)], search, ["out.jsonl"], embed=by_letter)
    assert [row["text"] for row in lines(tmp_path / "out.jsonl")] == ["apple", "bee", "", "cat"]
    assert report.clusters == {"exact": 1, "near": 0, "semantic": 2}
    assert [row["count"] for row in report.dropped] == [3, 1]
    cluster = lines(tmp_path / "clusters.jsonl")[1]
    assert [(member["row"], member["similarity"]) for member in cluster["members"]] == [(1, 1), (5, 1), (8, 1)]
    with pytest.raises(SpecError, match="need a model"):
        run(tmp_path, [tmp_path / "in.jsonl"], search, ["out.jsonl"])


def test_bad_rows_are_named_and_too_many_stop_it(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"text": "a"}\nnonsense\n{"label": 1}\n{"text": "A"}\n', encoding="utf-8")
    report = run(tmp_path, [file], Search(), ["out.jsonl"])
    assert (report.rows, report.kept, report.bad_rows) == (4, 1, 2)
    assert lines(tmp_path / "dropped.jsonl")[1]["reason"] == "no column 'text'"
    (tmp_path / "out.jsonl").unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DataError, match="more than 1 rows cannot be read"):
        run(tmp_path, [file], Search(max_bad_rows=1), ["out.jsonl"])
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_changes_meanwhile_stops_it_and_leaves_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", [{"text": "a"}, {"text": "b"}])

    def meddle(what: str, done: int, *_: Any) -> None:
        if what == "near copies":
            written(file, [{"text": "a"}, {"text": "bb"}])

    with pytest.raises(DataError, match="changed while it was read"):
        run(tmp_path, [file], Search(), ["out.jsonl"], progress=meddle)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_long_texts_come_in_short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "CHUNK_CHARS", 10)
    assert list(chunked(["a", "b", "c" * 20, "d", "e", "f", "g"], 3)) == [["a", "b", "c" * 20], ["d", "e", "f"], ["g"]]
    assert list(chunked(["a" * 10, "b"], 3)) == [["a" * 10], ["b"]]


@pytest.mark.slow
def test_several_processes_find_the_same(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "FEW_CHUNKS", 1)
    rng = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(40)]
    rows = [{"text": " ".join(rng.choice(words, 6)), "n": number} for number in range(1500)]
    rows += [{"text": row["text"] + " end", "n": 0} for row in rows[::3]]
    file = written(tmp_path / "in.jsonl", rows)
    one = run(tmp_path, [file], Search(near=0.5), ["out.jsonl"])
    texts = {name: (tmp_path / name).read_bytes() for name in ("out.jsonl", "dropped.jsonl", "clusters.jsonl")}
    assert run(tmp_path, [file], Search(near=0.5), ["out.jsonl"], workers=2) == one
    assert {name: (tmp_path / name).read_bytes() for name in texts} == texts
    assert one.clusters["near"] > 100
