"""The interfaces that docs/architecture.md shows are those of the code."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

from .repository import PACKAGE, ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CODE = re.sub(r"#.*", "", "\n".join(re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)))
ROOMS = "|".join(sorted(path.stem for path in PACKAGE.iterdir() if path.suffix in ("", ".py") and path.stem[0] != "_"))
SHOWN = sorted(set(re.findall(rf"(?<![\w.])((?:{ROOMS})(?:\.[a-z_]+)*)\.(\w+)", CODE)))
CALLS = re.findall(rf"(?<![\w.])((?:{ROOMS})(?:\.[a-z_]+)*)\.([a-z_]+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", CODE)


@pytest.mark.parametrize(("module", "name"), SHOWN)
def test_shown_name_exists(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(f"seatrial.{module}"), name)


@pytest.mark.parametrize(("module", "name", "arguments"), CALLS, ids=lambda value: value[:30])
def test_shown_arguments_exist(module: str, name: str, arguments: str) -> None:
    function = getattr(importlib.import_module(f"seatrial.{module}"), name)
    depth_one = re.sub(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]", "", arguments)
    shown = [part.split(":")[0].split("=")[0].strip() for part in depth_one.split(",")]
    names = [word for word in shown if re.fullmatch(r"[a-z_]+", word)]
    assert [word for word in names if word not in inspect.signature(function).parameters] == []
