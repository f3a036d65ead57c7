"""The `data:` section: where examples come from, what their columns mean, how they are cleaned and split."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from seatrial.spec.base import Section
from seatrial.spec.cleaning import CleaningStep
from seatrial.spec.data_augment import Augmentation
from seatrial.spec.data_datasheet import DatasheetAnswers
from seatrial.spec.data_dedupe import Dedupe
from seatrial.spec.data_missing import Missing
from seatrial.spec.data_ratings import Ratings
from seatrial.spec.data_rules import WeakRules
from seatrial.spec.data_sources import Join, Place, Source
from seatrial.spec.data_split import Split
from seatrial.spec.data_tags import Tags

__all__ = ["Columns", "DataSpec", "Dedupe", "Join", "Place", "Ratings", "Source"]

USUAL_CLEANING: tuple[CleaningStep, ...] = ("unescape-html", "normalize-space", "drop-empty")


class Columns(Section):
    """Which column plays which part."""

    text: str = "text"
    """The text."""
    label: str | None = None
    """The label. Classification needs this, `ratings` or `distribution`; other tasks take it as a measure of quality
    only."""
    ratings: str | list[str] | None = None
    """The ratings of several people: a column with a list or a mapping from rater to rating (also as JSON), or the
    names of the raters' columns. An empty cell is no vote."""
    distribution: str | None = None
    """A column with a mapping from label to share (also as JSON), such as the soft labels of `seatrial data agree`."""
    tokens: str | None = None
    """Words: a list column, a JSON list, or words with spaces between. Token classification needs this and `tags`, or
    `spans`."""
    tags: str | None = None
    """One tag per word, in the same form."""
    spans: str | None = None
    """Labelled parts of `text`: a list of `{start, end, label}` or `[start, end, label]`, in characters from 0, the end
    being the character after the last."""
    messages: str | None = None
    """Messages of a conversation: a list of `{role, content}`, also as JSON. For `causal-lm`, instead of `text`; only
    the assistant's are learned and judged. For `preference`, instead of `prompt`."""
    source: str | None = None
    """What is read, for `seq2seq`."""
    target: str | None = None
    """What is to be written for it."""
    prompt: str | None = None
    """What is answered, as a text, for `preference`; with a conversation, `messages` takes its place."""
    chosen: str | None = None
    """The answer that was preferred: a text, or a message of the assistant."""
    rejected: str | None = None
    """The other answer."""
    id: str | None = None
    """A column that identifies the row within its source; row numbers serve when absent."""


class DataSpec(Section):
    """Where examples come from and what becomes of them before training."""

    sources: list[Source] = Field(min_length=1)
    """Where rows are read from, in order."""
    columns: Columns = Columns()
    """The names that the sources use for text, label and id."""
    tags: Tags = Tags()
    """What tags and spans stand for, when `columns.tags` or `columns.spans` is given."""
    ratings: Ratings = Ratings()
    """How ratings become labels, when `columns.ratings` is given."""
    missing: Missing = Missing()
    """What becomes of rows without a text or a label."""
    rules: WeakRules | None = None
    """Rules that label training rows which nobody has labelled."""
    slices: list[str] = Field(default_factory=list)
    """Columns whose values become slices for reports and requirements."""
    clean: list[CleaningStep] = Field(default_factory=lambda: [*USUAL_CLEANING])
    """Cleaning steps in order, each a name or a name with options, such as `keep-languages: {languages: [en]}`. See
    docs/data/cleaning.md for the steps; plugins may add more."""
    undeclared: Literal["stop", "drop"] = "stop"
    """What becomes of rows whose label is not among `labels`, when there are any: `stop` leaves out single ones and
    stops at more than 1 % of the rows; `drop` leaves out all of them."""
    dedupe: Dedupe = Dedupe()
    """Exact, near and semantic copies, removed or kept together."""
    split: Split = Split()
    """How examples are divided."""
    augment: list[Augmentation] = Field(default_factory=list)
    """Further training examples made from training examples, step by step."""
    datasheet: DatasheetAnswers = DatasheetAnswers()
    """What only people know about the data, for the datasheet of the release."""
    max_bad_rows: int = Field(default=100, ge=0)
    """Rows that cannot be read are reported and left out. More than this many stop the run, and so do ten or more that
    are over a tenth of a source: then the file is probably not what its format or encoding says."""
    max_row_bytes: int = Field(default=1_000_000, gt=0)
    """A longer line is a bad row; it is never held in memory whole."""

    @model_validator(mode="after")
    def _unique_names(self) -> Self:
        names = [source.name for source in self.sources]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two sources are called {min(twice)!r}")
        return self

    @model_validator(mode="after")
    def _one_answer_for_missing_labels(self) -> Self:
        if self.rules is not None and self.missing.label != "drop":
            raise ValueError(
                "rules label the rows whose label is missing, and leave out what they cannot label; "
                "leave missing.label out, or rules"
            )
        return self
