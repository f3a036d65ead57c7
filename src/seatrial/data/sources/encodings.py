"""`encoding: auto`: what a file seems to be written in, from its first bytes. A guess, and told as one.

What comes out is then read strictly: a line that is not in the guessed encoding is a bad row, never a wrong text.
"""

from __future__ import annotations

import codecs
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
MIN_UTF8_SHARE = 0.8
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
SHOWN = 40


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
            encodings come out as UTF-8, and then fail to read as that, line by line.
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
            Guess(wide, sure=False, sample=_sample(sample, wide)) if _decodes(sample, wide) else Guess("utf-8", False)
        )
    if _mostly_utf8(sample):
        return Guess("utf-8", sure=False, sample=_sample_line(sample))
    eastern = _eastern(sample)
    if eastern:
        return Guess(eastern, sure=False, sample=_sample(sample, eastern))
    found = _by_language(sample) or next((name for name in ("cp1252", "latin-1") if _decodes(sample, name)), "utf-8")
    return Guess(found, sure=False, sample=_sample(sample, found))


def _mostly_utf8(sample: bytes) -> bool:
    """Whether nearly all lines beyond ASCII are UTF-8, which none is by chance: the others are damage, and bad rows."""
    foreign = [line for line in sample.split(b"\n") if not line.isascii()]
    return sum(_decodes(line, "utf-8") for line in foreign) >= MIN_UTF8_SHARE * len(foreign)


def _sample_line(sample: bytes) -> str:
    lines = (line for line in sample.split(b"\n") if not line.isascii() and _decodes(line, "utf-8"))
    return _sample(next(lines, b""), "utf-8")


def is_usual_chinese(text: str) -> bool:
    """Whether nearly all characters beyond ASCII are among the 3,755 most usual ones of GB 2312, or its signs."""
    foreign = [char for char in text if not char.isascii()]
    usual = sum(b"\xa1" <= char.encode("gb2312", errors="ignore")[:1] < b"\xd8" for char in foreign)
    return bool(foreign) and usual >= MIN_CHINESE_SHARE * len(foreign)


def _eastern(sample: bytes) -> str | None:
    """Chinese, Korean or Japanese in the layout that the three share: its first bytes tell them apart."""
    if not (_decodes(sample, "gb18030") and is_usual_chinese(_text(sample, "gb18030"))):
        return None
    foreign = [char.encode("gb18030") for char in _text(sample, "gb18030") if not char.isascii()]
    leads = [pair[0] for pair in foreign if len(pair) == 2]
    if sum(lead in (0xA4, 0xA5) for lead in leads) > MIN_KANA_SHARE * len(leads) and _decodes(sample, "euc_jp"):
        return "euc_jp"
    if all(lead <= MAX_KOREAN_LEAD for lead in leads) and len(leads) >= ENOUGH and _decodes(sample, "cp949"):
        return "cp949"
    return "gb18030"


def _by_language(sample: bytes) -> str | None:
    """The code page under which the text looks most like some language; None where that cannot be told."""
    if sum(byte > 127 for byte in sample) < ENOUGH:  # too little to go by: the caller takes the most common one
        return None
    try:
        import charset_normalizer
    except ImportError:
        return None
    lines = [line for line in sample.split(b"\n")[:-1] or [sample] if not line.isascii()]  # ASCII says nothing
    found = charset_normalizer.from_bytes(b"\n".join(lines)[:65536], cp_isolation=CODE_PAGES)
    best = found.best()
    if best is None or not _decodes(sample, best.encoding):
        return None
    mess = next((match.chaos for match in found if match.encoding == "cp1252"), best.chaos)  # absent: the same text
    western = best.language in WESTERN and _decodes(sample, "cp1252") and mess <= best.chaos + NEAR
    return "cp1252" if western else best.encoding


def _decodes(sample: bytes, encoding: str) -> bool:
    """Whether the sample is in the encoding; its end may cut a character in two."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=len(sample) < SAMPLE_BYTES)
    except UnicodeError:
        return False
    return True


def _text(sample: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)().decode(sample)


def _sample(sample: bytes, encoding: str) -> str:
    try:
        words = _text(sample, encoding).split()
    except UnicodeError:
        return ""
    return next((word for word in words if not word.isascii()), "")[:SHOWN]
