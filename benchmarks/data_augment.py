"""What each way to augment gives on little data: tweets, trained with and without it, on validation.

    python benchmarks/data_augment.py [--rows N] [--seeds N] [--epochs N] [--seed N] [--out FOLDER]

Every way adds half as many examples as there are. `repeat` adds the same number without a new text: what the others
gain over "without" beyond it comes from their texts, not from more steps of training. All ways share the examples, the
validation split and the seeds. Nothing was tuned for any of them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from data_results import data_parser, write_part
from results import figure

from seatrial.pipeline.augment_trial import WITHOUT, augmentation_trial
from seatrial.spec.data_augment import Augmentation
from seatrial.spec.load import load_spec

PROJECT = Path(__file__).parent.parent / "examples" / "comments"
SHARE = 0.5
WAYS = {
    "repeat": [Augmentation(method="repeat", share=SHARE)],
    "typos": [Augmentation(method="typos", share=SHARE)],
    "swap-words": [Augmentation(method="swap-words", share=SHARE)],
    "delete-words": [Augmentation(method="delete-words", share=SHARE)],
    "synonyms": [Augmentation(method="synonyms", share=SHARE)],
    "five ways together": [
        Augmentation(method=method, share=SHARE / 5)
        for method in ("typos", "swap-words", "delete-words", "synonyms", "join-texts")
    ],
}


class Told:
    """Says on stderr which training has begun."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(
        self,
        what: str,
        done: int,
        total: int | None = None,
        figures: Mapping[str, float] | None = None,  # noqa: ARG002
    ) -> None:
        if what == "train" and done <= self._last:
            print(f"training {total} texts", file=sys.stderr, flush=True)
        self._last = done if what == "train" else self._last


def main() -> None:
    """Train, compare, write the rows."""
    parser = data_parser(__doc__, 500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    asked = parser.parse_args()
    settings = [f"training.epochs={asked.epochs}", "training.learning_rate=2e-4", "training.validations_per_epoch=1"]
    settings.append("training.threads=1")  # two that wait for each other gain little on batches this small
    spec = load_spec(PROJECT / "seatrial.yaml", settings)
    spec = spec.model_copy(update={"data": spec.data.model_copy(update={"sources": spec.data.sources[:1]})})
    seeds = [asked.seed + number for number in range(asked.seeds)]
    with tempfile.TemporaryDirectory() as folder:
        report = augmentation_trial(
            spec, PROJECT, WAYS, seeds=seeds, train_examples=asked.rows, work=Path(folder), progress=Told()
        )
    rows = []
    for m in report.measurements:
        name = f"{m.metric} {WITHOUT}" if m.system == WITHOUT else f"{m.metric} with {m.system}"
        rows.append(
            figure(
                f"{name} over {m.over}" if m.over else name,
                m.value,
                "difference" if m.over else "share",
                opponent=m.over,
                interval=[m.interval.low, m.interval.high] if m.interval else None,
                n=m.n,
            )
        )
    by_seed = ", ".join(f"{r['way']} {r['value']:.3f} (seed {r['seed']})" for r in report.tables["seeds"])
    note = (
        f"{asked.rows} training tweets, {asked.epochs} epochs, mean of {asked.seeds} seeds on validation; "
        f"intervals are over validation examples. By seed: {by_seed}"
    )
    print(write_part("augmentation", rows, seed=asked.seed, folder=asked.out, note=note))


if __name__ == "__main__":
    main()
