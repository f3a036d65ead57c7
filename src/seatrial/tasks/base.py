"""What changes when the problem changes: the protocol that every stage asks instead of knowing the task.

A stage is written once; a task is one file. If a stage needs to say ``if task == …``, a method is missing here.
Methods that take or give tensors import torch inside, so that serving loads none.

The protocol has two parts. `Learns` is all that `train` asks: a model, an objective, what early stopping follows; it
knows no labels. `Task` adds what turns rows into examples, what is measured of a model, and, for a task whose network
is exported and served, what its answers are.

Texts become *windows* of tokens (`read`), and three kinds of numbers come back: what the network gives (*logits*, rows
[rows, k]: one per window or one per token), what the task means by that (*outputs*, one array per text whose last axis
is k: probabilities, or unit vectors), and what that says about labels (*label scores*, [n, …]: one entry per text).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from seatrial.models.reading import Reading
from seatrial.progress import Progress
from seatrial.records import Drop, Example, Row
from seatrial.spec.cleaning import CleaningStep
from seatrial.spec.data import DataSpec
from seatrial.spec.language import NetworkKind
from seatrial.spec.training import ModelSpec
from seatrial.tasks.objective import Lesson, Objective

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

__all__ = ["Generates", "JudgedBesideBase", "Known", "Learns", "NeedsHead", "Prompt", "Said", "Task", "Writes"]

Prompt = str | list[dict[str, str]]
"""A text to go on with, or messages to answer."""


@dataclass(frozen=True, slots=True)
class Known:
    """Training examples that a task looks things up in, with what the model that is judged gives for them.

    Attributes:
        examples: m labelled examples; none for a task that looks nothing up.
        outputs: [m, k], of the same model.
    """

    examples: Sequence[Example]
    outputs: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Said:
    """A model's answer to one text beside the truth, as a reader is shown it.

    Attributes:
        label: the true answer.
        predicted: the model's.
        probability: how sure it was of its answer, 0 to 1.
        right: whether the two are the same.
    """

    label: str
    predicted: str
    probability: float
    right: bool


class Learns(Protocol):
    """The part of a task that training asks."""

    name: str
    """Registered name."""
    primary_metric: str
    """The metric that early stopping follows."""
    lower_is_better: bool
    """Whether a smaller value of the primary metric is a better one."""
    watched_metrics: tuple[str, ...]
    """Metrics scored at each validation while training, the primary one among them."""
    new_head: bool
    """Whether the model gets a head with random weights that must learn in any case."""
    trainable: bool
    """Whether there is an objective; without one the base model is taken as it is."""

    network_kind: NetworkKind | None
    """Which network of our own it can learn from nothing; None for a task that goes on from a pretrained one."""

    def check_model(self, model: ModelSpec) -> None:
        """Raise SpecError when this task cannot start from what the section `model` describes."""

    def texts(self, example: Example) -> Sequence[str]:
        """All that an example says: what a tokenizer of its own would have to know."""

    def load_tokenizer(self, folder: Path, max_length: int) -> Any:
        """What texts are read with, from a model's folder: a `tokenizers.Tokenizer`, or what the task made of it. It
        has a method `save` that writes `tokenizer.json`. Only the task itself looks into it."""

    def load_model(self, folder: Path, labels: Sequence[str], dropout: float | None) -> torch.nn.Module:
        """The model to train, with this task's head, from a pretrained folder. Head weights come from torch's RNG."""

    def load_trained(self, folder: Path) -> torch.nn.Module:
        """The model that `train` saved. For an exported task, called with token ids and mask, it gives a tensor [n, k]
        or [n, tokens, k], or an object that holds it as `logits`. Raises OSError or ValueError when the folder holds no
        such model."""

    def objective(self, lesson: Lesson) -> Objective:
        """What is learned, for one run."""


class Task(Learns, Protocol):
    """One kind of problem."""

    metrics: tuple[str, ...]
    """Metrics measured when the project file names none and there is something to measure."""
    opponents: tuple[str, ...]
    """Who plays where the project file names nobody and there is something to measure."""
    judged_on: str
    """What its label scores are, ``"probabilities"``, ``"neighbours"``, ``"spans"``, ``"tokens"``, ``"written"`` or
    ``"preferences"``; a metric names in `reads` what it is for, and an opponent in `answers` what it gives."""
    likeness: str
    """The figure that compares a compressed model with the one it came from: ``"agreement"``, ``"cosine_to_source"``;
    the mean of `alike`, measured on validation."""
    same_from: float
    """From this value of `alike` on, two outputs count as the same answer."""
    output_name: str
    """What the answers are called where a protocol has to name them: ``"scores"``, ``"embedding"``, ``"entities"``."""
    graph_output: str
    """What the exported network's output is called, as the field's exporters do."""
    exported: bool
    """Whether the network is exported to ONNX, compressed and served as one that answers each text with numbers. If it
    is not and the task is none that `Generates`, the network that training wrote is the one candidate, and is judged
    without a service."""
    per_label: bool
    """Whether the outputs are probabilities of labels, which a temperature corrects."""
    hub_tag: str
    """The Hub's name for the task."""
    hub_library: str
    """The library that opens the release by itself."""

    # prepare ---------------------------------------------------------------------------------------------------------
    def columns(self, data: DataSpec) -> tuple[str, ...]:
        """Columns that every row must have. Raises SpecError when the mapping itself is incomplete."""

    def slices(self, data: DataSpec) -> tuple[str, ...]:
        """The names of the slices that its examples will have."""

    def labelled(self, data: DataSpec) -> bool:
        """Whether the examples will have labels, or something else to be right about."""

    def example(self, row: Row, data: DataSpec, labels: Sequence[str]) -> Example | Drop:
        """Turn a row into an example, or say why not.

        Args:
            row: values as the source gave them.
            data: the column mapping and rating rules.
            labels: declared label names; empty when they come from the data, or there are none.
        """

    def labels_in(self, example: Example) -> Sequence[str]:
        """The labels that an example has: one, several, or none."""

    def text(self, example: Example) -> str:
        """The text that cleaning and duplicate search look at."""

    def with_text(self, example: Example, text: str) -> Example:
        """The same example with its text replaced by a cleaned one."""

    def served_cleaning(self, steps: Sequence[CleaningStep]) -> Sequence[CleaningStep]:
        """Which of the cleaning steps that texts went through a served model applies, too."""

    def check(self, splits: Mapping[str, Sequence[Example]], labels: Sequence[str]) -> None:
        """Raise DataError when these splits cannot be learned from or measured on."""

    # read ------------------------------------------------------------------------------------------------------------
    def read(self, tokenizer: Tokenizer, texts: Sequence[str]) -> Reading:
        """Texts → windows of token ids; the tokenizer cuts at the longest input and pads nothing."""

    def join(self, reading: Reading, parts: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """What was given for each window → one array per text whose last axis is k.

        Args:
            reading: of the texts.
            parts: per window [k], or [tokens, k]; logits or outputs.
        """

    def reading(self, tokenizer: Any, examples: Sequence[Example]) -> Reading:
        """The same for examples, whose inputs may be more than one text; the tokenizer is of `load_tokenizer`."""

    # evaluate, compress, accept --------------------------------------------------------------------------------------
    def measurable(self, labels: Sequence[str]) -> bool:
        """Whether there is something to be right about, so that metrics and opponents have something to read."""

    def rows(
        self,
        model: torch.nn.Module,
        tokenizer: Any,
        examples: Sequence[Example],
        reading: Reading,
        progress: Progress,
    ) -> NDArray[np.float32]:
        """What a model that `load_trained` gave says of examples: rows [rows, k], as `join` takes them.

        Args:
            model: on the CPU.
            tokenizer: its own, of `load_tokenizer`.
            examples: n examples.
            reading: of them.
            progress: hears ``"predict"``.
        """

    def outputs(self, logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
        """What the network gives → what the task means by it, of the same shape, the last axis being k; for labels,
        probabilities."""

    def output_labels(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Names of the k numbers of an output; none where it is a vector."""

    def known(self, train: Sequence[Example]) -> Sequence[Example]:
        """The training examples whose outputs `label_scores` looks things up in; empty when it needs none."""

    def truth(self, examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.intp]:
        """What is true of labelled examples, as the metrics read it beside label scores: [n, …]."""

    def label_scores(
        self, outputs: Sequence[NDArray[np.float32]], examples: Sequence[Example], labels: Sequence[str], known: Known
    ) -> NDArray[np.float32]:
        """What the outputs for n examples say about labels, as the metrics read it: [n, …]; for one label per text
        [n, n_labels], rows sum to 1."""

    def said(
        self,
        outputs: Sequence[NDArray[np.float32]],
        scores: NDArray[np.float32],
        examples: Sequence[Example],
        labels: Sequence[str],
    ) -> list[Said]:
        """Each answer beside the truth; `scores` are the label scores of the same outputs."""

    def alike(
        self, outputs: Sequence[NDArray[np.float32]], source: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """How like the network's answers are to another's on the same n texts, per text, at most 1; outputs of both, or
        joined logits of both."""

    # release and serve -----------------------------------------------------------------------------------------------
    def answer(self, output: NDArray[np.float32], labels: Sequence[str], text: str) -> dict[str, Any]:
        """The JSON object that the service gives for one text.

        Args:
            output: of that text.
            labels: `output_labels`.
            text: as it came.
        """

    def release_files(self, dimensions: int, max_length: int) -> Mapping[str, Any]:
        """File name → JSON value of what other libraries look for in the release, beside transformers' own files.

        Args:
            dimensions: numbers in one output.
            max_length: longest input in tokens.
        """


@runtime_checkable
class NeedsHead(Protocol):
    """A task that answers by a head which a pretrained model may lack; `load_model` then gives it a new one."""

    def lacks_head(self, folder: Path) -> bool:
        """Whether the model in a pretrained folder would answer at random before it is trained."""


@runtime_checkable
class Generates(Protocol):
    """What a task has beside `Task` whose network writes on, a token at a time.

    Where a decoder graph can be written of the network, graphs are its candidates: judged token by token and measured
    through the service that writes. `Task.rows` must then do with a module that gives logits and nothing else.
    """

    def asked(self, example: Example) -> Prompt:
        """What a service would be asked for an example: the text itself, to be cut anywhere, or the messages before the
        last answer."""


@runtime_checkable
class JudgedBesideBase(Protocol):
    """What a task promises beside `Task` when a model is judged by how it differs from the one it was trained from."""

    def beside_base(self, rows: NDArray[np.float32], base: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows of a model with what it needs of the base's rows for the same examples, both of `Task.rows`."""


@runtime_checkable
class Writes(Protocol):
    """A task whose model writes answers, which can be judged beside what the rows of its network say."""

    def written_kinds(self, data: DataSpec) -> tuple[str, ...]:
        """What metrics may read of the answers, ``"written"`` (what they have in common with the wanted ones) and
        ``"texts"`` (the texts); none where the data want no answer."""

    def prompts(self, tokenizer: Any, examples: Sequence[Example]) -> Sequence[Sequence[int]]:
        """Token ids of all that stands before each answer; the tokenizer is of `load_tokenizer`."""

    def wanted(self, examples: Sequence[Example]) -> Sequence[str]:
        """The answers themselves."""

    def stop_ids(self, tokenizer: Any) -> frozenset[int]:
        """Tokens that end an answer."""
