"""Chinese in the other script: simplified ↔ traditional, by OpenCC's dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import ClassVar, Literal

from seatrial.data.augment.base import Asked, Augmenter, AugmentMethod, Material
from seatrial.data.augment.words import is_unspaced
from seatrial.errors import MissingExtraError

__all__ = ["ChangeScript"]


class ChangeScript(AugmentMethod):
    """Writes a text in another script; a text that looks the same there gives nothing."""

    once: ClassVar[bool] = True

    to: Literal["traditional", "taiwan", "hongkong", "simplified", "there-and-back"] = "traditional"
    """`there-and-back` goes to traditional characters and back, which changes only what has several forms."""

    def ready(self, material: Material) -> Augmenter:
        """The dictionaries are loaded once.

        Raises:
            MissingExtraError: opencc is not installed.
        """
        if find_spec("opencc") is None:
            raise MissingExtraError("changing the script", "data")
        from opencc import OpenCC

        names = {
            "traditional": ("s2t",),
            "taiwan": ("s2twp",),
            "hongkong": ("s2hk",),
            "simplified": ("t2s",),
            "there-and-back": ("s2t", "t2s"),
        }
        steps = [OpenCC(name) for name in names[self.to]]

        def changed(asked: Sequence[Asked]) -> list[str | None]:
            result: list[str | None] = []
            for one in asked:
                text = one.text if is_unspaced(one.text) else ""  # there are no other scripts in the dictionaries
                for step in steps:
                    text = step.convert(text)
                result.append(text if text not in ("", one.text) else None)
            return result

        return changed
