"""prepare: sources → one dataset with three splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS

__all__ = ["Prepare"]


class Prepare:
    """Reads, cleans, deduplicates and splits."""

    name = "prepare"
    inputs: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ("data", "tasks", "records.py")
    packages: tuple[str, ...] = ("datasets", "duckdb", "numpy", "psycopg", "pyarrow", "pypdf", "trafilatura")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        return spec.model_dump(mode="json", include={"task", "labels", "seed", "data"})

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        from seatrial.data.prepare import source_digests

        return {f"source {name}": digest for name, digest in source_digests(spec.data, root).items()}

    def run(self, context: StageContext) -> bool:
        from seatrial.data.prepare import prepare
        from seatrial.data.sources.digests import known_beforehand

        spec = context.spec
        report = prepare(
            spec.data,
            task=TASKS.get(spec.task, where="task")(),
            labels=spec.labels,
            root=context.project.root,
            seed=spec.seed,
            out=context.out,
            progress=context.progress,
        )
        write_report(context.out, report)
        return all(known_beforehand(source) for source in spec.data.sources)
