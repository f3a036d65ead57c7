"""The tallies show what prometheus_client's own counters and histograms show."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics

from seatrial.serve.watch.tallies import CounterTally, HistogramTally

BOUNDS = (0.001, 0.5, 1, 128)
VALUES = (0.0, 0.001, 0.0011, 0.5, 0.75, 1.0, 127.9, 128.5, 1e9)


def test_they_show_what_the_client_library_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prometheus_client.metrics._use_created", False)
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    counter = Counter("asked", "How often", ("route", "status"), registry=theirs)
    histogram = Histogram("took_seconds", "How long", ("route",), buckets=BOUNDS, registry=theirs)
    tally = CounterTally("asked", "How often", ("route", "status"))
    took = HistogramTally("took_seconds", "How long", ("route",), BOUNDS)
    ours.register(tally)
    ours.register(took)
    for number, value in enumerate(VALUES):
        route, status = f"/{number % 2}", 200 + number % 3
        counter.labels(route, status).inc(value)
        tally.add((route, status), value)
        histogram.labels(route).observe(value)
        took.observe((route,), value)
    counter.labels("/shown", 500)
    tally.add(("/shown", 500), 0)
    assert generate_latest(ours) == generate_latest(theirs)
    assert openmetrics(ours) == openmetrics(theirs)
