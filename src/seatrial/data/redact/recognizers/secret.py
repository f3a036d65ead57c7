"""Keys, tokens and passwords: those of well-known services by their form, others by the word that they are given to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, touches

__all__ = ["Secret", "bits_per_character"]

KNOWN = Pattern(
    "|".join(
        (
            r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",  # AWS
            r"\bgh[pousr]_[0-9A-Za-z]{36,255}",  # GitHub
            r"\bgithub_pat_[0-9A-Za-z_]{22,255}",
            r"\bglpat-[0-9A-Za-z_-]{20,64}",  # GitLab
            r"\bxox[abeoprs]-[0-9A-Za-z-]{10,250}",  # Slack
            r"\bxapp-[0-9]-[0-9A-Za-z-]{20,250}",
            r"\bhooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]{16,40}",
            r"\bAIza[0-9A-Za-z_-]{35}",  # Google
            r"\bya29\.[0-9A-Za-z_-]{20,500}",
            r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,200}",  # Stripe
            r"\bsk-(?:proj-|ant-|or-)?[0-9A-Za-z_-]{20,200}",
            r"\bhf_[0-9A-Za-z]{30,40}\b",  # Hugging Face
            r"\bnpm_[0-9A-Za-z]{36}\b",
            r"\bpypi-[0-9A-Za-z_-]{50,250}",
            r"\bSG\.[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{32,64}",  # SendGrid
            r"\bLTAI[0-9A-Za-z]{12,24}\b",  # Alibaba Cloud
            r"\bAKID[0-9A-Za-z]{32}\b",  # Tencent Cloud
            r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*",  # JSON Web Token
        )
    )
)
ASSIGNED = Pattern(
    r"(?i)(?:(pass(?:word|wd|phrase|code)|\bpwd|\bpin(?: ?code)?|\bpw\b)|(secret|api[ _-]?key|access[ _-]?key|"
    r"account[ _-]?key|private[ _-]?key|auth[ _-]?token|token|credential|bearer|signing[ _-]?key))[a-z_]{0,12}"
    r"[\"']?(?: ?(?::=|=>|[:=：]) ?| (?:is|was) | )[\"'`]?([^\s\"'`,;<>()，。；、）」]{4,512})"
)
ASSIGNED_ZH = Pattern(
    r"(?:密码|密碼|口令|密钥|密鑰|令牌|访问密钥|存取金鑰|金鑰)(?: ?(?:是|为|為|[:：=]) ?| )?"
    r"[\"'“「`]?([!#-&(-+./0-9:<-_a-~-]{4,512})"
)
WORDS = (
    b"ass",
    b"ASS",
    b"pwd",
    b"PWD",
    b"pin",
    b"PIN",
    b"Pin",
    b"pw",
    b"PW",
    b"ecret",
    b"ECRET",
    b"ey",
    b"EY",
    b"oken",
    b"OKEN",
    b"redential",
    b"REDENTIAL",
    b"earer",
    b"EARER",
)
PLACEHOLDER = Pattern(
    r"(?i)^(?:x+|\*+|\.+|-+|_+|<.*|\$[{(].*|\{\{.*|%.*%|your.*|my[_-].*|example.*|changeme|redacted.*|null|none|true|false)$"
)


class Secret:
    """A password counts when it is given with `=` or `:` or looks like one; a token must look random."""

    entity = "secret"
    languages: tuple[str, ...] = ()
    gate = Gate()
    context = ""

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # secrets are the same everywhere

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Known forms, then what is assigned to a word for a secret."""
        data = text.data

        def known(match: Any) -> Candidate | None:
            start, end = match.span()
            return None if touches(data, start, start, b"_-") else Candidate(start, end, 0.95)

        if KNOWN.search(data) is not None:
            yield from candidates(KNOWN, text, known)
        if any(word in data for word in WORDS):
            yield from candidates(ASSIGNED, text, lambda match: _assigned(data, match))
        if not text.ascii:
            yield from candidates(ASSIGNED_ZH, text, _assigned_zh)


def bits_per_character(value: bytes) -> float:
    """Shannon's entropy of the bytes, 0 to 8; a random token of 20 characters has about 4, a word about 2.5."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values())


def _assigned(data: bytes, match: Any) -> Candidate | None:
    start, end = match.span(3)
    end = start + len(data[start:end].rstrip(b".!?:"))
    value = data[start:end]
    if PLACEHOLDER.search(value) is not None or not value:
        return None
    sign = data[:start].rstrip(b" \"'`")[-1:] in (b"=", b":", b">") or data[:start].rstrip(b" \"'`").endswith(
        "：".encode()
    )
    mixed = _is_mixed(value)
    if match.group(1) is not None:
        worded = data[max(0, start - 5) : start].lower().strip(b" \"'`").endswith((b"is", b"was"))
        if mixed and (sign or worded):
            return Candidate(start, end, 0.8)
        return Candidate(start, end, 0.55) if sign and len(value) >= 6 and not value.isalpha() else None
    random = len(value) >= 12 and mixed and bits_per_character(value) >= 3
    return Candidate(start, end, 0.8 if sign else 0.6) if random else None


def _assigned_zh(match: Any) -> Candidate | None:
    start, end = match.span(1)
    value = match.group(1).rstrip(b".!?:,;")
    if PLACEHOLDER.search(value) is not None:
        return None
    if _is_mixed(value) or (value.isdigit() and len(value) >= 6):
        return Candidate(start, start + len(value), 0.8)
    return Candidate(start, start + len(value), 0.5) if len(value) >= 8 and end > start else None


def _is_mixed(value: bytes) -> bool:
    """Whether letters stand beside digits or signs, as they do in passwords and seldom in words."""
    letters = len(value) - len(value.translate(None, b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return (
        0 < letters < len(value) and not value.replace(b"-", b"").isalpha() and not value.replace(b"_", b"").isalpha()
    )
