"""What the YAML parser complains about → what a user is told, with the next thing to do."""

from __future__ import annotations

import yaml

from seatrial.errors import SpecError

__all__ = ["plain_error"]

INDENT = "indent the keys of one section alike, with spaces"
QUOTE = "put the text in quotes"
PROBLEMS = {
    "expected ',' or ']'": ("a list is not closed, or lacks a comma", "write it as [one, two]"),
    "expected ',' or '}'": ("a mapping is not closed, or lacks a comma", "write it as {key: value, other: value}"),
    "found unexpected end of stream": ("a quote is opened and never closed", "close it with the same quote"),
    "found character '\\t'": ("a tab where YAML wants spaces", INDENT),
    "found character": ("a text begins with a character that means something in YAML", QUOTE),
    "expected alphabetic or numeric": ("a text begins with a character that means something in YAML", QUOTE),
    "expected chomping": ("a text begins with a character that means something in YAML", QUOTE),
    "mapping values are not allowed": ("a colon where no key can be", f"quote a text that holds ': '; {INDENT}"),
    "could not find expected ':'": ("a key without its colon", "write `key: value`"),
    "expected <block end>": ("this line does not fit the ones above it", INDENT),
    "expected '<document start>'": ("this line does not fit the ones above it", INDENT),
    "expected the node content": ("a value is missing", "write a value, or quote the text"),
    "could not determine a constructor": ("tags (!name) are not allowed", "remove the tag, or quote the text"),
    "but found another document": ("there is a second document", "remove the lines that are only ---"),
    "second occurrence": ("an anchor (&name) is there twice", "write the value out, or quote the text"),
    "found unknown escape character": ("a backslash in double quotes begins an escape", "use single quotes"),
    "aliases": ("aliases (*name) are not allowed", "write the value out, or quote the text"),
    "duplicate key": (None, "keep one of them"),
    "nested deeper": (None, "a project file needs four levels at most"),
    "a key must be": (None, "write `key: value`"),
}
"""How each complaint begins → the message (None: the complaint itself is plain), and what to do."""

OPENED = ("while parsing a flow", "while scanning a quoted")
"""Contexts whose beginning is worth naming: a bracket or a quote that something opened."""


def plain_error(error: yaml.MarkedYAMLError, where: str) -> SpecError:
    """A parser's complaint as a `SpecError` at ``where:line``."""
    problem = error.problem or error.context or "is not YAML"
    known = next((words for start, words in PROBLEMS.items() if problem.startswith(start)), (None, None))
    message = known[0] or problem
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    if mark and begun and begun.line != mark.line and (error.context or "").startswith(OPENED):
        message += f"; it is opened in line {begun.line + 1}"
    line = f":{mark.line + 1}" if mark else ""
    return SpecError(message, where=f"{where}{line}", hint=known[1] or "docs/own-data.md shows a whole project file")
