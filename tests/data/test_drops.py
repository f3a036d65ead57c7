"""The log of drops: readable line by line, counted by step and reason."""

from __future__ import annotations

import json
from pathlib import Path

from seatrial.data.drops import DropLog
from seatrial.records import Provenance


def test_drops_are_written_and_counted(tmp_path: Path) -> None:
    with DropLog(tmp_path / "d.jsonl") as log:
        log.add("read", "not JSON", "{é", Provenance("s", 3), "a.jsonl:4")
        log.add("dedupe", "exact copy", "b", Provenance("s", 5))
        log.add("dedupe", "exact copy", "c", Provenance("s", 6))
        table = log.table()
    assert table == [
        {"step": "dedupe", "reason": "exact copy", "count": 2},
        {"step": "read", "reason": "not JSON", "count": 1},
    ]
    first, second, _ = map(json.loads, (tmp_path / "d.jsonl").read_text(encoding="utf-8").splitlines())
    assert first == {
        "step": "read", "reason": "not JSON", "text": "{é", "source": "s", "row": 3, "where": "a.jsonl:4"
    }  # fmt: skip
    assert "where" not in second


def test_rare_reasons_are_counted_together(tmp_path: Path) -> None:
    with DropLog(tmp_path / "d.jsonl") as log:
        for number in range(60):
            log.add("example", f"label {number} is not declared", "", Provenance("s", number))
        table = log.table()
    assert len(table) == 51
    assert table[-1] == {"step": "all", "reason": "other reasons", "count": 10}
