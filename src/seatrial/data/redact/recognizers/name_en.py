"""English names: a given name and a family name of the census of the United States, a name that is introduced, or a
frequent given name by itself, as people write in chats.

The lists come from the package `names`; `lists/ordinary_en.txt` says which of them are words first, `common_en.txt`
which words are no names at all (`lists/README.md`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern
from seatrial.errors import MissingExtraError

__all__ = ["NameEn", "census", "name_lists"]

LONG_WORD = r"\p{Lu}(?:\p{Ll}+(?:['’-]?\p{Lu}?\p{Ll}+)*|['’]\p{Lu}\p{Ll}+|\p{Lu}+\b)"
WORD = rf"(?:{LONG_WORD}|\p{{Lu}}\.?)"
RUN = Pattern(rf"\b{LONG_WORD}(?:[ \t\n]{{1,2}}(?:{WORD}|(?:de|del|la|van|von|der|bin|al)\b))*")
PIECE = re.compile(rb"[^ \t\n]+")
TITLE = frozenset(
    b"Mr Mr. Mrs Mrs. Ms Ms. Miss Mister Dr Dr. Doctor Prof Prof. Professor Sir Madam Lady Lord Rev Rev. "
    b"Captain Capt Sgt Sergeant Senator Judge Officer Detective Nurse Coach Uncle Aunt Auntie Sister Brother "
    b"Father President Governor Gov. Congressman Congresswoman Chancellor Pope Prince Princess Sheriff".split()
)
INTRODUCTION = Pattern(
    r"(?i)(?:\bname(?:d| is|'s)?|\bdear|\bhi|\bhello|\bhey|\bthanks|\bthank you|regards|sincerely|\bcheers|\bcontact|"
    r"\bask for|\bcall(?:ed)?|\bi am|\bi'm|\bthis is|\bpatient|\bclient|\bcustomer|\bemployee|\bsigned(?: by)?|\battn|"
    r"attention|\bcc|\bowner|\bholder|\brecipient|\bsender|\bcolleague|\bfriend|\bneighbou?r|\bwrote|"
    r"\bspoke (?:to|with)|\bmet|\bwife|\bhusband|\bson|\bdaughter|姓名|联系人|聯絡人|收件人|客户|客戶|我叫|叫)"
    r"[,:;!]?(?: is| was)?\s*[\"“(]?$"
)
PARTICLES = frozenset((b"de", b"del", b"la", b"van", b"von", b"der", b"bin", b"al"))
NOT_LAST = frozenset(
    b"street avenue road lane drive beach city county state university college school hospital hotel airport "
    b"park station church house museum bank club company group north south east west january february march "
    b"april june july august september october november december monday tuesday wednesday thursday friday "
    b"saturday sunday christmas day street st inc llc ltd corp american british english chinese french german".split()
)
PLACES_FIRST = frozenset(
    b"paris london virginia georgia carolina dakota israel china india america asia africa europe florence "
    b"savannah austin houston dallas phoenix cleveland orlando madison lincoln jackson jordan chad kenya "
    b"sydney victoria san santa los las new saint st mount lake fort port west east north south april may june "
    b"august chelsea".split()
)
BOTH, ONE_ORDINARY, RARE_LAST, TITLED, INTRODUCED = 0.85, 0.6, 0.55, 0.85, 0.75
ALONE = 0.5
"""Just above what is left in the text by default."""
COMMON_FIRST = 0.004
"""Share of people, in per cent, from which a given name is common; behind such a one a rare family name will do."""
FREQUENT_FIRST = 0.02
"""The same for a given name that stands alone, in the middle of a text or at its start."""
NOT_ALONE = frozenset(b"jesus jan christian angel israel margarita santa jack".split())
"""Frequent given names that stand for something else as often."""
PLACE_AFTER = re.compile(rb"\b(?:St\.?|Saint|San|Santa|El|Los|Las|Lake|Mount|Port|Fort)[ \t\n]{1,2}$")
NO_PERSON_AFTER = re.compile(rb"(?:\bThe|&amp;|&)[ \t\n]{1,2}$")
"""What stands before the names of places, and of firms."""
POSSESSIVE = (b"'s", "’s".encode())
BEFORE = 40
SHORTEST = 3
"""Bytes of a run that can hold a name."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Names in lower case."""

    first: dict[str, float]
    last: frozenset[str]
    ordinary: frozenset[str]
    common: frozenset[str]


class NameEn:
    """Looks at runs of capitalised words; a name that no list knows needs an introduction or a title before it."""

    entity = "name"
    languages: tuple[str, ...] = ("en",)
    gate = Gate(capital=True)
    context = ""  # only words right before a name say anything

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the gate of the language is enough

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """One pass over the runs; each word of a run is part of one candidate at most."""
        data = text.data
        for match in RUN.matches(data):
            start = match.start()
            if match.end() - start < SHORTEST:
                continue
            places = [(start + piece.start(), start + piece.end()) for piece in PIECE.finditer(match.group())]
            for pieces, goes_on in _parts(data, places):
                words = [data[begin:end] for begin, end in pieces]
                if len(words) > 1 or _plain(words[0]) in name_lists().first:
                    yield from _names(words, pieces, data, goes_on=goes_on)


def _parts(data: bytes, places: list[tuple[int, int]]) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """The run parted behind each possessive, which is cut off: after ``Ann's`` no name goes on. With each part, whether
    a capitalised word follows all the same."""
    part: list[tuple[int, int]] = []
    for number, (begin, end) in enumerate(places):
        cut = next((end - len(mark) for mark in POSSESSIVE if data[begin:end].endswith(mark)), None)
        part.append((begin, end if cut is None else cut))
        if cut is not None:
            yield part, number + 1 < len(places)
            part = []
    if part:
        yield part, False


def _names(words: list[bytes], pieces: list[tuple[int, int]], data: bytes, *, goes_on: bool) -> Iterator[Candidate]:
    place = 0
    while place < len(words):
        start = pieces[place][0]
        length, score, skip = _reading(words, place, data, start)
        if not length and not goes_on and _alone(words, place, data, start):
            length, score = 1, ALONE
        if length and PLACE_AFTER.search(data[max(0, start - BEFORE) : start]):
            length = 0
        if length:
            end = pieces[place + skip + length - 1][1]
            yield Candidate(pieces[place + skip][0], end, score)
            place += skip + length
        else:
            place += 1


def _alone(words: list[bytes], place: int, data: bytes, start: int) -> bool:
    """Whether a frequent given name stands by itself: after it comes no capitalised word but ``I``, and before it none
    that is more than the first of a sentence."""
    word, lists = words[place], name_lists()
    plain = _plain(word)
    if (
        lists.first.get(plain, 0.0) < FREQUENT_FIRST
        or word.isupper()
        or word in PARTICLES
        or plain in lists.ordinary
        or plain in lists.common
        or plain.encode() in PLACES_FIRST
        or plain.encode() in NOT_ALONE
    ):
        return False
    if place + 1 < len(words) and words[place + 1] not in (b"I", b"I."):
        return False
    if place and _plain(words[place - 1]) not in lists.common and words[place - 1] != b"I":
        return False
    return NO_PERSON_AFTER.search(data[max(0, start - BEFORE) : start]) is None


def _reading(words: list[bytes], place: int, data: bytes, start: int) -> tuple[int, float, int]:
    """(words of the name that begins at `place`, score, words before it that belong to a title); no words: no name."""
    if words[place] in TITLE:
        length = _length(words, place + 1, most=3)
        return (length, TITLED, 1) if length else (0, 0.0, 0)
    lists = name_lists()
    first = _plain(words[place])
    frequency = lists.first.get(first)
    if frequency is None:
        if not _introduced(data, start):
            return 0, 0.0, 0
        length = _length(words, place, most=3)
        return (length, INTRODUCED, 0) if length > 1 else (0, 0.0, 0)
    following = place + 1
    while (
        following < len(words)
        and following - place < 3
        and (
            (len(words[following].rstrip(b".")) == 1)
            or words[following] in PARTICLES
            or (
                _plain(words[following]) in lists.first
                and following + 1 < len(words)
                and _plain(words[following + 1]) in lists.last
                and _plain(words[following + 1]) not in lists.ordinary
            )
        )
    ):
        following += 1
    if following < len(words):
        score = _pair(first, frequency, words[following], lists)
        if score:
            return following + 1 - place, score, 0
    if _introduced(data, start) and first not in lists.ordinary and first.encode() not in PLACES_FIRST:
        return 1, INTRODUCED, 0
    return 0, 0.0, 0


def _pair(first: str, frequency: float, word: bytes, lists: Lists) -> float:
    """How sure a given name and the word after it are a name; 0 when they are none."""
    last = _plain(word)
    if last.encode() in NOT_LAST or len(last) < 2:
        return 0.0
    vague = first in lists.ordinary or first.encode() in PLACES_FIRST or first.encode() in NOT_ALONE
    common = last in lists.ordinary or last in lists.common
    if word.isupper() and (vague or common or len(first) < SHORTEST):
        return 0.0  # who shouts writes every word so
    if last in lists.last and not common:
        return ONE_ORDINARY if vague else BOTH
    if vague or frequency < (FREQUENT_FIRST if common else COMMON_FIRST) or (common and last not in lists.last):
        return 0.0
    if last in lists.last:
        return ONE_ORDINARY
    return 0.0 if word.isupper() else RARE_LAST


def _length(words: list[bytes], place: int, *, most: int) -> int:
    """How many words from `place` on can be parts of a name."""
    lists = name_lists()
    length = 0
    for word in words[place : place + most]:
        plain = _plain(word)
        known = plain in lists.last or plain in lists.first
        if (
            plain.encode() in NOT_LAST
            or (plain in lists.ordinary and not (length and known))
            or (not known and (length > 1 or plain in lists.common))
        ):
            break
        length += 1
    return length


def _introduced(data: bytes, start: int) -> bool:
    return INTRODUCTION.search(data[max(0, start - BEFORE) : start]) is not None


def _plain(word: bytes) -> str:
    """The word as the lists have it."""
    text = word.decode("utf-8", "replace").rstrip(".").lower().replace("’", "'")
    return text.replace("'", "").replace("-", "") if "'" in text else text


@cache
def census() -> tuple[dict[str, float], dict[str, float]]:
    """Given names and family names of the census of 1990: name in lower case → share of people, in per cent.

    Raises:
        MissingExtraError: the package `names` is not installed.
    """
    try:
        folder = Path(str(distribution("names").locate_file("names")))  # a script may have a module of that name
    except PackageNotFoundError as error:
        raise MissingExtraError("finding English names", "data") from error
    first = _shares(folder / "dist.female.first") | {}
    for name, share in _shares(folder / "dist.male.first").items():
        first[name] = max(share, first.get(name, 0.0))
    return first, _shares(folder / "dist.all.last")


@cache
def name_lists() -> Lists:
    """The lists, read once.

    Raises:
        MissingExtraError: as `census`.
    """
    first, last = census()
    folder = files("seatrial.data.redact").joinpath("lists")
    ordinary, common = (
        frozenset(folder.joinpath(f"{which}_en.txt").read_text(encoding="utf-8").split())
        for which in ("ordinary", "common")
    )
    return Lists(first, frozenset(last), ordinary, common)


def _shares(file: Path) -> dict[str, float]:
    """Lines of `NAME share cumulated rank`."""
    shares = {}
    for line in file.read_text(encoding="ascii").splitlines():
        name, share, *_ = line.split()
        shares[name.lower()] = float(share)
    return shares
