"""accept: candidates → the fastest that meets the contract, as a release, or a verdict without one.

Candidates are put in order by what validation and the running service say; only then is the test split opened, for one
candidate after the other until one meets the whole contract. Each opening is counted. Writes `judgement.json` and, when
a candidate is accepted, `release/` with its golden answers (without the card, the page and the manifest, which `voyage`
adds).
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

from seatrial.pipeline.contenders import best_of_the_missed, decide
from seatrial.pipeline.judgement import write_judgement
from seatrial.pipeline.stages.base import StageContext
from seatrial.pipeline.stages.compress import NETWORK
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS

__all__ = ["Accept"]

RELEASE = "release"
NOT_MEASURED = ("host", "port", "grpc_port", "rate_per_minute", "cors_origins", "flagged_labels", "examples")
"""Settings of the service that change no figure."""


class Accept:
    """Holds every candidate to the contract on this machine."""

    name = "accept"
    inputs: tuple[str, ...] = ("prepare", "train", "evaluate", "compress")
    rooms: tuple[str, ...] = (
        *("serve", "evaluate", "export", "tasks", "tokenize/load.py", "models/reading.py", "data/clean"),
        "data/batches.py",
        *("generate", "models/language_logits.py", "models/surprise.py"),
        *("pipeline/acceptance.py", "pipeline/network_acceptance.py", "pipeline/decoder_acceptance.py"),
        *("pipeline/decoder_candidates.py", "pipeline/decoder_prompts.py"),
        "pipeline/beside_base.py",
        *("pipeline/contenders.py", "pipeline/figures.py", "pipeline/judgement.py", "pipeline/label_scores.py"),
        *("pipeline/training_figures.py", "pipeline/answers.py", "generate"),
        "records",
    )
    packages: tuple[str, ...] = ("onnxruntime", "tokenizers", "numpy", "fastapi", "uvicorn")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        wanted = spec.model_dump(mode="json", include={"name", "task", "seed", "evaluation", "requirements", "serving"})
        for key in NOT_MEASURED:
            del wanted["serving"][key]
        return {**wanted, "max_length": spec.model.max_length, "clean": spec.data.clean}

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        from seatrial.artifact.digest import json_digest
        from seatrial.artifact.machine import machine

        shaping = ("cores", "cpu", "cpu_flags", "system")  # not the memory, which a virtual machine gives and takes
        return {"this machine": json_digest({name: machine()[name] for name in shaping})}

    def run(self, context: StageContext) -> bool:
        from seatrial.pipeline.acceptance import TRIED, Acceptance, candidate_names
        from seatrial.pipeline.decoder_acceptance import DecoderAcceptance
        from seatrial.pipeline.network_acceptance import NetworkAcceptance

        acceptance = Acceptance
        if not TASKS.get(context.spec.task, where="task").exported:
            acceptance = NetworkAcceptance if candidate_names(context) == [NETWORK] else DecoderAcceptance
        requirements = [requirement.record() for requirement in context.spec.requirements]
        trial = acceptance(context)
        contenders = trial.contenders()
        open_test = partial(trial.open_test, requirements)
        winner = decide(contenders, requirements, open_test)
        shown = winner or best_of_the_missed(contenders, requirements, open_test)
        write_judgement(context.out, trial.judgement(contenders, shown, requirements))
        if winner:
            trial.finish(winner)
            winner.folder.rename(context.out / RELEASE)
        shutil.rmtree(context.out / TRIED)
        return winner is not None  # a miss may be the machine's mood: the next run measures again
