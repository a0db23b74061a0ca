"""Figures for whoever watches the machine: requests by endpoint and status, how long they took. Read at /metrics.

Several processes on one machine add up when PROMETHEUS_MULTIPROC_DIR names an empty folder before they start (the
library reads it by itself); without it a scrape sees the process that answers.
"""

import time
from collections.abc import Iterable, Mapping

from flask import Flask, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from werkzeug.wrappers import Response

from marketplace.foundation import market

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_registry = CollectorRegistry()
_requests = Counter(
    "choque_requests",
    "Requests answered",
    ("market", "endpoint", "method", "status"),
    registry=_registry,
)
_seconds = Histogram(
    "choque_request_seconds",
    "Time until the answer was ready",
    ("market", "endpoint"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=_registry,
)
ProcessCollector(registry=_registry)
PlatformCollector(registry=_registry)


class _Now(Collector):
    """Gauges that are asked for, not kept: no process remembers them."""

    def __init__(self, gauges: Mapping[str, tuple[str, float]]) -> None:
        self.gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for name, (words, value) in self.gauges.items():
            yield GaugeMetricFamily(f"choque_{name}", words, value=value)


def attach(app: Flask) -> None:
    """Count every answer. Addresses with no page are one endpoint, so that a prober cannot make new names."""
    name = "practice" if app.extensions["settings"].practice else "market"

    @app.after_request
    def count(answer: Response) -> Response:
        endpoint = request.endpoint or "none"
        method = request.method if request.method in METHODS else "other"
        _requests.labels(name, endpoint, method, answer.status_code).inc()
        if "began" in g:
            _seconds.labels(name, endpoint).observe(time.perf_counter() - g.began)
        return answer


def exposition(gauges: Mapping[str, tuple[str, float]]) -> bytes:
    """Everything counted, and these gauges as they stand now: name → (what it is, value)."""
    now = CollectorRegistry()
    now.register(_Now(gauges))
    counted = _registry
    if folder := market.settings().prometheus_multiproc_dir:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted, folder)  # type: ignore[no-untyped-call]
    return generate_latest(counted) + generate_latest(now)
