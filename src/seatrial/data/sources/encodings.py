"""`encoding: auto`: what a file seems to be written in, from its first bytes. A guess, and told as one.

What comes out is then read strictly: a line that is not in the guessed encoding is a bad row, never a wrong text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["AUTO", "SAMPLE_BYTES", "Guess", "guess_encoding", "is_usual_chinese"]

AUTO = "auto"
SAMPLE_BYTES = 1 << 18
MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
"""That of UTF-32 begins like that of UTF-16, so it comes first."""
MIN_CHINESE_SHARE = 0.9
"""Of the characters beyond ASCII. Western text that happens to be readable as GB 18030 is made of rare characters."""
CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
              "koi8_r", "cp932", "euc_jp", "cp949", "big5"]  # fmt: skip
"""What old files are in, most of all those from Windows; the ISO 8859 parts are all but contained in these."""
TWO_BYTES = {"gb18030", "cp932", "euc_jp", "cp949", "big5"}
MAX_CHANCE_SHARE = 0.25
"""One or two characters of such an encoding may be UTF-8 by chance; letters of a code page hardly ever are."""
MIN_READ_SHARE = 0.8
"""Of the lines beyond ASCII. What cannot be read in the encoding of the others is damage, and becomes bad rows."""
WESTERN = {"Danish", "Dutch", "English", "Finnish", "French", "German", "Italian", "Norwegian", "Portuguese", "Spanish",
           "Swedish"}  # fmt: skip
"""Languages that cp1252 writes; other code pages share most of their letters, and then it is the likelier one."""
NEAR = 0.03
"""How much messier (0 to 1) a Western text may look in cp1252 than in the page that looks cleanest."""
ENOUGH = 8
"""Characters beyond ASCII from which the statistics of a language begin to show."""
MAX_KOREAN_LEAD = 0xC8
"""Korean syllables in EUC-KR end here; of Chinese characters, nearly half lie beyond."""
MIN_KANA_SHARE = 0.2
UNUSED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Hardly ever a letter elsewhere either, so a few lines with one are damage and say nothing about the others."""
SHOWN = 40
MAX_TRIED_BYTES = 1 << 16
"""Each code page is tried on all of them."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What was found.

    Attributes:
        encoding: a Python codec.
        sure: True where the bytes themselves prove it: a byte order mark, ASCII, or UTF-8, which no other text is by
            chance.
        sample: a word that reads right only if the guess is; empty where it is sure.
    """

    encoding: str
    sure: bool
    sample: str = ""


def guess_encoding(stream: BinaryIO) -> Guess:
    """The encoding of a text.

    Args:
        stream: its bytes from the start; the first `SAMPLE_BYTES` are read. Bytes that are in none of the likely
            encodings, or in two of them by turns, come out as UTF-8, and then fail to read as that, line by line.
    """
    sample = stream.read(SAMPLE_BYTES)
    marked = next((name for mark, name in MARKS if sample.startswith(mark)), None)
    if marked:
        return Guess(marked, sure=True)
    if _decodes(sample, "utf-8"):
        return Guess("utf-8", sure=b"\0" not in sample)
    if sample.count(0) > len(sample) // 8:  # ASCII letters and spaces in UTF-16 have a NUL beside each
        wide = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        return (
            Guess(wide, sure=False, sample=_sample([sample], wide)) if _decodes(sample, wide) else Guess("utf-8", False)
        )
    lines = sample.split(b"\n")
    whole = lines[:-1] or lines if len(sample) == SAMPLE_BYTES else lines
    foreign = [line for line in whole if not line.isascii()] or lines
    if _mostly(foreign, "utf-8"):
        return Guess("utf-8", sure=False, sample=_sample(foreign, "utf-8"))
    found = _eastern(foreign) or _by_language(foreign)
    if found is None or _in_turns(foreign, found):
        found = "utf-8"
    return Guess(found, sure=False, sample=_sample(foreign, found))


def _in_turns(lines: list[bytes], encoding: str) -> bool:
    """Whether some of the lines are UTF-8: then in the other encoding they would be wrong texts."""
    utf8 = sum(_decodes(line, "utf-8") for line in lines)
    return utf8 > (MAX_CHANCE_SHARE * len(lines) if encoding in TWO_BYTES else 0)


def _mostly(lines: list[bytes], encoding: str) -> bool:
    return sum(_decodes(line, encoding) for line in lines) >= MIN_READ_SHARE * len(lines)


def is_usual_chinese(text: str) -> bool:
    """Whether nearly all characters beyond ASCII are among the 3,755 most usual ones of GB 2312, or its signs."""
    foreign = [char for char in text if not char.isascii()]
    usual = sum(b"\xa1" <= char.encode("gb2312", errors="ignore")[:1] < b"\xd8" for char in foreign)
    return bool(foreign) and usual >= MIN_CHINESE_SHARE * len(foreign)


def _eastern(lines: list[bytes]) -> str | None:
    """Chinese, Korean or Japanese in the layout that the three share: its first bytes tell them apart."""
    if not _mostly(lines, "gb18030"):
        return None
    text = "".join(line.decode("gb18030") for line in lines if _decodes(line, "gb18030"))
    if not is_usual_chinese(text):
        return None
    leads = [pair[0] for char in text if len(pair := char.encode("gb18030")) == 2]
    if sum(lead in (0xA4, 0xA5) for lead in leads) > MIN_KANA_SHARE * len(leads) and _mostly(lines, "euc_jp"):
        return "euc_jp"
    if all(lead <= MAX_KOREAN_LEAD for lead in leads) and len(leads) >= ENOUGH and _mostly(lines, "cp949"):
        return "cp949"
    return "gb18030"


def _by_language(lines: list[bytes]) -> str | None:
    """The code page under which the text looks most like some language; None where that cannot be told."""
    western = "cp1252" if _mostly(lines, "cp1252") and not _all_foreign_words(lines) else None
    if sum(byte > 127 for line in lines for byte in line) < ENOUGH:  # too little to go by
        return western
    try:
        import charset_normalizer
    except ImportError:
        return western
    whole = [line for line in lines if not UNUSED_IN_CP1252.search(line)]
    known = whole if len(whole) >= MIN_READ_SHARE * len(lines) else lines
    found = charset_normalizer.from_bytes(b"\n".join(known)[:MAX_TRIED_BYTES], cp_isolation=CODE_PAGES)
    best = found.best()
    if best is None or not _mostly(lines, best.encoding):
        return western
    mess = next((match.chaos for match in found if match.encoding == "cp1252"), best.chaos)  # absent: the same text
    near = best.language in WESTERN and western is not None and mess <= best.chaos + NEAR
    return western if near else best.encoding


def _all_foreign_words(lines: list[bytes]) -> bool:
    """Whether most words beyond ASCII have no ASCII letter, as in no language that cp1252 writes."""
    text = b" ".join(lines).decode("cp1252", errors="replace")
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if not word.isascii()]
    return 2 * sum(not any(map(str.isascii, word)) for word in words) > len(words)


def _decodes(sample: bytes, encoding: str) -> bool:
    """Whether the sample is in the encoding; its end may cut a character in two."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=len(sample) < SAMPLE_BYTES)
    except UnicodeError:
        return False
    return True


def _sample(lines: list[bytes], encoding: str) -> str:
    """The first word beyond ASCII that can be read."""
    for line in lines:
        if _decodes(line, encoding):
            words = codecs.getincrementaldecoder(encoding)().decode(line).split()
            found = next((word for word in words if not word.isascii()), "")
            if found:
                return found[:SHOWN]
    return ""
