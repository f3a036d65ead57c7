"""JSON Lines: each bad line is one bad record."""

from __future__ import annotations

import io

from seatrial.data.sources.base import BadRecord, Record
from seatrial.data.sources.jsonl import read_jsonl
from seatrial.spec.data import Place


def test_good_and_bad_lines() -> None:
    deep = "[" * 100_000
    content = '{"t": "é", "n": 1}\n\n{"t": \n[1]\n{"t": "\\ud83d"}\n{"t": "\\ud83d\\ude00"}\n' + deep + '\n{"t": 2}'
    records = list(read_jsonl(io.BytesIO(content.encode()), "f", Place(path="f"), 1_000_000))
    assert [record for record in records if isinstance(record, Record)] == [
        Record(1, {"t": "é", "n": 1}),
        Record(6, {"t": "😀"}),
        Record(8, {"t": 2}),
    ]
    assert [(record.line, record.reason) for record in records if isinstance(record, BadRecord)] == [
        (3, "not JSON"),
        (4, "not a JSON object"),
        (5, "half a surrogate pair, which is no character"),
        (7, "not JSON"),
    ]
