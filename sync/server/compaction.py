"""Compaction: changes that are old, and that every laptop has read, leave the log; their records stay.

The change at the floor stays as well, so that a laptop which stands there can prove that the log goes on
from what it has. One that stands below reads the records by snapshot.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from models import clock
from sync.server.store import ServerStore, stamp
from sync.server.tables import change, device, device_cursor, record, scope_counter

log = logging.getLogger("holdall.server")
AGE = timedelta(days=180)  # a change younger than this stays; a laptop silent for longer holds nothing
TRASH_AGE = timedelta(days=730)  # a record in the trash keeps what it held for so long
STEP = 2_000  # rows in one transaction, so that nobody's push waits long
EVERY = timedelta(days=1)
QUIET = 60.0  # seconds without a request after which the server counts as idle


@dataclass
class Compacted:
    """What was let go: changes of so many logs, and the contents of records long in the trash."""

    scopes: int = 0
    changes: int = 0
    emptied: int = 0

    def document(self) -> dict[str, int]:
        """For a command's answer."""
        return asdict(self)


class _Written(msgspec.Struct):
    """When a change was written, by the clock of its laptop as far as the server believed it."""

    hlc: str


def compact(store: ServerStore, now: datetime) -> Compacted:
    """Compacts the logs of every council, a little at a time."""
    done = Compacted()
    for council in store.councils():
        with store.read(council) as connection:
            where = scope_counter.c.tenant == council
            scopes = list(connection.execute(select(scope_counter.c.scope).where(where)).scalars())
        for scope in scopes:
            _raise_floor(store, council, scope, now)
            gone = _let_go(store, council, scope)
            done.changes += gone
            done.scopes += gone > 0
        done.emptied += _empty_trash(store, council, now)
    return done


def _raise_floor(store: ServerStore, council: str, scope: str, now: datetime) -> None:
    """Finds how far a log may be compacted and notes it, before anything goes."""
    counter = (scope_counter.c.tenant == council, scope_counter.c.scope == scope)
    with store.read(council) as connection:
        row = connection.execute(select(scope_counter.c.n, scope_counter.c.floor).where(*counter)).one()
        held = _held(connection, council, scope, now)
        most = int(row.n) if held is None else min(int(row.n), held)
        floor = _oldest_to_keep(connection, council, scope, int(row.floor), most, now)
    if floor > row.floor:
        with store.write(council) as connection:
            connection.execute(update(scope_counter).where(*counter).values(floor=floor))


def _held(connection: Connection, council: str, scope: str, now: datetime) -> int | None:
    """The lowest cursor of a laptop that is in use; None when no laptop has read this scope."""
    own = (device_cursor.c.tenant == council, device_cursor.c.scope == scope)
    in_use = select(device.c.device_id).where(device.c.tenant == council, device.c.status == "active")
    lowest = connection.execute(
        select(func.min(device_cursor.c.seq)).where(
            *own, device_cursor.c.at >= stamp(now - AGE), device_cursor.c.device_id.in_(in_use)
        )
    ).scalar()
    return None if lowest is None else int(lowest)


def _oldest_to_keep(
    connection: Connection, council: str, scope: str, floor: int, most: int, now: datetime
) -> int:
    """The last change, from the floor on, before which and up to which all are old enough to go."""
    young = clock.tick(None, now - AGE, "")[:16]
    while floor < most:
        rows = connection.execute(
            select(change.c.seq, change.c.data)
            .where(change.c.tenant == council, change.c.scope == scope)
            .where(change.c.seq > floor, change.c.seq <= most)
            .order_by(change.c.seq)
            .limit(STEP)
        ).all()
        if not rows:
            break
        for row in rows:
            if msgspec.json.decode(row.data, type=_Written).hlc[:16] >= young:
                return floor
            floor = int(row.seq)
    return floor


def _let_go(store: ServerStore, council: str, scope: str) -> int:
    """Removes the changes below the floor of a log; returns how many."""
    where = (scope_counter.c.tenant == council, scope_counter.c.scope == scope)
    log_rows = (change.c.tenant == council, change.c.scope == scope)
    gone = 0
    while True:
        with store.write(council) as connection:
            floor = int(connection.execute(select(scope_counter.c.floor).where(*where)).scalar_one())
            first = connection.execute(select(func.min(change.c.seq)).where(*log_rows)).scalar()
            if first is None or first >= floor:
                return gone
            upto = min(floor, int(first) + STEP)
            gone += connection.execute(delete(change).where(*log_rows, change.c.seq < upto)).rowcount


def _empty_trash(store: ServerStore, council: str, now: datetime) -> int:
    """Lets go of what records held that have lain in the trash for two years; returns how many. That they
    were deleted stays known."""
    old = (
        record.c.tenant == council,
        record.c.deleted.is_(True),
        record.c.at < stamp(now - TRASH_AGE),
        record.c.body != "{}",
    )
    emptied = 0
    while True:
        with store.write(council) as connection:
            rows = connection.execute(select(record.c.type, record.c.id).where(*old).limit(STEP)).all()
            for row in rows:
                key = (record.c.tenant == council, record.c.type == row.type, record.c.id == row.id)
                connection.execute(update(record).where(*key).values(body="{}"))
        emptied += len(rows)
        if len(rows) < STEP:
            return emptied


def every_day(deps: Any, stopped: threading.Event, clock_now: Callable[[], datetime] | None = None) -> None:
    """Compacts once a day, in the calling thread, whenever nobody has asked anything for a minute; returns
    when `stopped` is set."""
    now = clock_now or (lambda: datetime.now(UTC))
    due = now() + timedelta(minutes=10)  # not while everybody starts their day
    while not stopped.wait(QUIET):
        moment = now()
        if moment < due or time.monotonic() - deps.last_request < QUIET:
            continue
        due = moment + EVERY
        try:
            done = compact(deps.store, moment)
        except DBAPIError as error:
            log.warning("compaction: %s", type(error.orig).__name__)
        else:
            log.info("compaction: %s", done.document())
