"""Every module says what it is and what it offers."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from .repository import PACKAGE, ROOT, module_name, modules, parsed

NOT_IMPORTED = {"seatrial.__main__"}
"""Modules that run when they are imported; only their text is looked at."""


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_module_offers_what_it_names(path: Path) -> None:
    name = module_name(path)
    if name in NOT_IMPORTED:
        return
    module = importlib.import_module(name)
    assert hasattr(module, "__all__"), "no __all__"
    missing = [export for export in module.__all__ if not hasattr(module, export)]
    assert not missing
    assert len(set(module.__all__)) == len(module.__all__)
    private = [export for export in module.__all__ if export.startswith("_") and export != "__version__"]
    assert not private


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_module_has_a_docstring_and_future_annotations(path: Path) -> None:
    tree = parsed(path)
    assert ast.get_docstring(tree)
    futures = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert any(alias.name == "annotations" for node in futures for alias in node.names)


def test_public_functions_and_classes_have_docstrings() -> None:
    """Those that `__all__` names, and the public methods of such classes."""
    bare = []
    for path in modules():
        tree = parsed(path)
        public = {
            element.value
            for node in tree.body
            if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets)
            for element in ast.walk(node.value)
            if isinstance(element, ast.Constant)
        }
        for node in tree.body:
            if getattr(node, "name", None) in public and isinstance(node, ast.ClassDef | ast.FunctionDef):
                bare += [f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] * (ast.get_docstring(node) is None)
    assert not bare, "\n".join(bare)


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {path.parent for path in modules()}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
    assert PACKAGE in folders
