"""Laptops that wait for news: none of them holds a thread or a line to the database while it waits.

A push in this process wakes those of its council at once; what other processes commit is seen by looking
at the heads of the logs every two seconds, one small query for each council with somebody waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.store import ServerStore
from sync.server.tables import scope_counter
from sync.wire_snapshot import WATCH_SECONDS, WatchRequest

log = logging.getLogger("holdall.server")
MOST = 5_000  # laptops that wait at one time
LOOK = 2.0  # seconds between two looks at what other processes committed


@dataclass(frozen=True)
class _Waiter:
    """A laptop that waits: how far it has read, and what will be its answer."""

    scopes: Mapping[str, int]
    answer: asyncio.Future[list[str]]

    def tell_if(self, heads: Mapping[str, int]) -> None:
        """Answers when some of its logs has more."""
        changed = sorted(scope for scope, seq in self.scopes.items() if heads.get(scope, 0) > seq)
        if changed:
            self.tell(changed)

    def tell(self, changed: list[str]) -> None:
        """Answers, once."""
        if not self.answer.done():
            self.answer.set_result(changed)


class Watchers:
    """Every laptop that waits in this process: at most one wait of each, the last one it began."""

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._waiting: dict[str, dict[str, _Waiter]] = {}  # council -> laptop -> its wait
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._pushed: set[str] = set()
        self._closed = False

    async def wait(self, actor: Actor, asked: WatchRequest) -> list[str]:
        """The scopes, of those asked for and readable, that have more than the laptop has read; as soon as
        there is one, or an empty list after the time it asked for. Raises Denied when too many wait."""
        scopes = {scope: seq for scope, seq in asked.scopes.items() if scope in actor.scopes}
        seconds = min(max(asked.seconds, 0), WATCH_SECONDS)
        if not scopes or self._closed:
            return []
        laptops = self._waiting.setdefault(actor.tenant, {})
        if actor.device_id in laptops:
            laptops.pop(actor.device_id).tell([])
        elif sum(map(len, self._waiting.values())) >= MOST:
            raise Denied(f"busy {WATCH_SECONDS}", "Too many laptops wait here; ask now and then.", 503)
        waiter = _Waiter(scopes, asyncio.get_running_loop().create_future())
        laptops[actor.device_id] = waiter
        self._look_out()
        try:
            waiter.tell_if(await run_in_threadpool(self._heads, actor.tenant))
            return await asyncio.wait_for(waiter.answer, seconds)
        except TimeoutError:
            return []
        finally:
            if laptops.get(actor.device_id) is waiter:
                del laptops[actor.device_id]
            if not laptops and self._waiting.get(actor.tenant) is laptops:
                del self._waiting[actor.tenant]

    def pushed(self, tenant: str) -> None:
        """Tells, from any thread, that a push of this council was committed here."""
        loop = self._loop
        if loop is not None and tenant in self._waiting:
            with contextlib.suppress(RuntimeError):  # the server is stopping: nobody waits any more
                loop.call_soon_threadsafe(self._note, tenant)

    def close(self) -> None:
        """Answers everybody and lets nobody wait any more."""
        self._closed = True
        for laptops in self._waiting.values():
            for waiter in laptops.values():
                waiter.tell([])
        self._awake.set()

    def _note(self, tenant: str) -> None:
        self._pushed.add(tenant)
        self._awake.set()

    def _look_out(self) -> None:
        """Begins to look at the heads, in the loop that serves requests."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop or self._looking is None or self._looking.done():
            self._loop, self._awake = loop, asyncio.Event()
            self._looking = loop.create_task(self._look())

    async def _look(self) -> None:
        looked = time.monotonic()
        while self._waiting and not self._closed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), LOOK)
            self._awake.clear()
            councils, self._pushed = self._pushed, set()
            if time.monotonic() - looked >= LOOK:
                looked, councils = time.monotonic(), set(self._waiting)
            for tenant in councils & self._waiting.keys():
                heads = await run_in_threadpool(self._heads, tenant)
                for waiter in list(self._waiting.get(tenant, {}).values()):
                    waiter.tell_if(heads)

    def _heads(self, tenant: str) -> dict[str, int]:
        """The last number of each log of a council; empty when the database cannot say now."""
        columns = (scope_counter.c.scope, scope_counter.c.n)
        try:
            with self._store.read(tenant) as connection:
                rows = connection.execute(select(*columns).where(scope_counter.c.tenant == tenant))
                return {row.scope: int(row.n) for row in rows}
        except DBAPIError as error:
            log.warning("database: %s", type(error.orig).__name__)
            return {}
