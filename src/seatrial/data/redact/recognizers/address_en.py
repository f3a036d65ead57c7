"""English addresses: a number, a street by its closing word, and a flat, city, state and postcode if they follow.

The closing words are the street suffixes of the postal service of the United States (Publication 28, appendix C1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates

__all__ = ["AddressEn"]

SUFFIXES = (
    "Alley|Aly|Anex|Arcade|Arc|Avenue|Ave|Av|Bayou|Beach|Bend|Bluffs?|Bottom|Boulevard|Blvd|Branch|Bridge|Brooks?|Burgs?|"
    "Bypass|Camp|Canyon|Cape|Causeway|Centers?|Centre|Circles?|Cir|Cliffs?|Close|Club|Common|Commons|Corners?|Course|Courts?|"
    "Ct|Coves?|Creek|Crescent|Cres|Crest|Crossing|Crossroads?|Curve|Dale|Dam|Divide|Drives?|Dr|Estates?|Expressway|Expy|"
    "Extensions?|Ext|Falls?|Ferry|Fields?|Flats?|Fords?|Forest|Forges?|Forks?|Fort|Freeway|Fwy|Gardens?|Gdns|Gateway|Glens?|"
    "Greens?|Groves?|Harbors?|Haven|Heights|Hts|Highway|Hwy|Hills?|Hollow|Inlet|Islands?|Isle|Junctions?|Keys?|Knolls?|"
    "Lakes?|Land|Landing|Lane|Ln|Lights?|Loaf|Locks?|Lodge|Loop|Mall|Manors?|Meadows?|Mews|Mills?|Mission|Motorway|Mount|"
    "Mountains?|Neck|Orchard|Oval|Overpass|Parade|Parks?|Parkways?|Pkwy|Pass|Passage|Path|Pike|Pines?|Places?|Pl|Plains?|"
    "Plaza|Plz|Points?|Ports?|Prairie|Radial|Ramp|Ranch|Rapids?|Rest|Ridges?|River|Roads?|Rd|Route|Row|Rue|Run|Shoals?|"
    "Shores?|Skyway|Springs?|Spurs?|Squares?|Sq|Station|Stravenue|Stream|Streets?|St|Summit|Terrace|Ter|Throughway|Trace|"
    "Track|Trafficway|Trail|Trl|Tunnel|Turnpike|Underpass|Unions?|Valleys?|Via|Viaduct|Views?|Villages?|Ville|Vista|Walks?|"
    "Wall|Way|Ways|Wells?|Wharf"
)
USUAL = frozenset(
    b"avenue ave boulevard blvd circle cir close court ct crescent drive dr highway hwy lane ln parkway pkwy "
    b"place pl plaza road rd square sq street st terrace ter trail way".split()
)
DIRECTION = r"(?:(?:North|South|East|West|N|S|E|W|NE|NW|SE|SW)\.? )?"
FLAT = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|#)\.? ?#?[0-9A-Za-z-]{1,6}\b)?"
STATES = (
    "A[LKZRAEPS]|C[AOT]|D[EC]|F[LM]|G[AU]|HI|I[DLNA]|K[SY]|LA|M[EHDAINSOTP]|N[EVHJMYCD]|O[HKR]|P[WAR]|RI|S[CD]|"
    "T[NX]|UT|V[TIA]|W[AVIY]|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|"
    "Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|"
    "Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|"
    "South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)
BRITISH = r"[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}"
CITY = r"[A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,3}"
TOWN = rf"(?:,?[ \n]{CITY},? (?:(?:{STATES})(?:,? [0-9]{{5}}(?:-[0-9]{{4}})?)?\b|{BRITISH}\b))"
STREET = Pattern(
    rf"\b[0-9]{{1,6}}[A-Za-z]?(?:-[0-9]{{1,4}})? {DIRECTION}"
    r"(?:(?:[A-Z][0-9A-Za-z'.-]*|[0-9]{1,3}(?:st|nd|rd|th)) ){1,4}?"
    rf"({SUFFIXES})\b\.?(?: (?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\b)?{FLAT}({TOWN})?"
)
BOX = Pattern(rf"(?i:\bp\.? ?o\.? ?box) [0-9]{{1,7}}\b{TOWN}?")
MILITARY = Pattern(
    r"\b(?:(?:PSC|Unit|CMR) [0-9]{1,5},? Box [0-9]{1,5}|US[A-Z]{1,4} [A-Z][a-z]+),?[ \n]+[AFD]PO,? A[AEP] [0-9]{5}\b"
)


class AddressEn:
    """Closing words that are seldom streets need a town behind them, or a word for an address nearby."""

    entity = "address"
    languages: tuple[str, ...] = ("en",)
    gate = Gate(digits=1, capital=True)
    context = (
        r"address|\blive[sd]? (?:at|on|in)|\bresid|\bship|deliver|\bsend|\bmail|located|\bmoved|\bhome|\bhouse|\bvisit|"
        r"office|\bat\b"
    )

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the gate of the language is enough

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Streets, post-office boxes and military addresses."""

        def street(match: Any) -> Candidate:
            usual = match.group(1).lower() in USUAL
            town = match.group(2) is not None
            return Candidate(match.start(), match.end(), 0.9 if town else 0.7 if usual else 0.35)

        yield from candidates(STREET, text, street)
        if b"ox " in text.data or b"OX " in text.data:
            yield from candidates(BOX, text, lambda match: Candidate(match.start(), match.end(), 0.8))
            yield from candidates(MILITARY, text, lambda match: Candidate(match.start(), match.end(), 0.9))
        elif b"PO" in text.data:
            yield from candidates(MILITARY, text, lambda match: Candidate(match.start(), match.end(), 0.9))
