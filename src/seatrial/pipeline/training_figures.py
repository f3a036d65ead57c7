"""Figures of the contract that training itself settles: how much learned, and how large that is by itself.

Refuses to know: candidates, which all have them alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.export.network_release import adapter_size_mb
from seatrial.pipeline.stages.base import read_report
from seatrial.records import Artifact, Measurement

__all__ = ["training_figures"]


def training_figures(trained: Artifact, system: str) -> Mapping[str, Measurement]:
    """Metric → measurement; `trained_share` and, where there are low-rank updates by themselves, `adapter_mb`.

    Args:
        trained: the artifact of train.
        system: the candidate's name, for the record.
    """
    facts = read_report(trained).facts
    found = {}
    if facts.get("parameters"):
        found["trained_share"] = facts["trainable_parameters"] / facts["parameters"]
    size_mb = adapter_size_mb(trained.path)
    if size_mb is not None:
        found["adapter_mb"] = size_mb
    return {metric: Measurement(metric, value, 1, "service", system=system) for metric, value in found.items()}
