"""The base of every section of the project file: strict, frozen, documented."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

__all__ = ["Section", "Word"]


class Section(BaseModel):
    """A mapping in the project file. Unknown keys are refused; values are not coerced from other types."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,  # a bound of .inf is a line of the contract that everything meets
        use_attribute_docstrings=True,
        validate_default=True,
    )


def _number_as_word(value: Any) -> Any:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


Word = Annotated[str, BeforeValidator(_number_as_word)]
"""A name that people also write as a number, such as the labels 1 to 5 of star ratings."""
