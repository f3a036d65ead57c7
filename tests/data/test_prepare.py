"""The whole stage on toy sources: what is written, what is counted, what stops it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seatrial.data.dataset import read_labels, read_split
from seatrial.data.prepare import prepare, source_digests
from seatrial.errors import DataError, SpecError
from seatrial.progress import silent
from seatrial.records import Example, Report
from seatrial.spec.data import DataSpec
from seatrial.tasks import TASKS

HEAD = "text,label,domain\n"
THINGS = ["tea", "rain", "bread", "trains", "paper", "music", "walls", "boats", "shoes", "lamps"]


def comments(count: int) -> list[str]:
    """`count` different rows, half of each label, none of them near another."""
    return [
        f"{THINGS[i % 10]} no{i} {'is fine' if i % 2 else 'broke again'} m{i * 7},{'pos' if i % 2 else 'neg'},d{i % 3}"
        for i in range(count)
    ]


def run(
    root: Path,
    labels: tuple[str, ...] = (),
    seed: int = 17,
    task: str = "text-classification",
    embed: Any = None,
    **data: Any,
) -> Report:
    values = {"sources": [{"name": "s", "path": "c.csv"}], "columns": {"label": "label"}, "slices": ["domain"], **data}
    out = root / "out"
    out.mkdir(exist_ok=True)
    spec = DataSpec.model_validate(values)
    made = TASKS.get(task)()
    return prepare(spec, task=made, labels=labels, root=root, seed=seed, out=out, progress=silent, embed=embed)


def write(root: Path, rows: list[str], head: str = HEAD) -> None:
    (root / "c.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


def drops(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "out" / "dropped.jsonl").read_text(encoding="utf-8").splitlines()]


def texts(root: Path, split: str) -> list[str]:
    return [example.inputs["text"] for example in read_split(root / "out", split)]


def test_every_row_is_in_a_split_or_among_the_drops(tmp_path: Path) -> None:
    rows = comments(100)
    write(tmp_path, [*rows, rows[0].upper().replace("NEG", "neg"), "too,many,fields,here", " &nbsp; ,pos,d0", "a,,d0"])
    report = run(tmp_path)
    splits = {split: read_split(tmp_path / "out", split) for split in ("train", "validation", "test")}
    assert [len(examples) for examples in splits.values()] == [70, 10, 20]
    assert [(drop["step"], drop["row"]) for drop in drops(tmp_path)] == [
        ("read", 102),
        ("drop-empty", 103),
        ("example", 104),
        ("dedupe", 101),
    ]
    assert drops(tmp_path)[0]["where"] == "c.csv:103"
    assert report.tables["sources"] == [{"source": "s", "rows": 104, "bad_rows": 1}]
    assert sum(row["count"] for row in report.tables["dropped"]) == 4
    assert sum(row["count"] for row in report.tables["splits"]) == 100
    lengths = {row["split"]: row for row in report.tables["lengths"]}
    assert list(lengths) == ["train", "validation", "test"]
    assert all(0 < row["min"] <= row["p50"] <= row["max"] for row in lengths.values())
    domains = {row["value"]: row for row in report.tables["slices"]}
    assert domains["d0"]["train"] + domains["d0"]["validation"] + domains["d0"]["test"] == 34
    assert report.facts["examples"] == 100
    assert report.facts["exact_copies"] == 1
    assert report.facts["labels"] == ["neg", "pos"]
    assert read_labels(tmp_path / "out") == ("neg", "pos")


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path, comments(60))
    names = ("train.jsonl", "validation.jsonl", "test.jsonl", "dataset.json", "dropped.jsonl")
    run(tmp_path)
    first = {name: (tmp_path / "out" / name).read_bytes() for name in names}
    run(tmp_path)
    assert first == {name: (tmp_path / "out" / name).read_bytes() for name in names}
    run(tmp_path, seed=18)
    assert first["test.jsonl"] != (tmp_path / "out" / "test.jsonl").read_bytes()


def test_near_copies_never_reach_test(tmp_path: Path) -> None:
    long = "the quick brown fox jumps over the lazy dog again and again until the evening comes to this town"
    write(tmp_path, [*comments(60), *(f"{long} {i},pos,d0" for i in range(20))])
    report = run(tmp_path)
    assert report.facts["near_copies"] == 20
    assert not [text for text in texts(tmp_path, "test") if text.startswith("the quick")]
    run(tmp_path, dedupe={"near": None})
    assert [text for text in texts(tmp_path, "test") if text.startswith("the quick")]


def test_copies_that_disagree_are_dropped_and_said(tmp_path: Path) -> None:
    write(tmp_path, [*comments(60), "same,pos,d0", "Same,neg,d0", "twice,pos,d0", "twice,pos,d1", "twice,neg,d0"])
    report = run(tmp_path)
    assert report.facts["exact_copies"] == 4
    assert report.facts["conflicting_copies"] == 3
    assert {drop["reason"] for drop in drops(tmp_path)} == {
        "exact copy",
        "exact copy under another label than most",
        "exact copies whose labels disagree",
    }
    kept = [text for split in ("train", "validation", "test") for text in texts(tmp_path, split)]
    assert "same" not in {text.lower() for text in kept}
    assert kept.count("twice") == 1


def test_a_column_that_says_the_split(tmp_path: Path) -> None:
    leak = "a long comment that is in the training part and with one more word in the test part"
    parts = ["train"] * 30 + ["dev"] * 10 + ["test"] * 20
    rows = [f"{row},{part}" for row, part in zip(comments(60), parts, strict=True)]
    rows += [
        f"{leak},pos,d0,train",
        f"{leak} too,pos,d0,test",
        f"{rows[0].split(',')[0]},neg,d0,test",
        "x,pos,d0,holdout",
    ]
    write(tmp_path, rows, "text,label,domain,part\n")
    run(tmp_path, split={"column": "part"})
    assert len(texts(tmp_path, "train")) == 29  # its copy in test was kept instead
    assert len(texts(tmp_path, "validation")) == 10
    assert len(texts(tmp_path, "test")) == 22
    assert f"{leak} too" in texts(tmp_path, "test")
    assert {drop["reason"] for drop in drops(tmp_path)} == {
        "part names no split",
        "exact copy",
        "near copy of a test example",
    }


def test_what_leaks_stops_the_run_unless_said_otherwise(tmp_path: Path) -> None:
    rows = [f"{row},a{i % 40},{i}" for i, row in enumerate(comments(200))]
    twice = [f"{rows[i].rsplit(',', 2)[0]},a{i % 40},{200 + i}" for i in range(0, 60, 3)]
    write(tmp_path, [*rows, *twice], "text,label,domain,author,day\n")
    data = {"dedupe": {"exact": False, "near": None}, "split": {"method": "time", "time": "day"}}
    with pytest.raises(DataError, match=r"two splits \(20 of kind exact copy\): exact copy: row 1 of s \(train\)"):
        run(tmp_path, **data)
    report = run(tmp_path, **{**data, "split": {**data["split"], "leaks": "allow"}})
    assert report.facts["leaks"] == {"exact copy": 20}
    assert report.facts["examples"] == 220
    report = run(tmp_path, **{**data, "split": {**data["split"], "leaks": "drop"}})
    assert report.facts["leaks"] == {}
    assert report.facts["examples"] == 200
    assert {"step": "split", "reason": "exact copy of a test example", "count": 20} in report.tables["dropped"]
    with pytest.raises(DataError, match="of kind group"):
        run(tmp_path, split={"method": "time", "time": "day", "group": "author"})


def test_groups_and_times_from_the_sources(tmp_path: Path) -> None:
    rows = [f"{row},a{i // 4},{2000 + i}" for i, row in enumerate(comments(200))]
    write(tmp_path, [*rows, "no900 author,pos,d0,,2900", "no901 day,pos,d0,a1,soon"], "text,label,domain,author,day\n")

    def numbers(split: str) -> set[int]:
        return {int(text.split("no")[1].split()[0]) for text in texts(tmp_path, split)}

    run(tmp_path, split={"method": "group", "group": "author"})
    assert drops(tmp_path)[-1]["reason"] == "author is missing"
    authors = [{number // 4 for number in numbers(split)} for split in ("train", "validation", "test")]
    assert not authors[0] & authors[1] | authors[1] & authors[2] | authors[0] & authors[2]
    run(tmp_path, split={"method": "time", "time": "day"})
    assert [len(numbers(split)) for split in ("train", "validation", "test")] == [141, 20, 40]
    assert max(numbers("train")) < min(numbers("validation")) < max(numbers("validation")) < min(numbers("test"))
    assert [drop["reason"][:14] for drop in drops(tmp_path)] == ["day is neither"]


def test_a_split_that_the_column_never_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        [f"{row},{'test' if i % 3 else 'train'}" for i, row in enumerate(comments(30))],
        "text,label,domain,p\n",
    )
    with pytest.raises(DataError, match="no example is in the validation split"):
        run(tmp_path, split={"column": "p"})


@pytest.mark.parametrize(
    ("head", "hint"),
    [
        ("txt,label,domain\n", "did you mean 'txt'?"),
        ("text;label;domain\n", "separated by ';'"),
        ("a comment here,9,-\n", "has no header line"),
    ],
)
def test_a_missing_column_lists_the_columns(tmp_path: Path, head: str, hint: str) -> None:
    rows = comments(5) if "," in head else [row.replace(",", ";") for row in comments(5)]
    write(tmp_path, rows, head)
    with pytest.raises(DataError, match="has no column 'text'") as caught:
        run(tmp_path)
    assert head.strip().split(",")[0] in str(caught.value.expected)
    assert hint in str(caught.value.hint)


def test_a_key_that_some_json_rows_lack_is_a_bad_row(tmp_path: Path) -> None:
    rows = [dict(zip(("text", "label", "domain"), row.split(","), strict=True)) for row in comments(40)]
    del rows[7]["label"]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, rows)))
    report = run(tmp_path, sources=[{"name": "s", "path": "c.jsonl"}])
    assert report.tables["dropped"] == [{"step": "read", "reason": "no column 'label'", "count": 1}]


def test_more_bad_rows_than_allowed_name_the_first(tmp_path: Path) -> None:
    write(tmp_path, [*comments(20), "bad", "bad", "bad"])
    run(tmp_path, max_bad_rows=3)
    with pytest.raises(DataError, match=r"c\.csv:22: 1 fields .* \(bad\); then c\.csv:23: .*; more than 2 rows"):
        run(tmp_path, max_bad_rows=2)


def test_a_file_in_another_encoding_stops_early_enough(tmp_path: Path) -> None:
    rows = [row.replace("fine", "très bien") for row in comments(60)]
    (tmp_path / "c.csv").write_bytes((HEAD + "\n".join(rows)).encode("latin-1"))
    with pytest.raises(
        DataError, match=r"c\.csv:3: not utf-8 \(byte 0xe8 at offset 62: .*30 of 60 rows of s"
    ) as caught:
        run(tmp_path)
    assert "set encoding" in str(caught.value.hint)
    run(tmp_path, sources=[{"name": "s", "path": "c.csv", "encoding": "latin-1"}])
    assert any("très bien" in text for text in texts(tmp_path, "train"))


def test_a_source_with_nothing_but_bad_rows(tmp_path: Path) -> None:
    write(tmp_path, ["bad", "bad"])
    with pytest.raises(DataError, match="2 of 2 rows of s"):
        run(tmp_path)


def test_the_texts_column_taken_for_the_labels(tmp_path: Path) -> None:
    write(tmp_path, comments(1200))
    with pytest.raises(DataError, match="more than 1000 different labels") as caught:
        run(tmp_path, columns={"text": "text", "label": "text"})
    assert "'text'" in str(caught.value.hint)


def test_declared_labels_that_the_data_does_not_have(tmp_path: Path) -> None:
    write(tmp_path, comments(20))
    with pytest.raises(DataError, match="20 of 20 rows have a label that is not declared"):
        run(tmp_path, labels=("good", "bad"))


def test_one_label_only(tmp_path: Path) -> None:
    write(tmp_path, [row.replace(",neg,", ",pos,") for row in comments(20)])
    with pytest.raises(DataError, match="only the label 'pos'"):
        run(tmp_path)


def test_an_id_that_comes_twice_is_used_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        [*(f"{row},{i}" for i, row in enumerate(comments(40))), "new text,pos,d0,7"],
        "text,label,domain,key\n",
    )
    report = run(tmp_path, columns={"label": "label", "id": "key"})
    assert report.tables["dropped"] == [{"step": "example", "reason": "the same key was seen before", "count": 1}]
    examples: list[Example] = [e for s in ("train", "validation", "test") for e in read_split(tmp_path / "out", s)]
    assert len({example.id for example in examples}) == 40


def test_an_unknown_cleaning_step_stops_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="unknown cleaning step 'drop-emty'") as caught:
        run(tmp_path, clean=["lowercase", "drop-emty"])
    assert caught.value.where == "data.clean.1"


def test_digests_of_files_joins_packages_and_hub_sets(tmp_path: Path) -> None:
    write(tmp_path, comments(3))
    (tmp_path / "j.csv").write_text("text,x\n")
    pin = "ab" * 32
    sources = [
        {"name": "file", "path": "c.csv"},
        {"name": "joined", "path": "c.csv", "join": {"on": "text", "path": "j.csv"}},
        {"name": "package", "package": "toy==1.0", "sha256": pin, "member": ["a.csv"]},
        {"name": "hub", "hub": "org/set", "revision": "v1"},
    ]
    data = DataSpec.model_validate({"sources": sources})
    before = source_digests(data, tmp_path)
    assert before["package"] == pin
    assert before["hub"] == "org/set@v1"
    (tmp_path / "j.csv").write_text("text,x\n1,2\n")
    after = source_digests(data, tmp_path)
    assert [name for name in before if before[name] != after[name]] == ["joined"]


def test_a_whole_label_that_is_not_declared_stops_with_the_count(tmp_path: Path) -> None:
    rows = comments(100)
    write(tmp_path, rows + [f"{THINGS[i]} as ever {i},meh,d0" for i in range(5)] + ["one slip of the pen,POS,d0"])
    with pytest.raises(DataError) as caught:
        run(tmp_path, labels=("neg", "pos"))
    assert caught.value.message == "6 of 106 rows have a label that is not declared: 'meh' (5), 'POS' (1)"
    assert caught.value.where == "labels"
    report = run(tmp_path, labels=("neg", "pos"), undeclared="drop")
    counts = {row["reason"]: row["count"] for row in report.tables["dropped"]}
    assert counts == {"label 'meh' is not declared": 5, "label 'POS' is not declared": 1}


def test_one_row_in_a_hundred_with_an_undeclared_label_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, [*comments(99), "one slip of the pen,POS,d0"])
    assert run(tmp_path, labels=("neg", "pos")).facts["examples"] == 99


def test_too_few_examples_are_explained_by_what_was_left_out(tmp_path: Path) -> None:
    write(tmp_path, [*comments(2), *["the same again,pos,d0"] * 50])
    with pytest.raises(DataError, match=r"split has . example.*after 49 row\(s\) were left out: 49 for 'exact copy'"):
        run(tmp_path)


def test_examples_of_a_task_that_needs_none_may_have_no_label(tmp_path: Path) -> None:
    write(tmp_path, comments(100))
    report = run(tmp_path, task="embedding", columns={})
    assert read_labels(tmp_path / "out") == ()
    assert report.facts["labels"] == []
    rows = [(row["split"], row["label"], row["count"]) for row in report.tables["splits"]]
    assert rows == [("train", "", 70), ("validation", "", 10), ("test", "", 20)]
    assert {example.label for example in read_split(tmp_path / "out", "train")} == {""}


def test_what_redact_took_out_is_not_among_the_drops(tmp_path: Path) -> None:
    write(tmp_path, [*comments(100), "write to a@example.org,pos,d0"])
    run(tmp_path, clean=[{"redact": {"entities": ["email"]}}, {"limit-length": {"min_words": 4}}])
    assert [drop["text"] for drop in drops(tmp_path) if drop["step"] == "limit-length"] == ["write to [EMAIL]"]


def test_no_message_quotes_what_redact_has_not_seen(tmp_path: Path) -> None:
    write(tmp_path, [*comments(20), "a@example.org", "bad"])
    with pytest.raises(DataError) as told:
        run(tmp_path, max_bad_rows=1, clean=[{"redact": {"entities": ["email"]}}])
    assert "a@example.org" not in str(told.value)
    assert "more than 1 rows" in str(told.value)


def test_rows_without_a_label_are_dropped_filled_or_stop_the_run(tmp_path: Path) -> None:
    write(tmp_path, [*comments(60), "no label here,,d0", "none here either,,d1"])
    run(tmp_path)
    assert [(drop["reason"], drop["row"]) for drop in drops(tmp_path)] == [
        ("label is missing", 61),
        ("label is missing", 62),
    ]
    report = run(tmp_path, missing={"label": {"fill": "neg"}})
    assert (report.facts["examples"], drops(tmp_path)) == (62, [])
    with pytest.raises(DataError, match="the label is missing") as caught:
        run(tmp_path, missing={"label": "error"})
    assert caught.value.where == "row 61 of s"
    assert "data.missing.label" in str(caught.value.hint)


def test_a_missing_text_may_stop_the_run_or_be_filled_and_then_cleaned(tmp_path: Path) -> None:
    lines = [json.dumps({"text": text, "label": label}) for text, label, _ in (row.split(",") for row in comments(60))]
    lines += ['{"text": null, "label": "pos"}', '{"text": 42, "label": "pos"}', '{"text": [1], "label": "pos"}']
    (tmp_path / "c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    source: dict[str, Any] = {"sources": [{"name": "s", "path": "c.jsonl"}], "slices": []}
    run(tmp_path, **source)
    assert [drop["reason"] for drop in drops(tmp_path)] == [
        "text is missing",
        "'text' holds a list or an object, not a text",
    ]
    assert "42" in [text for split in ("train", "validation", "test") for text in texts(tmp_path, split)]
    with pytest.raises(DataError, match="the text is missing"):
        run(tmp_path, **source, missing={"text": "error"})
    run(tmp_path, **source, missing={"text": {"fill": ""}}, clean=[{"fill-empty": {"value": "[none]"}}])
    assert "[none]" in [text for split in ("train", "validation", "test") for text in texts(tmp_path, split)]


def test_rows_kept_without_a_label_are_in_the_training_split_only(tmp_path: Path) -> None:
    write(tmp_path, [*comments(60), *(f"nobody labelled number {i} q{i * 3},,d0" for i in range(20))])
    report = run(tmp_path, task="embedding", missing={"label": "keep"})
    bare = {
        split: sum(not e.label for e in read_split(tmp_path / "out", split))
        for split in ("train", "validation", "test")
    }
    assert bare == {"train": 20, "validation": 0, "test": 0}
    assert report.facts["unlabelled"] == 20
    assert {"split": "train", "label": "", "count": 20} in report.tables["splits"]
    assert len(texts(tmp_path, "test")) == 12  # a fifth of those with a label


RULES = """
labels: [neg, pos]
rules:
  - {name: broke, label: neg, keywords: [broke]}
  - {name: again, label: neg, keywords: [again]}
  - {name: fine, label: pos, keywords: [fine]}
  - {name: is, label: pos, keywords: [is]}
"""


def test_rules_label_rows_to_learn_from_and_none_to_measure_on(tmp_path: Path) -> None:
    bare = [f"{row.rsplit(',', 2)[0]} z{i * 11},,d0" for i, row in enumerate(comments(40))]
    rows = comments(60)
    write(tmp_path, [*rows, *bare, "nothing that rules know,,d0", "broke and fine,,d0", f"{rows[3].split(',')[0]},,d0"])
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    report = run(tmp_path, labels=("neg", "pos"), rules={"file": "rules.yaml", "sure": 0.6})
    made = [e for e in read_split(tmp_path / "out", "train") if " z" in e.inputs["text"]]
    assert len(made) == report.facts["labelled_by_rules"] == 40
    assert {e.label for e in made if "broke again" in e.inputs["text"]} == {"neg"}
    assert all(e.distribution is not None and e.distribution[1] > 0.7 for e in made if e.label == "pos")
    assert len(texts(tmp_path, "test")) == 12
    assert sorted((drop["step"], drop["reason"]) for drop in drops(tmp_path)) == [
        ("dedupe", "exact copy"),
        ("rules", "no rule says anything about the text"),
        ("rules", "the rules are not sure enough of a label"),
    ]
    table = {row["rule"]: row for row in report.tables["rules"]}
    assert table["fine"]["accuracy"] == table["broke"]["accuracy"] == 1.0
    assert table["fine"]["trusted"] > 0.7
    assert table["fine"]["conflicts"] == pytest.approx(1 / 43)


def test_what_rules_may_say_must_be_declared(tmp_path: Path) -> None:
    write(tmp_path, comments(60))
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    with pytest.raises(SpecError, match="'neg', which the project does not declare") as caught:
        run(tmp_path, labels=("nag", "pos"), rules={"file": "rules.yaml"})
    assert "nag" in str(caught.value.hint)


def test_a_rule_labelled_copy_of_a_held_out_text_is_not_learned_from(tmp_path: Path) -> None:
    rows = comments(60)
    long = "{} is a long enough sentence that it is a near copy of itself with one word put at the end fine"
    pairs = [long.format(" ".join(f"{word}{i}" for word in ("a", "b", "c", "d"))) for i in range(20)]
    write(tmp_path, [*rows, *(f"{text},pos,d0" for text in pairs), *(f"{text} too,,d0" for text in pairs)])
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    run(tmp_path, labels=("neg", "pos"), rules="rules.yaml")
    held_out = {text for split in ("validation", "test") for text in texts(tmp_path, split)}
    gone = [drop for drop in drops(tmp_path) if drop["step"] == "split"]
    assert gone
    assert all(drop["reason"].startswith("near copy of a ") for drop in gone)
    assert {drop["text"].removesuffix(" too") for drop in gone} == held_out & set(pairs)


def test_similar_texts_may_be_dropped_and_the_longest_kept(tmp_path: Path) -> None:
    long = "the quick brown fox jumps over the lazy dog again and again until the evening comes to this town"
    write(tmp_path, [*comments(60), *(f"{long}{' !' * i},{'neg' if i == 1 else 'pos'},d0" for i in range(5))])
    report = run(tmp_path, dedupe={"similar": "drop", "keep": "longest"})
    kept = [text for split in ("train", "validation", "test") for text in texts(tmp_path, split)]
    assert [text for text in kept if text.startswith("the quick")] == [f"{long} ! ! ! !"]
    assert report.facts["near_copies"] == 5
    run(tmp_path, dedupe={"similar": "drop"})
    assert {drop["reason"] for drop in drops(tmp_path)} == {"near copy", "near copy under another label than most"}


def test_semantic_copies_stay_together_or_go(tmp_path: Path) -> None:
    write(tmp_path, comments(60))

    def embed(asked: list[str]) -> Any:
        """The first twenty point the same way where they are about the same thing, the others each their own."""
        found = np.zeros((len(asked), 80), np.float32)
        for row, text in zip(found, asked, strict=True):
            number = int(text.split(" no")[1].split()[0])
            row[number if number >= 20 else 60 + number % 10] = 2.0
        return found

    report = run(tmp_path, dedupe={"semantic": 0.9}, embed=embed)
    assert (report.facts["semantic_copies"], report.facts["semantic_copy_clusters"]) == (20, 10)
    where = {text: split for split in ("train", "validation", "test") for text in texts(tmp_path, split)}
    for number in range(10):
        pair = {split for text, split in where.items() if f" no{number} " in text or f" no{number + 10} " in text}
        assert len(pair) == 1
        assert pair != {"test"}
    run(tmp_path, dedupe={"semantic": 0.9, "similar": "drop"}, embed=embed)
    assert [drop["row"] for drop in drops(tmp_path)] == list(range(11, 21))
    with pytest.raises(SpecError, match="need a model"):
        run(tmp_path, dedupe={"semantic": 0.9})


def test_what_redact_has_not_searched_is_not_written_down(tmp_path: Path) -> None:
    secret = "write to ada@example.org"
    rows = [f"{secret} one,,d0", f"{secret} two,pos", f"{secret} three,pos,d0", f"{secret} four,pos,d0"]
    write(tmp_path, [*comments(60), *rows])
    least = {"limit-length": {"min_words": 5}}
    run(tmp_path, clean=["drop-empty", least, "redact"], max_bad_rows=5)
    assert "ada@" not in (tmp_path / "out" / "dropped.jsonl").read_text(encoding="utf-8")
    assert {drop["text"] for drop in drops(tmp_path)} == {"(not shown: it was left out before redact could search it)"}
    run(tmp_path, clean=["drop-empty", "redact", least], max_bad_rows=5)
    shown = [drop["text"] for drop in drops(tmp_path) if drop["step"] == "limit-length"]
    assert shown == ["write to [EMAIL] three", "write to [EMAIL] four"]
    run(tmp_path, max_bad_rows=5)
    assert "ada@" in (tmp_path / "out" / "dropped.jsonl").read_text(encoding="utf-8")
