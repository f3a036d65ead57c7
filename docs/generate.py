"""Write the pages that are made from code: `make docs` writes them, `make check` fails when one is stale.

    docs/help.md            every `--help`
    docs/project-file.md    every key of seatrial.yaml with type, bounds, default and meaning
    docs/figures.md         every goal of benchmarks/results/*.json and what came out
    README.md               the same in short, between the two markers

Refuses to know what any page says: the text comes from the commands, `seatrial.spec` and the result files.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

__all__ = ["command_lines", "figures_page", "help_page", "project_page", "readme_with_figures", "sections"]

ROOT = Path(__file__).resolve().parents[1]
MARKERS = ("<!-- figures: begin, written by `make docs` -->", "<!-- figures: end -->")
PROJECT_INTRODUCTION = (
    "Every key of `seatrial.yaml`. Unknown keys are refused. `seatrial schema` prints the same as a JSON Schema for "
    "editors, and `--set key=value` overrides any key for one run, for example `--set training.epochs=5`."
)
FIGURES_INTRODUCTION = (
    "Every goal that was set and what came out, made from `benchmarks/results/*.json`, the missed ones first. "
    "`make figures` prints these and the figures without a goal."
)
README_BENCHES = ("flagship", "service")
"""Whose figures the README shows one by one."""
GENERATED = "<!-- Written by `make docs`; edits here are lost. -->"


# help.md -------------------------------------------------------------------------------------------------------------


def help_page() -> str:
    """`seatrial --help` and that of every command, in one page."""
    parts = ["# The commands", GENERATED, "Exit codes: 0 done or accepted · 1 error · 2 usage · 3 contract not met."]
    for words in command_lines():
        title = " ".join(("seatrial", *words))
        parts += [f"## `{title}`", f"```text\n{_help(words)}\n```"]
    return "\n\n".join(parts) + "\n"


def command_lines() -> Iterator[tuple[str, ...]]:
    """The words after `seatrial`: none, every command, and below a group its own, as the program lists them."""
    from seatrial.cli.app import app

    yield ()
    yield from ((command,) for command in _names(app))
    for group in app.registered_groups:
        title = str(group.typer_instance.info.name)
        yield (title,)
        yield from ((title, command) for command in _names(group.typer_instance))


def _names(of: typer.Typer) -> list[str]:
    return [command.name or getattr(command.callback, "__name__", "") for command in of.registered_commands]


def _help(words: tuple[str, ...]) -> str:
    """One help text, the same on every terminal: 100 columns, no colour."""
    plain = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "GITHUB_ACTIONS")} | plain
    command = [str(Path(sys.executable).parent / "seatrial"), *words, "--help"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return "\n".join(line.rstrip() for line in shown.strip("\n").splitlines())


# project-file.md -----------------------------------------------------------------------------------------------------


def project_page() -> str:
    """One table per section of the project file."""
    parts = [
        "# The project file",
        GENERATED,
        PROJECT_INTRODUCTION,
    ]
    for path, model in sections():
        parts += [f"## `{path}`" if path else "## At the top", _paragraph(model.__doc__ or "")]
        properties = model.model_json_schema()["properties"]
        rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        for name, field in model.model_fields.items():
            nested = _nested(field.annotation)
            where = _path(path, name, field.annotation)
            value = f"section [`{where}`](#{_anchor(where)})" if nested else _value(properties[name])
            cells = (f"`{name}`", value, _default(field), _paragraph(field.description or ""))
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def sections() -> Iterator[tuple[str, Any]]:
    """(dotted path, pydantic model) of every section, depth first; lists of sections end in `[]`."""
    from seatrial.spec.project import ProjectSpec

    waiting: list[tuple[str, Any]] = [("", ProjectSpec)]
    while waiting:
        path, model = waiting.pop(0)
        yield path, model
        inner = [(name, field.annotation, _nested(field.annotation)) for name, field in model.model_fields.items()]
        waiting = [(_path(path, name, annotation), nested) for name, annotation, nested in inner if nested] + waiting


def _nested(annotation: Any) -> Any:
    """The section's model within an annotation such as `Lora`, `list[Source]` or `Join | None`; else None."""
    if hasattr(annotation, "model_fields"):
        return annotation
    return next(filter(None, map(_nested, typing.get_args(annotation))), None)


def _path(parent: str, name: str, annotation: Any) -> str:
    suffix = "[]" if typing.get_origin(annotation) is list else ""
    return f"{parent}.{name}{suffix}".lstrip(".")


def _default(field: Any) -> str:
    """The default as YAML would take it; sections show theirs in their own table."""
    if field.is_required():
        return "*required*"
    if _nested(field.annotation):
        return ""
    return f"`{json.dumps(field.get_default(call_default_factory=True), ensure_ascii=False)}`"


def _value(schema: Mapping[str, Any]) -> str:
    """A JSON schema as a reader's phrase: `integer, 1 to 512`, `list of string`, `one of …`."""
    if "anyOf" in schema:
        return " or ".join(_value(option) for option in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{option}`" for option in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_value(schema['items'])}" + _bounds(schema, "minItems", "maxItems")
    if schema["type"] == "object":
        inner = schema.get("additionalProperties", True)
        return "mapping" if inner is True else f"mapping to {_value(inner)}"
    if schema.get("maxLength") == 1:
        return "one character"
    pattern = f", matching `{schema['pattern']}`" if "pattern" in schema else ""
    return schema["type"] + _bounds(schema, "minimum", "maximum") + _bounds(schema, "minLength", "maxLength") + pattern


def _bounds(schema: Mapping[str, Any], low: str, high: str) -> str:
    exclusive_low, exclusive_high = (f"exclusive{name[0].upper()}{name[1:]}" for name in (low, high))
    signs = {low: "≥", exclusive_low: ">", high: "≤", exclusive_high: "<"}
    found = [f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema]
    return ", " + ", ".join(found) if found else ""


def _paragraph(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _anchor(heading: str) -> str:
    """The id that GitHub gives to a heading."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


# figures.md and README.md --------------------------------------------------------------------------------------------


def figures_page(results: Path) -> str:
    """Every goal of every benchmark, what came out, and where it was measured; what falls short first."""
    figures = _load_figures_module()
    parts = ["# The figures", GENERATED, FIGURES_INTRODUCTION]
    for bench, (rows, meta) in _benches(results).items():
        measured = f"Measured {meta['date'][:10]} on {_hardware(meta['hardware'])}: {meta.get('note') or 'one run'}."
        parts += [f"## {bench}", _paragraph(measured), figures.markdown_table(rows)]
    return "\n\n".join(parts) + "\n"


def readme_with_figures(readme: str, results: Path) -> str:
    """The README with what is between its markers made from the result files: the goals of each benchmark in short."""
    figures, benches = _load_figures_module(), _benches(results)
    lines = ["| bench | goals | met | falls short |", "| --- | --- | --- | --- |"]
    for bench, (rows, _) in benches.items():
        missed = [str(row["name"]) for row in rows if not row["met"]]
        lines.append(
            f"| [{bench}](docs/figures.md#{bench}) | {len(rows)} | {len(rows) - len(missed)} | {'; '.join(missed)} |"
        )
    shown = [row for bench in README_BENCHES if bench in benches for row in benches[bench][0]]
    parts = ["\n".join(lines), *([figures.markdown_table(shown)] if shown else [])]
    inside = "\n\n".join(parts) if benches else "No benchmark has been run yet: `make bench`."
    before, begin, rest = readme.partition(MARKERS[0])
    _, end, after = rest.partition(MARKERS[1])
    if not (begin and end):
        raise SystemExit(f"README.md: the markers {MARKERS} are not both there")
    return f"{before}{begin}\n{inside}\n{end}{after}"


def _benches(results: Path) -> dict[str, tuple[list[dict[str, Any]], dict[str, Any]]]:
    """By benchmark: the rows that have a goal, missed ones first, and how they were measured."""
    rows = [row for row in _load_figures_module().load_figures(results) if row.get("met") is not None]
    found = {file.stem: json.loads(file.read_text(encoding="utf-8"))["meta"] for file in sorted(results.glob("*.json"))}
    return {bench: ([row for row in rows if row["bench"] == bench], meta) for bench, meta in found.items()}


def _hardware(hardware: Any) -> str:
    if isinstance(hardware, Mapping):
        return ", ".join(f"{key} {value}" for key, value in hardware.items() if isinstance(value, str | int | float))
    return str(hardware)


def _load_figures_module() -> Any:
    """`benchmarks/figures.py`, which is a script and not part of the package."""
    spec = importlib.util.spec_from_file_location("figures", ROOT / "benchmarks" / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Write the pages, or with `--check` only say which are stale."""
    parser = argparse.ArgumentParser(description="Write the generated pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    check = parser.parse_args().check
    readme, results = ROOT / "README.md", ROOT / "benchmarks" / "results"
    pages = {
        ROOT / "docs" / "help.md": help_page(),
        ROOT / "docs" / "project-file.md": project_page(),
        ROOT / "docs" / "figures.md": figures_page(results),
        readme: readme_with_figures(readme.read_text(encoding="utf-8"), results),
    }
    stale = [page for page, text in pages.items() if not page.exists() or page.read_text(encoding="utf-8") != text]
    for page in stale:
        if not check:
            page.write_text(pages[page], encoding="utf-8")
        print(f"{page.relative_to(ROOT)}: " + ("stale, run `make docs`" if check else "written"))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
