"""Evaluation: probabilities, examples and opponents → measurements with intervals, a report, and a verdict.

`metrics/` say how good probabilities are, `intervals` how sure that is, `slices` for whom; `measure` joins the three.
`temperature` calibrates, `opponents/` are what a model is compared with, `errors` shows where it is wrong, `evaluate`
is the stage, and `contract` judges measurements against requirements. Nothing here runs a model.
"""

from __future__ import annotations

__all__: list[str] = []
