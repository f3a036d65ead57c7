from __future__ import annotations

import math
from pathlib import Path

import pytest

from seatrial.errors import ArtifactError
from seatrial.export.golden_tokens import (
    GoldenTokens,
    Written,
    clearest_answers,
    moved,
    read_golden_tokens,
    tolerance_for,
    write_golden_tokens,
)

WAS = Written((5, 6, 7), (-0.1, -0.2, -0.3), (4.0, 0.3, 5.0))
GOLDEN = GoldenTokens(["a"], [WAS], 0.2)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (WAS, None),
        (Written((5, 6, 7), (-0.25, -0.2, -0.3), (4.0, 0.3, 5.0)), None),
        (Written((5, 6, 7), (-0.4, -0.2, -0.3), (4.0, 0.3, 5.0)), "differs by 0.3 nats at token 0"),
        (Written((5, 6, 7), (-0.1, math.nan, -0.3), (4.0, 0.3, 5.0)), "differs by nan nats at token 1"),
        (Written((9, 6, 7), (-0.1, -0.2, -0.3), (4.0, 0.3, 5.0)), "has 9 for token 0, not 5, which led by 4 nats"),
        (Written((5, 9, 1), (-0.1, -9.0, -9.0), (4.0, 9.0, 9.0)), None),  # a near tie that turned
        (Written((5, 6, 9), (-0.1, -0.2, -9.0), (4.0, 0.3, 9.0)), "has 9 for token 2"),
        (Written((5, 6), (-0.1, -0.2), (4.0, 0.3)), "has the end for token 2"),
        (Written((5,), (-0.1,), (4.0,)), None),
    ],
)
def test_what_counts_as_another_answer(now: Written, said: str | None) -> None:
    found = GOLDEN.differs([now])
    assert found is None if said is None else found is not None and said in found


def test_answers_without_near_ties_say_the_most() -> None:
    unclear, clear = Written((1, 2), (0.0, 0.0), (0.1, 9.0)), Written((1, 2), (0.0, 0.0), (9.0, 9.0))
    half = Written((1, 2), (0.0, 0.0), (9.0, 0.1))
    assert [one.clear(0.5) for one in (unclear, half, clear)] == [0, 1, 2]
    assert clearest_answers([unclear, half, clear, unclear], 0.5, count=2) == [1, 2]


def test_the_tolerance_follows_from_what_moved() -> None:
    later = Written((5, 9, 1), (-0.13, -9.0, -9.0), (4.0, 9.0, 9.0))
    assert moved([WAS], [WAS]) == 0
    assert moved([WAS], [later]) == pytest.approx(0.15), "half the lead of the token that turned"
    assert GoldenTokens(["a"], [WAS], tolerance_for(0.15)).differs([later]) is None
    assert tolerance_for(0.15) == 0.3
    assert tolerance_for(0.0) == 0.01


def test_a_file_reads_back_to_the_last_bit(tmp_path: Path) -> None:
    prompts: list[str | list[dict[str, str]]] = ["日本", [{"role": "user", "content": "Hi"}]]
    golden = GoldenTokens(prompts, [WAS, Written((), (), ())], 0.1)
    write_golden_tokens(tmp_path, golden)
    assert read_golden_tokens(tmp_path) == golden


def test_a_damaged_file_and_a_model_without_numbers_are_refused(tmp_path: Path) -> None:
    assert read_golden_tokens(tmp_path) is None
    with pytest.raises(ArtifactError, match="not a number"):
        write_golden_tokens(tmp_path, GoldenTokens(["a"], [Written((1,), (math.nan,), (0.0,))], 0.1))
    (tmp_path / "golden.json").write_text('{"tolerance": 0.1, "answers": [{"prompt": 5}]}', encoding="utf-8")
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_golden_tokens(tmp_path)
    item = '{"prompt": "a", "token_ids": [1, 2], "log_probabilities": [0.0], "leads": [1.0]}'
    (tmp_path / "golden.json").write_text(f'{{"tolerance": 0.1, "answers": [{item}]}}', encoding="utf-8")
    with pytest.raises(ArtifactError, match="more tokens than figures"):
        read_golden_tokens(tmp_path)
