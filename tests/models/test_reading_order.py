"""The page that leads through the networks names each of their files, and its code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.models import networks

PAGE = (Path(__file__).parents[2] / "docs" / "models" / "README.md").read_text(encoding="utf-8")
FOLDER = Path(networks.__file__).parent


def test_every_file_has_its_place_in_the_reading_order() -> None:
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py") if path.name != "__init__.py"}
    shown = re.findall(r"\.\./\.\./src/seatrial/models/networks/([\w/]+\.py)", PAGE)
    assert files <= set(shown)
    assert all((FOLDER / name).is_file() for name in shown)


def test_the_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks[:-1]:  # the last one takes a real model, as tests/models/hub_layout/test_llama.py does
        exec(block, names)
    assert names["logits"].shape == (1, 12, 1000)  # type: ignore[attr-defined]
    assert names["cache"].lengths == [9, 11]  # type: ignore[attr-defined]


def test_the_code_on_a_real_model_names_what_there_is() -> None:
    last = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)[-1]
    names: dict[str, object] = {}
    exec("\n".join(line for line in last.splitlines() if line.startswith(("from", "import", "reference"))), names)
    assert {"load_network", "save_network", "adapt", "fold", "save_adapter", "resolve_model"} <= set(names)
