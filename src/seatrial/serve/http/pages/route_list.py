"""The page that lists the routes of every protocol, with who may use them and how.

Refuses to know: what is served, and what a route does beyond its description.
"""

from __future__ import annotations

import html
import json
import re
from itertools import groupby
from typing import Any

__all__ = ["route_list"]

USABLE_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
WHO = {"public": "everybody", "predict": "key: predict", "metrics": "key: metrics", "admin": "key: admin"}
TEXT = "What a lovely day"

# Protocol → its name for people, in the order of the page; others follow under their own names.
TITLES = {
    "rest": "Seatrial",
    "openai": "OpenAI",
    "oip": "Open Inference Protocol v2",
    "embeddings-inference": "Text Embeddings Inference",
    "sagemaker": "SageMaker",
}

# Path → a body to try it with. A protocol's first path here that the service has is its example.
EXAMPLES: dict[str, Any] = {
    "/v1/predict": {"inputs": TEXT},
    "/v1/embeddings": {"model": "MODEL", "input": TEXT},
    "/v1/moderations": {"model": "MODEL", "input": TEXT},
    "/v2/models/{model}/infer": {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [TEXT]}]},
    "/embed": {"inputs": TEXT},
    "/predict": {"inputs": TEXT},
    "/invocations": {"inputs": TEXT},
}


def route_list(description: dict[str, Any], origin: str) -> str:
    """The routes of an OpenAPI description, by protocol, each protocol with examples to copy.

    Args:
        description: as OpenAPI has it; operations name their access as `x-access` and their protocol as `x-protocol`.
        origin: the service's address as the reader wrote it.
    """
    if not USABLE_ORIGIN.fullmatch(origin):
        origin = "http://HOST:PORT"
    operations = [
        (operation.get("x-protocol", "rest"), method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    operations.sort(key=lambda entry: _order(entry[0]))  # stable: a protocol's routes stay in their order
    parts = [_protocol(name, list(entries), origin) for name, entries in groupby(operations, lambda entry: entry[0])]
    return (
        '<nav aria-label="Other pages"><a href="/">Playground</a><a href="/openapi.json">OpenAPI description</a></nav>'
        f'<main class="panel prose"><h1>{html.escape(description["info"]["title"])}</h1>'
        "<p>One service, several protocols: take the one that your client speaks. Where the service has keys, a route "
        "that needs one takes it as <code>Authorization: Bearer KEY</code> or <code>X-API-Key: KEY</code>. "
        "Every prediction tells which version of the model gave it.</p>"
        f"{''.join(parts)}</main>"
    )


def _order(protocol: str) -> tuple[int, str]:
    known = list(TITLES)
    return (known.index(protocol) if protocol in known else len(known), protocol)


def _protocol(name: str, entries: list[tuple[str, str, str, dict[str, Any]]], origin: str) -> str:
    rows = [
        f"<tr><td><code>{method.upper()}</code></td><td><code>{html.escape(path)}</code></td>"
        f"<td>{html.escape(_summary(operation))}</td>"
        f'<td><span class="badge">{html.escape(_who(operation))}</span></td></tr>'
        for _, method, path, operation in entries
    ]
    paths = {path for _, _, path, _ in entries}
    examples = [_example(path, body, origin) for path, body in EXAMPLES.items() if path in paths]
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Method", "Route", "What it does", "For"))
    return (
        f'<h2>{html.escape(TITLES.get(name, name))}</h2><div class="scroll routes" tabindex="0"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{''.join(examples)}"
    )


def _summary(operation: dict[str, Any]) -> str:
    """What a route does, without the name of the protocol that stands above the table."""
    summary = str(operation.get("summary", ""))
    first, separator, rest = summary.partition(": ")
    if not separator or not any(title.lower().startswith(first.lower().replace("-", " ")) for title in TITLES.values()):
        return summary
    return rest[:1].upper() + rest[1:]


def _who(operation: dict[str, Any]) -> str:
    access = str(operation.get("x-access", ""))
    return WHO.get(access, access)


def _example(path: str, body: object, origin: str) -> str:
    command = (
        f"curl -s {origin}{path.replace('{model}', 'MODEL')} \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{json.dumps(body)}'"
    )
    return f'<pre tabindex="0">{html.escape(command)}</pre>'
