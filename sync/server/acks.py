"""How far each laptop has read: noted now and then, so that what nobody needs any more can be compacted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from sync import wire
from sync.server.accounts import Actor
from sync.server.store import ServerStore, stamp
from sync.server.tables import device_cursor, scope_counter

BEHIND = 200  # changes by which what is noted may lag
OLD = timedelta(hours=1)  # after which a lesser difference is noted too
ALIVE = timedelta(days=1)  # after which a laptop that stands still is noted again, as one that lives


def note(store: ServerStore, actor: Actor, cursors: Mapping[str, int], now: datetime) -> None:
    """Writes cursors down."""
    with store.write(actor.tenant) as connection:
        for scope, seq in cursors.items():
            _put(connection, actor, scope, seq, stamp(now))


def due(
    connection: Connection, actor: Actor, cursors: Mapping[str, wire.Cursor], now: datetime
) -> dict[str, int]:
    """The cursors, of a laptop that has read to the head of its scopes, that are worth writing down; most
    of the time there is none."""
    wanted = [scope for scope, cursor in cursors.items() if cursor.after > 0 and scope in actor.scopes]
    if not wanted:
        return {}
    own = (device_cursor.c.tenant == actor.tenant, device_cursor.c.device_id == actor.device_id)
    noted = {row.scope: row for row in connection.execute(select(device_cursor).where(*own))}
    counters = (scope_counter.c.tenant == actor.tenant, scope_counter.c.scope.in_(wanted))
    heads = {row.scope: int(row.n) for row in connection.execute(select(scope_counter).where(*counters))}
    found = {}
    for scope in wanted:
        seq = cursors[scope].after
        if heads.get(scope) != seq:
            continue
        row = noted.get(scope)
        if row is None or _stale(seq - int(row.seq), row.at, now):
            found[scope] = seq
    return found


def _stale(difference: int, at: str, now: datetime) -> bool:
    if difference == 0:
        return at < stamp(now - ALIVE)
    return abs(difference) > BEHIND or at < stamp(now - OLD)


def _put(connection: Connection, actor: Actor, scope: str, seq: int, at: str) -> None:
    key = (
        device_cursor.c.tenant == actor.tenant,
        device_cursor.c.device_id == actor.device_id,
        device_cursor.c.scope == scope,
    )
    if not connection.execute(device_cursor.update().where(*key).values(seq=seq, at=at)).rowcount:
        values = {"tenant": actor.tenant, "device_id": actor.device_id, "scope": scope}
        connection.execute(device_cursor.insert().values(**values, seq=seq, at=at))
