"""prepare: sources → one dataset with three splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS

__all__ = ["Prepare"]


AUGMENTING = ("jieba", "opencc", "tokenizers", "torch", "transformers")


class Prepare:
    """Reads, cleans, deduplicates and splits."""

    name = "prepare"
    inputs: tuple[str, ...] = ()
    rooms: tuple[str, ...] = (
        *("data", "tasks", "records"),
        *("tokenize/load.py", "models/fill_mask.py", "models/vocabulary.py"),
        *("models/forward.py", "models/mean_pooled.py", "pipeline/encoder_vectors.py"),
        *("pipeline/encoder_words.py", "pipeline/release_entities.py"),
    )
    packages: tuple[str, ...] = (
        *(
            "datasets",
            "duckdb",
            "ftfy",
            "google-re2",
            "lingua-language-detector",
            "numpy",
            "psycopg",
            "pyarrow",
            "pypdf",
            "trafilatura",
        ),
        *AUGMENTING,
    )

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        from seatrial.pipeline.encoder_words import encoder_needed

        wanted = spec.model_dump(mode="json", include={"task", "labels", "seed", "data"})
        del wanted["data"]["datasheet"]  # words about the data change nothing in them
        return {**wanted, "max_length": spec.model.max_length} if encoder_needed(spec) else wanted

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        from seatrial.data.prepare import source_digests
        from seatrial.pipeline.encoder_words import digests_beside_sources
        from seatrial.pipeline.release_entities import entity_digests

        found = {f"source {name}": digest for name, digest in source_digests(spec.data, root).items()}
        return {**found, **digests_beside_sources(spec, root), **entity_digests(spec.data.clean, root)}

    def run(self, context: StageContext) -> bool:
        from seatrial.data.prepare import prepare
        from seatrial.data.sources.digests import known_beforehand
        from seatrial.pipeline.encoder_vectors import embed_of
        from seatrial.pipeline.encoder_words import encoder_of
        from seatrial.pipeline.release_entities import open_entities_in

        spec = context.spec
        report = prepare(
            spec.data,
            task=TASKS.get(spec.task, where="task")(),
            labels=spec.labels,
            root=context.project.root,
            seed=spec.seed,
            out=context.out,
            progress=context.progress,
            encoder=encoder_of(spec, context.project.root, context.progress),
            open_entities=open_entities_in(context.project.root),
            embed=embed_of(spec, context.project.root),
        )
        write_report(context.out, report)
        return all(known_beforehand(source) for source in spec.data.sources)
