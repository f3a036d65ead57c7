"""Where all this comes from: digests, seeds, versions, the machine, and how often the test split was used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial.govern.figures import printable
from seatrial.records import Trial
from seatrial.report.markup import Child, Html, h, user
from seatrial.report.sections.base import Section
from seatrial.report.table import Column, pairs, table

__all__ = ["lineage"]

SHORT = 12
MACHINE = {"cpu": "CPU", "cores": "cores", "memory_gb": "memory (GB)", "cpu_flags": "CPU flags"}

BASE = {
    "model": "named as",
    "digest": "digest of its files",
    "project": "the release of",
    "task": "task",
    "release": "digest of that release",
    "head": "head",
}


def lineage(trial: Trial) -> Section:
    """Always there: how often the test split was used is part of every verdict."""
    body: list[Child] = [h("h3", "Use of the test split"), h("p", _test_uses(trial.test_uses))]
    stages = _mapping(trial.lineage.get("stages"))
    if stages:
        columns = [Column("Stage"), Column("Digest"), Column("Made from")]
        lines: list[list[Child]] = [
            [user(name), _digest(_mapping(stage).get("digest")), _inputs(_mapping(stage).get("inputs"))]
            for name, stage in stages.items()
        ]
        body += [h("h3", "Artifacts"), table("Artifacts and what each was made from", columns, lines)]
    base = _mapping(trial.lineage.get("base"))
    if base:
        known = [(title, _said(key, base[key])) for key, title in BASE.items() if base.get(key)]
        body += [h("h3", "Base model"), pairs(known)]
    seeds = _mapping(trial.lineage.get("seeds"))
    if seeds:
        body += [h("h3", "Seeds"), pairs([(printable(k), user(v)) for k, v in seeds.items()])]
    machine = _mapping(trial.lineage.get("machine"))
    if machine:
        known = [
            (name, _value(machine[key])) for key, name in MACHINE.items() if machine.get(key) not in (None, [], "")
        ]
        body += [h("h3", "Machine"), pairs(known)]
        versions = _mapping(machine.get("versions"))
        if versions:
            body += [h("h3", "Versions"), pairs([(printable(k), user(v)) for k, v in versions.items()])]
    spec = trial.lineage.get("spec")
    if spec:
        text = json.dumps(spec, indent=2, ensure_ascii=False, default=str)
        code = h("pre", h("code", text), attrs={"tabindex": "0", "aria-label": "Resolved project file"})
        body.append(h("details", h("summary", "The project file as it was resolved"), code))
    return Section(
        "lineage",
        "Lineage",
        "What it takes to repeat this trial, and to check that a file is the one that was tried.",
        body,
    )


def _test_uses(uses: int) -> str:
    if uses <= 1:
        return (
            "This test split judged a model of this project for the first time, "
            "so the figures on it are free of selection by hindsight."
        )
    return (
        f"This test split has now judged {uses} model files of this project. Each look at it lets later choices lean "
        "towards it, so its figures become a little too favourable with every use; after many, collect a fresh test "
        "split."
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _said(key: str, value: object) -> Html | str:
    return _digest(value) if key in ("digest", "release") else user(value)


def _digest(value: object) -> Html | str:
    if not isinstance(value, str):
        return "–"
    return h("code", value[:SHORT], attrs={"title": value})


def _inputs(value: object) -> Child:
    return [h("span.chip", user(name), " ", _digest(digest)) for name, digest in _mapping(value).items()] or "–"


def _value(value: Any) -> Html:
    return user(" ".join(map(str, value)) if isinstance(value, (list, tuple)) else value)
