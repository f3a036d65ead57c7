"""Figures that are read from the service at the moment when somebody looks: queues, models, cache, readiness.

Nothing here is touched while a request is answered. Refuses to know: requests and transports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from seatrial.serve.cache import ResponseCache
    from seatrial.serve.catalog import Catalog

__all__ = ["CacheCollector", "CatalogCollector", "ReadCollector"]


class CatalogCollector(Collector):
    """What the models have to do, and which of them are there.

    A version that was swapped out is gone from the next look on, so `seatrial_model_info` needs no clean-up.

    Args:
        catalog: the models of the service.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def collect(self) -> Iterator[Metric]:
        """Sums per model name; a name's versions share its figures while a swap is under way."""
        waiting: dict[str, list[float]] = {}
        info = GaugeMetricFamily(
            "seatrial_model_info", "1 for each release that answers", labels=("model", "version", "task")
        )
        for served in self._catalog:
            release, load = served.release, served.load()
            sums = waiting.setdefault(release.name, [0, 0, 0, 0.0])
            sums[0] += load.waiting_items
            sums[1] += load.waiting_tokens
            sums[2] += load.running_items
            sums[3] = max(sums[3], load.expected_wait_s)
            info.add_metric((release.name, release.version, release.task), 1)
        items = GaugeMetricFamily("seatrial_queue_items", "Texts that wait for the model", labels=("model",))
        tokens = GaugeMetricFamily("seatrial_queue_tokens", "Tokens that wait for the model", labels=("model",))
        running = GaugeMetricFamily("seatrial_running_items", "Texts that are being computed", labels=("model",))
        wait = GaugeMetricFamily(
            "seatrial_queue_expected_wait_seconds", "How long a text that came now would wait", labels=("model",)
        )
        for name, sums in waiting.items():
            for family, value in zip((items, tokens, running, wait), sums, strict=True):
                family.add_metric((name,), value)
        yield from (info, items, tokens, running, wait)


class CacheCollector(Collector):
    """What the cache of answers holds and what it was good for.

    Args:
        cache: it; one that keeps nothing is shown too, with zeros.
    """

    def __init__(self, cache: ResponseCache) -> None:
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        """The cache's own counts."""
        cache = self._cache
        yield CounterMetricFamily("seatrial_cache_hits", "Texts that the cache answered", cache.hits)
        yield CounterMetricFamily("seatrial_cache_misses", "Texts that the cache did not know", cache.misses)
        yield CounterMetricFamily("seatrial_cache_evictions", "Answers that made room for others", cache.evictions)
        yield GaugeMetricFamily("seatrial_cache_entries", "Answers that are kept", len(cache))
        yield GaugeMetricFamily("seatrial_cache_size_bytes", "Memory of the answers that are kept", cache.bytes_used)
        yield GaugeMetricFamily("seatrial_cache_limit_bytes", "Memory that the cache may take", cache.max_bytes)


class ReadCollector(Collector):
    """One gauge without labels, whose value a function tells.

    Args:
        name: of the gauge.
        documentation: one line.
        read: the value now; quick.
    """

    def __init__(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        self._name = name
        self._documentation = documentation
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """The value now."""
        yield GaugeMetricFamily(self._name, self._documentation, self._read())
