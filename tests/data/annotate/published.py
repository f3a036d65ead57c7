"""Worked examples from the literature, as printed there."""

from __future__ import annotations

from seatrial.data.annotate.ratings import Ratings, ratings_of

__all__ = ["ANAESTHETISTS", "FLEISS", "KRIPPENDORFF", "by_count", "by_rater"]

KRIPPENDORFF = """
    1 2 3 3 2 1 4 1 2 . . .
    1 2 3 3 2 2 4 1 2 5 . 3
    . 3 3 3 2 3 4 2 2 5 1 .
    1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, gaps."""

FLEISS = """
    00060 03003 01401 00006 03030 20400 00402 20310 20040 00006
    10050 11040 03300 10050 02031 00501 30012 51000 02040 10203
    00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
"""Fleiss 1971, table 1: thirty patients, six psychiatrists each, five diagnoses; how many chose which."""

ANAESTHETISTS = """
    1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212
    1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111
    1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111
    2322222 1211111 2222222
"""
"""Dawid and Skene 1979, table 1: forty-five patients; the first anaesthetist answered three times, four
others once."""


def by_rater(table: str) -> Ratings:
    """One line per rater, one column per item, a point where nothing was said."""
    lines = [line.split() for line in table.strip().splitlines()]
    votes = [(f"{i}", f"{r}", said) for r, line in enumerate(lines) for i, said in enumerate(line) if said != "."]
    return ratings_of(votes)


def by_count(table: str) -> Ratings:
    """One word per item: how many raters chose each level; who chose what is not known."""
    votes = []
    for i, word in enumerate(table.split()):
        said = [str(level) for level, count in enumerate(word) for _ in range(int(count))]
        votes += [(f"{i}", f"{r}", level) for r, level in enumerate(said)]
    return ratings_of(votes)
