"""The `data.split:` section: how examples are divided into train, validation and test."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from seatrial.spec.base import Section

__all__ = ["Split"]


class Split(Section):
    """How examples are divided. Seeded by the project's `seed`."""

    method: str = "stratified"
    """`stratified`: the same mix in every split. `group`: all rows of a group in one split, mixed as well as that
    allows. `time`: train before validation before test. `hash`: each row by itself, so that no row moves when others
    are added; shares are met on average. Or one that a plugin adds."""
    train: float = Field(default=0.7, gt=0, lt=1)
    """Share for training."""
    validation: float = Field(default=0.1, gt=0, lt=1)
    """Share for choosing: early stopping, calibration, candidates."""
    test: float = Field(default=0.2, gt=0, lt=1)
    """Share held out for the contract."""
    stratify: list[str] = Field(default_factory=lambda: ["label"])
    """`label` and slice names whose mix should be the same in every split. Methods `time` and `hash` cannot do that."""
    column: str | None = None
    """A column that already says train, validation (val, valid, dev) or test; then method and shares are not used, and
    near copies of test examples are dropped from the other splits."""
    group: str | None = None
    """A column whose equal values belong together: author, conversation, document. Needed by `group`; `hash` then
    divides by it instead of by the text; with `time` or `column` it is only checked. Rows without a value are left
    out."""
    time: str | None = None
    """A column with dates and times (ISO 8601) or numbers. Needed by `time`. Rows with equal times stay together, rows
    without a time are left out."""
    folds: int | None = Field(default=None, ge=2, le=100)
    """Cross-validation: divide into so many parts and take part number `fold` as test; `validation` and `train` then
    share the rest. Not with `time`."""
    fold: int = Field(default=1, ge=1)
    """Which of the `folds` is the test split, from 1."""
    leaks: Literal["stop", "drop", "allow"] = "stop"
    """What becomes of exact copies, near copies and groups that would be in two splits: `stop` ends the run and names
    them; `drop` leaves out those on the training side; `allow` keeps them and counts them in the report."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that every row must have so that it can be divided."""
        return tuple(name for name in (self.column, self.group, self.time) if name is not None)

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train + validation + test must be 1")
        return self

    @model_validator(mode="after")
    def _has_what_its_method_needs(self) -> Self:
        if self.column is not None:
            if self.folds is not None:
                raise ValueError("the column already says the split; give folds or column, not both")
            return self
        if self.method == "group" and self.group is None:
            raise ValueError("the method group needs the name of a column in group")
        if self.method == "stratified" and self.group is not None:
            raise ValueError("the method stratified tears groups apart; set method: group")
        if self.method == "time" and self.time is None:
            raise ValueError("the method time needs the name of a column in time")
        if self.method == "time" and self.folds is not None:
            raise ValueError("folds of a time series would train on the future; leave folds out")
        if self.method in ("time", "hash") and self.stratify not in (["label"], []):
            raise ValueError(f"the method {self.method} cannot stratify; leave stratify out")
        if self.folds is not None and self.fold > self.folds:
            raise ValueError(f"fold {self.fold} of {self.folds} is none; they count from 1")
        return self
