"""Nothing in the repository ties it to one machine or package host, and nothing is left to be done later."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .repository import ROOT, tracked_files

FORBIDDEN = {
    "a package host": r"pypi\.org|pythonhosted\.org|download\.pytorch\.org|anaconda\.(org|com)",
    "where pip looks": r"(index-url|find-links)[ =]+([a-z]+:)?/",
    "a path of one machine": r"(?<![\w.~-])/(work|root|opt|home/(?!somebody/)\w+|Users/\w+)/|file://",
    "work left for later": r"\b(TODO|FIXME|XXX|HACK)\b",
}
OWN_WORDS = {"tests/contract/test_no_addresses.py"}


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked_files():
        name = str(path.relative_to(ROOT))
        raw = path.read_bytes()
        if name not in OWN_WORDS and b"\0" not in raw:
            found.append((name, raw.decode("utf-8", errors="replace")))
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    hits = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not hits, "\n".join(hits)


def test_constraints_are_plain_pins() -> None:
    lines = Path(ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin)] == []
    assert "torch==2.13.0" in pins


def test_no_large_file_is_tracked() -> None:
    limit = 1_500_000
    assert [str(path) for path in tracked_files() if path.stat().st_size > limit] == []
