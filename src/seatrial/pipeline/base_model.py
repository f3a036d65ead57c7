"""The model that a project goes on from: whether its task can, and what the report says about it.

Refuses to know: how it is loaded and trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seatrial.artifact.manifest import MANIFEST, manifest_digest, verify
from seatrial.errors import SpecError
from seatrial.models.kind import head_of, network_kind_of
from seatrial.reference import model_digest, resolve_model
from seatrial.spec.project import ProjectSpec
from seatrial.tasks import TASKS, Task
from seatrial.tasks.own_head import SharesHead, StandsOn, fate_of_head

__all__ = ["base_facts", "check_base"]

NAMES = {"encoder": "an encoder", "decoder": "a decoder", "encoder-decoder": "an encoder-decoder"}
INSTEAD = {
    "encoder": "name an encoder, such as the release of a masked-lm project or the default base",
    "decoder": "name a decoder, such as the release of a causal-lm project",
    "encoder-decoder": "name an encoder-decoder, such as the release of a seq2seq project",
}


def check_base(spec: ProjectSpec, root: Path) -> Path:
    """The folder of the base model, if the task can go on from it.

    Raises:
        ResolveError, OfflineError: it is not there, or is a project without a release.
        SpecError: it is a network of another kind.
    """
    folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
    task = TASKS.get(spec.task, where="task")()
    kind = network_kind_of(folder)
    if isinstance(task, StandsOn) and kind is not None and kind != task.body_kind:
        raise SpecError(
            f"{spec.model.base} is {NAMES[kind]}, and the task {task.name} learns with {NAMES[task.body_kind]}",
            where="model.base",
            hint=INSTEAD[task.body_kind],
        )
    return folder


def base_facts(spec: ProjectSpec, root: Path, task: Task, labels: Sequence[str]) -> dict[str, Any]:
    """What the report of training says about the base model, beside what training itself says.

    Args:
        spec: the resolved project file.
        root: the project's folder.
        task: of the project.
        labels: label names in order.

    Returns:
        Under ``"base"``: `model` as the project file names it, `digest` of its weights, configuration and tokenizer,
        and `head`, what became of it; for a release of another project also `release`, its digest, `project` and
        `task`. Nothing where the network begins with random weights.

    Raises:
        ArtifactError: a release of which a file was altered.
    """
    if spec.model.network is not None:
        return {}
    folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
    found: dict[str, Any] = {"model": spec.model.base, "digest": model_digest(folder)}
    if (folder / MANIFEST).is_file():
        manifest = verify(folder)
        if manifest["kind"] == "release":
            of = manifest["spec"]
            found |= {"release": manifest_digest(manifest), "project": of.get("name"), "task": of.get("task")}
    if task.trainable:
        found["head"] = _head(folder, task, task.output_labels(labels))
    return {"base": found}


def _head(folder: Path, task: Task, names: Sequence[str]) -> str:
    own = task.head_task if isinstance(task, SharesHead) else task.name
    if fate_of_head(folder, own, names) == "kept":
        return "kept"
    old = head_of(folder)
    if old is None:
        return "new"
    labels = f" with the labels {', '.join(old.labels)}" if old.labels else ""
    return f"new; that of the base, for {old.task}{labels}, was dropped"
