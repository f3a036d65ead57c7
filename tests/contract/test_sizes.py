"""Files and functions stay small, and files are named for a concept."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

from .repository import ROOT, modules, parsed, python_files

MAX_LINES = 500
TYPICAL_LINES = 300
MEDIAN_LINES = 150
MAX_FUNCTION_LINES = 60
LONGER_FOR_A_REASON: dict[str, str] = {}
"""Path → why this file may have more than MAX_LINES lines."""
FORBIDDEN = {"utils", "util", "common", "misc", "helpers", "helper", "core", "constants"}


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_its_reason() -> None:
    long = {str(path.relative_to(ROOT)): n for path in python_files() if (n := line_count(path)) > MAX_LINES}
    assert set(long) == set(LONGER_FOR_A_REASON), long


def test_most_modules_are_short() -> None:
    counts = {str(path.relative_to(ROOT)): line_count(path) for path in modules()}
    above = {name: n for name, n in counts.items() if n > TYPICAL_LINES}
    assert statistics.median(counts.values()) <= MEDIAN_LINES
    assert len(above) <= len(counts) // 10, above


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of signature and code; the docstring is not what makes a function hard to read.

    The signature of a command is the table of its options with their help, so only its code counts.
    """
    first = function.body[0]
    if any(isinstance(decorator, ast.Name) and decorator.id == "guarded" for decorator in function.decorator_list):
        return (function.end_lineno or 0) - (first.end_lineno or 0)
    documented = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_functions_fit_on_a_screen() -> None:
    """Not those of tests, which may hold long literals."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines"
        for path in python_files()
        if not path.is_relative_to(ROOT / "tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := function_lines(node)) > MAX_FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    paths = [path.relative_to(ROOT) for path in python_files()]
    bad = [str(path) for path in paths if FORBIDDEN & {part.lower() for part in (*path.parts[:-1], path.stem)}]
    assert not bad, bad
