"""Training examples → further training examples with the same labels, each with the name of what it was made from.

A method is one file and one line in `AUGMENTERS`: a class of options that becomes a function from texts to texts.
`augment` chooses which examples are used, seeds each of them by itself, and leaves out what the data already has.
Methods that need an encoder are given its words by the caller; this room knows no model.
"""

from __future__ import annotations

from seatrial.data.augment.base import AugmentMethod
from seatrial.registry import Registry

__all__ = ["AUGMENTERS", "AugmentMethod"]

AUGMENTERS: Registry[type[AugmentMethod]] = Registry(
    "way to augment",
    "seatrial.augmenters",
    {
        "repeat": "seatrial.data.augment.repeat:Repeat",
        "typos": "seatrial.data.augment.typos:Typos",
        "swap-words": "seatrial.data.augment.swap_words:SwapWords",
        "delete-words": "seatrial.data.augment.delete_words:DeleteWords",
        "synonyms": "seatrial.data.augment.synonyms:Synonyms",
        "masked-words": "seatrial.data.augment.masked_words:MaskedWords",
        "change-script": "seatrial.data.augment.change_script:ChangeScript",
        "join-texts": "seatrial.data.augment.join_texts:JoinTexts",
    },
)
