"""What can be found out before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import DataError, OfflineError, ResolveError, SeatrialError, SpecError
from seatrial.pipeline.references import check_references
from seatrial.spec.load import parse_spec


def check(root: Path, *, fetch: bool = False, data: dict[str, Any] | None = None, **changes: Any) -> None:
    (root / "a.csv").write_text("text,label\ngood,pos\n")
    source = {"name": "a", "path": "a.csv", **(data or {}).pop("source", {})}
    tree = {
        "name": "toy",
        "data": {"sources": [source], "columns": {"label": "label"}, **(data or {})},
        "requirements": [{"metric": "size_mb", "at_most": 50}],
        **changes,
    }
    check_references(parse_spec(tree, "toy"), root, fetch=fetch)


def test_a_good_project_passes(tmp_path: Path) -> None:
    check(tmp_path, labels=["neg", "pos"])


@pytest.mark.parametrize(
    ("data", "kind", "where", "hint"),
    [
        ({"clean": ["drop-empty", "lower"]}, SpecError, "data.clean.1", "did you mean 'lowercase'?"),
        ({"source": {"format": "cvs"}}, SpecError, "data.sources.0.format", "did you mean 'csv'?"),
        ({"source": {"format": "xlsx"}}, SpecError, "data.sources.0.format", "choose one of"),
        ({"columns": {"label": "lable"}}, DataError, "data", "did you mean 'label'?"),
        ({"columns": {"label": "label", "text": "body"}}, DataError, "data", "choose one of"),
        ({"slices": ["shop"]}, DataError, "data", "choose one of"),
        ({"source": {"path": "b.csv"}}, DataError, "data.sources.0.path", "did you mean 'a.csv'?"),
        (
            {"source": {"join": {"path": "a.csv", "on": "text", "format": "no"}}},
            SpecError,
            "data.sources.0.join.format",
            "choose one of",
        ),
    ],
)
def test_data_that_cannot_be_used(
    data: dict[str, Any], kind: type[SeatrialError], where: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        check(tmp_path, data=dict(data))
    assert caught.value.where == where
    assert hint in str(caught.value.hint)


def test_a_base_model_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.pipeline.references.forbidding_switch", lambda: None)
    with pytest.raises(ResolveError, match="not installed"):
        check(tmp_path, model={"base": "package:no_such_weights/model"})
    with pytest.raises(ResolveError, match="no folder on this machine"):
        check(tmp_path, model={"base": "models/of/mine"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResolveError, match=r"no config\.json"):
        check(tmp_path, model={"base": "empty"})
    monkeypatch.undo()
    with pytest.raises(OfflineError):  # tests run with the network forbidden
        check(tmp_path, model={"base": "nobody/nothing"})


def test_a_look_fetches_nothing_and_a_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(base: str, **how: Any) -> Path:
        asked.append(base)
        return tmp_path

    monkeypatch.setattr("seatrial.pipeline.references.forbidding_switch", lambda: None)
    monkeypatch.setattr("seatrial.pipeline.base_model.resolve_model", resolve)
    check(tmp_path, model={"base": "nobody/nothing"})
    assert asked == []
    check(tmp_path, model={"base": "nobody/nothing"}, fetch=True)
    assert asked == ["nobody/nothing"]


def test_opponents_that_the_labels_or_the_data_rule_out(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="VADER lexicon cannot answer"):
        check(tmp_path, labels=["good", "bad"], evaluation={"opponents": ["vader"]})
    with pytest.raises(SpecError, match="no human rater"):
        check(tmp_path, labels=["good", "bad"], evaluation={"opponents": ["human-rater"]})
    check(tmp_path, labels=["good", "bad"], evaluation={"opponents": ["majority", "tfidf-logreg"]})
    check(tmp_path, evaluation={"opponents": ["vader"]})  # which labels there are, prepare will tell


def test_a_key_that_redact_needs_and_rules_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    redact = {"redact": {"replace": "pseudonym", "key_env": "SEATRIAL_TEST_KEY"}}
    monkeypatch.delenv("SEATRIAL_TEST_KEY", raising=False)
    with pytest.raises(SpecError, match="SEATRIAL_TEST_KEY is not set"):
        check(tmp_path, data={"clean": ["drop-empty", redact]})
    monkeypatch.setenv("SEATRIAL_TEST_KEY", "k" * 32)
    check(tmp_path, data={"clean": ["drop-empty", redact]})
    with pytest.raises(DataError, match="no such file"):
        check(tmp_path, labels=["neg", "pos"], data={"rules": "rules.yaml"})
    (tmp_path / "rules.yaml").write_text("labels: [neg, pos]\nrules: [{name: a, label: pos, keywords: [good]}]\n")
    check(tmp_path, labels=["neg", "pos"], data={"rules": "rules.yaml"})


def test_a_look_makes_no_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = {"vault": str(tmp_path / "vault"), "vault_key_env": "SEATRIAL_TEST_KEY", "replace": "hash"}
    monkeypatch.delenv("SEATRIAL_TEST_KEY", raising=False)
    with pytest.raises(SpecError, match="SEATRIAL_TEST_KEY is not set"):
        check(tmp_path, data={"clean": [{"redact": vault}]})
    monkeypatch.setenv("SEATRIAL_TEST_KEY", "k" * 32)
    check(tmp_path, data={"clean": [{"redact": vault}]})
    assert not (tmp_path / "vault").exists()


LANGUAGE: dict[str, Any] = {"task": "masked-lm", "data": {"columns": {}}, "evaluation": {"opponents": ["base"]}}


def test_a_network_from_nothing_has_no_model_before_training(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="knows nothing before it"):
        check(tmp_path, **LANGUAGE, model={"network": {"layers": 1, "width": 16, "heads": 2}})


def test_a_base_without_the_head_that_answers_is_not_asked_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    monkeypatch.setattr("seatrial.pipeline.base_model.resolve_model", lambda *_, **__: folder)
    heads = {folder: False}
    monkeypatch.setattr("seatrial.tasks.masked_lm.lacks_masked_head", heads.__getitem__)
    check(tmp_path, **LANGUAGE, fetch=True)
    heads[folder] = True
    with pytest.raises(SpecError, match="no head for the task masked-lm"):
        check(tmp_path, **LANGUAGE, fetch=True)
