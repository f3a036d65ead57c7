"""How the project file names a cleaning step: `lowercase`, or `keep-languages: {languages: [en]}` with options.

Refuses to know: which steps there are, and what their options mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

__all__ = ["CleaningStep", "step_name", "step_options"]


def _one_name(value: Any) -> Any:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        (name, options), *_ = value.items()
        if isinstance(name, str) and (options is None or isinstance(options, Mapping)):
            return {name: dict(options or {})}
    raise ValueError(
        "a cleaning step is a name, or a name with options; write `lowercase` or `keep-languages: {languages: [en]}`"
    )


CleaningStep = Annotated[str | dict[str, dict[str, Any]], BeforeValidator(_one_name)]
"""A registered name, or one name with a mapping of options."""


def step_name(step: CleaningStep) -> str:
    """The name under which the step is registered."""
    return step if isinstance(step, str) else next(iter(step))


def step_options(step: CleaningStep) -> dict[str, Any]:
    """The options as they were written; empty where there are none."""
    return {} if isinstance(step, str) else next(iter(step.values()))
