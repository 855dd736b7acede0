"""The worker's pen: records written as a laptop writes them, through the same push, under an account and a
device that belong to the server. Nobody can sign in as either: the device's key was thrown away."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models import clock
from models.base import fields_of
from models.changes import default_of
from models.ids import new_id
from models.roles import Role
from models.types import to_wire
from sync import wire
from sync.server.accounts import Actor, put_account
from sync.server.batch import Rec
from sync.server.push import push_in
from sync.server.store import stamp
from sync.server.tables import device
from sync.wire import Kind, Status

USER, NAME, LAPTOP = "holdall-scheduler", "The scheduler", "Server: the scheduler"
GOOD = (Status.APPLIED, Status.MERGED, Status.CONFLICT)


@dataclass(frozen=True)
class Write:
    """One record to be made (`rec` None) or changed: its new values in wire form. Writes of one `group` land
    together or not at all; without one each stands alone."""

    type: str
    id: str
    fields: Mapping[str, Any]
    label: str
    rec: Rec | None = None
    scope: str = "tenant"
    group: str = ""


def put(
    connection: Connection, tenant: str, writes: Iterable[Write], now: datetime, lock: bool
) -> list[wire.Result]:
    """Writes records inside the caller's transaction; one result for each. Fields that have their value
    already are left out, and a write without any is not made."""
    made = [kept for write in writes if (kept := _changed(write, now)) is not None]
    if not made:
        return []
    device_id, last = _device(connection, tenant, now)
    ops = [_op(write, number, device_id, now) for number, write in enumerate(made, last + 1)]
    return push_in(connection, _actor(tenant, device_id, made), ops, now, lock).results


def landed(results: Sequence[wire.Result]) -> bool:
    """Whether all of it was taken."""
    return all(result.status in GOOD for result in results)


def _changed(write: Write, now: datetime) -> Write | None:
    if write.rec is None:
        return replace(write, fields=_whole(write, now))
    body = write.rec.body
    fields = {name: value for name, value in write.fields.items() if body.get(name) != value}
    if not fields:
        return None
    return Write(write.type, write.id, fields, write.label, write.rec, write.rec.scope, write.group)


def _whole(write: Write, now: datetime) -> dict[str, Any]:
    """The body of a new record as a laptop would send it: with its moment and all that columns hold where
    nothing is given, so that every copy has the same."""
    body = {"created_at": stamp(now), **write.fields}
    for name, column in fields_of(write.type).items():
        if body.get(name) is None and (value := default_of(column)) is not None:
            body[name] = to_wire(column.type, value)
    return {name: value for name, value in body.items() if value is not None}


def _op(write: Write, number: int, device_id: str, now: datetime) -> wire.Op:
    op_id, rec = new_id(), write.rec
    return wire.Op(
        op=op_id,
        dseq=number,
        group=write.group or op_id,
        t=write.type,
        id=write.id,
        scope=write.scope,
        kind=Kind.CREATE if rec is None else Kind.PATCH,
        base=0 if rec is None else rec.ver,
        hlc=clock.tick(None, now, device_id),
        at=stamp(now),
        author=USER,
        name=NAME,
        label=write.label,
        f=dict(write.fields),
        b={} if rec is None else {name: rec.body.get(name) for name in write.fields},
    )


def _actor(tenant: str, device_id: str, writes: Sequence[Write]) -> Actor:
    """A lead who reads just the scopes that are written now."""
    scopes = {write.scope for write in writes}
    named = {
        kind: sorted(s.partition(":")[2] for s in scopes if s.startswith(kind)) for kind in ("team:", "site:")
    }
    lead = frozenset({Role.LEAD.value})
    return Actor(tenant, device_id, USER, NAME, lead, tuple(named["team:"]), sites=tuple(named["site:"]))


def _device(connection: Connection, tenant: str, now: datetime) -> tuple[str, int]:
    """The worker's device and the last number it gave; made at its first word."""
    statement = (
        select(device.c.device_id, device.c.last_dseq)
        .where(device.c.tenant == tenant, device.c.user_id == USER, device.c.status == "active")
        .order_by(device.c.device_id)
        .limit(1)
    )
    row = connection.execute(statement).first()
    if row is not None:
        return str(row.device_id), int(row.last_dseq)
    put_account(connection, tenant, USER, NAME, [Role.LEAD.value], [])
    made = new_id()
    connection.execute(
        device.insert().values(
            tenant=tenant,
            device_id=made,
            user_id=USER,
            name=LAPTOP,
            public_key=base64.b64encode(secrets.token_bytes(32)).decode(),
            shared=False,
            status="active",
            last_dseq=0,
            created_at=stamp(now),
        )
    )
    return made, 0
