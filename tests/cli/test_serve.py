"""`seatrial serve` without a service: what it refuses, which settings it makes, and what its help promises."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from seatrial.artifact.manifest import write_manifest
from seatrial.cli.app import app
from seatrial.cli.serve_settings import serve_settings
from seatrial.cli.serve_started import started_words
from seatrial.errors import SpecError
from seatrial.serve.access import Scope
from seatrial.serve.handlers import build_handlers
from seatrial.serve.http.app import create_app
from seatrial.serve.keys import KeyStore
from seatrial.serve.process.orders import Addresses
from seatrial.serve.settings import ServeSettings


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    write_manifest(folder, kind="release", spec={"serving": {"port": 9000, "max_texts": 7, "examples": ["a"]}})
    return folder


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Path], ServeSettings]]:
    """What would be served."""
    calls: list[tuple[list[Path], ServeSettings]] = []
    monkeypatch.setattr(
        "seatrial.serve.process.supervisor.supervise",
        lambda folders, settings, started: calls.append((folders, settings)),
    )
    monkeypatch.setattr("seatrial.serve.watch.logs.configure_logs", lambda *_, **__: nullcontext())
    return calls


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["serve", *arguments])


def test_settings_of_another_version_are_refused_by_name(tmp_path: Path) -> None:
    write_manifest(tmp_path, kind="release", spec={"serving": {"port": 8000, "turbo": 2}})
    result = invoke(str(tmp_path))
    assert result.exit_code == 1
    assert "spec.serving.turbo" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_no_port_is_one_json_object(release: Path) -> None:
    result = invoke(str(release), "--port", "99999", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["message"] == "there is no port 99999"


def test_other_machines_are_not_let_in_without_keys(release: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["serve", str(release), "--host", "0.0.0.0"], env={"XDG_CONFIG_HOME": str(tmp_path)}
    )
    assert result.exit_code == 1
    assert "seatrial keys add" in result.stderr
    assert "--insecure" in result.stderr


def test_the_usual_keys_are_asked_for_on_every_address(
    release: Path, tmp_path: Path, served: list[tuple[list[Path], ServeSettings]]
) -> None:
    usual = tmp_path / "seatrial" / "keys.json"
    KeyStore(usual, create=True).add("mine", [Scope.PREDICT])
    for arguments in (["--host", "0.0.0.0"], [], ["--insecure"], ["--keys", "other.json"]):
        result = CliRunner().invoke(app, ["serve", str(release), *arguments], env={"XDG_CONFIG_HOME": str(tmp_path)})
        assert result.exit_code == 0, result.stderr
    assert [settings.keys_file for _, settings in served] == [usual, usual, None, Path("other.json")]


def test_options_go_over_overrides_and_those_over_the_release(
    release: Path, served: list[tuple[list[Path], ServeSettings]]
) -> None:
    given = ["--port", "0", "--grpc-port", "0", "--watch", "2", "--cache-mb", "5", "--workers", "3"]
    sets = ["--set", "serving.port=1", "--set", "serving.max_texts=9", "--set", "serving.grace_s=20"]
    result = invoke(str(release), str(release), *given, *sets)
    assert result.exit_code == 0, result.stderr
    [(folders, settings)] = served
    assert folders == [release, release]
    assert (settings.port, settings.grpc_port, settings.watch_s, settings.cache_mb, settings.workers) == (0, 0, 2, 5, 3)
    assert (settings.max_texts, settings.grace_s, settings.examples) == (9, 20.0, ("a",))


def test_what_is_usual_gives_way_to_whatever_is_said(release: Path) -> None:
    for_people = {"log_json": False}
    assert not serve_settings(release, [], {}, for_people).log_json
    assert serve_settings(release, ["serving.log_json=true"], {}, for_people).log_json


@pytest.mark.parametrize(
    ("keys", "told"),
    [(None, "without keys: who reaches this address may use it"), (Path("k.json"), "callers need a key of k.json")],
)
def test_people_are_told_models_address_and_keys(keys: Path | None, told: str) -> None:
    addresses = Addresses("http://127.0.0.1:8000", 8001, 1, ("comments", "news"))
    words = started_words(addresses, [Path("a"), Path("b")], ServeSettings(keys_file=keys))
    first, second = words.splitlines()
    assert first == "serving comments, news (from a, b) at http://127.0.0.1:8000, gRPC at port 8001; Ctrl-C stops it"
    assert second == told


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("serving.max_texts=0", "serving.max_texts"),
        ("serving.grace_s=-1", "serving.grace_s"),
        ("serving.max_connections=many", "serving.max_connections"),
        ("serving.max_conections=5", "did you mean serving.max_connections?"),
        ("training.epochs=5", "serving.name=value"),
        ("serving=5", "serving.name=value"),
        ("serving.watch_s=.inf", "serving.watch_s"),
    ],
)
def test_an_override_that_means_nothing_is_named(release: Path, override: str, told: str) -> None:
    with pytest.raises(SpecError) as refused:
        serve_settings(release, [override], {})
    assert told in str(refused.value)


@pytest.mark.parametrize("content", ["[]", "[" * 100_000], ids=["list", "deep"])
def test_a_manifest_that_is_none_is_said(release: Path, content: str) -> None:
    (release / "manifest.json").write_text(content, encoding="utf-8")
    result = invoke(str(release))
    assert (result.exit_code, "cannot be read" in result.stderr) == (1, True)


def test_the_help_names_routes_that_exist() -> None:
    settings = ServeSettings()
    handlers = build_handlers([], settings)
    routes = {route.path for route in create_app(settings, handlers).state.routes}
    named = set(re.findall(r"(?<![\w.])/[a-z][a-z0-9/]+", CliRunner().invoke(app, ["serve", "--help"]).stdout))
    assert named <= routes
    assert "/v1/predict" in named


@pytest.mark.parametrize("seconds", ["inf", "nan", "-1"])
def test_a_watch_that_never_looks_is_refused(
    release: Path, served: list[tuple[list[Path], ServeSettings]], seconds: str
) -> None:
    assert invoke(str(release), "--watch", seconds).exit_code == 2
    assert not served
