"""Decoders among the models: whether the contract can have them compressed and served, and which methods there are.

A task that generates is served where a graph can be written of its network. Refuses to know: how one is written.
"""

from __future__ import annotations

import json
from pathlib import Path

from seatrial.compress import METHODS
from seatrial.errors import SpecError
from seatrial.export.decoder_family import graph_misfit, network_misfit
from seatrial.export.decoder_graph import PRECISIONS
from seatrial.registry import did_you_mean
from seatrial.spec.contract import GENERATION_FIGURES
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import Generates, Task

__all__ = ["LATENCIES", "check_methods", "methods_for", "misfit_of", "require_graph"]

LATENCIES = ("p50_ms", "p95_ms")
"""Figures of every service."""
USUAL = ("fp32", "int8-block", "int8-dynamic")


def methods_for(spec: ProjectSpec, task: Task) -> list[str]:
    """The compression methods of a project: what its file names, or all that there are for its kind of network."""
    if spec.compression.methods is not None:
        return spec.compression.methods
    return list(PRECISIONS) if isinstance(task, Generates) else list(USUAL)


def check_methods(spec: ProjectSpec, task: Task) -> None:
    """Refuse methods that nobody knows, and methods for what is not compressed.

    Raises:
        SpecError: with the place in the project file.
    """
    if spec.compression.methods is None:
        return
    generates = isinstance(task, Generates)
    if not (task.exported or generates):
        raise SpecError(
            f"a network of the task {task.name} cannot be compressed yet; it is released as it was trained",
            where="compression",
            hint="leave the section out",
        )
    known = tuple(PRECISIONS) if generates else tuple(METHODS)
    for place, name in enumerate(spec.compression.methods):
        if name not in known:
            raise SpecError(
                f"unknown {METHODS.kind} {name!r}",
                where=f"compression.methods.{place}",
                hint=did_you_mean(name, known),
            )


def require_graph(spec: ProjectSpec, task: Task, base: Path | None) -> None:
    """Refuse a contract or a compression that needs a served decoder where no graph can be written of the network.

    Args:
        spec: the resolved project file.
        task: its task.
        base: the folder of `model.base`; None where the network is made from nothing, or the base is not there yet.

    Raises:
        SpecError: with the first place that asks for it.
    """
    if not isinstance(task, Generates):
        return
    asks = ["compression"] if spec.compression.methods is not None else []
    served = (*LATENCIES, *GENERATION_FIGURES)
    asks += [f"requirements.{n}.metric" for n, line in enumerate(spec.requirements) if line.metric in served]
    if not asks:
        return
    if spec.model.network is not None:
        misfit = network_misfit(spec.model.network)
    else:
        misfit = None if base is None else misfit_of(base)
    if misfit is not None:
        raise SpecError(
            f"this network is neither compressed nor served, but released as it was trained: {misfit}",
            where=asks[0],
            expected="a decoder of the Llama family, with heads of a multiple of 16 values",
            hint="leave this out, or choose another network; size_mb and the task's own metrics can be required",
        )


def misfit_of(folder: Path) -> str | None:
    """Why no decoder graph can be written of the model in a folder, in words; None if one can."""
    return graph_misfit(json.loads((folder / "config.json").read_text(encoding="utf-8")))
