"""How well and how fast personal data is found → the rows `personal data: …` of `benchmarks/results/data.json`.

    python benchmarks/data_pii.py [--rows N] [--seed N] [--out FOLDER]

Made-up texts with templates that nothing was tuned on; 400 tweets that were read (`data_pii_tweets.json`), each
counted as often as it stands for a tweet of its kind, half of them (by a hash of the id) looked at when rules were
changed and the other half only ever measured on; the last fifth of People's Daily, whose names are tagged by hand;
and 64 kB strings made to be slow. A finding counts when entity and
both ends are right; on tweets, whose names have possessive endings, when entity and place overlap. The speed beside
Presidio is measured by `data_pipeline.py`.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from data_pii_lists import HELD_OUT_FROM, ROOT, tagged_lines
from data_pii_texts import PATTERNED, generated
from data_results import data_parser, write_part
from results import figure

from seatrial.data.redact import RECOGNIZERS, Canonical, Finder, RecognizerSettings, TooMuchToSearch
from seatrial.data.sources.read import read_rows
from seatrial.spec.load import load_spec

TWEETS = Path(__file__).parent / "data_pii_tweets.json"
COMMENTS = ROOT / "examples" / "comments"
MOST_MS = 50
Span = tuple[int, int, str]


class Score:
    """Hits, false findings and misses by kind."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self.false: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()

    def add(
        self, gold: Iterable[Span], found: Iterable[Span], kind: str = "", *, overlap: bool = False, weight: int = 1
    ) -> None:
        """Compare the spans of one text; `kind` is put behind the entity's name, and each counts `weight` times."""
        wanted, given = set(gold), set(found)

        def in_(span: Span, others: set[Span]) -> bool:
            if not overlap:
                return span in others
            return any(span[2] == o[2] and span[0] < o[1] and o[0] < span[1] for o in others)

        for span in given:
            (self.hits if in_(span, wanted) else self.false)[span[2] + kind] += weight
        for span in wanted:
            self.missed[span[2] + kind] += 0 if in_(span, given) else weight

    def rows(self, what: str, kind: str, goal: float | None) -> list[dict[str, Any]]:
        """Precision, recall and F1 of one kind."""
        hits, false, missed = self.hits[kind], self.false[kind], self.missed[kind]
        precision, recall = hits / max(1, hits + false), hits / max(1, hits + missed)
        f1 = 2 * hits / max(1, 2 * hits + false + missed)
        n = hits + missed
        bound = {"goal": None, "met": None} if goal is None else {"goal": f">= {goal}", "met": f1 >= goal}
        return [
            figure(f"{what}, {kind}: precision", precision, "share", n=hits + false),
            figure(f"{what}, {kind}: recall", recall, "share", n=n),
            figure(f"{what}, {kind}: F1", f1, "share", n=n, **bound),
        ]


def made_up(rows: int, seed: int) -> list[dict[str, Any]]:
    """Texts from the held-out templates."""
    finder, score = Finder(), Score()
    for gold in generated(rows, seed, held_out=True):
        language = " (English)" if gold.language == "en_US" else " (Chinese)"
        found = [(one.start, one.end, one.entity) for one in finder.find(gold.text)]
        for kind in ("", language):
            places = ("name", "address")
            score.add(
                [span for span in gold.spans if (span[2] in places) == bool(kind)],
                [span for span in found if (span[2] in places) == bool(kind)],
                kind,
            )
    figures = [row for entity in PATTERNED for row in score.rows("held-out templates", entity, 0.97)]
    for language in ("English", "Chinese"):
        figures += score.rows("held-out templates", f"name ({language})", 0.85)
        figures += score.rows("held-out templates", f"address ({language})", None)
    return figures


def looked_at(row_id: str) -> bool:
    """Whether the mistakes on this tweet may be looked at when rules are changed."""
    return hashlib.sha256(f"tweets {row_id}".encode()).digest()[0] < 128


def tweets() -> list[dict[str, Any]]:
    """The tweets that were read: the half that rules were changed by, and the one that they were not."""
    spec = load_spec(COMMENTS / "seatrial.yaml")
    (source,) = (source for source in spec.data.sources if source.name == "tweets")
    judged = json.loads(TWEETS.read_text(encoding="utf-8"))
    gold: dict[str, list[Span]] = {}
    weights: dict[str, int] = {}
    for part in ("with_a_finding", "without"):
        gold |= {row: [(start, end, entity) for start, end, entity in spans] for row, spans in judged[part].items()}
        weights |= dict.fromkeys(judged[part], judged["drawn_from"][part])
    finder, scores, read = Finder(), {True: Score(), False: Score()}, Counter[bool]()
    for row in read_rows(source, root=COMMENTS, max_row_bytes=10**6, where="data.sources"):
        values = getattr(row, "values", {})
        row_id = values.get("id")
        if row_id in gold:
            found = [(one.start, one.end, one.entity) for one in finder.find(values["text"])]
            read[looked_at(row_id)] += 1
            scores[looked_at(row_id)].add(gold[row_id], found, overlap=True, weight=weights[row_id])
    figures = []
    for which, half in ((False, "held-out half"), (True, "half looked at")):
        rows = [row for entity in ("name", "url") for row in scores[which].rows(f"tweets, {half}", entity, None)]
        figures += [{**row, "n": read[which]} for row in rows]
    return figures


def news() -> list[dict[str, Any]]:
    """Chinese names in the part of People's Daily that no weight was learned from."""
    lines = tagged_lines()
    finder, score = Finder(["name"], RecognizerSettings(languages=("zh",))), Score()
    for text, spans in lines[int(len(lines) * HELD_OUT_FROM) :]:
        found = [(one.start, one.end, one.entity) for one in finder.find(text)]
        score.add([(start, end, "name") for start, end in spans], found)
    return score.rows("People's Daily, held-out lines", "name", 0.85)


def slow_texts(repeats: int) -> list[dict[str, Any]]:
    """The longest time of each recogniser over the strings of its test."""
    sys.path.insert(0, str(ROOT / "tests" / "data" / "redact"))
    from test_linear import ADVERSARIAL

    figures = []
    for name in RECOGNIZERS:
        recognizer = RECOGNIZERS.get(name)(RecognizerSettings())
        list(recognizer.find(Canonical("warm up 1")))
        slowest = max(_fastest_ms(recognizer, text, repeats) for text in ADVERSARIAL)
        goal, met = f"<= {MOST_MS}", slowest <= MOST_MS
        n = len(ADVERSARIAL)
        figures.append(figure(f"slowest of 64 kB strings, {name}", slowest, "ms", goal=goal, met=met, n=n))
    return figures


def _fastest_ms(recognizer: Any, text: str, repeats: int) -> float:
    view = Canonical(text)
    times: list[float] = []
    for _ in range(repeats):
        begun = time.process_time()
        with suppress(TooMuchToSearch):
            list(recognizer.find(view))
        times.append(time.process_time() - begun)
    return min(times) * 1000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write this part of `data.json`."""
    options = data_parser(__doc__, rows=20_000).parse_args(arguments)
    figures = [*made_up(options.rows, options.seed), *tweets(), *news(), *slow_texts(3)]
    print(write_part("personal data", figures, seed=options.seed, folder=options.out))


if __name__ == "__main__":
    main()
