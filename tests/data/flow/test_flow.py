from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from seatrial.data.flow import FlowReport, run_flow, table_of
from seatrial.errors import DataError, SpecError
from seatrial.progress import silent

STEPS = ["unescape-html", "normalize-space", "drop-empty"]


def flow(tmp_path: Path, content: str, **settings: Any) -> FlowReport:
    file = tmp_path / settings.pop("name", "in.csv")
    file.write_text(content, encoding="utf-8")
    usual: dict[str, Any] = {"columns": ["text"], "progress": silent, "max_bad_rows": 10}
    return run_flow(
        table_of([file]),
        settings.pop("steps", STEPS),
        out=tmp_path / "out.jsonl",
        dropped=tmp_path / "out.dropped.jsonl",
        **{**usual, **settings},
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_kept_and_what_is_not(tmp_path: Path, workers: int) -> None:
    report = flow(tmp_path, 'id,text\n1,a &amp; b\n2,"  "\n3,c\n4\n', workers=workers)
    assert lines(tmp_path / "out.jsonl") == [{"id": "1", "text": "a & b"}, {"id": "3", "text": "c"}]
    dropped = lines(tmp_path / "out.dropped.jsonl")
    assert {(row["step"], row["row"]) for row in dropped} == {("drop-empty", 2), ("read", 4)}
    assert (report.rows, report.kept, report.changed, report.bad_rows) == (4, 2, 1, 1)
    assert report.changes == [{"step": "unescape-html", "change": "changed", "count": 1}]
    assert json.loads(json.dumps(report.as_dict()))["kept"] == 2


def test_a_refusal_in_one_column_drops_the_row(tmp_path: Path) -> None:
    report = flow(tmp_path, "title,text\nx,a\n,b\n", columns=["title", "text"])
    assert lines(tmp_path / "out.jsonl") == [{"title": "x", "text": "a"}]
    assert report.dropped == [{"step": "drop-empty", "reason": "text is empty", "count": 1}]


def test_a_number_goes_through_the_steps_and_stays_a_number(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": 5}\n{"text": null}\n{"text": "A"}\n', encoding="utf-8")
    run_flow(
        table_of([tmp_path / "in.jsonl"]),
        ["lowercase"],
        columns=["text"],
        out=tmp_path / "out.jsonl",
        dropped=tmp_path / "dropped.jsonl",
        progress=silent,
    )
    assert [row["text"] for row in lines(tmp_path / "out.jsonl")] == [5, None, "a"]


def test_where_it_fails_no_file_is_there(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="unknown cleaning step 'stem'"):
        flow(tmp_path, "text\na\n", steps=["stem"])
    with pytest.raises(DataError, match="no row is left of 2: text is empty \\(2\\)"):
        flow(tmp_path, 'text\n" "\n"  "\n')
    with pytest.raises(DataError, match="more than 0 rows cannot be read"):
        flow(tmp_path, "id,text\n1,a\n2\n", max_bad_rows=0)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_what_redact_took_out_is_not_among_the_dropped(tmp_path: Path) -> None:
    rows = "text\nwrite to a@example.org\nkept here\nwrite to a@example.org or b@example.org\n"
    steps: list[Any] = [{"redact": {"entities": ["email"], "max_chars": 30}}, {"limit-length": {"max_chars": 12}}]
    flow(tmp_path, rows, steps=steps)
    dropped = tmp_path / "out.dropped.jsonl"
    assert [(row["step"], row["text"]) for row in lines(dropped)] == [
        ("limit-length", "write to [EMAIL]"),
        ("redact", "write to a@example.org or b@example.org"),
    ]
    assert stat.S_IMODE(dropped.stat().st_mode) == 0o600  # of the text that could not be searched


@pytest.mark.parametrize("widest", [0o600, 0o640, 0o444])
def test_who_may_not_read_an_input_may_not_read_what_is_made_of_it(tmp_path: Path, widest: int) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\na\n", encoding="utf-8")
    source.chmod(widest)
    flows: dict[str, Any] = {"columns": ["text"], "dropped": tmp_path / "d.jsonl", "progress": silent}
    before = os.umask(0o022)
    try:
        for name in ("out.jsonl", "out.csv", "out.parquet"):
            run_flow(table_of([source]), ["lowercase"], out=tmp_path / name, **flows)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path != source}
    assert set(modes.values()) == {widest & 0o644 | 0o600}, modes
    assert len(modes) == 4


def test_lists_and_objects_are_no_texts(tmp_path: Path) -> None:
    rows = [{"text": "fine"}, {"text": ["a"]}, {"text": {"a": 1}}, {"text": 3}]
    report = flow(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), name="in.jsonl")
    assert (report.kept, report.bad_rows) == (2, 2)
    assert "a list or an object" in report.dropped[0]["reason"]
