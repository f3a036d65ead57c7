"""A value → a made-up one of the same kind: the same value always gets the same one under one key.

Numbers keep their form and get other digits, chosen so that a check digit is wrong: a pseudonym is nobody's card or
identity number. Addresses of mail and web lie in domains that are reserved for examples. A pseudonym of a phone number
keeps its first digits and may be a number that exists. Refuses to know: where a value was found.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import cache

from seatrial.data.redact.base import RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.feistel import permuted
from seatrial.data.redact.finder import CONTEXT_LIFT, MIN_SCORE, RECOGNIZERS

__all__ = ["hash_token", "pseudonym"]

HASH_DIGITS = 16
DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PHONE_DIGITS = 8
"""Of a phone number those at its end are changed, so that it has one pseudonym with and without its country code."""
CHECKED = frozenset(("card", "iban", "id-cn", "id-tw", "id-hk", "us-ssn", "eu-vat"))
NUMBERS = CHECKED | {"phone"}
TRIES = 64
GIVEN_ZH = (
    "安博晨承达德东芳飞刚国海涵浩红洪慧佳建健杰洁静军俊凯兰磊丽亮琳玲龙梅敏明娜宁萍琪强青清琼荣瑞珊思涛婷"
    "伟文霞祥晓欣秀雪雅艳洋瑶怡逸英颖永宇雨玉媛泽振志智中子"
)
FAMILY_ZH = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def pseudonym(value: str, entity: str, key: bytes, attempt: int = 0, *, exact: bool = False) -> str:
    """The pseudonym of a value.

    Args:
        value: as it was found.
        entity: what it is.
        key: 32 bytes, to be kept secret: whoever has it can try values.
        attempt: another number gives another pseudonym, for a value whose first one is taken.
        exact: spellings of one value count as different ones, so that each can be restored as it was.
    """
    plain = Canonical(value).text
    if entity in NUMBERS:
        return _number(plain, entity, key, attempt)
    made = MADE.get(entity)
    if made is None:
        return hash_token(value, entity, key, attempt, exact=exact)
    return made(plain, _digest(value if exact else _folded(plain, entity), entity, key, attempt))


def hash_token(value: str, entity: str, key: bytes, attempt: int = 0, *, exact: bool = False) -> str:
    """A keyed hash of the value that says what it stands for: ``[EMAIL:4f0c61b2d39a7e58]``.

    Args:
        value, entity, key, attempt, exact: as for `pseudonym`.
    """
    same = value if exact else _folded(Canonical(value).text, entity)
    digest = _digest(same, entity, key, attempt)
    return f"[{entity.upper()}:{digest.hex()[:HASH_DIGITS]}]"


def _folded(plain: str, entity: str) -> str:
    """One spelling for what is the same value."""
    folded = " ".join(plain.split())
    if entity in NUMBERS:
        return "".join(filter(str.isalnum, folded)).upper()
    return folded if entity in ("secret", "url") else folded.casefold()  # there case has a meaning


def _digest(value: str, entity: str, key: bytes, attempt: int) -> bytes:
    return hmac.digest(key, "\0".join((entity, str(attempt), value)).encode("utf-8", "surrogatepass"), "sha256")


def _number(plain: str, entity: str, key: bytes, attempt: int) -> str:
    """Other digits and capitals in the places of those of `plain`."""
    keep = 2 if entity in ("iban", "eu-vat") else 0
    for number in range(attempt * TRIES, (attempt + 1) * TRIES):
        tweak = f"{entity}|{number}".encode()
        upper = plain if entity == "phone" else plain.upper()
        changed = _replaced(upper, DIGITS, PHONE_DIGITS if entity == "phone" else None, key, tweak)
        if entity != "phone":
            changed = _replaced(changed, CAPITALS, None, key, tweak, keep=keep)
        if entity == "phone" or (changed != upper and not _is_valid(changed, entity)):
            return changed
    return hash_token(plain, entity, key, attempt, exact=True)


def _replaced(text: str, alphabet: str, last: int | None, key: bytes, tweak: bytes, *, keep: int = 0) -> str:
    """`text` with its characters of `alphabet` permuted: the last ones, or all but the first `keep` of the text."""
    places = [place for place, character in enumerate(text) if place >= keep and character in alphabet]
    places = places if last is None else places[-last:]
    image = permuted("".join(text[place] for place in places), key, tweak, alphabet=alphabet)
    characters = list(text)
    for place, character in zip(places, image, strict=True):
        characters[place] = character
    return "".join(characters)


def _is_valid(number: str, entity: str) -> bool:
    """Whether the recogniser would take the number for a real one, beside a word for it."""
    view = Canonical(number)
    recognizer = RECOGNIZERS.get(entity)(RecognizerSettings())
    return any(found.score + CONTEXT_LIFT >= MIN_SCORE for found in recognizer.find(view))


def _email(_plain: str, digest: bytes) -> str:
    return f"user-{digest.hex()[:12]}@example.com"


def _url(_plain: str, digest: bytes) -> str:
    return f"https://example.com/{digest.hex()[:12]}"


def _ip(plain: str, digest: bytes) -> str:
    if ":" in plain:
        return "2001:db8:" + ":".join(digest[place : place + 2].hex() for place in range(0, 12, 2))
    return f"10.{digest[0]}.{digest[1]}.{digest[2]}"  # a private network: nobody's address


def _address(plain: str, digest: bytes) -> str:
    number = 1 + int.from_bytes(digest[:8], "big") % 999_999
    return f"示例路{number}号" if _is_chinese(plain) else f"{number} Example Street"


def _name(plain: str, digest: bytes) -> str:
    first, second, third = (int.from_bytes(digest[place : place + 8], "big") for place in (0, 8, 16))
    if _is_chinese(plain):
        given = GIVEN_ZH[second % len(GIVEN_ZH)] + (GIVEN_ZH[third % len(GIVEN_ZH)] if len(plain) > 2 else "")
        return FAMILY_ZH[first % len(FAMILY_ZH)] + given
    given_names, family_names = _names_en()
    words = [given_names[first % len(given_names)]]
    if " " in plain:
        words.append(family_names[second % len(family_names)])
    return " ".join(words)


@cache
def _names_en() -> tuple[list[str], list[str]]:
    """The most frequent given and family names of the census."""
    from seatrial.data.redact.recognizers.name_en import census

    first, last = census()
    most = [sorted(names, key=lambda name: (-names[name], name)) for names in (first, last)]
    return [name.capitalize() for name in most[0][:500]], [name.capitalize() for name in most[1][:5000]]


def _is_chinese(plain: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in plain)


MADE: dict[str, Callable[[str, bytes], str]] = {
    "email": _email,
    "url": _url,
    "ip": _ip,
    "address": _address,
    "name": _name,
}
