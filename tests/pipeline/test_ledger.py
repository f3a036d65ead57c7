from __future__ import annotations

from pathlib import Path

from seatrial.pipeline.ledger import SplitUse, record_test_use, uses_of_test


def test_uses_are_counted_per_split_and_survive_a_torn_line(tmp_path: Path) -> None:
    assert uses_of_test(tmp_path, "d1") == []
    for split, model in (("d1", "m"), ("d1", "n"), ("d2", "m")):
        record_test_use(tmp_path, SplitUse(split, "accept", model))
    with (tmp_path / "test-uses.jsonl").open("a") as file:
        file.write('{"split": "d1", "sta')
    assert len(uses_of_test(tmp_path, "d1")) == 2
    assert len(uses_of_test(tmp_path, "d2")) == 1
    record_test_use(tmp_path, SplitUse("d2", "accept", "n"))
    assert len(uses_of_test(tmp_path, "d2")) == 2, "the line after a torn one counts"


def test_the_same_model_on_the_same_examples_is_counted_once(tmp_path: Path) -> None:
    for stage in ("accept fp32", "accept fp32", "accept again"):
        record_test_use(tmp_path, SplitUse("d1", stage, "m"))
    assert uses_of_test(tmp_path, "d1") == [SplitUse("d1", "accept fp32", "m")]
