"""What the sections say, where words could be wrong while numbers are right."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from seatrial.records import Interval, Measurement, Report, Requirement, RequirementResult, Trial, Verdict
from seatrial.report.sections.answers import answers
from seatrial.report.sections.base import MakeSection
from seatrial.report.sections.candidates import candidates
from seatrial.report.sections.data import data
from seatrial.report.sections.inspection import inspection
from seatrial.report.sections.learning import learning
from seatrial.report.sections.lineage import lineage
from seatrial.report.sections.mistakes import mistakes
from seatrial.report.sections.opponents import opponents
from seatrial.report.sections.slices import slices
from seatrial.report.sections.summary import summary
from seatrial.report.sections.timings import timings
from seatrial.report.sections.verdict import verdict


def words(make: MakeSection, trial: Trial) -> str:
    """The section's text without markup."""
    section = make(trial)
    assert section is not None
    flat = "".join(_flat(section.body))
    return " ".join(re.sub(r"<[^>]+>", " ", flat).replace("\u00a0", " ").split())


def _flat(child: Any) -> list[str]:
    return [] if child is None else [child] if isinstance(child, str) else [t for c in child for t in _flat(c)]


def with_results(trial: Trial, *results: RequirementResult) -> Trial:
    return replace(trial, verdict=Verdict("int8-dynamic", results))


def with_measurements(trial: Trial, *measurements: Measurement) -> Trial:
    report = replace(trial.reports["evaluate"], measurements=measurements)
    return replace(trial, reports={**trial.reports, "evaluate": report})


def test_a_near_miss_never_looks_like_the_bound(trial: Trial) -> None:
    missed = RequirementResult(Requirement("accuracy", ">=", 0.92), 0.91996, None, False, "")
    said = words(verdict, with_results(trial, missed))
    assert "0.91996" in said or "0.9200" not in said
    assert "0.920 " not in said
    assert "\u22120.00004" in said


def test_the_interval_decides_where_a_confidence_is_asked_for(trial: Trial) -> None:
    asked = Requirement("accuracy", ">=", 0.9, confidence=0.95)
    said = words(verdict, with_results(trial, RequirementResult(asked, 0.93, Interval(0.88, 0.96), False, "short")))
    assert "lower end of the 95 % interval" in said
    assert "\u22120.020" in said


def test_a_ceiling_is_missed_upwards(trial: Trial) -> None:
    missed = RequirementResult(Requirement("p95_ms", "<=", 50, split="service"), 61.25, None, False, "")
    assert "\u221211.2 ms" in words(verdict, with_results(trial, missed))
    assert "11.2 ms short of 50 ms" in words(summary, with_results(trial, missed))


def test_an_empty_contract_is_not_accepted(trial: Trial) -> None:
    said = words(verdict, with_results(trial))
    assert said.startswith("Not accepted There is no requirement")


def test_summary_of_an_accepted_trial(trial: Trial) -> None:
    said = words(summary, trial)
    assert "is right on 82.5 % (95 % interval 81.5 % to 83.6 %)" in said
    assert "ahead of the strongest of 4 opponents, human-rater, which is right on 78.5 %, by 4.0 points" in said
    assert "within 8.4 ms" in said
    assert "tightest line is same answer as uncompressed (validation), met with 0.007 to spare" in said


def test_summary_says_when_the_model_is_behind(trial: Trial) -> None:
    found = [
        Measurement("accuracy", v, 100, interval=Interval(v - 0.1, v + 0.1), system=s)
        for s, v in (("model", 0.7), ("tfidf", 0.75))
    ]
    said = words(summary, with_measurements(trial, *found))
    assert "behind the one opponent, tfidf, which is right on 75.0 %, by 5.0 points" in said
    assert "overlap" in said


def test_lower_is_better_for_errors(trial: Trial) -> None:
    found = [Measurement("ece", v, 100, system=s) for s, v in (("model", 0.02), ("bad", 0.2), ("good", 0.01))]
    changed = with_measurements(trial, *found)
    assert "behind the strongest of 2 opponents, good" in words(summary, changed)
    assert re.findall("good|this model|bad", words(opponents, changed))[:3] == ["good", "this model", "bad"]


def test_summary_of_a_refused_trial(refused: Trial) -> None:
    said = words(summary, refused)
    assert "It does not meet the contract." in said
    assert "came out at 0.9196, 0.0004 short of 0.92" in said
    assert "Not shown: accuracy, lead over vader where agreed is yes." in said
    assert "tightest" not in said


def test_nothing_is_invented_for_a_bare_trial(bare: Trial) -> None:
    said = words(summary, bare)
    assert "opponent" not in said
    assert "held-out" not in said


def test_figures_of_opponents_and_of_validation_stay_out_of_slices(trial: Trial) -> None:
    where = {"domain": "tweets"}
    found = [
        Measurement("accuracy", 0.111, 50, "validation", where),
        Measurement("accuracy", 0.222, 50, "test", where, system="vader"),
        Measurement("accuracy", 0.333, 50, "test", where),
    ]
    said = words(slices, with_measurements(trial, *found))
    assert "0.333" in said
    assert "0.111" not in said
    assert "0.222" not in said


def test_long_texts_are_cut_and_say_so(hostile: Trial) -> None:
    said = words(mistakes, hostile)
    assert "3,000 characters in all" in said
    assert "w" * 500 in said
    assert "w" * 501 not in said


@pytest.mark.parametrize(("uses", "expected"), [(1, "for the first time"), (4, "4 model files")])
def test_use_of_the_test_split_is_stated(trial: Trial, uses: int, expected: str) -> None:
    assert expected in words(lineage, replace(trial, test_uses=uses))


def test_timings_of_nothing(trial: Trial) -> None:
    assert timings(replace(trial, seconds={})) is None
    assert "together 0.0" in words(timings, replace(trial, seconds={"prepare": 0.0}))


def test_thirty_labels_all_appear(fake: ModuleType, hostile: Trial) -> None:
    from seatrial.report.sections.confusion import confusion

    said = words(confusion, hostile)
    assert all(f"class {i}" in said for i in range(24))
    assert "إيجابي" in said


def test_a_trial_of_vectors_speaks_of_vectors_and_not_of_labels(vectors: Trial) -> None:
    said = words(summary, vectors)
    assert said.startswith("“vectors” is an embedding model with vectors of 384 numbers that was asked to meet 3")
    assert "held-out" not in said
    assert "tightest line is cosine with uncompressed (validation), met with 0.004 to spare" in said
    assert "label" not in " ".join(words(make, vectors) for make in (summary, verdict, candidates, data, learning))


def test_mistakes_of_vectors_are_those_of_their_neighbours(vectors: Trial, trial: Trial) -> None:
    labelled = replace(vectors, labels=trial.labels, reports={**vectors.reports, "evaluate": trial.reports["evaluate"]})
    said = words(mistakes, labelled)
    assert "Neighbours are Share of them" in said
    assert "Confidence" not in said
    assert "Said Confidence Raters agreeing" in words(mistakes, trial)


def test_raters_have_a_column_only_where_there_are_some(trial: Trial) -> None:
    report = trial.reports["evaluate"]
    rows = [{**row, "agreement": None} for row in report.tables["mistakes"]]
    unrated = replace(report, tables={**report.tables, "mistakes": rows})
    said = words(mistakes, replace(trial, reports={**trial.reports, "evaluate": unrated}))
    assert "Raters agreeing" not in said


def test_nothing_trained_is_said(vectors: Trial) -> None:
    section = learning(vectors)
    assert section is not None
    assert "Nothing was trained" in str(section.lead)
    assert "weights that learned 0" in words(learning, vectors)


def test_the_likeness_that_was_measured_is_shown_and_never_rounded_up_to_one(vectors: Trial, trial: Trial) -> None:
    said = words(candidates, vectors)
    assert "Cosine with uncompressed" in said
    assert "0.9999999" in said
    assert "1.000" not in said
    assert "Same answer" not in said
    assert "Same answer as uncompressed" in words(candidates, trial)


def test_examples_without_labels_are_counted_by_split(vectors: Trial) -> None:
    said = words(data, vectors)
    assert "Examples by split Train Validation Test examples 16,483 2,355 4,710" in said
    assert "Lengths in characters" not in said


def test_lengths_of_the_splits_are_shown(trial: Trial) -> None:
    row = {"split": "train", "mean": 100.7, "min": 1, "p5": 27, "p50": 96, "p95": 193, "p99": 240, "max": 855}
    prepared = replace(trial.reports["prepare"], tables={"lengths": [row]})
    said = words(data, replace(trial, reports={**trial.reports, "prepare": prepared}))
    assert "Split Mean Least Half 95 % 99 % Most train 101 1 96 193 240 855" in said


def inspected(trial: Trial) -> Trial:
    """With a report of the stage inspect."""
    splits = [{"part": part, "rows": count} for part, count in (("train", 70), ("test", 20))]
    copies = [{"kind": "near", "clusters": 2, "texts": 5, "more": 3, "conflicting": 1}]
    suspect = {"source": "s", "row": 7, "label": "good", "suggested": "bad", "score": 0.031, "text": "it <b>broke</b>"}
    report = Report(
        "inspect",
        tables={
            "parts": splits,
            "copies": copies,
            "languages": [{"language": "en", "count": 9, "share": 0.9}],
            "suspected_labels": [suspect],
        },
        facts={"rows": 90, "texts": 90, "compared": 90, "sampled": 10, "judged_labels": 90, "suspected": 1},
    )
    return replace(trial, reports={**trial.reports, "inspect": report})


def test_the_look_at_the_data_is_folded_up_and_told_only_where_there_was_one(trial: Trial) -> None:
    assert inspection(trial) is None
    said = words(inspection, inspected(trial))
    assert "What is there" in said
    assert "near 2 5 3 1 None of them is in more than one part." in said
    assert "it &lt;b&gt;broke&lt;/b&gt; good bad 0.031 s 7" in said
    section = inspection(inspected(trial))
    assert section is not None
    assert "".join(_flat(section.body)).count("<details>") == 3


def test_rules_and_what_they_labelled(trial: Trial) -> None:
    rule = {"rule": "broke", "labels": ["bad"], "texts": 5, "coverage": 0.25, "overlaps": 0.1, "conflicts": 0.05}
    prepared = trial.reports["prepare"]
    dropped = [{"step": "drop-empty", "reason": "text is empty", "count": 3}]
    tables = {**prepared.tables, "rules": [{**rule, "trusted": 0.8, "accuracy": None}], "dropped": dropped}
    changed = replace(prepared, tables=tables, facts={**prepared.facts, "labelled_by_rules": 12})
    said = words(data, replace(trial, reports={**trial.reports, "prepare": changed}))
    assert "broke bad 25.0 % 5.0 % 80.0 % –" in said
    assert "labelled by rules, to learn from 12" in said
    assert "empty texts, left out 3" in said


def writing(trial: Trial) -> Trial:
    """The same trial as if its released candidate wrote."""
    row = {"candidate": trial.verdict.candidate, "requests": 60, "p50_ms": 80.0, "p95_ms": 90.0}
    row |= {"ttft_p50_ms": 12.0, "ttft_p95_ms": 15.5, "tpot_p50_ms": 1.234, "tpot_p95_ms": 2.5}
    row |= {"tokens_per_s": 612.5, "peak_memory_mb": 120.0, "prompt_tokens": 32.0, "answer_tokens": 31.5}
    parity = {"candidate": trial.verdict.candidate, "agreement": 0.98, "max_abs": 0.5, "mean_abs": 0.01}
    tables = {"parity": [{**parity, "bits_per_byte": 1.875, "size_mb": 2.0}]}
    reports = {"accept": Report("accept", tables={"latency": [row]}), "compress": Report("compress", tables=tables)}
    return replace(trial, reports={**trial.reports, **reports})


def test_a_model_that_writes_is_told_by_its_speed(trial: Trial) -> None:
    said = words(candidates, writing(trial))
    assert "Each further one" in said
    assert "1.23 ms" in said
    assert "612.5 tokens/s" in said
    assert "prompts of 32 tokens on average, answers of 32" in said
    assert "Bits per byte" in said
    assert "surprises, in nats" in said
    plain = words(summary, writing(trial))
    assert "begins to write after 12.0 ms in the median and writes 612.5 tokens/s" in plain
    assert "tokens per second 612.5" in plain
    assert "answers 95 of 100" not in plain
    assert "answers 95 of 100" in words(summary, trial)


def test_what_was_learned_together_is_told_with_what_was_left_out(trial: Trial) -> None:
    assert "Learned together" not in words(learning, trial)
    row = {"project": "masked", "task": "masked-lm", "share": 0.3, "weight": 1.0, "train": 1900, "left_out": 43}
    train = replace(trial.reports["train"], tables={"together": [row]})
    told = words(learning, replace(trial, reports={**trial.reports, "train": train}))
    assert "Learned together with" in told
    assert "masked masked-lm 0.3 1,900 43" in told


def test_the_base_is_part_of_the_lineage_where_it_is_known(trial: Trial) -> None:
    assert "Base model" not in words(lineage, trial)
    base = {"model": "masked.yaml", "digest": "d" * 64, "release": "e" * 64, "project": "masked", "head": "kept"}
    told = words(lineage, replace(trial, lineage={**trial.lineage, "base": base}))
    for said in ("masked.yaml", "d" * 12, "e" * 12, "the release of masked", "head kept"):
        assert said in told


def test_answers_that_are_not_the_wanted_ones_stand_beside_these(trial: Trial) -> None:
    assert answers(trial) is None
    row = {"asked": "<b>?", "wanted": "yes", "written": "no", "fits": False, "slices": {"kind": "x"}}
    report = replace(trial.reports["evaluate"], tables={"answers": [row, {**row, "fits": True}]})
    said = words(answers, replace(trial, reports={**trial.reports, "evaluate": report}))
    assert "&lt;b&gt;? yes no" in said
    assert said.count("does not fit the schema") == 1
    assert said.count("kind x") == 2
