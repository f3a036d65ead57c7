"""How far one model's raw outputs are from another's, and how far an export may be from its source.

Refuses to know where the outputs come from and what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seatrial.errors import ArtifactError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seatrial.export.session import OnnxSession
    from seatrial.models.reading import Reading
    from seatrial.tasks import Task

__all__ = ["MAX_DEVIATION", "changed_by_company", "parity", "require_parity"]

COMPANY_TEXTS = 200
"""Computed one by one, which a small model does in a second or two."""

MAX_DEVIATION = 1e-3
"""Largest difference of an output that float32 arithmetic in another order explains; more is a wrong graph."""


def parity(reference: NDArray[np.float32], logits: NDArray[np.float32]) -> dict[str, float]:
    """Compare two models on the same texts.

    Args:
        reference: the source's raw outputs, rows [rows, k].
        logits: the other's, same shape, same order.

    Returns:
        `max_abs` and `mean_abs`, the difference of one number. NaN in either makes both NaN.

    Raises:
        ValueError: the shapes differ or there are no texts.
    """
    if reference.shape != logits.shape or not logits.size:
        raise ValueError(f"cannot compare outputs of shape {reference.shape} and {logits.shape}")
    difference = np.abs(reference.astype(np.float64) - logits)
    return {"max_abs": float(difference.max()), "mean_abs": float(difference.mean())}


def changed_by_company(
    session: OnnxSession, task: Task, reading: Reading, logits: NDArray[np.float32]
) -> dict[str, int]:
    """Count the texts that get another answer alone than they got among others, as happens where a method takes one
    scale for all activations of a call.

    Args:
        session: the model.
        task: says which answers are the same.
        reading: of the texts.
        logits: rows [rows, k] of the same texts computed in batches.

    Returns:
        `alone`, how many texts were tried (spread evenly, at most `COMPANY_TEXTS`), and `changed`, how many of them
        got another answer.
    """
    tried = np.linspace(0, len(reading) - 1, min(COMPANY_TEXTS, len(reading))).round().astype(int).tolist()
    some = reading.pick(tried)
    alone = task.join(some, [session.logits([window])[0] for window in some.windows])
    together = task.join(reading, reading.parts(logits))
    same = task.alike(alone, [together[text] for text in tried]) >= task.same_from
    return {"alone": len(tried), "changed": int((~same).sum())}


def require_parity(figures: dict[str, float], *, max_abs: float = MAX_DEVIATION, where: str | None = None) -> None:
    """Refuse an uncompressed export that does not compute what its source computes.

    Args:
        figures: what `parity` returned.
        max_abs: largest difference allowed.
        where: the exported file, for the message.

    Raises:
        ArtifactError: the difference is larger, or not a number.
    """
    if not figures["max_abs"] <= max_abs:  # written so that NaN is refused
        raise ArtifactError(
            f"the ONNX file deviates from the source model by {figures['max_abs']:.3g}",
            where=where,
            expected=f"at most {max_abs:g} on every number",
            hint="choose another architecture in model.base, or report this one with its config.json",
        )
