"""Waiting for news on the laptop: a thread beside the syncs that says when the server has something new.

It asks which scopes have more and waits up to 25 seconds for the answer; what is new comes by an ordinary
sync. It renews no token and writes nothing: that is the sync's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import select

from models.errors import StoreError
from models.outbox import ScopeState
from models.store import Store
from sync import backoff, wire
from sync.account import Account
from sync.client import Caller
from sync.errors import ClockOff, SyncError
from sync.wire_snapshot import WatchAnswer, WatchRequest

NOT_YET = 5.0  # seconds until another look whether there is something to wait for
SOON = 1.0  # seconds until the next wait after there was news


class Watcher:
    """Waits for news of one account until it is stopped. `on_news` is called from its own thread."""

    def __init__(self, store: Store, account: Account, on_news: Callable[[], object]) -> None:
        self._store, self._account, self._on_news = store, account, on_news
        self._stopped = threading.Event()
        self._seen: dict[str, int] = {}
        self._again = 0  # answers in a row that told of news which no sync has fetched yet
        self._failures = 0
        self._thread = threading.Thread(target=self._watch, name="holdall-watch", daemon=True)

    def start(self) -> None:
        """Begins to wait."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it at once: nothing is said and nothing touched any more, though the server may still have a
        question open. Must be called before the store is closed."""
        self._stopped.set()

    def _watch(self) -> None:
        caller = Caller(self._account.server)
        pause = 0.0
        while not self._stopped.wait(pause):
            pause = self._once(caller)
        caller.close()

    def _once(self, caller: Caller) -> float:
        """One wait; returns the seconds until the next."""
        try:
            asked = self._cursors()
            if not asked or time.time() >= self._account.access_until:
                return NOT_YET
            told = self._ask(caller, asked)
        except (SyncError, StoreError) as error:
            self._failures += 1
            return backoff.delay(self._failures, getattr(error, "retry_after", 0.0))
        self._failures = 0
        if self._stopped.is_set() or not told:
            return 0.0
        self._again = self._again + 1 if asked == self._seen else 0
        self._seen = asked
        self._on_news()
        return min(backoff.IDLE, SOON * 2.0**self._again)

    def _cursors(self) -> dict[str, int]:
        with self._store.read() as session:
            rows = session.execute(select(ScopeState.scope, ScopeState.cursor, ScopeState.snapshot)).all()
        readable = set(self._account.scopes)
        return {row.scope: row.cursor for row in rows if row.scope in readable and row.snapshot is None}

    def _ask(self, caller: Caller, asked: dict[str, int]) -> list[str]:
        body = wire.encode(WatchRequest(asked))
        for attempt in range(2):
            try:
                return caller.call("POST", "/v1/watch", WatchAnswer, body, self._account).scopes
            except ClockOff:  # the answer has told the server's time
                if attempt:
                    raise
        raise AssertionError("unreachable")
