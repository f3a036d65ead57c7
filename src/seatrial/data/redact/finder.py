"""Text → findings: each recogniser whose gate the text passes, context words, a threshold, then no overlaps.

Refuses to know: what is done with a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from seatrial.data.redact.base import Finding, Gate, Recognizer, RecognizerSettings, TooMuchToSearch
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern
from seatrial.data.redact.overlap import without_overlaps
from seatrial.errors import SpecError
from seatrial.registry import Registry, did_you_mean

__all__ = ["CONTEXT_LIFT", "MAX_CHARS", "MIN_SCORE", "RECOGNIZERS", "Finder", "find"]

PACKAGE = "seatrial.data.redact.recognizers"
RECOGNIZERS: Registry[Callable[[RecognizerSettings], Recognizer]] = Registry(
    "recogniser",
    "seatrial.recognizers",
    {
        "email": f"{PACKAGE}.email:Email",
        "phone": f"{PACKAGE}.phone:Phone",
        "url": f"{PACKAGE}.url:Url",
        "ip": f"{PACKAGE}.ip:IpAddress",
        "card": f"{PACKAGE}.card:Card",
        "iban": f"{PACKAGE}.iban:Iban",
        "secret": f"{PACKAGE}.secret:Secret",
        "private-key": f"{PACKAGE}.private_key:PrivateKey",
        "id-cn": f"{PACKAGE}.id_cn:IdCn",
        "id-tw": f"{PACKAGE}.id_tw:IdTw",
        "id-hk": f"{PACKAGE}.id_hk:IdHk",
        "us-ssn": f"{PACKAGE}.us_ssn:UsSsn",
        "eu-vat": f"{PACKAGE}.eu_vat:EuVat",
        "name-en": f"{PACKAGE}.name_en:NameEn",
        "name-en-lower": f"{PACKAGE}.name_en_lower:NameEnLower",
        "name-zh": f"{PACKAGE}.name_zh:NameZh",
        "address-en": f"{PACKAGE}.address_en:AddressEn",
        "address-zh": f"{PACKAGE}.address_zh:AddressZh",
    },
)

MIN_SCORE = 0.5
CONTEXT_LIFT = 0.35
CONTEXT_BEFORE, CONTEXT_AFTER = 48, 24
"""Bytes of text around a candidate in which context words count."""
MAX_CHARS = 1_000_000
CAPITALS = bytes(range(65, 91))


class Finder:
    """Recognisers, ready to be asked; build one and keep it.

    Args:
        entities: which to look for; None for all.
        settings: languages and phone regions.
        min_score: findings below it are left out, 0 to 1.
        max_chars: a longer text is refused.
        where: dotted path in the project file, for messages.

    Raises:
        SpecError: an entity that no recogniser finds.
    """

    def __init__(
        self,
        entities: Sequence[str] | None = None,
        settings: RecognizerSettings | None = None,
        *,
        min_score: float = MIN_SCORE,
        max_chars: int = MAX_CHARS,
        where: str | None = None,
    ) -> None:
        settings = settings or RecognizerSettings()
        built = [RECOGNIZERS.get(name)(settings) for name in RECOGNIZERS]
        known = sorted({recognizer.entity for recognizer in built})
        for entity in entities or ():
            if entity not in known:
                raise SpecError(f"unknown entity {entity!r}", where=where, hint=did_you_mean(entity, known))
        self.entities = tuple(known if entities is None else entities)
        self.min_score = min_score
        self.max_chars = max_chars
        self._recognizers = [
            (recognizer, recognizer.gate, Pattern(f"(?i){recognizer.context}") if recognizer.context else None)
            for recognizer in built
            if recognizer.entity in self.entities
            and (not recognizer.languages or set(recognizer.languages) & set(settings.languages))
        ]

    def find(self, text: str) -> list[Finding]:
        """Findings in the order of the text; none overlap.

        Raises:
            TooMuchToSearch: the text is too long, or holds too much that looks like personal data.
        """
        if len(text) > self.max_chars:
            raise TooMuchToSearch(
                f"a text is longer than {self.max_chars:,} characters", hint="split it, or raise max_chars"
            )
        view = Canonical(text)
        data = view.data
        spans: list[tuple[int, int]] = []
        named: list[tuple[str, float]] = []
        for recognizer, gate, context in self._recognizers:
            if not _passes(gate, view):
                continue
            for candidate in recognizer.find(view):
                score = candidate.score
                if context is not None and score < 1 and _has_context(context, data, candidate.start, candidate.end):
                    score = min(1.0, score + CONTEXT_LIFT)
                if score >= self.min_score:
                    spans.append((candidate.start, candidate.end))
                    named.append((recognizer.entity, round(score, 3)))
        if not spans:
            return []
        found = [
            Finding(start, end, entity, score)
            for (start, end), (entity, score) in zip(view.original_spans(spans), named, strict=True)
        ]
        return without_overlaps(found) if len(found) > 1 else found


def find(
    text: str,
    entities: Sequence[str] | None = None,
    languages: Sequence[str] = ("en", "zh"),
    *,
    regions: Sequence[str] = ("CN", "TW", "HK", "US"),
    min_score: float = MIN_SCORE,
) -> list[Finding]:
    """Personal data in a text.

    For many texts: the recognisers are kept between calls with the same settings.

    Args:
        text: any text.
        entities: which to look for, for example ``["email", "phone"]``; None for all.
        languages: of the text, ``"en"`` and ``"zh"``; names and addresses are looked for in these.
        regions: two-letter codes of the countries whose phone numbers count without their country code.
        min_score: findings below it are left out, 0 to 1.

    Returns:
        Findings in the order of the text; none overlap.

    Raises:
        SpecError: an entity that no recogniser finds.
        TooMuchToSearch: the text is too long, or holds too much that looks like personal data.
    """
    wanted = None if entities is None else tuple(entities)
    return _finder(wanted, tuple(languages), tuple(regions), min_score).find(text)


@lru_cache(maxsize=16)
def _finder(
    entities: tuple[str, ...] | None, languages: tuple[str, ...], regions: tuple[str, ...], min_score: float
) -> Finder:
    return Finder(entities, RecognizerSettings(languages, regions), min_score=min_score)


def _passes(gate: Gate, view: Canonical) -> bool:
    data = view.data
    if view.digits < gate.digits or (gate.beyond_ascii and view.ascii):
        return False
    if gate.any_of and not any(needle in data for needle in gate.any_of):
        return False
    return not (gate.capital and view.ascii and len(data) == len(data.translate(None, CAPITALS)))


def _has_context(context: Pattern, data: bytes, start: int, end: int) -> bool:
    """Whether a context word stands shortly before the candidate, or right after it."""
    before = data[max(0, start - CONTEXT_BEFORE) : start]
    return context.search(before) is not None or context.search(data[end : end + CONTEXT_AFTER]) is not None
