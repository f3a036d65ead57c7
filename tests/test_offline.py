"""One decision for every room, `doctor` included."""

from __future__ import annotations

import pytest

from seatrial.cli.checks import run_checks
from seatrial.errors import OfflineError
from seatrial.offline import forbidding_switch, refuse_offline


@pytest.fixture(autouse=True)
def neither_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for switch in ("SEATRIAL_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(switch, raising=False)


@pytest.mark.parametrize("switch", ["SEATRIAL_OFFLINE", "HF_HUB_OFFLINE"])
@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on", " 1 "])
def test_what_forbids_the_network(switch: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(switch, value)
    assert forbidding_switch() == switch
    with pytest.raises(OfflineError, match=f"a model would have to be fetched, and {switch} forbids it"):
        refuse_offline("a model", where="model.base", hint="copy it")
    assert {check.name: check.found for check in run_checks()}["network"] == f"forbidden by {switch}"


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_what_allows_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_OFFLINE", value)
    assert forbidding_switch() is None
    refuse_offline("a model", where="model.base", hint="copy it")
    assert {check.name: check.found for check in run_checks()}["network"] == "allowed"
