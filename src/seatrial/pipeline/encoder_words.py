"""The project's base model as a source of words for augmentation, loaded when it is first asked.

Refuses to know what is done with the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.data.augment.base import EncoderWords
from seatrial.data.augment.build import files_read, needs_encoder
from seatrial.errors import DataError, SpecError
from seatrial.progress import Progress, silent
from seatrial.spec.project import ProjectSpec
from seatrial.spec.training import ModelSpec

if TYPE_CHECKING:
    from seatrial.models.fill_mask import MaskFiller

__all__ = ["BaseModelWords", "digests_beside_sources", "encoder_needed", "encoder_of"]


def encoder_of(
    spec: ProjectSpec, root: Path, progress: Progress = silent
) -> Callable[[Sequence[str]], EncoderWords] | None:
    """Training texts → the words of the project's base model; None where no way to augment asks for them."""
    if not needs_encoder(spec.data.augment):
        return None
    return lambda texts: BaseModelWords(spec.model, root, texts, seed=spec.seed, progress=progress)


def encoder_needed(spec: ProjectSpec) -> bool:
    """Whether the data are made with the base model: for augmentation, or to find semantic copies."""
    return needs_encoder(spec.data.augment) or spec.data.dedupe.semantic is not None


def digests_beside_sources(spec: ProjectSpec, root: Path) -> dict[str, str]:
    """What the data are made with beside the sources, by a name that can be followed by "changed" → digest.

    Raises:
        DataError: a file that is named is not there.
        SpecError: the rules say something that cannot be meant.
        ResolveError: the base model is needed and cannot be found.
    """
    from seatrial.artifact.digest import file_digest
    from seatrial.data.annotate.rules.read import lexicons_of
    from seatrial.reference import model_digest, resolve_model

    read = [(name, "data.augment") for name in files_read(spec.data.augment)]
    if spec.data.rules is not None:
        rules = Path(spec.data.rules.file)
        read += [(str(name), "data.rules.file") for name in (rules, *lexicons_of(rules, root))]
    found: dict[str, str] = {}
    for name, where in read:
        try:
            found[f"file {name}"] = file_digest(root / name)
        except OSError as error:
            raise DataError(
                f"{name} cannot be read: {error.strerror or error}",
                where=where,
                hint="paths are relative to the project file",
            ) from error
    if encoder_needed(spec):
        folder = resolve_model(spec.model.base, revision=spec.model.revision, root=root)
        found[f"base model {spec.model.base}"] = model_digest(folder)
    return found


class BaseModelWords:
    """See `seatrial.data.augment.base.EncoderWords`.

    Args:
        model: names the base model and the longest input.
        root: the project folder.
        texts: training texts, for a head that the checkpoint lacks.
        seed: of that head.
        progress: hears how far that is.
    """

    def __init__(
        self, model: ModelSpec, root: Path, texts: Sequence[str], *, seed: int, progress: Progress = silent
    ) -> None:
        self._model, self._root, self._texts, self._seed, self._progress = model, root, texts, seed, progress
        self._trained = 0

    @cached_property
    def _filler(self) -> MaskFiller:
        from seatrial.models.fill_mask import load_filler
        from seatrial.reference import resolve_model

        model = self._model
        return load_filler(resolve_model(model.base, revision=model.revision, root=self._root), model.max_length)

    def neighbours(self, words: Sequence[str], count: int, at_least: float) -> Mapping[str, Sequence[str]]:
        """By the cosine of the word embeddings."""
        from seatrial.models.vocabulary import nearest_words, whole_words

        embeddings = self._filler.model.get_input_embeddings().weight.detach().numpy()
        known = whole_words(self._filler.tokenizer)
        return nearest_words(words, known, embeddings, count=count, at_least=at_least)

    def fill(
        self, texts: Sequence[str], gaps: Sequence[Sequence[tuple[int, int]]], count: int, head_steps: int
    ) -> Sequence[Sequence[Sequence[tuple[str, float]]]]:
        """By the checkpoint's own head, or by one that is trained on the training texts, once for each length.

        Raises:
            SpecError: the checkpoint has no head and none shall be trained.
        """
        from seatrial.models.fill_mask import train_head

        if self._filler.lacking and not head_steps:
            raise SpecError(
                f"the checkpoint of {self._model.base} has no head that fills in hidden words",
                where="data.augment",
                hint="use another method, or set options.head_steps to train one (a weak one; see the docs)",
            )
        if self._filler.lacking and self._trained != head_steps:
            train_head(self._filler, self._texts, steps=head_steps, seed=self._seed, progress=self._progress)
            self._trained = head_steps
        return self._filler.fill(texts, gaps, count)
