"""The golden answers of a release: a few texts and what its served model said of them when it was accepted.

Whoever loads the release later, on this machine or another, computes the texts again and asks `Golden.differs`: a file
that was swapped, an engine that computes something else or a tokenizer that cuts elsewhere shows before a client
sees it. Refuses to know: engines, tokenizers, how an answer is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, ValidationError

from seatrial.artifact.strict_json import strict_json
from seatrial.errors import ArtifactError
from seatrial.spec.base import Section

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TEXTS", "TOLERANCE", "Golden", "clearest", "read_golden", "spread", "write_golden"]

FILE = "golden.json"
TEXTS = 16
"""Texts in the file: enough to see any fault of a graph or a tokenizer, computed in a tenth of a second."""
TOLERANCE = 0.05
"""Largest difference of one number that is still the same answer.

On one machine, the same file gives the same bits for a text computed alone. On another CPU, kernels add in another
order; where activations are turned to 8 bits on the fly, a last bit that differs moves a value to the next step, and
the layers that follow carry it on. Nudging every norm's scale by 3e-7, as another order of adding would, moved a
probability or a component of a unit vector of MiniLM by up to 0.004 with `int8-block` and 0.022 with `int8-dynamic`
(docs/log.md). What the check is for is larger on some text at least: another model, a tokenizer that forgets its
special tokens or cuts too early.

Among other texts in one batch, `int8-dynamic` gives a text other numbers (by up to 0.05 there): the texts have to be
computed one at a time, as they were when the file was written.
"""


@dataclass(frozen=True, slots=True)
class Golden:
    """Texts and their outputs.

    Attributes:
        texts: as a client would send them.
        outputs: float32, one array per text, computed alone, whose last axis is k: probabilities in the order of
            `labels`, for the text or for each piece of it, or a unit vector.
        labels: label names, for a message and for the arg-max; empty where the outputs are vectors.
        tolerance: largest allowed difference of one number.
    """

    texts: tuple[str, ...]
    outputs: Sequence[NDArray[np.float32]]
    labels: tuple[str, ...]
    tolerance: float

    def differs(self, outputs: Sequence[NDArray[np.float32]]) -> str | None:
        """What is different about outputs for the same texts, or None if every label is the same and every number is
        within the tolerance.

        Args:
            outputs: in the order of `texts`, each computed alone; NaN counts as different.

        Returns:
            One sentence about the worst text, by its index; it quotes no text.
        """
        shapes, ours = ([_shape(output) for output in found] for found in (outputs, self.outputs))
        if shapes != ours:
            place = next((i for i, pair in enumerate(zip(shapes, ours, strict=False)) if pair[0] != pair[1]), None)
            if place is None:
                return f"there are {len(shapes)} outputs for the {len(ours)} golden texts"
            return f"the output for text {place} has the shape {shapes[place]}, the golden one {ours[place]}"
        pairs = list(zip(outputs, self.outputs, strict=True))
        gaps = np.array([_gap(now, was) for now, was in pairs])
        gaps[~np.isfinite(gaps)] = np.inf
        relabelled = np.array([bool(self.labels) and len(_relabelled(now, was)) > 0 for now, was in pairs])
        wrong = (gaps > self.tolerance) | relabelled
        if not wrong.any():
            return None
        worst = int(np.where(wrong, gaps, -1.0).argmax())
        said = f"text {worst} differs by {gaps[worst]:.3g}, allowed is {self.tolerance:g}"
        if relabelled[worst]:
            row = _relabelled(*pairs[worst])[0]
            now, was = (self.labels[int(_rows(found)[row].argmax())] for found in pairs[worst])
            said += f", and has the label {now!r} instead of {was!r}"
        more = int(wrong.sum()) - 1
        return f"{said}; so do {more} of the other {len(gaps) - 1} texts" if more else said


def _shape(output: NDArray[np.float32]) -> tuple[int, ...]:
    return output.shape if output.size else (0,)  # of an output without numbers a file does not tell k


def _gap(now: NDArray[np.float32], was: NDArray[np.float32]) -> float:
    """The largest difference of one number."""
    return float(np.abs(now.astype(np.float64).ravel() - was.ravel()).max(initial=0.0))


def _rows(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """An output as rows [rows, k], of which a text has one or one for each piece."""
    return np.atleast_2d(output) if output.size else np.zeros((0, 1), dtype=np.float32)


def _relabelled(now: NDArray[np.float32], was: NDArray[np.float32]) -> NDArray[np.intp]:
    """The rows in which the two have different labels."""
    return np.flatnonzero(_rows(now).argmax(axis=-1) != _rows(was).argmax(axis=-1))


class _Item(Section):
    text: str
    output: list[float] | list[list[float]]


class _File(Section):
    labels: list[str]
    tolerance: float = Field(gt=0)
    items: list[_Item] = Field(min_length=1)


def spread(lengths: Sequence[int], count: int) -> list[int]:
    """Indices of at most `count` texts, from the shortest to the longest in even steps; the same for equal lengths.

    Args:
        lengths: of every text that could be taken; not empty.
        count: how many, at least 1.
    """
    by_length = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
    steps = np.linspace(0, len(by_length) - 1, min(count, len(by_length))).round().astype(int)
    return [by_length[step] for step in steps]


def clearest(outputs: Sequence[NDArray[np.float32]], labels: Sequence[str], tolerance: float = TOLERANCE) -> list[int]:
    """Indices of the outputs none of whose labels an allowed difference can change; all of them where there are no
    labels, or where no output is so clear.

    Args:
        outputs: of n texts, the last axis being k.
        labels: k names, or none.
        tolerance: largest allowed difference of one number.
    """
    every = list(range(len(outputs)))
    if not labels:
        return every
    best_two = [np.sort(output, axis=-1)[..., -2:] for output in outputs]
    leads = [(two[..., 1] - two[..., 0]).min(initial=np.inf) for two in best_two]
    return [place for place in every if leads[place] > 2 * tolerance] or every


def write_golden(
    folder: Path,
    texts: Sequence[str],
    outputs: Sequence[NDArray[np.float32]],
    *,
    labels: Sequence[str] = (),
    tolerance: float = TOLERANCE,
) -> None:
    """Write `golden.json` into a release that has no manifest yet.

    Args:
        folder: the release.
        texts: at least one.
        outputs: of each text, finite, computed alone by the served model; they read back to the last bit.
        labels: the k names where the outputs are probabilities.
        tolerance: largest allowed difference of one number.

    Raises:
        ArtifactError: an output is not a finite number: such a model must not be served.
    """
    if len(texts) != len(outputs) or not len(texts):
        raise ValueError(f"{len(texts)} texts for {len(outputs)} outputs")
    if not all(np.isfinite(output).all() for output in outputs):
        raise ArtifactError("the model's output is not a number", where=str(folder), hint="train it again")
    items = [
        {"text": text, "output": output.tolist()}  # a double holds every float32 exactly
        for text, output in zip(texts, outputs, strict=True)
    ]
    text = strict_json({"labels": list(labels), "tolerance": tolerance, "items": items}, ascii_only=True)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_golden(folder: Path) -> Golden | None:
    """The golden answers of a release, or None if it was made without any.

    Raises:
        ArtifactError: the file is not what `write_golden` writes.
    """
    path = folder / FILE
    try:
        raw = _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ArtifactError(
            f"cannot be read: {str(error).splitlines()[0]}", where=str(path), hint="make the release again"
        ) from error
    outputs = tuple(np.array(item.output, dtype=np.float32) for item in raw.items)
    widths = {output.shape[-1] for output in outputs if output.size}
    if len(widths) > 1 or (raw.labels and widths != {len(raw.labels)}):
        raise ArtifactError("the outputs differ in length", where=str(path), hint="make the release again")
    return Golden(tuple(item.text for item in raw.items), outputs, tuple(raw.labels), raw.tolerance)
