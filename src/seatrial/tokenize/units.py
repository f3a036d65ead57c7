"""Text → the units that no token reaches beyond: words with the space before them, numbers, punctuation, line breaks.

Chinese and Japanese have no spaces, so their runs are units of their own and never join with letters of other scripts;
within a run it is learned which characters belong together, or each character is a unit, as the specification says.
"""

from __future__ import annotations

from typing import Literal

from tokenizers import Regex, normalizers, pre_tokenizers
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import PreTokenizer

from seatrial.spec.tokenizer import TokenizerSpec

__all__ = ["chinese_units", "normalizer_of", "split_units", "unicode_form"]

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
"""Characters of scripts without spaces. The prolonged sound mark belongs to no script, and to Japanese words."""
LETTERS = rf"[[\p{{L}}\p{{M}}]&&[^{UNSPACED}]]"
NUMBERS = {"groups": r"\p{N}{1,3}", "single": r"\p{N}"}
"""What a long number is cut into: groups, so that few of them fill the vocabulary, or digits."""
PATTERN = "|".join(
    [
        rf"'(?i:s|t|d|m|ll|ve|re)(?!{LETTERS})",  # it's, don't
        rf" ?{LETTERS}+",
        "{numbers}",
        "{unspaced}",
        r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",  # all but the last space of several; the last one belongs to the word
        r"\s+",
    ]
)


def normalizer_of(spec: TokenizerSpec) -> Normalizer | None:
    """What is done to a text before it is read; None where nothing is."""
    steps = unicode_form(spec)
    if spec.lowercase:
        steps.append(normalizers.Lowercase())
    return normalizers.Sequence(steps) if steps else None


def unicode_form(spec: TokenizerSpec) -> list[Normalizer]:
    """The step that brings a text into the wanted Unicode form, if any."""
    if spec.normalize == "none":
        return []
    return [normalizers.NFC() if spec.normalize == "nfc" else normalizers.NFKC()]


def chinese_units(spec: TokenizerSpec, usual: Literal["runs", "characters"] = "runs") -> str:
    """The pattern of a unit of Chinese or Japanese."""
    return f"[{UNSPACED}]" if (spec.chinese or usual) == "characters" else f"[{UNSPACED}]+"


def split_units(spec: TokenizerSpec) -> PreTokenizer:
    """Cuts a text into its units; none of its characters is lost."""
    pattern = PATTERN.replace("{unspaced}", chinese_units(spec)).replace("{numbers}", NUMBERS[spec.digits])
    return pre_tokenizers.Split(Regex(pattern), "isolated")
