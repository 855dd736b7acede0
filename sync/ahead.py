"""A request under way while this thread works: the next page comes, or the last batch goes, meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sync.client import Preparing
from sync.outgoing import Outgoing

T = TypeVar("T")


class Ahead:
    """At most one request at a time, on a thread of its own where the transport allows for that.

    A transport says so by an attribute `parallel`; one that does not is only used by the thread of its
    owner, a courier or a simulator for one, and then nothing runs ahead.
    """

    def __init__(self, transport: object) -> None:
        self.parallel = bool(getattr(transport, "parallel", False))
        self._transport = transport
        self._pool = ThreadPoolExecutor(1, "holdall-sync") if self.parallel else None
        self._flight: Future[Any] | None = None

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        """Sets a request going; call what it gives for the answer, or for the error that was met."""
        if self._pool is None:
            return work
        self._flight = self._pool.submit(work)
        return self._flight.result

    def prepared(self, batch: Outgoing | None) -> Outgoing | None:
        """The batch, once its transport has made it ready to be pushed."""
        if batch is not None and isinstance(self._transport, Preparing):
            self._transport.prepare(batch.body)
        return batch

    def close(self) -> None:
        """Waits for a request that is still under way; what it brings is not looked at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
