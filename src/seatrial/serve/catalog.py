"""The models of one service, by name and version.

Several versions of a name may be there; one of them answers who names none. A swap is a single assignment in the event
loop: each request meets either the old or the new version, and none meets neither. Refuses to know: what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seatrial.errors import RequestError, ServiceError
from seatrial.serve.served import ServedModel

__all__ = ["Catalog"]

MOST_NAMED = 10  # names that a message lists


class Catalog:
    """Models by name and version; at least one.

    Args:
        models: the first is what answers who names no model; of a name's versions the last given is current.
    """

    def __init__(self, models: Iterable[ServedModel]) -> None:
        self._versions: dict[str, dict[str, ServedModel]] = {}
        for model in models:
            self.add(model)

    def __iter__(self) -> Iterator[ServedModel]:
        """Every version of every model, the current version of a name last."""
        return (model for versions in self._versions.values() for model in versions.values())

    @property
    def current(self) -> list[ServedModel]:
        """The version of each name that answers who names none; the default model first."""
        return [next(reversed(versions.values())) for versions in self._versions.values()]

    def versions(self, name: str) -> list[str]:
        """The versions of a name, the current one last; empty if there is no such name."""
        return list(self._versions.get(name, ()))

    def add(self, model: ServedModel) -> None:
        """Offer another model or version; it becomes the current one of its name.

        Raises:
            ServiceError: this version of it is here already.
        """
        self._refuse_double(model)
        versions = self._versions.get(model.release.name, {})
        self._versions[model.release.name] = {**versions, model.release.version: model}

    def replace(self, old: ServedModel, new: ServedModel) -> None:
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

    def _refuse_double(self, model: ServedModel) -> None:
        name, version = model.release.name, model.release.version
        if version in self._versions.get(name, {}):
            raise ServiceError(
                f"version {version} of {name} is served already", hint="name each release once, and copies not at all"
            )

    def find(self, name: str | None = None, version: str | None = None, output: str | None = None) -> ServedModel:
        """The model that a request means.

        Args:
            name: as in the releases; None takes the first model that has such outputs.
            version: as in the releases; None takes the current one.
            output: what the route needs, for example "embedding"; None takes any.

        Raises:
            RequestError: 404 there is no such model or version; 422 it gives something else.
        """
        if name is None:
            for model in self.current:
                if (output is None or model.engine.output_name == output) and version in (None, model.release.version):
                    return model
            raise RequestError(
                f"no model here gives {_wanted(output)}" if version is None else "there is no such model",
                status=404,
                hint=self._choices(output),
            )
        versions = self._versions.get(name)
        if versions is None:
            raise RequestError("there is no such model", status=404, hint=self._choices(output))
        found = versions.get(version) if version else next(reversed(versions.values()))
        if found is None:
            raise RequestError(
                "there is no such version of this model", status=404, hint="name none, or one that is served"
            )
        if output is not None and found.engine.output_name != output:
            raise RequestError(f"this model does not give {_wanted(output)}", status=422, hint=self._choices(output))
        return found

    def _choices(self, output: str | None) -> str:
        """Names that would do instead."""
        names = [model.release.name for model in self.current if output in (None, model.engine.output_name)]
        if not names:
            return "GET /v1/served tells what each model gives"
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"served here: {', '.join(names[:MOST_NAMED])}{more}"


def _wanted(output: str | None) -> str:
    return {"embedding": "embeddings", "scores": "labels", "entities": "entities"}.get(output or "", "answers")
