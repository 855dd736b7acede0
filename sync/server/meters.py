"""What the server counts of its own work, for Prometheus: no council's name, no id, no value."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

MEDIA = CONTENT_TYPE_LATEST
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
SIZES = (0, 1, 10, 50, 200, 1_000, 2_000, 5_000)
MOST_LOGS = 1_000_000  # logs told apart; councils times scopes is far below


class Meters:
    """The counts of one server process."""

    def __init__(self) -> None:
        made = self.registry = CollectorRegistry()
        self.requests = Counter(
            "holdall_requests", "Requests answered", ["method", "route", "status"], registry=made
        )
        self.latency = Histogram(
            "holdall_request_seconds", "From first byte to answer", ["route"], buckets=SECONDS, registry=made
        )
        self.open = Gauge("holdall_requests_open", "Requests being worked on", registry=made)
        self.connections = Gauge("holdall_connections_open", "Connections of laptops", registry=made)
        self.operations = Counter(
            "holdall_operations", "Operations answered, by what became of them", ["status"], registry=made
        )
        self.pages = Histogram(
            "holdall_page_changes", "Changes in a page of a log", buckets=SIZES, registry=made
        )
        self.logs = Gauge("holdall_log_heads", "Logs that laptops have read here since start", registry=made)
        self._lock = threading.Lock()
        self._seen: set[int] = set()

    def pushed(self, counts: Mapping[str, int]) -> None:
        """Counts the operations of a push by their status."""
        for status, count in counts.items():
            self.operations.labels(status).inc(count)

    def pulled(self, tenant: str, sizes: Iterable[tuple[str, int]]) -> None:
        """Counts the pages of a pull, given as (scope, changes)."""
        for scope, size in sizes:
            self.pages.observe(size)
            with self._lock:
                if len(self._seen) < MOST_LOGS:
                    self._seen.add(hash((tenant, scope)))
                self.logs.set(len(self._seen))

    def page(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)
