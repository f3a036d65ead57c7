"""Names and other entities that a model finds, for `redact`: which of its labels count, and what they are called here.

The model is handed in by the caller. Refuses to know: where it lies and how it is run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from seatrial.data.base import FindsEntities, OpenEntities
from seatrial.data.redact.base import Finding
from seatrial.errors import SpecError
from seatrial.registry import did_you_mean

__all__ = ["ENTITY", "ModelFinder", "model_finder", "usual_entity"]

ENTITY = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What an entity can be called: a mask or a hash holds its name."""
USUAL = {
    "name": ("per", "pers", "person", "people", "name", "nr"),
    "location": ("loc", "location", "place", "gpe", "ns"),
    "organization": ("org", "organization", "organisation", "company", "nt"),
}
"""Entity → how people call the label for it."""
SURROGATE = re.compile("[\ud800-\udfff]")


def usual_entity(label: str) -> str:
    """What a label is called where nothing else is said: ``PER`` is a name; an unknown one keeps its own."""
    word = label.casefold()
    own = re.sub(r"[^a-z0-9]+", "-", word).strip("-")
    return next((entity for entity, labels in USUAL.items() if word in labels), own)


class ModelFinder:
    """A model, asked for the entities that count.

    Args:
        model: finds entities.
        labels: label of the model → entity; None takes the labels that stand for names of people.
        min_score: what is less sure is left out, 0 to 1.
        name: what the user calls the model, for messages.
        where: dotted path of the options, for messages.

    Raises:
        SpecError: the model has no such label, or none for people.
    """

    def __init__(
        self, model: FindsEntities, labels: Mapping[str, str] | None, *, min_score: float, name: str, where: str
    ) -> None:
        if labels is None:
            labels = {label: "name" for label in model.labels if usual_entity(label) == "name"}
            if not labels:
                raise SpecError(
                    f"{name} has no label that is known to stand for people",
                    where=f"{where}.names_labels",
                    expected="one or more of its labels: " + ", ".join(model.labels),
                    hint="name those that shall be taken out",
                )
        for label in labels:
            if label not in model.labels:
                raise SpecError(
                    f"{name} has no label {label!r}",
                    where=f"{where}.names_labels",
                    hint=did_you_mean(label, [*model.labels]),
                )
        self._model, self._labels, self._min_score = model, dict(labels), min_score

    def __call__(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings in each text, in order; none for a text with nothing in it."""
        found: list[list[Finding]] = [[] for _ in texts]
        # Half of a surrogate pair is no UTF-8, which tokenizers ask for; a question mark keeps its place.
        asked = [(place, SURROGATE.sub("?", text)) for place, text in enumerate(texts) if text.strip()]
        if not asked:
            return found
        for (place, _), entities in zip(asked, self._model([text for _, text in asked]), strict=True):
            found[place] = [
                Finding(span.start, span.end, self._labels[span.label], round(score, 3))
                for span, score in entities
                if span.label in self._labels and score >= self._min_score
            ]
        return found


def model_finder(
    open_entities: OpenEntities | None,
    reference: str,
    labels: Mapping[str, str] | None,
    *,
    min_score: float,
    where: str,
) -> ModelFinder:
    """The finder for a model that the options name; one that was opened before is not opened again.

    Args:
        open_entities: opens it; None where the caller cannot.
        reference: as the user wrote it.
        labels, min_score, where: as in `ModelFinder`.

    Raises:
        SpecError: nobody here can open models, it does not find entities, or it lacks a label.
        ArtifactError: it cannot be opened.
    """
    if open_entities is None:
        raise SpecError(
            "names shall be found by a model, and none can be opened here",
            where=f"{where}.names_from",
            hint="clean with `seatrial data redact`, `seatrial data clean` or `seatrial run`",
        )
    return ModelFinder(_opened(open_entities, reference), labels, min_score=min_score, name=reference, where=where)


@lru_cache(maxsize=2)
def _opened(open_entities: OpenEntities, reference: str) -> FindsEntities:
    return open_entities(reference)
