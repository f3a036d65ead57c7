"""The whole voyage: run the stages, put the trial together, write the page, and publish what was accepted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.artifact.atomic import publish, sweep, temporary_folder, write_text
from seatrial.artifact.machine import machine
from seatrial.artifact.manifest import MANIFEST, manifest_digest, verify, write_manifest
from seatrial.artifact.store import Store
from seatrial.artifact.strict_json import strict_json
from seatrial.errors import ArtifactError
from seatrial.govern.card import model_card
from seatrial.govern.datasheet import datasheet
from seatrial.pipeline.judgement import read_judgement
from seatrial.pipeline.preflight import preflight
from seatrial.pipeline.prepared import check_prepared
from seatrial.pipeline.references import check_references
from seatrial.pipeline.remarks import beaten_by, language_warning, left_out, left_out_line
from seatrial.pipeline.run import StageListener, run_stages
from seatrial.pipeline.stages import main_job
from seatrial.pipeline.stages.accept import RELEASE
from seatrial.pipeline.stages.base import read_report
from seatrial.progress import Progress
from seatrial.records import Artifact, Project, Trial
from seatrial.spec.project import ProjectSpec

if TYPE_CHECKING:
    from seatrial.train.distributed.meeting import Meeting

__all__ = ["Outcome", "last_trial", "sail"]

TRIAL, PAGE, DATASHEET = "trial.json", "report.html", "DATASHEET.md"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a voyage came to.

    Attributes:
        trial: everything that was found out.
        report: the HTML page.
        release: the release folder, or None when the contract was missed.
        warnings: what is allowed but seldom meant, one sentence each.
    """

    trial: Trial
    report: Path
    release: Path | None
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether a release was made."""
        return self.release is not None

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `seatrial run --json`."""
        return {
            **self.trial.verdict.as_dict(),
            "candidates": [
                {key: value for key, value in asdict(candidate).items() if key != "measurements"}
                for candidate in self.trial.candidates
            ],
            "release": str(self.release) if self.release else None,
            "report": str(self.report),
            "left_out": left_out(self.trial.reports["prepare"]),
            "warnings": list(self.warnings),
            "seconds": {stage: round(seconds, 2) for stage, seconds in self.trial.seconds.items()},
        }


def unheard(line: str) -> None:
    """A listener for those who do not listen."""


def sail(
    project: Project,
    spec: ProjectSpec,
    *,
    render: Callable[[Trial], str],
    progress: Progress,
    heard: StageListener,
    noted: Callable[[str], None] = unheard,
    meeting: Meeting | None = None,
) -> Outcome:
    """Bring a project up to date and publish its release if the contract is met.

    Args:
        project: the project's folder.
        spec: the resolved project file.
        render: a trial → one self-contained HTML page.
        progress: hears how far long work is.
        heard: hears about stages.
        noted: hears what a user should know as soon as it is known, one line each.
        meeting: where other processes wait to train with this one.

    Returns:
        The outcome. When the contract was missed, an earlier release stays as it was.

    Raises:
        SeatrialError: another run holds the project, a stage could not go on, or `release` holds something else.
    """
    preflight(spec)
    _check_release_folder(project.release)
    check_references(spec, project.root, fetch=True)
    language = language_warning(spec)
    if language:
        noted(f"warning: {language}")

    def inspect(stage: str, artifact: Artifact) -> None:
        if stage == "prepare":
            line = left_out_line(read_report(artifact))
            if line:
                noted(f"{line}; see {artifact.path / 'dropped.jsonl'}")
            check_prepared(spec, artifact.path)

    with Store(project.store).locked():
        sweep(project.release)
        artifacts, seconds = run_stages(
            project, spec, main_job(spec), progress=progress, heard=heard, inspect=inspect, meeting=meeting
        )
        trial = _trial(spec, artifacts, seconds)
        warnings = (*([language] if language else []), *beaten_by(trial))
        page = render(trial)
        write_text(project.store / TRIAL, strict_json(asdict(trial)))
        write_text(project.store / PAGE, page)
        write_text(project.store / DATASHEET, datasheet(trial))
        if not trial.verdict.accepted:
            return Outcome(trial, project.store / PAGE, None, warnings)
        _publish(project, spec, trial, page, artifacts)
        return Outcome(trial, project.release / PAGE, project.release, warnings)


def last_trial(project: Project) -> tuple[Path, dict[str, Any]]:
    """The last trial's page and figures, accepted or not.

    Raises:
        ArtifactError: the project has not been run to its end.
    """
    page = project.store / PAGE
    try:
        return page, json.loads((project.store / TRIAL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(
            "there is no report yet", where=str(project.spelled), hint=f"run `seatrial run {project.spelled}` first"
        ) from error


def _trial(spec: ProjectSpec, artifacts: Mapping[str, Artifact], seconds: Mapping[str, float]) -> Trial:
    judgement = read_judgement(artifacts["accept"].path)
    reports = {stage: read_report(artifacts[stage]) for stage in ("prepare", "train", "inspect", "compress")}
    labels: list[str] = list(reports["prepare"].facts["labels"])
    lineage = {
        "spec": spec.model_dump(mode="json"),
        "stages": {
            stage: {"digest": artifact.digest, "inputs": artifact.manifest["inputs"]}
            for stage, artifact in artifacts.items()
        },
        **({"base": reports["train"].facts["base"]} if "base" in reports["train"].facts else {}),
        "machine": machine(),
        "seeds": {"seed": spec.seed},
    }
    return Trial(
        project=spec.name,
        description=spec.description,
        created=judgement.created,
        task=spec.task,
        labels=tuple(labels),
        verdict=judgement.verdict,
        candidates=judgement.candidates,
        reports={**reports, "evaluate": judgement.evaluation, "accept": judgement.service},
        lineage=lineage,
        test_uses=judgement.test_uses,
        seconds=dict(seconds),
        dimensions=judgement.dimensions,
    )


def _publish(project: Project, spec: ProjectSpec, trial: Trial, page: str, artifacts: Mapping[str, Artifact]) -> None:
    """Put the accepted release in place of the old one, whole or not at all; an equal one is left alone."""
    with temporary_folder(project.release) as folder:
        shutil.copytree(artifacts["accept"].path / RELEASE, folder, dirs_exist_ok=True)
        (folder / "README.md").write_text(model_card(trial), encoding="utf-8")
        (folder / DATASHEET).write_text(datasheet(trial), encoding="utf-8")
        (folder / "verdict.json").write_text(strict_json(trial.verdict.as_dict(), indent=1) + "\n", encoding="utf-8")
        (folder / PAGE).write_text(page, encoding="utf-8")
        digest = write_manifest(
            folder,
            kind="release",
            inputs={stage: artifact.digest for stage, artifact in artifacts.items()},
            spec=spec.model_dump(mode="json"),
            facts={"seed": spec.seed},
        )
        if not _holds(project.release, digest):
            publish(folder, project.release)


def _holds(folder: Path, digest: str) -> bool:
    """Whether a folder is there, undamaged, with this digest."""
    try:
        return manifest_digest(verify(folder)) == digest
    except ArtifactError:
        return False


def _check_release_folder(folder: Path) -> None:
    """Refuse to replace what no run has made, before minutes are spent on a release that would have to."""
    if folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir())):
        return
    if folder.exists():
        raise ArtifactError(
            "the release would go here, but this was not made by a run",
            where=str(folder),
            hint="move it away, or give the project a folder of its own",
        )
