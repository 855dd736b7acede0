"""Files on the server: photos and pictures of each council, taken in and handed out by the piece.

- the bytes stand in the database, each piece of 64 KiB sealed with the server's own key: so backups,
  row-level security and several server processes hold for them as for everything else
- nothing is shared between councils, not even equal bytes
- everybody of a council may read a file whose SHA-256 they know. The only way to know one is a record that
  names it, and guessing 256 bits is no way at all; wellbeing has no files
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from models import failpoints
from sync import wire
from sync.server.accounts import Actor
from sync.server.keys import open_sealed, seal, server_key
from sync.server.kinds import ALLOWED, HEAD, kinds_of
from sync.server.push import Malformed
from sync.server.store import ATTEMPTS, ServerStore, stamp, transient
from sync.server.tables import blob, blob_chunk, tenant

QUOTA = 10 * 1024**3  # bytes of a council, unless its settings say `blob_quota_bytes`
ABANDONED = timedelta(days=7)  # an upload that began so long ago makes room where room is needed
INFO = "holdall/server/blob/1"
STRIDE = 8  # pieces read at once: half a MiB
COMING, HERE, REFUSED = "coming", "here", "refused"


def offer(store: ServerStore, actor: Actor, asked: wire.FileOffer, now: datetime) -> wire.FileState:
    """Makes room for a file and says how much of it is here; raises Malformed (type, quota)."""
    if asked.mime not in ALLOWED:
        raise Malformed("type", f"Files of the type {asked.mime} are not kept here.", 415)
    for attempt in range(ATTEMPTS):
        try:
            with store.write(actor.tenant) as connection:
                state = _offered(connection, actor, asked, now)
            break
        except DBAPIError as error:  # another laptop offers the same file in the same moment
            if not transient(error) or attempt == ATTEMPTS - 1:
                raise
    return _finish(store, actor, state) if _whole(state) else state


def append(
    store: ServerStore, actor: Actor, sha256: str, offset: int, body: bytes, digest: str
) -> wire.FileState:
    """Takes the bytes of a file from `offset`; with the last of them the whole is checked.

    Raises Malformed: `digest` when the body is not what `digest` (a Content-Digest) says, `offset` with
    the real one, `type` when the bytes are not of the type declared, `bytes` when the whole is another file.
    """
    _check_digest(body, digest)
    key, first = server_key(store), offset // wire.PIECE
    with store.read(actor.tenant) as connection:
        state = find(connection, actor.tenant, sha256)
    if state is None or state.state == REFUSED:
        raise Malformed("unknown_file", "This file was not offered first.", 404)
    if state.state == HERE:
        return state
    if offset != state.offset:
        raise Malformed("offset", "The file goes on elsewhere.", 409, state.offset)
    _check_frame(state, offset, body)
    if offset == 0 and state.mime not in kinds_of(body[:HEAD]):
        _forget(store, actor.tenant, sha256, REFUSED)
        raise Malformed("type", f"The bytes are not those of a file of the type {state.mime}.", 415)
    rows = [
        {
            "tenant": actor.tenant,
            "sha256": sha256,
            "n": first + n,
            "data": _sealed(key, actor.tenant, sha256, first + n, part),
        }
        for n, part in enumerate(body[at : at + wire.PIECE] for at in range(0, len(body), wire.PIECE))
    ]
    at_once = len(body) == state.size  # the whole in one body: it is checked before anything is written
    if at_once:
        _check_whole(store, actor.tenant, sha256, hashlib.sha256(body).hexdigest())
    with store.write(actor.tenant) as connection:
        moved = connection.execute(
            update(blob)
            .where(*_is(actor.tenant, sha256), blob.c.state == COMING, blob.c.received == offset)
            .values(received=offset + len(body), state=HERE if at_once else COMING)
        ).rowcount
        if moved:
            chunks = (blob_chunk.c.tenant == actor.tenant, blob_chunk.c.sha256 == sha256)
            connection.execute(delete(blob_chunk).where(*chunks, blob_chunk.c.n >= first))
            connection.execute(blob_chunk.insert(), rows)
        state = find(connection, actor.tenant, sha256)
    failpoints.hit("mid_blob")
    if state is None or not moved:  # another laptop was a moment quicker
        raise Malformed("offset", "The file goes on elsewhere.", 409, state.offset if state else 0)
    return _finish(store, actor, state) if _whole(state) else state


def find(connection: Connection, tenant_id: str, sha256: str) -> wire.FileState | None:
    """A file as a council has it; None when it was never offered."""
    row = connection.execute(select(blob).where(*_is(tenant_id, sha256))).first()
    return None if row is None else _state(row)


def find_all(connection: Connection, tenant_id: str, names: Sequence[str]) -> list[wire.FileState]:
    """What a council has of these files; those it never heard of are left out."""
    rows = connection.execute(select(blob).where(blob.c.tenant == tenant_id, blob.c.sha256.in_(names)))
    return [_state(row) for row in rows]


def read(store: ServerStore, tenant_id: str, sha256: str, start: int, end: int) -> bytes:
    """The bytes from `start` to before `end` of a file that is here."""
    first, last = start // wire.PIECE, (end - 1) // wire.PIECE
    data = b"".join(_pieces(store, tenant_id, sha256, first, last))
    return data[start - first * wire.PIECE : end - first * wire.PIECE]


def used(connection: Connection, tenant_id: str) -> int:
    """How many bytes a council's files take, those that are on their way included."""
    statement = select(func.coalesce(func.sum(blob.c.size), 0))
    return int(
        connection.execute(statement.where(blob.c.tenant == tenant_id, blob.c.state != REFUSED)).scalar_one()
    )


def quota(connection: Connection, tenant_id: str) -> int:
    """How many bytes a council's files may take."""
    settings = connection.execute(select(tenant.c.settings).where(tenant.c.tenant == tenant_id)).scalar_one()
    return int(json.loads(settings).get("blob_quota_bytes", QUOTA))


# -- pieces ------------------------------------------------------------------------------------------


def _offered(connection: Connection, actor: Actor, asked: wire.FileOffer, now: datetime) -> wire.FileState:
    state = find(connection, actor.tenant, asked.sha256)
    if state is not None and (state.state == HERE or (state.state == COMING and _same(state, asked))):
        return state
    if state is None:
        _check_room(connection, actor.tenant, asked.size, now)
    else:  # refused before, or begun with other words: it begins anew
        _drop(connection, actor.tenant, asked.sha256)
        connection.execute(delete(blob).where(*_is(actor.tenant, asked.sha256)))
    connection.execute(
        blob.insert().values(
            tenant=actor.tenant,
            sha256=asked.sha256,
            size=asked.size,
            mime=asked.mime,
            state=COMING,
            received=0,
            user_id=actor.user_id,
            name=actor.name,
            added_at=stamp(now),
        )
    )
    return wire.FileState(asked.sha256, asked.size, asked.mime, COMING, 0, actor.name)


def _same(state: wire.FileState, asked: wire.FileOffer) -> bool:
    return state.size == asked.size and (state.offset > 0 or state.mime == asked.mime)


def _check_room(connection: Connection, tenant_id: str, size: int, now: datetime) -> None:
    limit = quota(connection, tenant_id)
    if used(connection, tenant_id) + size <= limit:
        return
    old = (blob.c.tenant == tenant_id, blob.c.state == COMING, blob.c.added_at < stamp(now - ABANDONED))
    for name in list(connection.execute(select(blob.c.sha256).where(*old)).scalars()):
        _drop(connection, tenant_id, name)
        connection.execute(delete(blob).where(*_is(tenant_id, name)))
    if used(connection, tenant_id) + size > limit:
        raise Malformed("quota", "The room for this council's files is used up.", 403)


def _check_digest(body: bytes, header: str) -> None:
    """RFC 9530: `sha-256=:<base64>:`, possibly beside others."""
    wanted = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    if wanted not in (part.strip() for part in header.split(",")):
        raise Malformed("digest", "The bytes did not arrive as they were sent.")


def _check_frame(state: wire.FileState, offset: int, body: bytes) -> None:
    end = offset + len(body)
    if not body or end > state.size or (len(body) % wire.PIECE and end != state.size):
        raise Malformed("malformed", f"A chunk is a multiple of {wire.PIECE} bytes, but for the last one.")


def _finish(store: ServerStore, actor: Actor, state: wire.FileState) -> wire.FileState:
    """Looks at the whole of a file and lets it stand, or forgets its bytes."""
    digest = hashlib.sha256()
    for piece in _pieces(store, actor.tenant, state.sha256, 0, (state.size - 1) // wire.PIECE):
        digest.update(piece)
    _check_whole(store, actor.tenant, state.sha256, digest.hexdigest())
    with store.write(actor.tenant) as connection:
        connection.execute(
            update(blob)
            .where(*_is(actor.tenant, state.sha256), blob.c.state == COMING, blob.c.received == state.size)
            .values(state=HERE)
        )
        found = find(connection, actor.tenant, state.sha256)
    return found or state


def _check_whole(store: ServerStore, tenant_id: str, sha256: str, found: str) -> None:
    if found != sha256:
        _forget(store, tenant_id, sha256, COMING)
        raise Malformed("bytes", "The whole is another file than the one that was offered.", 422)


def _forget(store: ServerStore, tenant_id: str, sha256: str, state: str) -> None:
    """Lets the bytes of a file go; it may be offered again."""
    with store.write(tenant_id) as connection:
        where = (*_is(tenant_id, sha256), blob.c.state == COMING)
        if connection.execute(update(blob).where(*where).values(state=state, received=0)).rowcount:
            _drop(connection, tenant_id, sha256)


def _drop(connection: Connection, tenant_id: str, sha256: str) -> None:
    connection.execute(
        delete(blob_chunk).where(blob_chunk.c.tenant == tenant_id, blob_chunk.c.sha256 == sha256)
    )


def _pieces(store: ServerStore, tenant_id: str, sha256: str, first: int, last: int) -> Iterator[bytes]:
    """Opens the pieces from `first` to `last`, a few at a time; no connection is held in between."""
    key = server_key(store)
    for start in range(first, last + 1, STRIDE):
        end = min(last, start + STRIDE - 1)
        where = (
            blob_chunk.c.tenant == tenant_id,
            blob_chunk.c.sha256 == sha256,
            blob_chunk.c.n.between(start, end),
        )
        statement = select(blob_chunk.c.n, blob_chunk.c.data).where(*where).order_by(blob_chunk.c.n)
        with store.read(tenant_id) as connection:
            rows = connection.execute(statement).all()
        for row in rows:
            yield open_sealed(key, INFO, row.data, _bound(tenant_id, sha256, row.n))


def _sealed(key: bytes, tenant_id: str, sha256: str, n: int, data: bytes) -> bytes:
    return seal(key, INFO, data, _bound(tenant_id, sha256, n))


def _bound(tenant_id: str, sha256: str, n: int) -> bytes:
    return f"{tenant_id}\n{sha256}\n{n}".encode()


def _is(tenant_id: str, sha256: str) -> tuple[Any, Any]:
    return blob.c.tenant == tenant_id, blob.c.sha256 == sha256


def _whole(state: wire.FileState) -> bool:
    return state.state == COMING and state.offset == state.size


def _state(row: Any) -> wire.FileState:
    offset = int(row.size) if row.state == HERE else int(row.received)
    return wire.FileState(row.sha256, int(row.size), row.mime, row.state, offset, row.name)
