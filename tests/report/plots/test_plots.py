"""Each plot on figures that would trip a careless one."""

from __future__ import annotations

import math
import re

from seatrial.records import Interval, Measurement, Requirement, RequirementResult
from seatrial.report.plots.bound_bar import bound_bar
from seatrial.report.plots.confusion import confusion_matrix
from seatrial.report.plots.learning import loss_curve, score_curve
from seatrial.report.plots.reliability import reliability
from seatrial.report.plots.share_bar import share_bar
from seatrial.report.plots.whisker import WIDTH, axis, shared_scale, whisker

NAN = math.nan


def numbers(svg: str) -> list[float]:
    return [float(n) for n in re.findall(r'(?:x|x1|x2|cx|cy|y|y1|y2|width|height)="(-?[\d.]+)"', svg)]


def result(measured: float | None, interval: Interval | None = None, met: bool = True) -> RequirementResult:
    return RequirementResult(Requirement("accuracy", ">=", 0.9), measured, interval, met, "")


def test_bar_marks_met_by_a_disc_and_missed_by_a_cross() -> None:
    assert "<circle" in bound_bar(result(0.95))
    assert "cross" in bound_bar(result(0.85, met=False))


def test_bar_shades_the_accepted_side() -> None:
    floor = bound_bar(result(0.95))
    line = float(re.search(r'bound" x1="([\d.]+)"', floor)[1])  # type: ignore[index]
    assert f'class="zone" x="{line:g}"' in floor
    ceiling = bound_bar(RequirementResult(Requirement("p95_ms", "<=", 50), 8.0, None, True, ""))
    assert 'class="zone" x="4"' in ceiling


def test_bar_without_a_figure_says_so() -> None:
    made = bound_bar(result(None, Interval(NAN, NAN), met=False))
    assert "nothing measured, bound 0.9, not met" in made
    assert "whisker" not in made


def test_whisker_draws_nothing_it_does_not_know() -> None:
    known = Measurement("accuracy", 0.8, 10, interval=Interval(0.7, 0.9))
    scale = shared_scale([known])
    assert whisker(known, scale).count("whisker") == 3
    unknown = whisker(Measurement("accuracy", NAN, 0, interval=Interval(NAN, NAN)), scale)
    assert "not defined" in unknown
    assert "dot" not in unknown


def test_labels_at_the_ends_of_the_axis_lie_within_it() -> None:
    whole = [Measurement("accuracy", 0.99, 10, interval=Interval(0.9, 1.0)), Measurement("accuracy", 0.0, 10)]
    lead = [Measurement("accuracy", -0.2, 10), Measurement("accuracy", 0.2, 10)]
    for measurements in (whole, lead):
        labels = re.findall(r'<text x="([\d.]+)"[^>]*>([^<]+)<', axis(shared_scale(measurements)))
        assert len(labels) >= 3
        for x, text in labels:
            half = 11 * 0.6 * len(text) / 2  # 11 px, and digits are about 0.6 of that
            assert float(x) - half >= 0
            assert float(x) + half <= WIDTH


def test_loss_curve_breaks_where_the_loss_is_undefined() -> None:
    steps = [{"step": i, "loss": NAN if i == 5 else 1.0 / (i + 1)} for i in range(10)]
    made = loss_curve(steps, [{"step": 9, "loss": None}])
    assert made is not None
    assert made.count('class="faint"') == 2
    assert "nan" not in made


def test_loss_curve_thins_out_long_runs() -> None:
    made = loss_curve([{"step": i, "loss": 1.0 + i % 3} for i in range(50_000)], [])
    assert made is not None
    assert len(made) < 40_000


def test_no_curve_without_figures() -> None:
    assert loss_curve([{"step": 1, "loss": NAN}], []) is None
    assert score_curve([{"epoch": 1, "accuracy": None}], "accuracy") is None
    assert reliability([{"confidence": None, "accuracy": NAN, "count": 0, "calibrated": True}]) is None
    assert confusion_matrix([], ["a", "b"]) is None


def test_score_curve_marks_the_best_even_if_it_is_the_only_one() -> None:
    made = score_curve([{"epoch": 1, "accuracy": 0.5, "best": True}], "accuracy")
    assert made is not None
    assert "best 0.500" in made
    assert all(0 <= n <= 460 for n in numbers(made))


def test_reliability_shows_before_and_after_apart() -> None:
    bins = [{"confidence": 0.9, "accuracy": 0.8 + c / 10, "count": 5, "calibrated": bool(c)} for c in (0, 1)]
    made = reliability(bins)
    assert made is not None
    assert made.count('class="dot ours"') == made.count('class="dot theirs"') == 1


def test_confusion_counts_and_shares() -> None:
    cells = [{"label": "a", "predicted": p, "count": c} for p, c in (("a", 30), ("b", 10))]
    made = confusion_matrix(cells, ["a", "b"])
    assert made is not None
    assert 'class="right full" style="--share:0.750">30<small>75 %' in made
    assert 'class="wrong" style="--share:0.250">10<small>25 %' in made
    assert '--share:0.000">0' in made  # a label that never occurs divides by nothing


def test_share_bar_stays_inside() -> None:
    assert 'width="160" height="10" rx="3"/></svg>' in share_bar(7)
    assert 'width="0" height="10" rx="3"/></svg>' in share_bar(NAN)
