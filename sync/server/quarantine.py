"""Unsent work of laptops that were closed out: kept for a lead to look at, never applied by itself."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select

from sync import wire
from sync.server import audit
from sync.server.accounts import Actor
from sync.server.denied import Denied
from sync.server.proofs import signed
from sync.server.push import Malformed
from sync.server.store import ServerStore, stamp
from sync.server.tables import account, device, quarantine

MOST_ITEMS = 5_000  # in one part
MOST_BYTES = 128 * 1_048_576  # of one laptop
MOST_ROWS = 1_000  # in a list
_PART = re.compile(r"[0-9a-z-]{8,36}")


def take(store: ServerStore, asked: wire.QuarantineRequest, now: datetime) -> wire.QuarantineAnswer:
    """Keeps a part for a laptop that shows by its signature that it is one that was closed out; raises
    Denied, or Malformed for what is no list of objects or too much."""
    items = bytes(asked.items)
    count = _count(items)
    if not _PART.fullmatch(asked.id):
        raise Malformed("malformed", "The id of the part is not one.")
    with store.write(asked.tenant) as connection:
        laptop = connection.execute(
            select(device).where(device.c.tenant == asked.tenant, device.c.device_id == asked.device)
        ).first()
        text = wire.quarantine_text(asked.device, asked.id, items)
        if laptop is None or not signed(laptop.public_key, asked.proof, text):
            raise Denied("bad_proof", "The laptop could not show that its key is its own.", 403)
        if laptop.status != "revoked":
            raise Denied("not_revoked", "This laptop was not closed out: it may simply sync.", 403)
        mine = (quarantine.c.tenant == asked.tenant, quarantine.c.device_id == asked.device)
        again = connection.execute(delete(quarantine).where(*mine, quarantine.c.id == asked.id)).rowcount
        held = connection.execute(select(func.sum(func.length(quarantine.c.data))).where(*mine)).scalar()
        if (held or 0) + len(items) > MOST_BYTES:
            raise Malformed("quota", "That is more than is kept of one laptop.", 413)
        connection.execute(
            quarantine.insert().values(
                tenant=asked.tenant,
                id=asked.id,
                device_id=asked.device,
                user_id=laptop.user_id,
                received_at=stamp(now),
                data=items.decode(),
            )
        )
        if not again:
            detail = {"part": asked.id, "items": count}
            audit.note(connection, asked.tenant, "quarantined", laptop.user_id, asked.device, detail, now)
    return wire.QuarantineAnswer(asked.id, count)


def parts(connection: Connection, tenant_id: str) -> list[wire.QuarantineRow]:
    """What lies in quarantine, newest first."""
    rows = connection.execute(
        select(
            quarantine,
            device.c.name.label("device_name"),
            func.coalesce(account.c.name, quarantine.c.user_id).label("person"),
        )
        .join(
            device,
            (device.c.tenant == quarantine.c.tenant) & (device.c.device_id == quarantine.c.device_id),
        )
        .outerjoin(
            account,
            (account.c.tenant == quarantine.c.tenant) & (account.c.user_id == quarantine.c.user_id),
        )
        .where(quarantine.c.tenant == tenant_id)
        .order_by(quarantine.c.received_at.desc(), quarantine.c.id)
        .limit(MOST_ROWS)
    )
    return [
        wire.QuarantineRow(
            row.id,
            row.device_id,
            row.device_name,
            row.user_id,
            row.person,
            row.received_at,
            len(json.loads(row.data)),
        )
        for row in rows
    ]


def items(connection: Connection, actor: Actor, part: str, now: datetime) -> wire.QuarantineItems:
    """What a part holds of the scopes this person may see: a lead their own, an administrator every one
    that is not a person's own. Somebody having looked is audited. Raises Denied."""
    data = connection.execute(
        select(quarantine.c.data).where(quarantine.c.tenant == actor.tenant, quarantine.c.id == part)
    ).scalar()
    if data is None:
        raise Denied("not_found", "There is no such part.", 404)
    found: list[dict[str, Any]] = json.loads(data)
    seen = [item for item in found if _may_see(actor, str(item.get("scope", "")))]
    detail = {"part": part, "items": len(seen)}
    audit.note(connection, actor.tenant, "quarantine_read", actor.user_id, actor.device_id, detail, now)
    return wire.QuarantineItems(part, seen, len(found) - len(seen))


def _may_see(actor: Actor, scope: str) -> bool:
    if scope in actor.scopes:
        return True
    return "admin" in actor.roles and not scope.startswith("user:")


def _count(items: bytes) -> int:
    try:
        found = msgspec.json.decode(items, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("malformed", "The items are no list of objects.") from None
    if not 0 < len(found) <= MOST_ITEMS:
        raise Malformed("malformed", f"A part holds 1 to {MOST_ITEMS} items.")
    return len(found)
