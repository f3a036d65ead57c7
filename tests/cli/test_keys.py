"""`seatrial keys` as a user meets it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from seatrial.cli.app import app
from seatrial.cli.keys import default_keys_file
from seatrial.serve.access import Access, Gatekeeper
from seatrial.serve.keys import KeyStore


def seatrial(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["keys", *map(str, arguments)])


def added(path: Path, *arguments: object) -> dict[str, Any]:
    result = seatrial("add", *arguments, "--file", path, "--json")
    assert result.exit_code == 0, result.output
    made: dict[str, Any] = json.loads(result.stdout)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_add_shows_the_key_once_and_alone_on_stdout(path: Path) -> None:
    result = seatrial("add", "shop", "--file", path)
    assert result.exit_code == 0
    presented = result.stdout.removesuffix("\n")
    assert Gatekeeper(KeyStore(path), None).admit(Access.PREDICT, presented).scopes == {"predict"}
    assert presented not in result.stderr
    assert result.stderr.endswith("The key is the line on stdout. Keep it now; it cannot be shown again.\n")
    for command in (("list",), ("list", "--json"), ("revoke", presented[3:11]), ("revoke", presented[3:11], "--json")):
        later = seatrial(*command, "--file", path)
        assert later.exit_code == 0
        assert presented[12:] not in later.output
        assert "sha256" not in later.output


def test_add_takes_scopes_a_rate_and_a_time(path: Path) -> None:
    made = added(path, "shop", "--scope", "predict", "--scope", "metrics", "--expires", "90d", "--rate", 600)
    [kept] = KeyStore(path).keys
    assert kept.scopes == ("metrics", "predict")
    assert kept.requests_per_minute == 600
    assert kept.expires is not None
    assert abs(kept.expires - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=1)
    assert made["key"].startswith(f"st_{kept.id}_")
    assert (made["state"], made["scopes"], made["file"]) == ("active", ["metrics", "predict"], str(path))


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("12h", lambda now: now + timedelta(hours=12)),
        ("8w", lambda now: now + timedelta(weeks=8)),
        ("2999-12-31", lambda now: datetime(3000, 1, 1, tzinfo=UTC)),
    ],
)
def test_ways_to_say_when(words: str, until: Any, path: Path) -> None:
    expires = datetime.fromisoformat(added(path, "shop", "--expires", words)["expires"])
    assert abs(expires - until(datetime.now(UTC))) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--scope", "predcit"), "did you mean 'predict'?"),
        (("--scope", "x"), "choose one of: admin, metrics, predict"),
        (("--expires", "soon"), "12h, 90d, 8w or 2030-01-31"),
        (("--expires", "2020-01-31"), "is over"),
        (("--expires", "0d"), "is over"),
        (("--expires", "999999999w"), "too far away"),
        (("--expires", "9999-12-31"), "too far away"),
    ],
)
def test_what_cannot_be_meant(options: tuple[str, ...], message: str, path: Path) -> None:
    result = seatrial("add", "shop", *options, "--file", path)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""
    assert not path.exists()
    told = json.loads(seatrial("add", "shop", *options, "--file", path, "--json").stdout)
    assert told["error"] == "ServiceError"


def test_usage_mistakes_exit_2(path: Path) -> None:
    assert seatrial("add").exit_code == 2
    assert seatrial("add", "shop", "--rate", 0, "--file", path).exit_code == 2
    assert seatrial("show").exit_code == 2


def test_list_tells_states(path: Path) -> None:
    for name in ("open", "shut"):
        added(path, name)
    key_id = KeyStore(path).keys[1].id
    assert seatrial("revoke", key_id, "--file", path).exit_code == 0
    listed = json.loads(seatrial("list", "--file", path, "--json").stdout)["keys"]
    assert [(key["name"], key["state"]) for key in listed] == [("open", "active"), ("shut", "revoked")]
    lines = [line.split("\t") for line in seatrial("list", "--file", path).stdout.splitlines()]
    assert [line[1:4] for line in lines] == [["open", "active", "predict"], ["shut", "revoked", "predict"]]


def test_a_terminal_gets_a_table(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    added(path, "grafana [red]x", "--rate", 600)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    app(["keys", "list", "--file", str(path)], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "1 API key" in shown
    assert "\x1b" not in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    words = shown.replace("│", " ").split()
    assert {"rate/min", "600", "active", "grafana", "[red]x", KeyStore(path).keys[0].id} <= set(words)


def test_revoke_takes_the_key_itself_too(path: Path) -> None:
    made = added(path, "found in a log")
    told = json.loads(seatrial("revoke", made["key"], "--file", path, "--json").stdout)
    assert (told["id"], told["state"]) == (made["id"], "revoked")


def test_an_unknown_id(path: Path) -> None:
    added(path, "shop")
    result = seatrial("revoke", "00000000", "--file", path)
    assert result.exit_code == 1
    assert "no key with the id '00000000'" in result.stderr
    assert "seatrial keys list" in result.stderr


def test_a_second_key_of_a_name_is_told(path: Path) -> None:
    first = added(path, "shop")
    again = seatrial("add", "shop", "--file", path)
    assert again.exit_code == 0
    assert f"{first['id']} is called 'shop' too, and stays valid until you revoke it" in again.stderr
    for key in KeyStore(path).keys:
        seatrial("revoke", key.id, "--file", path)
    assert "too" not in seatrial("add", "shop", "--file", path).stderr, "revoked keys open nothing"
    assert "too" not in seatrial("add", "another", "--file", path).stderr


def test_no_file_is_no_keys(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    listed = seatrial("list", "--file", path)
    assert (listed.exit_code, listed.stdout) == (0, "")
    assert "seatrial keys add" in listed.stderr
    told = seatrial("list", "--file", path, "--json")
    assert (told.exit_code, json.loads(told.stdout)) == (0, {"keys": [], "file": str(path)})
    revoked = seatrial("revoke", "00000000", "--file", path)
    assert revoked.exit_code == 1
    assert "seatrial keys add" in revoked.stderr


@pytest.mark.parametrize("command", [("list",), ("revoke", "00000000")])
def test_files_that_cannot_be_used(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{")
    assert "not a file of keys" in seatrial(*command, "--file", tmp_path / "other.json").stderr
    assert "cannot be read" in seatrial(*command, "--file", tmp_path).stderr


def test_the_default_file_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert seatrial("add", "shop").exit_code == 0
    assert (tmp_path / "seatrial" / "keys.json").is_file()
    assert seatrial("list").stdout.split("\t")[1] == "shop"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CONFIG_HOME", ignored)
        assert default_keys_file() == tmp_path / "home" / ".config" / "seatrial" / "keys.json"
