"""The `data.tags:` section: how tags of words, or spans in texts, become labels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seatrial.spec.base import Section

__all__ = ["Tags"]


class Tags(Section):
    """What the tags in `columns.tags`, or the spans in `columns.spans`, stand for."""

    scheme: Literal["auto", "bio", "iob1", "bioes", "plain"] = "auto"
    """`bio`, `iob1`, `bioes` (also BILOU and BMES): tags have prefixes such as `B-`. `plain`: each word is a span of
    its own under its tag, as with parts of speech. `auto` finds out row by row, and reads all that have prefixes
    alike."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Tag → label, for example `{nr: PER, ns: LOC}`; then all other tags are left out. Empty takes tags as labels."""
    merge: dict[str, int] = Field(default_factory=dict)
    """With `plain`: tag → how many words next to each other under this tag are one span, at most."""
    join: str = " "
    """What stands between two words in the text; empty for Chinese and other scripts without spaces."""
