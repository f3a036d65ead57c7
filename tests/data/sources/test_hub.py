"""Hub data sets, through a stand-in for `datasets`."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from seatrial.data.sources.base import Record
from seatrial.data.sources.hub import read_hub
from seatrial.errors import OfflineError, ResolveError
from seatrial.spec.data import Source

SOURCE = Source(name="s", hub="org/set", revision="abc", split="test")


class Rows(list[dict[str, Any]]):
    features: ClassVar = {"text": SimpleNamespace(), "label": SimpleNamespace(names=["neg", "pos"])}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []

    def load_dataset(name: str, **settings: Any) -> Rows:
        made.append((name, settings))
        if settings["split"] == "nothing":
            raise ValueError("Bad split: nothing\nmore")
        return Rows([{"text": "a", "label": 1}, {"text": "b", "label": -1}])

    module = ModuleType("datasets")
    exceptions = ModuleType("datasets.exceptions")
    module.load_dataset = load_dataset  # type: ignore[attr-defined]
    module.exceptions = exceptions  # type: ignore[attr-defined]
    exceptions.DatasetsError = type("DatasetsError", (Exception,), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", module)
    monkeypatch.setitem(sys.modules, "datasets.exceptions", exceptions)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("SEATRIAL_OFFLINE", raising=False)
    return made


def test_rows_are_streamed_and_classes_get_their_names(calls: list[Any]) -> None:
    rows = list(read_hub(SOURCE, "w"))
    assert rows == [Record(1, {"text": "a", "label": "pos"}), Record(2, {"text": "b", "label": None})]
    assert calls == [("org/set", {"split": "test", "revision": "abc", "streaming": True})]


def test_a_wrong_split_names_the_setting(calls: list[Any]) -> None:
    with pytest.raises(ResolveError, match="Bad split: nothing\n  next") as caught:
        list(read_hub(SOURCE.model_copy(update={"split": "nothing"}), "data.sources.0"))
    assert caught.value.where == "data.sources.0.hub"


@pytest.mark.parametrize("switch", ["SEATRIAL_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_asks_nobody(calls: list[Any], switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(switch, "1")
    with pytest.raises(OfflineError, match=switch):
        list(read_hub(SOURCE, "w"))
    assert calls == []
