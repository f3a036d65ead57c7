"""inspect: a look at the prepared data, for the page: languages, lengths in tokens, leaks, doubtful labels, and so on.

Nothing that is trained or judged depends on it. It comes after train because lengths in tokens are those that the
trained model reads. What costs time is looked for in samples.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seatrial.pipeline.stages.base import StageContext, write_report
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS

__all__ = ["Inspect"]

SAMPLE = 400
"""Texts searched for languages and personal data."""
LABELLED = 1500
"""Texts on which a quick model looks for wrong labels."""
COMPARED = 100_000
"""Texts among which copies are looked for; the division has looked among all."""
MAX_TOKENS = 1 << 20


class Inspect:
    """Looks at what the model was trained and measured on; augmented examples aside."""

    name = "inspect"
    inputs: tuple[str, ...] = ("prepare", "train")
    rooms: tuple[str, ...] = (
        *("data/inspect", "data/dedupe", "data/redact", "data/annotate/label_errors.py", "data/clean/language.py"),
        *("tokenize/load.py", "tasks", "records"),
    )
    packages: tuple[str, ...] = ("cleanlab", "lingua-language-detector", "numpy", "scikit-learn", "tokenizers")

    def section(self, spec: ProjectSpec) -> dict[str, Any]:
        return {"task": spec.task, "seed": spec.seed, "near": spec.data.dedupe.near}

    def sources(self, spec: ProjectSpec, root: Path) -> dict[str, str]:
        return {}

    def run(self, context: StageContext) -> bool:
        from seatrial.data.inspect.inspect import Look, inspect_items
        from seatrial.data.inspect.items import items_of_prepared
        from seatrial.data.inspect.masked import masked
        from seatrial.tokenize.load import encode, load_tokenizer

        spec = context.spec
        task = TASKS.get(spec.task, where="task")()
        tokenizer = load_tokenizer(context.inputs["train"].path, MAX_TOKENS)
        look = Look(
            near=spec.data.dedupe.near,
            sample=SAMPLE,
            labelled=LABELLED if find_spec("cleanlab") else 0,
            languages=find_spec("lingua") is not None,
            compared=COMPARED,
            seed=spec.seed,
        )
        with TemporaryDirectory(dir=context.out) as scratch:
            report = inspect_items(
                items_of_prepared(context.inputs["prepare"].path, task=task),
                look,
                scratch=Path(scratch),
                count_tokens=lambda texts: [len(ids) for ids in encode(tokenizer, texts)],
                progress=context.progress,
            )
        write_report(context.out, masked(report))
        return True
