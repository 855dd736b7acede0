"""What a laptop does that was closed out: it hands over what it has not sent, so that its key may go.

Nothing handed over is ever applied: it lies in quarantine until a lead has looked at it. The caller gives up
the key, and only when this returned: the server has said of every part that it is kept.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import blobs
from models.base import record_types
from models.outbox import Blob, BlobState, OpState, OutboxOp
from models.store import Store
from models.types import UtcDateTime, to_wire
from sync import wire
from sync.account import Account
from sync.client import Caller
from sync.errors import SyncError

UNSENT = (OpState.QUEUED, OpState.SENDING, OpState.REJECTED, OpState.BLOCKED)
PART_ITEMS = 1_000
PART_BYTES = 4 * 1_048_576
FILE_BYTES = 3 * 1_048_576  # of a file in one part, before base64
Item = dict[str, Any]


@dataclass(frozen=True)
class HandedOver:
    """How much the server keeps of this laptop."""

    changes: int
    files: int


def hand_over(store: Store, account: Account) -> HandedOver:
    """Hands over all that was not sent, and what was refused and never settled; raises SyncError when any
    of it is not kept. It may be run again: a part keeps its id."""
    caller = Caller(account.server)
    try:
        with store.read() as session:
            changes = _changes(session)
            for part in _parts(changes):
                _give(caller, account, part[0]["op"], part)
            files = 0
            for name, scope, data in _files(session, changes):
                files += 1
                for number, piece in enumerate(_pieces(name, scope, data)):
                    _give(caller, account, f"{name[:30]}-{number}", [piece])
    finally:
        caller.close()
    return HandedOver(len(changes), files)


def _changes(session: Session) -> list[Item]:
    """Every operation that the server has not taken, as it would be sent, with its state here."""
    rows = session.scalars(
        select(OutboxOp).where(OutboxOp.state.in_([s.value for s in UNSENT])).order_by(OutboxOp.n)
    )
    return [
        {
            "op": row.op_id,
            "group": row.group_id,
            "t": row.type,
            "id": row.record_id,
            "scope": row.scope,
            "kind": row.kind,
            "base": row.base_version,
            "f": row.fields,
            "b": row.base,
            "hlc": row.hlc,
            "at": to_wire(UtcDateTime(), row.at),
            "author": row.author_id,
            "name": row.author_name,
            "label": row.label,
            "state": row.state,
        }
        for row in rows
    ]


def _parts(items: list[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    size = 0
    for item in items:
        weight = len(wire.encode(item))
        if part and (len(part) >= PART_ITEMS or size + weight > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += weight
    if part:
        yield part


def _files(session: Session, changes: list[Item]) -> Iterator[tuple[str, str, bytes]]:
    """The files here that the server does not have: name, scope of the record that names it, bytes."""
    scopes = {
        name: str(change["scope"])
        for change in changes
        if change["t"] in record_types()
        for name in blobs.named_in(change["t"], change["f"])
    }
    unsent = select(Blob.sha256).where(Blob.state.in_([BlobState.LOCAL.value, BlobState.DUE.value]))
    for name in session.scalars(unsent.order_by(Blob.sha256)).all():
        data, where = blobs.look(session, name)
        if data is not None and where.here:
            yield name, scopes.get(name, ""), data


def _pieces(name: str, scope: str, data: bytes) -> Iterator[Item]:
    count = -(-len(data) // FILE_BYTES)
    for number in range(count):
        piece = data[number * FILE_BYTES : (number + 1) * FILE_BYTES]
        yield {
            "file": name,
            "scope": scope,
            "part": number,
            "parts": count,
            "data": base64.b64encode(piece).decode(),
        }


def _give(caller: Caller, account: Account, part: str, items: list[Item]) -> None:
    body = wire.encode(items)
    proof = account.sign(wire.quarantine_text(account.device, part, body))
    asked = wire.QuarantineRequest(account.tenant, account.device, part, Raw(body), proof)
    answer = caller.call("POST", "/v1/quarantine", wire.QuarantineAnswer, msgspec.json.encode(asked))
    if (answer.id, answer.items) != (part, len(items)):
        raise SyncError("The server did not keep what was handed over.", "Nothing here was removed.")
