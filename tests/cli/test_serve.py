from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from seatrial.artifact.manifest import write_manifest
from seatrial.cli.app import app


def test_settings_of_another_version_are_refused_by_name(tmp_path: Path) -> None:
    write_manifest(tmp_path, kind="release", spec={"serving": {"port": 8000, "workers": 2}})
    result = CliRunner().invoke(app, ["serve", str(tmp_path)])
    assert result.exit_code == 1
    assert "spec.serving.workers" in result.stderr
    assert "Traceback" not in result.stderr
