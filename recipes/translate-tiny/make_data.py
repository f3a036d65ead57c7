"""Write `data.jsonl` beside this file: numbers in words ↔ digits, dates between two forms. No two sources are alike."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = "January February March April May June July August September October November December".split()
LARGEST = 999_999
PER_KIND = 4000


def in_words(number: int) -> str:
    """A whole number below a million in English words."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = number % size
    joint = " and " if rest and (size == 100 or rest < 100) else " "
    return f"{in_words(number // size)} {name}" + (joint + in_words(rest) if rest else "")


def main() -> None:
    rng = random.Random(17)
    numbers = rng.sample(range(LARGEST + 1), 2 * PER_KIND)
    first = datetime.date(1900, 1, 1)
    dates = [first + datetime.timedelta(days=day) for day in rng.sample(range(73_000), 2 * PER_KIND)]
    pairs = [("words", f"words: {n}", in_words(n)) for n in numbers[:PER_KIND]]
    pairs += [("digits", f"digits: {in_words(n)}", str(n)) for n in numbers[PER_KIND:]]
    for kind, its in (("iso", dates[:PER_KIND]), ("long", dates[PER_KIND:])):
        for date in its:
            long = f"{date.day} {MONTHS[date.month - 1]} {date.year}"
            source, target = (long, date.isoformat()) if kind == "iso" else (date.isoformat(), long)
            pairs.append((kind, f"{kind}: {source}", target))
    rng.shuffle(pairs)
    rows = [json.dumps({"kind": kind, "source": source, "target": target}) for kind, source, target in pairs]
    (Path(__file__).parent / "data.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
