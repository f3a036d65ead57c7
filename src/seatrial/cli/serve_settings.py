"""How a release is served here: what its project file asks for, what `--set` changes, and what belongs to this place.

Refuses to know: the command's options.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.errors import ArtifactError, SpecError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from seatrial.serve.settings import ServeSettings

__all__ = ["serve_settings"]


def serve_settings(
    release: Path, overrides: Sequence[str], given: Mapping[str, Any], usual: Mapping[str, Any] | None = None
) -> ServeSettings:
    """The settings of a service.

    Args:
        release: the folder whose project file counts; its manifest is read, not verified: who loads it does that.
        overrides: `serving.name=value`, of the project file's section or any other limit of the service.
        given: settings by name; None changes nothing.
        usual: what holds instead of the defaults where nobody says anything.

    Raises:
        ArtifactError: the release says something that is not known here.
        SpecError: an override does.
    """
    from pydantic import ValidationError

    from seatrial.serve.settings import ServeSettings
    from seatrial.spec.overrides import apply_overrides
    from seatrial.spec.stages import ServingSpec

    manifest = release / "manifest.json"
    try:
        asked = json.loads(manifest.read_text(encoding="utf-8"))["spec"].get("serving", {})
        ServingSpec.model_validate(asked)
    except ValidationError as error:
        raise ArtifactError(
            f"spec.{_place(error)}",
            where=str(manifest),
            hint="make the release again with `seatrial run`, or serve it with the Seatrial that made it",
        ) from error
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ArtifactError(
            "manifest.json cannot be read", where=str(manifest), hint="copy the release again"
        ) from error
    wanted = apply_overrides({"serving": asked}, overrides)
    if set(wanted) != {"serving"} or not isinstance(wanted["serving"], dict):
        raise SpecError(
            "only what begins with `serving.` can be set here", where="--set", expected="serving.name=value"
        )
    known = {name: value for name, value in wanted["serving"].items() if name in ServingSpec.model_fields}
    try:
        settings = ServeSettings.from_spec(ServingSpec.model_validate(known))
        beside = _checked({name: value for name, value in wanted["serving"].items() if name not in known})
    except ValidationError as error:
        raise SpecError(_place(error), where="--set") from error
    said = {name: value for name, value in given.items() if value is not None}
    return replace(settings, **{**(usual or {}), **beside, **said})


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Values of settings that no project file states, as the types that they have."""
    from pydantic import ConfigDict, create_model

    from seatrial.serve.settings import ServeSettings

    defaults = {field.name: field.default for field in fields(ServeSettings)}
    for name in values:
        if name not in defaults:
            raise SpecError(f"there is no setting serving.{name}", where="--set", hint=_nearest(name, defaults))
    shape: dict[str, Any] = {name: (_type_of(defaults[name]), ...) for name in values}
    model = create_model("serving", __config__=ConfigDict(strict=True, allow_inf_nan=False), **shape)
    checked: dict[str, Any] = model.model_validate(values).model_dump()
    return checked


def _type_of(default: object) -> Any:
    """The type of a setting with this default: numbers are not negative."""
    from typing import Annotated

    from pydantic import Field

    if isinstance(default, bool):
        return bool
    if isinstance(default, int):
        return Annotated[int, Field(ge=1)]
    if isinstance(default, float):
        return Annotated[float, Field(ge=0)]
    return str


def _nearest(name: str, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"did you mean serving.{near[0]}?" if near else "the page on running the service lists them"


def _place(error: ValidationError) -> str:
    """The first mistake, with its dotted path."""
    first = error.errors(include_url=False)[0]
    return f"serving.{'.'.join(map(str, first['loc']))}: {first['msg']}"
