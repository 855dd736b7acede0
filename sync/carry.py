"""Courier files and a store: writing one, bringing a colleague's in, handing it on and what became of it.

A colleague's operations stand in the outbox as `carried`: they show, unconfirmed, and are never sent under
this laptop's name. The server's log settles them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from models import clock, failpoints
from models.arrivals import Told
from models.base import python_values, record_types, row_body, table_of
from models.changes import Changed, get_meta, set_meta
from models.ids import new_id
from models.outbox import Carried, OpKind, OpState, OutboxOp, Shadow
from models.replay import rebase
from models.store import Store
from models.types import UtcDateTime
from sync import courier, outgoing, wire
from sync.account import Account
from sync.courier import BadCourier
from sync.wire import Status

KEYS = "sync.courier"  # {at, keys, devices}: what the server told
KEYS_LIFE = timedelta(days=1)  # new laptops of colleagues are heard of at least this often
CARRY_LIFE = timedelta(days=90)
TRY_AGAIN = timedelta(hours=1)  # a file whose forerunners have not come is not offered at every sync
CLOCK_SKEW = timedelta(seconds=300)  # a colleague's clock is believed this far ahead
CHUNK = 500
_STAMP = UtcDateTime()
_KINDS = frozenset(kind.value for kind in OpKind)


@dataclass(frozen=True)
class Written:
    """A courier file that is ready to be put on a stick. `left` operations did not fit."""

    data: bytes
    bundle_id: str
    operations: int
    left: int


@dataclass(frozen=True)
class BroughtIn:
    """What bringing a file in came to: operations shown here, passed over because they are known, and kept
    to hand on without being shown."""

    bundle_id: str
    name: str
    operations: int
    shown: int = 0
    known: int = 0
    hidden: int = 0
    kept: bool = False  # the file is here to be handed on
    changed: Changed = field(default_factory=Changed)


# -- keys ------------------------------------------------------------------------------------------


def keep_keys(connection: Connection, keys: courier.CourierKeys | None, now: datetime) -> None:
    """Keeps what the server told; None when it has nothing to tell, so that it is not asked all the time."""
    told = load_keys(connection) if keys is None else keys
    set_meta(connection, KEYS, {"at": _STAMP.to_wire(now), **msgspec.to_builtins(told)})


def load_keys(connection: Connection) -> courier.CourierKeys:
    """The keys this laptop knows; empty when it was never told any."""
    kept = get_meta(connection, KEYS) or {"keys": [], "devices": []}
    return msgspec.convert(kept, courier.CourierKeys)


def keys_due(connection: Connection, in_use: str, now: datetime) -> bool:
    """Whether the server should be asked: another key is in use (by its mark), or it was long ago."""
    kept = get_meta(connection, KEYS)
    if kept is None:
        return True
    newest = kept["keys"][0]["key_id"] if kept["keys"] else ""
    at = _STAMP.from_wire(kept["at"])
    return in_use != courier.mark(newest) or at is None or now - at > KEYS_LIFE


# -- writing a file --------------------------------------------------------------------------------


def export(store: Store, account: Account, now: datetime) -> Written:
    """A courier file with everything that waits, numbered as if it had been sent: over a network it goes
    again, and the server knows it by its ids. Raises BadCourier when this laptop has no key for it."""
    with store.connect(write=True) as connection:
        keys = load_keys(connection)
        if not keys.keys:
            raise _no_keys()
        ops, left = outgoing.everything(connection, courier.MAX_FILE // 2)
    failpoints.hit("after_courier_numbered")
    header = courier.Header(
        bundle_id=new_id(),
        device=account.device,
        key_id=keys.keys[0].key_id,
        created=str(_STAMP.to_wire(now)),
        count=len(ops),
    )
    content = courier.Content(council=account.tenant, name=account.name, ops=ops)
    seed, public = base64.b64decode(account.seed), base64.b64decode(keys.keys[0].public)
    return Written(courier.make(header, content, public, seed), header.bundle_id, len(ops), left)


# -- bringing a file in ----------------------------------------------------------------------------


def bring_in(store: Store, account: Account, data: bytes, now: datetime) -> BroughtIn:
    """Keeps a colleague's file to hand on and shows what it holds, unconfirmed; raises BadCourier.

    Its signature is checked against the laptops this one knows of. A file of a laptop that joined since is
    kept for the server to judge, and not shown.
    """
    with store.connect(write=True) as connection:
        return _bring_in(connection, account, data, now)


def _bring_in(connection: Connection, account: Account, data: bytes, now: datetime) -> BroughtIn:
    header = courier.read_header(data)
    seen = connection.execute(
        select(Carried.author_name).where(Carried.bundle_id == header.bundle_id)
    ).scalar()
    keys = load_keys(connection)
    laptop = next((d for d in keys.devices if d.device == header.device), None)
    if laptop is not None:
        courier.check_signature(data, base64.b64decode(laptop.key))
        if laptop.status != "active":
            raise courier.revoked()
    privates = {key.key_id: base64.b64decode(key.private) for key in keys.keys}
    if laptop is not None and header.key_id not in privates:
        content = None  # genuine, and sealed with a key made since: it can be carried all the same
    else:
        content = courier.open_file(data, privates)
        if content.council != account.tenant:
            raise courier.other_council()
    name = content.name if content is not None else ""
    if seen is not None or header.device == account.device:
        return BroughtIn(header.bundle_id, name, header.count, known=header.count)
    connection.execute(
        insert(Carried).values(
            bundle_id=header.bundle_id,
            device_id=header.device,
            author_name=name,
            data=data,
            count=header.count,
            received_at=now,
        )
    )
    unseen = BroughtIn(header.bundle_id, name, header.count, hidden=header.count, kept=True)
    if content is None or laptop is None:
        return unseen
    try:
        with connection.begin_nested():
            return _show(connection, account, header, content, now)
    except IntegrityError:  # records of a newer Holdall, without what this one cannot do without
        return unseen


def _show(
    connection: Connection,
    account: Account,
    header: courier.Header,
    content: courier.Content,
    now: datetime,
) -> BroughtIn:
    """Puts what this person may see on top of the server's state."""
    known = _known_ops(connection, content.ops)
    fresh = [op for op in content.ops if op.op not in known]
    rows = [row for op in fresh if (row := _row(op, account)) is not None]
    keys = dict.fromkeys((row["type"], row["record_id"]) for row in rows)
    for part in _chunks(list(keys)):
        _keep_shadows(connection, part)
    if rows:
        connection.execute(insert(OutboxOp), rows)
        _hear_clock(connection, max(row["hlc"] for row in rows), account.device, now)
    for type_name, record_id in keys:
        rebase(connection, type_name, record_id, now)
    failpoints.hit("mid_courier_import")
    return BroughtIn(
        header.bundle_id,
        content.name,
        header.count,
        shown=len(rows),
        known=len(content.ops) - len(fresh),
        hidden=len(fresh) - len(rows),
        kept=True,
        changed=Changed(frozenset(t for t, _ in keys), frozenset(i for _, i in keys)),
    )


def _row(op: wire.RawOp, account: Account) -> dict[str, Any] | None:
    """An operation as a row of the outbox; None for one that this person may not see or this version
    cannot read."""
    if op.t not in record_types() or op.scope not in account.scopes or op.kind not in _KINDS:
        return None
    try:
        fields, base = msgspec.json.decode(op.f), msgspec.json.decode(op.b)
        python_values(op.t, fields)
        clock.parse(op.hlc)
        at = _STAMP.from_wire(op.at)
    except (msgspec.DecodeError, TypeError, ValueError):
        return None
    return {
        "op_id": op.op,
        "group_id": op.group,
        "type": op.t,
        "record_id": op.id,
        "scope": op.scope,
        "kind": op.kind,
        "base_version": op.base,
        "fields": fields,
        "base": base,
        "label": op.label,
        "hlc": op.hlc,
        "at": at,
        "author_id": op.author,
        "author_name": op.name,
        "resolves": None if op.resolves is None else msgspec.to_builtins(op.resolves),
        "state": OpState.CARRIED.value,
    }


def _known_ops(connection: Connection, ops: Sequence[wire.RawOp]) -> set[str]:
    """Those that this copy has already: its own, brought in before, or come with the server's log."""
    known: set[str] = set()
    for part in _chunks([op.op for op in ops]):
        known.update(connection.execute(select(OutboxOp.op_id).where(OutboxOp.op_id.in_(part))).scalars())
    records: dict[str, dict[str, None]] = {}
    for op in ops:
        records.setdefault(op.t, {})[op.id] = None
    for type_name, ids in records.items():
        for part in _chunks(list(ids)):
            statement = select(Told.op_id).where(Told.type == type_name, Told.record_id.in_(part))
            known.update(connection.execute(statement).scalars())
    return known


def _keep_shadows(connection: Connection, keys: Sequence[tuple[str, str]]) -> None:
    """The server's state of records that are going to have something on top of it."""
    by_type: dict[str, list[str]] = {}
    for type_name, record_id in keys:
        by_type.setdefault(type_name, []).append(record_id)
    for type_name, ids in by_type.items():
        table = table_of(type_name)
        held = set(
            connection.execute(
                select(Shadow.record_id).where(Shadow.type == type_name, Shadow.record_id.in_(ids))
            ).scalars()
        )
        rows = connection.execute(select(table).where(table.c.id.in_(ids), table.c.version > 0)).mappings()
        shadows = [
            {
                "type": type_name,
                "record_id": row["id"],
                "version": row["version"],
                "deleted": row["deleted"],
                "scope": row["scope"],
                "body": {n: v for n, v in row_body(type_name, dict(row)).items() if v is not None},
            }
            for row in rows
            if row["id"] not in held
        ]
        if shadows:
            connection.execute(insert(Shadow), shadows)


def _hear_clock(connection: Connection, latest: str, device: str, now: datetime) -> None:
    """What is written here from now on counts as later than what was just seen."""
    if latest[:16] <= clock.tick(None, now + CLOCK_SKEW, "")[:16]:
        set_meta(connection, "hlc", clock.receive(get_meta(connection, "hlc"), latest, now, device))


# -- handing a file on -----------------------------------------------------------------------------


def carried_count(connection: Connection) -> int:
    """How many colleagues' files wait here to be handed on."""
    return connection.execute(select(func.count()).select_from(Carried).where(*_WAITS)).scalar_one()


def to_hand_on(connection: Connection, now: datetime) -> list[str]:
    """The files to offer to the server now, in the order they came."""
    statement = select(Carried.bundle_id, Carried.tried_at).where(*_WAITS).order_by(Carried.received_at)
    return [
        row.bundle_id
        for row in connection.execute(statement)
        if row.tried_at is None or now - row.tried_at >= TRY_AGAIN
    ]


def data_of(connection: Connection, bundle_id: str) -> bytes:
    """The bytes of a kept file."""
    return connection.execute(select(Carried.data).where(Carried.bundle_id == bundle_id)).scalar_one()


def not_yet(connection: Connection, bundle_id: str, now: datetime) -> None:
    """The server waits for what its author did before: the file is offered again later."""
    connection.execute(update(Carried).where(Carried.bundle_id == bundle_id).values(tried_at=now))


def delivered(connection: Connection, bundle_id: str, answer: wire.PushAnswer, now: datetime) -> Changed:
    """Notes what the server said of each operation: those it took settle when its log brings them, those
    it refused leave this screen, with the answer kept. Their author's own laptop hears of it itself."""
    changed = Changed()
    for part in _chunks(answer.results):
        changed |= _answered(connection, part, now)
    connection.execute(
        update(Carried).where(Carried.bundle_id == bundle_id).values(delivered_at=now, data=b"")
    )
    return changed


def given_up(connection: Connection, account: Account, bundle_id: str, words: str, now: datetime) -> Changed:
    """Ends a file that the server will never take: what it showed here goes back to the server's state."""
    changed = _withdraw_all(connection, data_of(connection, bundle_id), account, words, now)
    connection.execute(update(Carried).where(Carried.bundle_id == bundle_id).values(problem=words, data=b""))
    return changed


def expire(connection: Connection, account: Account, now: datetime) -> Changed:
    """Gives up files that nobody could hand on for 90 days."""
    old = connection.execute(
        select(Carried.bundle_id).where(*_WAITS, Carried.received_at < now - CARRY_LIFE)
    ).scalars()
    changed = Changed()
    for bundle_id in list(old):
        changed |= given_up(connection, account, bundle_id, "It could not be handed on for 90 days.", now)
    return changed


def _answered(connection: Connection, results: Sequence[wire.Result], now: datetime) -> Changed:
    mine = {
        row.op_id: row
        for row in connection.execute(
            select(OutboxOp.op_id, OutboxOp.type, OutboxOp.record_id, OutboxOp.scope).where(
                OutboxOp.op_id.in_([result.op for result in results]),
                OutboxOp.state == OpState.CARRIED.value,
            )
        )
    }
    back: list[Any] = []
    for result in results:
        status = result.was if result.status == Status.DUPLICATE else result.status
        if result.op not in mine or status == Status.RETRY:
            continue
        good = status in outgoing.GOOD
        if not good:
            back.append(mine[result.op])
        values = {
            "state": (OpState.ACKED if good else OpState.WITHDRAWN).value,
            "server_seq": result.seq,
            "server_scope": result.scope or mine[result.op].scope,
            "result": msgspec.to_builtins(result),
            "answered_at": now,
        }
        connection.execute(update(OutboxOp).where(OutboxOp.op_id == result.op).values(**values))
    return _rebased(connection, back, now)


def _withdraw_all(
    connection: Connection, data: bytes, account: Account, words: str, now: datetime
) -> Changed:
    privates = {key.key_id: base64.b64decode(key.private) for key in load_keys(connection).keys}
    try:
        content = courier.open_file(data, privates)
    except BadCourier:
        return Changed()  # it was never shown here either
    back: list[Any] = []
    for part in _chunks([op.op for op in content.ops]):
        where = (OutboxOp.op_id.in_(part), OutboxOp.state == OpState.CARRIED.value)
        back += connection.execute(select(OutboxOp.type, OutboxOp.record_id).where(*where)).all()
        values = {"state": OpState.WITHDRAWN.value, "result": {"words": words}, "answered_at": now}
        connection.execute(update(OutboxOp).where(*where).values(**values))
    return _rebased(connection, back, now)


def _rebased(connection: Connection, rows: Iterable[Any], now: datetime) -> Changed:
    """Works records out anew after something on top of them has gone."""
    keys = dict.fromkeys((row.type, row.record_id) for row in rows)
    for type_name, record_id in keys:
        rebase(connection, type_name, record_id, now)
    return Changed(frozenset(t for t, _ in keys), frozenset(i for _, i in keys))


def _no_keys() -> BadCourier:
    return BadCourier(
        "no_keys",
        "This laptop has not been given the key for courier files yet.",
        "Sync once where there is a network; from then on it works without one.",
    )


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


_WAITS = (Carried.delivered_at.is_(None), Carried.problem.is_(None))
