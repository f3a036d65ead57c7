"""The `data.missing:` section: what becomes of rows in which the text or the label is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from seatrial.spec.base import Section

__all__ = ["Missing", "Policy"]

Policy = Literal["drop", "keep", "error", "fill"]
FILL = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1, "maxProperties": 1}


def _one_of(*words: str) -> BeforeValidator:
    """A word, or `{fill: VALUE}`."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return value
        if isinstance(value, Mapping) and set(value) == {"fill"}:
            filled = value["fill"]
            if isinstance(filled, str | int | float) and not isinstance(filled, bool):
                return {"fill": str(filled)}
            raise ValueError("fill stands for a text; write it in quotes: {fill: 'value'}")
        named = ", ".join(f"`{word}`" for word in words)
        raise ValueError(f"{str(value)[:40]!r} says nothing about what is missing; write {named} or {{fill: VALUE}}")

    return BeforeValidator(check)


def _schema(*words: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "enum": list(words)}, FILL]})


LabelPolicy = Annotated[str | dict[str, str], _one_of("drop", "keep", "error"), _schema("drop", "keep", "error")]
TextPolicy = Annotated[str | dict[str, str], _one_of("drop", "error"), _schema("drop", "error")]


class Missing(Section):
    """What becomes of rows in which the text or the label is missing. An empty cell is no label, but an empty text."""

    label: LabelPolicy = "drop"
    """Where the label, the ratings or the distribution is missing. `drop`: the row is left out, with its reason.
    `error`: the run stops and names the row. `{fill: LABEL}`: it gets this label. `keep`: the row stays without one,
    in the training split; for tasks that can do without (embedding). See also `data.rules`."""
    text: TextPolicy = "drop"
    """Where there is no text. `drop` and `error` as above; `{fill: TEXT}`: the row gets this text, which then goes
    through the cleaning steps. For texts that are there and empty, `clean` has `drop-empty` and `fill-empty`."""

    def policy(self, part: Literal["label", "text"]) -> Policy:
        """The word for a part."""
        chosen = getattr(self, part)
        return "fill" if isinstance(chosen, dict) else chosen

    def filling(self, part: Literal["label", "text"]) -> str | None:
        """What a part is filled with, or None."""
        chosen = getattr(self, part)
        return chosen["fill"] if isinstance(chosen, dict) else None
