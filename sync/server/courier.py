"""Courier files on the server: the council's key pairs, and a file that somebody hands on for a colleague.

What a file holds goes through the same push as over a network, in the name and with the numbers of the
laptop that wrote it; whoever carries it only carries.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nacl.public import PrivateKey
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from models.ids import is_id, new_id
from sync import courier, wire
from sync.outgoing import BATCH_BYTES, BATCH_OPS, HARD_BYTES, HARD_OPS
from sync.server import accounts, keys
from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.push import push
from sync.server.store import ServerStore, stamp
from sync.server.tables import courier_key, device, quarantine

KEPT = 20  # key pairs that laptops are given: the newest, and those of files that may still be on the way
PURPOSE = "courier"  # what the server's key seals the private halves for


@dataclass(frozen=True)
class Delivery:
    """A file that was taken: who wrote it, its operations, and what became of each."""

    header: courier.Header
    ops: Sequence[wire.RawOp]
    answer: wire.PushAnswer

    def seen_by(self, scopes: frozenset[str]) -> wire.PushAnswer:
        """The answer for somebody who only carries: of scopes that they may not read, no more than yes or
        no."""
        hidden = {op.op for op in self.ops if op.scope not in scopes}
        results = [
            wire.Result(r.op, r.status, r.seq, was=r.was) if r.op in hidden else r
            for r in self.answer.results
        ]
        return wire.PushAnswer(results, self.answer.last_dseq)


def current(connection: Connection, tenant_id: str) -> str:
    """The id of the key that files are sealed to now; empty when the next one has not been asked for."""
    statement = select(courier_key.c.key_id).where(
        courier_key.c.tenant == tenant_id, courier_key.c.retired_at.is_(None)
    )
    return connection.execute(statement.order_by(courier_key.c.key_id.desc()).limit(1)).scalar() or ""


def prepare(store: ServerStore, tenant_id: str, now: datetime) -> None:
    """Makes the first key pair of a council, where the server has a key of its own to keep it with."""
    with suppress(keys.KeyMissing):
        keys_of(store, tenant_id, now)


def keys_of(store: ServerStore, tenant_id: str, now: datetime) -> courier.CourierKeys:
    """What laptops need to write and read courier files; makes a key pair when none is in use. Raises
    keys.KeyMissing on a server without a key of its own."""
    own = keys.server_key(store)
    with store.read(tenant_id) as connection:
        made = current(connection, tenant_id)
    if not made:
        with store.write(tenant_id) as connection:
            if not current(connection, tenant_id):
                _make(connection, tenant_id, own, now)
    with store.read(tenant_id) as connection:
        statement = select(courier_key).where(courier_key.c.tenant == tenant_id)
        rows = list(connection.execute(statement.order_by(courier_key.c.key_id.desc()).limit(KEPT)))
        laptops = connection.execute(
            select(device.c.device_id, device.c.public_key, device.c.status).where(
                device.c.tenant == tenant_id
            )
        ).all()
    rows.sort(key=lambda row: row.retired_at is not None)  # the key in use leads
    return courier.CourierKeys(
        [
            courier.CourierKey(row.key_id, row.public, base64.b64encode(_private(own, row)).decode())
            for row in rows
        ],
        [courier.CourierDevice(row.device_id, row.public_key, row.status) for row in laptops],
    )


def take(store: ServerStore, tenant_id: str, data: bytes, now: datetime) -> Delivery:
    """Takes a courier file in: every operation is pushed as the laptop that wrote it.

    Raises BadCourier, and Malformed when numbers before these have not come yet. A file of a laptop that
    was closed out is put aside for a lead to look at.
    """
    header = courier.read_header(data)
    laptop, pair = _known(store, tenant_id, header)
    if pair is None or laptop is None:
        raise courier.unknown_key()
    courier.check_signature(data, base64.b64decode(laptop.public_key))
    content = courier.open_file(data, {header.key_id: _private(keys.server_key(store), pair)})
    if content.council != tenant_id:
        raise courier.other_council()
    if laptop.status != "active":
        _put_aside(store, tenant_id, laptop, header, content, now)
        raise courier.revoked()
    with store.read(tenant_id) as connection:
        actor = _author(connection, tenant_id, header.device)
    results: list[wire.Result] = []
    last = 0
    for part in _parts(content.ops):
        answer = push(store, actor, wire.encode(wire.RawPush(header.device, part)), now)
        results += answer.results
        last = answer.last_dseq
    return Delivery(header, content.ops, wire.PushAnswer(results, last))


def _make(connection: Connection, tenant_id: str, own: bytes, now: datetime) -> None:
    key_id, private = new_id(), PrivateKey.generate()
    sealed = keys.seal(own, PURPOSE, bytes(private), f"{tenant_id}/{key_id}".encode())
    connection.execute(
        courier_key.insert().values(
            tenant=tenant_id,
            key_id=key_id,
            public=base64.b64encode(bytes(private.public_key)).decode(),
            private=base64.b64encode(sealed).decode(),
            created_at=stamp(now),
        )
    )


def _private(own: bytes, row: Any) -> bytes:
    return keys.open_sealed(
        own, PURPOSE, base64.b64decode(row.private), f"{row.tenant}/{row.key_id}".encode()
    )


def _known(store: ServerStore, tenant_id: str, header: courier.Header) -> tuple[Any, Any]:
    """The laptop that a header names, and the key pair; None for what this council does not know."""
    with store.read(tenant_id) as connection:
        laptop = connection.execute(
            select(device).where(device.c.tenant == tenant_id, device.c.device_id == header.device)
        ).first()
        pair = connection.execute(
            select(courier_key).where(
                courier_key.c.tenant == tenant_id, courier_key.c.key_id == header.key_id
            )
        ).first()
    return laptop, pair


def _author(connection: Connection, tenant_id: str, device_id: str) -> Actor:
    try:
        return accounts.actor_of(connection, tenant_id, device_id)
    except Denied:
        raise courier.BadCourier(
            "author_gone",
            "The person who wrote this courier file has no account any more, so it is not taken.",
            "Keep the stick and tell your administrator.",
        ) from None


def _put_aside(
    store: ServerStore,
    tenant_id: str,
    laptop: Any,
    header: courier.Header,
    content: courier.Content,
    now: datetime,
) -> None:
    """Keeps what a closed-out laptop still held; the same file a second time changes nothing."""
    row = {
        "tenant": tenant_id,
        "id": header.bundle_id if is_id(header.bundle_id) else new_id(),
        "device_id": laptop.device_id,
        "user_id": laptop.user_id,
        "received_at": stamp(now),
        "data": wire.encode(content.ops).decode(),
    }
    try:
        with store.write(tenant_id) as connection:
            connection.execute(quarantine.insert().values(**row))
    except IntegrityError:
        pass


def _parts(ops: Sequence[wire.RawOp]) -> Iterator[list[wire.RawOp]]:
    """The operations as pushes: groups whole, unless one is past what a push may hold."""
    part: list[wire.RawOp] = []
    size = 0
    for op in ops:
        weight = len(bytes(op.f)) + len(bytes(op.b)) + 400
        border = bool(part) and op.group != part[-1].group
        full = len(part) >= BATCH_OPS or size >= BATCH_BYTES
        if part and ((border and full) or len(part) >= HARD_OPS or size + weight > HARD_BYTES):
            yield part
            part, size = [], 0
        part.append(op)
        size += weight
    if part:
        yield part
