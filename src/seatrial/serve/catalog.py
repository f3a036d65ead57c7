"""The models of one service, by name and version.

Several versions of a name may be there; one of them answers who names none. A swap is a single assignment in the event
loop: each request meets either the old or the new version, and none meets neither. Refuses to know: what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from seatrial.errors import RequestError, ServiceError
from seatrial.serve.in_service import InService
from seatrial.serve.served import ServedModel

__all__ = ["Catalog"]

MOST_NAMED = 10  # names that a message lists
Kind = TypeVar("Kind", bound=InService)


class Catalog:
    """Models by name and version; at least one.

    Args:
        models: the first is what answers who names no model; of a name's versions the last given is current.
    """

    def __init__(self, models: Iterable[InService]) -> None:
        self._versions: dict[str, dict[str, InService]] = {}
        for model in models:
            self.add(model)

    def __iter__(self) -> Iterator[InService]:
        """Every version of every model, the current version of a name last."""
        return (model for versions in self._versions.values() for model in versions.values())

    @property
    def current(self) -> list[InService]:
        """The version of each name that answers who names none; the default model first."""
        return [next(reversed(versions.values())) for versions in self._versions.values()]

    def versions(self, name: str) -> list[str]:
        """The versions of a name, the current one last; empty if there is no such name."""
        return list(self._versions.get(name, ()))

    def add(self, model: InService) -> None:
        """Offer another model or version; it becomes the current one of its name.

        Raises:
            ServiceError: this version of it is here already.
        """
        self._refuse_double(model)
        versions = self._versions.get(model.release.name, {})
        self._versions[model.release.name] = {**versions, model.release.version: model}

    def replace(self, old: InService, new: InService) -> None:
        """Let `new` answer wherever `old` did, from this moment. The caller closes `old`.

        Raises:
            ServiceError: `new` has another name, or is here already.
        """
        name = old.release.name
        versions = self._versions[name]
        assert versions.get(old.release.version) is old, "what is replaced is here"
        if new.release.name != name:
            raise ServiceError("a model can be replaced by one of its own name only", hint="start the service anew")
        if new.release.version != old.release.version:
            self._refuse_double(new)
        models = [new if model is old else model for model in versions.values()]  # in the same place
        self._versions[name] = {model.release.version: model for model in models}

    def _refuse_double(self, model: InService) -> None:
        name, version = model.release.name, model.release.version
        if version in self._versions.get(name, {}):
            raise ServiceError(
                f"version {version} of {name} is served already", hint="name each release once, and copies not at all"
            )

    def find(self, name: str | None = None, version: str | None = None, output: str | None = None) -> ServedModel:
        """The model that a request means whose texts are answered with rows of numbers; see `find_kind`."""
        return self.find_kind(ServedModel, name, version, output)

    def find_kind(
        self, kind: type[Kind], name: str | None = None, version: str | None = None, output: str | None = None
    ) -> Kind:
        """The model that a request means.

        Args:
            kind: models that answer in this way.
            name: as in the releases; None takes the first model of this kind that has such outputs.
            version: as in the releases; None takes the current one.
            output: what the route needs, for example "embedding"; None takes any.

        Raises:
            RequestError: 404 there is no such model or version; 422 it gives something else.
        """
        if name is None:
            for model in self.current:
                if not isinstance(model, kind) or output not in (None, model.output_name):
                    continue
                if version in (None, model.release.version):
                    return model
            raise RequestError(
                f"no model here gives {_wanted(output)}" if version is None else "there is no such model",
                status=404,
                hint=self._choices(kind, output),
            )
        versions = self._versions.get(name)
        if versions is None:
            raise RequestError("there is no such model", status=404, hint=self._choices(kind, output))
        found = versions.get(version) if version else next(reversed(versions.values()))
        if found is None:
            raise RequestError(
                "there is no such version of this model", status=404, hint="name none, or one that is served"
            )
        if not isinstance(found, kind) or output not in (None, found.output_name):
            instead = f"{_wanted(output)} but {_wanted(found.output_name)}"
            raise RequestError(f"this model does not give {instead}", status=422, hint=self._choices(kind, output))
        return found

    def find_any(self, name: str | None = None, version: str | None = None) -> InService:
        """The model that a request means, however it answers.

        Raises:
            RequestError: 404, there is no such model or version.
        """
        return self.find_kind(InService, name, version)  # type: ignore[type-abstract]  # nothing is made of it

    def _choices(self, kind: type[InService], output: str | None) -> str:
        """Names that would do instead."""
        able = [model for model in self.current if isinstance(model, kind) and output in (None, model.output_name)]
        names = [model.release.name for model in able]
        if not names:
            return "GET /v1/served tells what each model gives"
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"served here: {', '.join(names[:MOST_NAMED])}{more}"


def _wanted(output: str | None) -> str:
    names = {"embedding": "embeddings", "scores": "labels", "entities": "entities", "text": "texts of its own"}
    return names.get(output or "", "answers about texts")
