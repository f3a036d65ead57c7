"""The candidates of a language model that is served: a decoder graph per method, each judged on validation as a service
computes it. Refuses to know: the contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.evaluate.measure import scores
from seatrial.export.parity import parity
from seatrial.models.surprise import NATS
from seatrial.pipeline.beside_base import beside_base
from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.records import Example, Report
from seatrial.tasks import Known, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from seatrial.models.reading import Reading

__all__ = ["GRAPH", "decoder_rows", "make_decoder_candidates"]

GRAPH = "model.onnx"
"""The file in a candidate's folder."""


def make_decoder_candidates(
    context: StageContext, task: Task, methods: Sequence[str], said: Mapping[tuple[str, str], NDArray[np.float32]]
) -> dict[tuple[str, str], NDArray[np.float32]]:
    """Write the graphs into `context.out`, one folder each, and compare each with the network it came from.

    Args:
        context: of the stage.
        task: one that `Generates`.
        methods: precisions by name.
        said: what `evaluate` kept, rows of the trained network on validation among it.

    Returns:
        (method, split) → rows. The stage's report is written.
    """
    from seatrial.data.dataset import read_split
    from seatrial.export.decoders import export_decoders

    spec, model_folder = context.spec, context.inputs["train"].path
    validation = read_split(context.inputs["prepare"].path, "validation")
    tokenizer = task.load_tokenizer(model_folder, spec.model.max_length)
    reading, source = task.reading(tokenizer, validation), said["source", "validation"]
    theirs = task.join(reading, reading.parts(source))
    files = export_decoders(model_folder, context.out, methods, task=task)
    predictions, rows = {}, []
    for place, (name, file) in enumerate(files.items()):
        context.progress("compress", place, len(files))
        found = decoder_rows(file, context, task, tokenizer, examples=validation, reading=reading)
        found = beside_base(task, found, said, "validation")
        predictions[name, "validation"] = found
        ours = task.join(reading, reading.parts(found))
        judged = task.label_scores(ours, validation, (), Known((), found))
        rows.append(
            {
                "candidate": name,
                task.likeness: float(task.alike(ours, theirs).mean()),
                **parity(source[:, NATS, None], found[:, NATS, None]),
                **scores(task.metrics, judged, task.truth(validation, ())),
                "size_mb": sum(one.stat().st_size for one in file.parent.iterdir()) / 1e6,
            }
        )
    context.progress("compress", len(files), len(files))
    write_report(context.out, Report("compress", tables={"parity": rows}))
    return predictions


def decoder_rows(
    graph: Path,
    context: StageContext,
    task: Task,
    tokenizer: Any,
    *,
    examples: Sequence[Example],
    reading: Reading,
) -> NDArray[np.float32]:
    """What a decoder graph says of examples, read as a service reads prompts: rows as `Task.rows` gives them."""
    from seatrial.generate.engines.onnx import OnnxEngine
    from seatrial.generate.teacher_forced import teacher_forced

    longest = max(map(len, reading.windows))
    engine = OnnxEngine(graph, slots=1, context=longest, threads=context.spec.serving.threads)
    return task.rows(teacher_forced(engine), tokenizer, examples, reading, context.progress)
