"""The `data.augment:` section: training examples made from training examples."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from seatrial.spec.base import Section, Word

__all__ = ["Augmentation", "OptionValue"]

OptionValue = bool | int | float | str | list[str]


class Augmentation(Section):
    """One method that makes further training examples; validation and test are never touched.

    Each new example keeps the label, the raters' distribution and the slices of the one it was made from, and says
    which that was; `join-texts` gives the mean of both texts' distributions. A new text that is already in the data is
    left out.
    """

    method: str
    """`repeat`, `typos`, `swap-words`, `delete-words`, `synonyms`, `masked-words`, `change-script`, `join-texts`, or
    one that a plugin adds. See docs/data/augmenting.md."""
    share: float = Field(default=0.2, gt=0, le=10)
    """How many new examples, as a share of the training examples; above 1, several are made from one."""
    balance: float | None = Field(default=None, gt=0, le=1)
    """Instead of `share`: fill up every label that has fewer examples than this share of the most frequent label's."""
    labels: list[Word] = Field(default_factory=list)
    """Only examples with these labels; empty takes all."""
    options: dict[str, OptionValue] = Field(default_factory=dict)
    """The method's own settings, such as `{rate: 0.1}`."""

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if self.balance is not None and "share" in self.model_fields_set and self.share != 0.2:
            raise ValueError("give share or balance, not both")
        return self
