from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatrial.artifact.manifest import write_manifest
from seatrial.cli.app import app


def test_settings_of_another_version_are_refused_by_name(tmp_path: Path) -> None:
    write_manifest(tmp_path, kind="release", spec={"serving": {"port": 8000, "workers": 2}})
    result = CliRunner().invoke(app, ["serve", str(tmp_path)])
    assert result.exit_code == 1
    assert "spec.serving.workers" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_no_port_is_one_json_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_manifest(tmp_path, kind="release", spec={"serving": {}})
    monkeypatch.setattr("seatrial.export.release.load_release", lambda folder: None)
    result = CliRunner().invoke(app, ["serve", str(tmp_path), "--port", "99999", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["message"] == "there is no port 99999"


def test_the_help_names_routes_that_exist() -> None:
    from seatrial.serve.http.operations import operations_router

    routes = {route.path for route in operations_router(None, None).routes}  # type: ignore[attr-defined,arg-type]
    told = CliRunner().invoke(app, ["serve", "--help"]).stdout
    assert all(route in told for route in routes if not route.startswith("/v1/"))
