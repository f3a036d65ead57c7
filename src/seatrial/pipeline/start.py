"""The model that training starts from, as a folder: a pretrained one, or one that is made from the project file.

Refuses to know: what is learned.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.records import Example
from seatrial.tasks import Task

if TYPE_CHECKING:
    from seatrial.pipeline.stages.base import StageContext

__all__ = ["starting_model"]


def starting_model(context: StageContext, task: Task, train: Sequence[Example]) -> Path:
    """The folder that training starts from. One that is made here is made the same again, by a run that goes on and by
    a later stage.

    Args:
        context: of the stage that wants it.
        task: of the project.
        train: the training split, which a tokenizer of its own is made from.

    Raises:
        ResolveError, OfflineError: the base model is not there.
    """
    from seatrial.reference import resolve_model

    model, seed = context.spec.model, context.spec.seed
    if model.network is None and not model.more_characters:
        return resolve_model(model.base, revision=model.revision, root=context.project.root)
    made = context.work / "base"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    if model.network is None:
        from seatrial.models.more_characters import with_more_characters

        base = resolve_model(model.base, revision=model.revision, root=context.project.root)
        texts = [task.text(example) for example in train]
        with_more_characters(base, texts, model.more_characters, made, seed=seed)
        return made
    from seatrial.models.fresh import fresh_model

    assert task.network_kind is not None  # preflight has asked the task
    fresh_model(
        [text for example in train for text in task.texts(example)],
        model.network,
        model.tokenizer,
        kind=task.network_kind,
        max_length=model.max_length,
        seed=seed,
        out=made,
        progress=context.progress,
    )
    return made
