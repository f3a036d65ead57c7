"""compress: the trained model → ONNX candidates, each compared with the model it came from on validation.

Writes `NAME.onnx` per method (of a language model `NAME/model.onnx`, a decoder graph), `candidates.json` (names in
order) and `predictions.npz` (raw outputs on validation, and on the `known` training examples where the task looks
things up in some).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.pipeline.stages.evaluate import KNOWN, PREDICTIONS
from seatrial.records import Report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Generates, Task

__all__ = ["CANDIDATES", "Compress"]

CANDIDATES = "candidates.json"
NETWORK = "network"
"""The name of the one candidate where no graph is made of the network."""


class Compress:
    """Exports once, then makes one candidate per method."""

    name = "compress"
    inputs: tuple[str, ...] = ("prepare", "train", "evaluate")
    rooms: tuple[str, ...] = (
        *("compress", "export", "generate", "tokenize/load.py", "tasks", "data/batches.py", "models/surprise.py"),
        *("pipeline/decoders.py", "pipeline/decoder_candidates.py", "pipeline/beside_base.py"),
    )
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
        from seatrial.pipeline.decoders import methods_for
        from seatrial.pipeline.predictions import read_predictions, write_predictions

        spec, model_folder = context.spec, context.inputs["train"].path
        task = TASKS.get(spec.task, where="task")()
        if not task.exported:
            return _of_language(context, task)
        methods = methods_for(spec, task)
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
        for place, name in enumerate(methods):
            context.progress("compress", place, len(methods))
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
        context.progress("compress", len(methods), len(methods))
        exported.unlink()
        write_predictions(context.out / PREDICTIONS, predictions)
        (context.out / CANDIDATES).write_text(json.dumps(methods), encoding="utf-8")
        write_report(context.out, Report(self.name, tables={"parity": rows}))
        return True


def _of_language(context: StageContext, task: Task) -> bool:
    """Decoder graphs where they can be written, else the trained network as the one candidate."""
    from seatrial.pipeline.decoder_candidates import make_decoder_candidates
    from seatrial.pipeline.decoders import methods_for, misfit_of
    from seatrial.pipeline.predictions import read_predictions, write_predictions

    said = read_predictions(context.inputs["evaluate"].path / PREDICTIONS)
    why = f"no graph is made for the task {task.name}"
    if isinstance(task, Generates):
        why = misfit_of(context.inputs["train"].path) or ""
    if why:
        names, predictions = [NETWORK], {(NETWORK, "validation"): said["source", "validation"]}
        note = f"the network is neither compressed nor served, but released as it was trained: {why}"
        write_report(context.out, Report("compress", facts={"note": note}))
    else:
        names = methods_for(context.spec, task)
        predictions = make_decoder_candidates(context, task, names, said)
    write_predictions(context.out / PREDICTIONS, predictions)
    (context.out / CANDIDATES).write_text(json.dumps(names), encoding="utf-8")
    return True
