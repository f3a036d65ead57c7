"""The README does not drift: its tree, its commands and its figures are those of the checkout."""

from __future__ import annotations

import json
import re
import tomllib

import yaml

from .repository import PACKAGE, ROOT, modules
from .test_imports import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.compile(r"```(?:sh|console)\n(.*?)```|`([^`\n]+)`", flags=re.DOTALL)
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
PROSE = re.sub(r"<!-- figures: begin.*?figures: end -->", "", README, flags=re.DOTALL)


def test_tree_names_every_room_once_with_a_remark() -> None:
    tree = re.search(r"```text\nsrc/seatrial/\n(.*?)```", README, flags=re.DOTALL)
    assert tree, "no tree of src/seatrial in the README"
    lines = [line for line in tree[1].splitlines() if line.startswith("  ") and not line.startswith("   ")]
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    rooms = {f"{path.name}/" for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    rooms |= {path.name for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")}
    assert set(shown) == rooms
    assert len(lines) == len(shown)
    assert all(len(remark.split()) >= 2 for remark in shown.values()), shown
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    depth = {room.strip(): place for place, layer in enumerate(layers) for room in layer.split("|")}
    depths = [depth[room.rstrip("/").removesuffix(".py")] for room in shown]
    assert depths == sorted(depths), "the tree is not in the order of the layers"


def test_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        code = "\n".join("".join(groups) for groups in CODE.findall(page.read_text(encoding="utf-8")))
        assert set(re.findall(r"^\s*make ([a-z-]+)", code, flags=re.MULTILINE)) <= targets, page
        assert set(re.findall(r"^\s*(?:\.venv/bin/)?seatrial ([a-z]+)", code, flags=re.MULTILINE)) <= set(COMMANDS), (
            page
        )


def test_every_exit_code_is_explained() -> None:
    from seatrial.cli.console import INTERRUPTED
    from seatrial.errors import ContractNotMet, SeatrialError

    codes = {0, SeatrialError.exit_code, 2, ContractNotMet.exit_code, INTERRUPTED}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)} == codes


def test_the_two_commands_are_there() -> None:
    assert "make demo" in README
    assert "seatrial init" in README


def test_shown_project_files_are_valid() -> None:
    from seatrial.evaluate.metrics import METRICS
    from seatrial.evaluate.opponents import OPPONENTS
    from seatrial.spec.contract import OPERATIONAL_SPLITS
    from seatrial.spec.load import parse_spec

    for page in (ROOT / "README.md", ROOT / "docs" / "own-data.md"):
        shown = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert shown, page
        for text in shown:
            spec = parse_spec(yaml.safe_load(text), page.name)
            assert all(line.metric in METRICS or line.metric in OPERATIONAL_SPLITS for line in spec.requirements), page
            assert all(line.over is None or line.over in OPPONENTS for line in spec.requirements), page


def test_contributing_names_every_entry_point_group() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in modules())
    groups = set(re.findall(r"Registry\(\s*\"[^\"]+\",\s*\"(seatrial\.[a-z_.]+)\"", sources))
    shown = set(re.findall(r"^\| [^|]+ \| `(seatrial\.[a-z_]+)`", PAGES[1].read_text(encoding="utf-8"), re.MULTILINE))
    assert groups == shown


def test_linked_files_exist() -> None:
    for page in PAGES:
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page


def test_measured_figures_come_from_a_file() -> None:
    """Each decimal number in the prose is in a result file or in an example's project file."""
    files = [*(ROOT / "benchmarks" / "results").glob("*.json"), *(ROOT / "examples").glob("*/seatrial.yaml")]
    sources = " ".join(path.read_text(encoding="utf-8") for path in files)
    known = set(re.findall(r"\d+\.\d+", sources)) | {f"{float(n):g}" for n in re.findall(r"\d+\.\d+", sources)}
    text = re.sub(r"```.*?```", "", PROSE, flags=re.DOTALL)
    quoted = set(re.findall(r"(?<![\w.=-])\d+\.\d+(?![\w.]*\d)", re.sub(r"Python \d\.\d+|\d+\.\d+\.\d+", "", text)))
    assert quoted <= known, quoted - known


def test_result_files_have_the_agreed_form() -> None:
    for path in (ROOT / "benchmarks" / "results").glob("*.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        assert {"date", "hardware", "versions", "seed"} <= set(result["meta"]), path
        for row in result["figures"]:
            assert {"name", "value", "unit", "goal", "met", "opponent", "n"} <= set(row), (path, row)
