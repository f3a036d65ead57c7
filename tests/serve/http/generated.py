"""Requests that are generated from the service's own OpenAPI description, and what they find wrong with it.

For each route there are the requests that schemathesis derives from the bounds of its schemas, unexpected methods
among them, and drawn ones: half of them fit the schema, and half do not. Refuses to know: how many are enough.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.errors import SchemathesisError

from .conftest import Both

__all__ = ["MODES", "Trial", "derived", "described_by", "draw"]

UNTOLD = {"positive_data_acceptance"}
"""A text of spaces fits the schema and cannot be answered: no schema says so for every way to write a space."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
"""schemathesis' own statuses of a request that breaks the schema, and 413: what is too long in one field may be so as a
whole."""


@schemathesis.serializer("application/jsonlines", "text/csv")
def as_it_is(_: Any, value: object) -> bytes:
    """Any text will do: what is in it is a matter of the format, which no schema describes."""
    return str(value).encode()


def described_by(folder: Path, app: Any = None) -> Any:
    """The description of a service in this process that asks for no key.

    Args:
        folder: an empty one, for what the models' releases hold beside the models.
        app: of the service; None makes one with a model of labels and one of vectors.
    """
    (folder / "README.md").write_text("# Toy\n", encoding="utf-8")
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"deterministic": True, "database": "none"},
            "checks": {"negative_data_rejection": {"expected-statuses": REJECTED}},
        }
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app or Both(folder).app, config=config)


class Trial:
    """Sends cases and keeps what they found.

    Attributes:
        statuses: status → how many cases.
        found: route and kind of failure → the first of them.
        slowest_ms: of the answers.
    """

    def __init__(self) -> None:
        CHECKS.get_all()
        self.excluded = [CHECKS.get_one(name) for name in UNTOLD]
        self.statuses: Counter[int] = Counter()
        self.found: dict[tuple[str, str], str] = {}
        self.slowest_ms = 0.0

    def send(self, case: schemathesis.Case) -> None:
        """Send a case and check its answer."""
        began = time.perf_counter()
        response = case.call()
        self.slowest_ms = max(self.slowest_ms, 1e3 * (time.perf_counter() - began))
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, excluded_checks=self.excluded)
        except FailureGroup as group:
            for failure in group.exceptions:
                what = case.operation.label, type(failure).__name__
                asked, answered = case.as_curl_command()[:400], f"{response.status_code}: {response.text[:400]}"
                self.found.setdefault(what, f"{failure}\n{asked}\n{answered}")

    def check(self) -> None:
        """Fail on anything that was found."""
        assert not self.found, "\n\n".join(f"{what}: {text}" for what, text in self.found.items())
        assert max(self.statuses) < 500, self.statuses


def derived(schema: Any, operation: Any) -> Iterator[schemathesis.Case]:
    """The requests at the bounds of an operation's schemas."""
    generation = schema.config.generation_for(operation=operation)
    cases: Iterator[schemathesis.Case] = schema.iter_coverage_cases(
        operation, generation_modes=list(MODES), generation_config=generation
    )
    return cases


def draw(operation: Any, mode: GenerationMode, trial: Trial, *, most: int, number: int) -> None:
    """Send requests that fit the schema, or do not; nothing where there is nothing that could be wrong.

    Args:
        operation: a route.
        mode: whether they fit.
        trial: sends them.
        most: how many; fewer where there are not so many different ones.
        number: the seed.
    """

    @seed(number)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        trial.send(case)

    try:
        send()
    except (Unsatisfiable, SchemathesisError):
        assert mode is GenerationMode.NEGATIVE, operation.label
