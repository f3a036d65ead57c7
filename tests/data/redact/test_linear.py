"""64 kB made to be slow: no recogniser takes more than a multiple of its time on harmless text."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from seatrial.data.redact import RECOGNIZERS, Canonical, RecognizerSettings, TooMuchToSearch

SIZE = 64_000
ADVERSARIAL = (
    "a" * SIZE, "a@" * (SIZE // 2), "@" * SIZE, "a." * (SIZE // 2), "1" * SIZE, "1 " * (SIZE // 2), "1-" * (SIZE // 2),
    "4111 " * (SIZE // 5), "(" * SIZE, "+1 " * (SIZE // 3), ":" * SIZE, "a:" * (SIZE // 2), "1.1." * (SIZE // 4),
    "DE12 " * (SIZE // 5), "http://" * (SIZE // 7), "token=" * (SIZE // 6), "password " * (SIZE // 9),
    "-----BEGIN PRIVATE KEY-----" * (SIZE // 27), "eyJaaaaaaaaa." * (SIZE // 13), "John " * (SIZE // 5),
    "Mr " * (SIZE // 3), "A" * SIZE, "王" * (SIZE // 3), "路1号" * (SIZE // 7), "省市区" * (SIZE // 9),
    "1 A St" * (SIZE // 6),
    "1 Main " * (SIZE // 7), "\u200b1" * (SIZE // 4), "１" * (SIZE // 3), "密码" * (SIZE // 6),
)  # fmt: skip
MOST_SECONDS = 2.0
"""Forty times what the benchmark allows: what this must catch is quadratic, and takes minutes."""


@pytest.mark.parametrize("name", list(RECOGNIZERS))
def test_time_grows_with_the_text(name: str) -> None:
    recognizer = RECOGNIZERS.get(name)(RecognizerSettings(regions=("CN", "US", "GB")))
    list(recognizer.find(Canonical("warm up 1")))
    for text in ADVERSARIAL:
        view = Canonical(text)
        begun = time.process_time()
        with suppress(TooMuchToSearch):
            list(recognizer.find(view))
        seconds = time.process_time() - begun
        assert seconds < MOST_SECONDS, f"{text[:20]!r}: {seconds:.2f} s"
