from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import yaml

from seatrial.govern.front_matter import front_matter
from seatrial.records import Trial


def read(trial: Trial) -> dict[str, Any]:
    text = front_matter(trial)
    first, block, last = text.partition("---\n")[0], *text.partition("---\n")[2].rpartition("---\n")[::2]
    assert first == last == ""
    assert not any(line.lstrip().startswith("---") for line in block.splitlines())
    parsed: dict[str, Any] = yaml.safe_load(block)
    return parsed


def with_spec(trial: Trial, **changes: Any) -> Trial:
    return replace(trial, lineage={**trial.lineage, "spec": {**trial.lineage["spec"], **changes}})


def test_metadata_of_the_flagship(trial: Trial) -> None:
    head = read(trial)
    assert head["license"] == "apache-2.0"
    assert head["pipeline_tag"] == "text-classification"
    first = head["model-index"][0]["results"][0]
    assert first["metrics"][0] == {"type": "accuracy", "name": "accuracy", "value": 0.8254}
    assert first["metrics"][1]["args"] == {"average": "macro"}
    assert len(head["model-index"][0]["results"]) == 4  # the whole, and three slices that the contract names


def test_any_text_survives_yaml(hostile: Trial) -> None:
    head = read(hostile)
    assert head["license"].startswith("</script><script>")
    assert len(head["language"]) == 2


@pytest.mark.parametrize(
    "text", ["no", "1e3", "- x", "a: b", "#", "'\"", "null", "2026-01-01", "{x}", "&a", "*a", "!!python/object:x"]
)
def test_words_that_yaml_would_take_for_something_else(trial: Trial, text: str) -> None:
    head = read(with_spec(trial, license=text, language=[text]))
    assert head["license"] == text
    assert head["language"] == [text]


def test_base_model_only_where_it_is_surely_on_the_hub(trial: Trial) -> None:
    assert "base_model" not in read(trial)
    assert "base_model" not in read(with_spec(trial, model={"base": "runs/mine", "revision": None}))
    pinned = with_spec(trial, model={"base": "intfloat/multilingual-e5-small", "revision": "abc"})
    assert read(pinned)["base_model"] == "intfloat/multilingual-e5-small"


def test_undefined_figures_are_left_out(bare: Trial, hostile: Trial) -> None:
    assert "model-index" not in read(bare)
    values = [m["value"] for r in read(hostile)["model-index"][0]["results"] for m in r["metrics"]]
    assert values
    assert all(math.isfinite(value) for value in values)


def test_a_task_has_the_hubs_name_and_the_library_that_opens_it(vectors: Trial, trial: Trial) -> None:
    head = read(vectors)
    assert (head["pipeline_tag"], head["library_name"]) == ("sentence-similarity", "sentence-transformers")
    assert "model-index" not in head, "nothing was measured on the test split"
    assert read(trial)["library_name"] == "transformers"
    assert read(replace(trial, task="of-a-plugin-that-is-gone"))["pipeline_tag"] == "of-a-plugin-that-is-gone"
