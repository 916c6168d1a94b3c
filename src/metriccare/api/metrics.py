"""What Prometheus reads of the server: requests, times, cache, refusals, audit failures."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from metriccare.api.exchange import Exchange

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Seconds: 304s are below 5 ms, funnels of a thousand hospitals below 150 ms.
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counters of one app."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "metriccare_requests",
            "Answers by route template, method and status",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "metriccare_request_seconds",
            "Time until the first byte",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._refused = Counter(
            "metriccare_refused", "Refusals by reason", ("reason",), registry=self._registry
        )
        self.cache_hits = Counter(
            "metriccare_cache_hits", "Answers from the cache", registry=self._registry
        )
        self.cache_misses = Counter(
            "metriccare_cache_misses", "Answers that were computed", registry=self._registry
        )
        self.not_modified = Counter(
            "metriccare_not_modified", "Answers 304", registry=self._registry
        )
        self.audit_failures = Counter(
            "metriccare_audit_failures", "Audit rows not written", registry=self._registry
        )

    def gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Add a gauge that is read when Prometheus asks."""
        Gauge(name, meaning, registry=self._registry).set_function(value)

    def observe(self, exchange: Exchange, status: int) -> None:
        """Count one answer."""
        self._requests.labels(exchange.route, exchange.method, str(status)).inc()
        self._seconds.labels(exchange.route).observe(exchange.seconds)
        if status >= 400:
            self._refused.labels(exchange.reason or str(status)).inc()
        elif status == 304:
            self.not_modified.inc()

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self._registry)
