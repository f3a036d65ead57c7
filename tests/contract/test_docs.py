"""Generated pages are up to date, and every key of the project file is explained."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from .repository import ROOT


def script(path: str) -> ModuleType:
    """A script of the checkout as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_help_page_has_every_command() -> None:
    lines = list(script("docs/generate.py").command_lines())
    assert len(lines) == len(set(lines))
    assert {(), ("run",), ("data",), ("data", "clean"), ("keys", "add")} <= set(lines)


def test_every_key_of_the_project_file_is_documented() -> None:
    for path, model in script("docs/generate.py").sections():
        assert model.__doc__, path
        silent = [
            f"{path}.{name}" for name, field in model.model_fields.items() if not (field.description or "").strip()
        ]
        assert silent == []


def test_every_setting_of_the_service_is_documented() -> None:
    from dataclasses import fields

    from seatrial.serve.settings import ServeSettings
    from seatrial.spec.stages import ServingSpec

    page = (ROOT / "docs/service/running.md").read_text(encoding="utf-8")
    cells = "\n".join(re.findall(r"^\|([^|]*)\|", page.partition("Every setting of the service")[2], re.MULTILINE))
    told: dict[str, str] = dict(re.findall(r"`([a-z_]+)`( \*)?", cells))
    for field in fields(ServeSettings):
        assert field.name in told, field.name
        assert bool(told[field.name]) == (field.name in ServingSpec.model_fields), f"{field.name}: the star"


def test_every_section_refuses_unknown_keys() -> None:
    for path, model in script("docs/generate.py").sections():
        assert model.model_config.get("extra") == "forbid", path


def test_figures_show_what_falls_short_first(tmp_path: Path) -> None:
    figures = script("benchmarks/figures.py")
    rows = [
        {"name": "met", "value": 5.0, "unit": "ratio", "goal": ">= 4", "met": True},
        {"name": "no goal", "value": 1234.5, "unit": "texts/s", "goal": None, "met": None},
        {"name": "missed", "value": 3.25, "unit": "ratio", "goal": ">= 5", "met": False, "interval": [3.0, 3.5]},
    ]
    (tmp_path / "serving.json").write_text(json.dumps({"meta": {}, "figures": rows}))
    table = figures.plain_table(figures.load_figures(tmp_path)).splitlines()
    assert [re.split(r"\s{2,}", line)[1] for line in table] == ["figure", "missed", "met", "no goal"]
    assert "3.25" in table[1]
    assert "[3, 3.5]" in table[1]
    assert "1,234" in table[3]


def test_a_broken_result_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "serving.json").write_text("{")
    with pytest.raises(SystemExit, match=r"serving\.json"):
        script("benchmarks/figures.py").load_figures(tmp_path)
