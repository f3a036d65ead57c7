"""compress: the trained model → ONNX candidates, each compared with the model it came from on validation.

Writes `NAME.onnx` per method, `candidates.json` (names in order) and `predictions.npz` (raw outputs on validation, and
on the `known` training examples where the task looks things up in some).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.pipeline.stages.evaluate import KNOWN, PREDICTIONS
from seatrial.records import Report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Task

__all__ = ["CANDIDATES", "Compress"]

CANDIDATES = "candidates.json"
NETWORK = "network"
"""The name of the one candidate of a task whose network is not exported."""


class Compress:
    """Exports once, then makes one candidate per method."""

    name = "compress"
    inputs: tuple[str, ...] = ("prepare", "train", "evaluate")
    rooms: tuple[str, ...] = ("compress", "export", "tokenize/load.py", "tasks", "data/batches.py")
    packages: tuple[str, ...] = ("torch", "transformers", "tokenizers", "onnx", "onnxscript", "onnxruntime")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        wanted = spec.model_dump(mode="json", include={"task", "compression"})
        return {**wanted, "max_length": spec.model.max_length, "max_batch_tokens": spec.serving.max_batch_tokens}

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        from seatrial.artifact.digest import json_digest
        from seatrial.artifact.machine import cpu

        return {"this machine's CPU": json_digest(cpu())}  # int8 sums differ with VNNI, and agreement with them

    def run(self, context: StageContext) -> bool:
        from seatrial.compress import METHODS
        from seatrial.data.dataset import read_split
        from seatrial.export.onnx import export_onnx
        from seatrial.export.parity import changed_by_company, parity
        from seatrial.export.session import OnnxSession, onnx_logits
        from seatrial.pipeline.predictions import read_predictions, write_predictions

        spec, model_folder = context.spec, context.inputs["train"].path
        task = TASKS.get(spec.task, where="task")()
        if not task.exported:
            return _as_it_is(context, task)
        dataset = context.inputs["prepare"].path
        validation, known = read_split(dataset, "validation"), task.known(read_split(dataset, "train"))
        source = read_predictions(context.inputs["evaluate"].path / PREDICTIONS)["source", "validation"]
        tokenizer = task.load_tokenizer(model_folder, spec.model.max_length)
        readings = {
            split: task.reading(tokenizer, examples)
            for split, examples in (("validation", validation), (KNOWN, known))
            if examples
        }
        reading = readings["validation"]
        theirs = task.join(reading, reading.parts(source))
        exported = context.out / "exported.onnx"
        export_onnx(model_folder, exported, task=task)
        predictions, rows = {}, []
        for place, name in enumerate(spec.compression.methods):
            context.progress("compress", place, len(spec.compression.methods))
            file = context.out / f"{name}.onnx"
            METHODS.get(name, where=f"compression.methods.{place}")(exported, file)
            session = OnnxSession(file, spec.serving.threads)
            for split, read in readings.items():
                predictions[name, split] = onnx_logits(
                    session, read.windows, max_tokens=spec.serving.max_batch_tokens, progress=context.progress
                )
            logits = predictions[name, "validation"]
            ours = task.join(reading, reading.parts(logits))
            row = {"candidate": name, task.likeness: float(task.alike(ours, theirs).mean()), **parity(source, logits)}
            row |= changed_by_company(session, task, reading, logits)
            rows.append({**row, "size_mb": file.stat().st_size / 1e6})
        context.progress("compress", len(spec.compression.methods), len(spec.compression.methods))
        exported.unlink()
        write_predictions(context.out / PREDICTIONS, predictions)
        (context.out / CANDIDATES).write_text(json.dumps(spec.compression.methods), encoding="utf-8")
        write_report(context.out, Report(self.name, tables={"parity": rows}))
        return True


def _as_it_is(context: StageContext, task: Task) -> bool:
    """The trained network as the one candidate; nothing is exported and nothing made smaller."""
    from seatrial.pipeline.predictions import read_predictions, write_predictions

    source = read_predictions(context.inputs["evaluate"].path / PREDICTIONS)["source", "validation"]
    write_predictions(context.out / PREDICTIONS, {(NETWORK, "validation"): source})
    (context.out / CANDIDATES).write_text(json.dumps([NETWORK]), encoding="utf-8")
    note = f"a network of the task {task.name} is neither exported nor compressed; it is released as it was trained"
    write_report(context.out, Report("compress", facts={"note": note}))
    return True
