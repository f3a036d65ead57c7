"""The Jinja that chat templates of models are written for, in a sandbox: no file, no attribute with an underscore.

This module imports jinja2 when it is imported; import it where it is used.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["sandbox"]


def sandbox(*, answer: tuple[str, str]) -> ImmutableSandboxedEnvironment:
    """The environment, set as transformers sets it.

    Args:
        answer: what is written before and after the body of a `generation` block.
    """

    class GenerationBlock(Extension):
        """``{% generation %} … {% endgeneration %}``: what the model shall learn to write."""

        tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

        def parse(self, parser: Parser) -> list[nodes.Node]:
            """The body, between the two marks."""
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            before, after = (nodes.Output([nodes.TemplateData(mark)], lineno=line) for mark in answer)
            return [before, *body, after]

    return ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, GenerationBlock], autoescape=False
    )
