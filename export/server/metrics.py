"""What the server counts, for Prometheus: requests, rows, batches, and what waits.

The names of models come from bundles and those of routes from the table of routes, so that no
client can make the number of time series grow.
"""

import os

import prometheus_client
from prometheus_client import multiprocess

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The counters of one process.

    Args:
        registry: Where they are registered.
    """

    def __init__(self, registry: prometheus_client.CollectorRegistry | None = None):
        self._registry = registry or prometheus_client.CollectorRegistry()
        self._answered = {}
        options = {"registry": self._registry}
        self._requests = prometheus_client.Counter(
            "zoo_requests", "Requests that were answered.", ["route", "status"], **options
        )
        self._seconds = prometheus_client.Histogram(
            "zoo_request_seconds",
            "Seconds from the headers of a request to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            **options,
        )
        self._rows = prometheus_client.Counter(
            "zoo_rows", "Rows that were computed.", ["model", "endpoint"], **options
        )
        self._batches = prometheus_client.Histogram(
            "zoo_batch_rows", "Rows of a batch.", ["model"], buckets=_ROWS, **options
        )
        gauges = {**options, "multiprocess_mode": "livesum"}
        self._waiting = prometheus_client.Gauge(
            "zoo_waiting_rows", "Rows that wait for a model.", ["model"], **gauges
        )
        self._held = prometheus_client.Gauge(
            "zoo_held_bytes", "Bytes of bodies and answers that are held.", **gauges
        )
        self._version = prometheus_client.Gauge(
            "zoo_model_version",
            "Newest version of a model that is loaded.",
            ["model"],
            **{**options, "multiprocess_mode": "max"},
        )

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        key = route, status
        if key not in self._answered:  # finding them anew would take longer than counting
            count = self._requests.labels(route, str(status))
            self._answered[key] = count, self._seconds.labels(route)
        count, histogram = self._answered[key]
        count.inc()
        histogram.observe(seconds)

    def computed(self, model: str, endpoint: str, rows: int) -> None:
        """Counts a batch."""
        self._rows.labels(model, endpoint).inc(rows)
        self._batches.labels(model).observe(rows)

    def text(self, state) -> tuple[bytes, str]:
        """Returns the page for Prometheus and its media type.

        With several workers it holds the sums over all of them.

        Args:
            state: State of the application.
        """
        self._held.set(state.held.now)
        for name, versions in state.repository.models.items():
            newest = next(iter(versions.values()))
            self._waiting.labels(name).set(sum(v.batcher.waiting for v in versions.values()))
            self._version.labels(name).set(newest.version)
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = prometheus_client.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
        text = prometheus_client.generate_latest(registry)
        return text, prometheus_client.CONTENT_TYPE_LATEST
