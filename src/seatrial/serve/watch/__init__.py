"""What those who run the service can see of it: a line and a span for each request, metrics for all of them.

    trail        what becomes known of one request on its way
    tracebacks   what may be told of an error
    logs         the log, a line per request
    tracing      spans, by OpenTelemetry
    gauges       figures that are read when somebody looks
    tallies      counters and histograms that cost next to nothing
    metrics      what Prometheus reads

Order of knowledge: `logs` and `tracing` are made from the `trail`, `logs` knows `tracebacks`, `metrics` knows `gauges`
and `tallies`. Nothing here knows a transport.
"""

from __future__ import annotations

__all__: list[str] = []
