"""Resetting a laptop: unsent work goes into an encrypted file first, then the copy begins anew.

Never by itself. The file opens with a recovery code that is shown once, on this laptop or on the one that
takes its place. Its operations keep their ids, so that none is taken twice, wherever they come from.
"""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.secret import Aead
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session

from models import blobs, search
from models.base import record_types, table_of
from models.changes import Author, Changed, get_meta, set_meta
from models.errors import HoldallError
from models.keying import expand
from models.outbox import (
    Action,
    Arrival,
    Blob,
    BlobState,
    ChainMark,
    Conflict,
    History,
    OpState,
    OutboxOp,
    ScopeState,
    Shadow,
)
from models.replay import keep_shadow, rebase
from models.sealing import code_words, new_code, read_code
from models.store import Store
from models.types import UtcDateTime
from sync.digest import UNREAD

MAGIC = b"Holdall reset 1\n"
LIMIT = 1_073_741_824  # bytes of a file that is brought back, unpacked
UNSENT = (OpState.QUEUED, OpState.SENDING, OpState.REJECTED, OpState.BLOCKED)
_KEPT_STATES = (OpState.REJECTED.value, OpState.BLOCKED.value)
_INFO = "holdall/reset/1"
_MOMENT = UtcDateTime()
_TAKEN = (
    *("op_id", "group_id", "type", "record_id", "scope", "kind", "base_version", "fields", "base"),
    *("label", "hlc", "author_id", "author_name", "resolves", "state", "result"),
)


class PackedFile(Struct):
    """A photo or picture that has not reached the server."""

    sha256: str
    mime: str
    name: str
    data: bytes


class PackedOp(Struct):
    """An operation as it lies in the outbox; `at` in wire form."""

    values: dict[str, Any]
    at: str


class Bundle(Struct):
    """What a reset takes out of a laptop, and for whom it may be put back."""

    tenant: str
    user: str
    device: str
    ops: list[PackedOp]
    files: list[PackedFile]


@dataclass(frozen=True)
class Taken:
    """What was written to the file, and the code that opens it."""

    changes: int
    refused: int
    files: int
    code: str


def export(store: Store, author: Author, out: Path) -> Taken:
    """Writes everything that the server does not have to an encrypted file and reads it back.

    Raises HoldallError when the file cannot be written or does not hold what was put in; the store is not
    touched in any case.
    """
    with store.read() as session:
        bundle = _gathered(session, author)
    code = new_code()
    plain = msgspec.msgpack.encode(bundle)
    sealed = MAGIC + bytes(Aead(expand(code, _INFO)).encrypt(gzip.compress(plain, 6, mtime=0), MAGIC))
    part = out.with_name(f"{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise HoldallError(
            f"{out} cannot be written ({error.strerror or type(error).__name__}), so nothing was reset.",
            "Choose another place.",
        ) from error
    words = code_words(code)
    if read(out, words) != bundle:
        raise HoldallError(
            f"{out} does not hold what was written to it, so nothing was reset.", "Try another disk."
        )
    refused = sum(op.values["state"] in _KEPT_STATES for op in bundle.ops)
    return Taken(len(bundle.ops), refused, len(bundle.files), words)


def read(path: Path, code: str) -> Bundle:
    """What is in a reset file; raises HoldallError for another file, another code, a changed byte."""
    key = expand(read_code(code), _INFO)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HoldallError(f"{path} cannot be read.", "Name the file that the reset wrote.") from error
    if not data.startswith(MAGIC):
        raise HoldallError(f"{path.name} is not a file that a reset wrote.", "Choose another file.")
    try:
        packed = bytes(Aead(key).decrypt(data[len(MAGIC) :], MAGIC))
    except (CryptoError, ValueError) as error:
        raise HoldallError(
            f"This code does not open {path.name}, or the file was damaged on its way.",
            "Compare the code with your paper, group by group.",
        ) from error
    return msgspec.msgpack.decode(_unpacked(packed), type=Bundle)


def wipe(store: Store, now: datetime) -> None:
    """Empties this copy: records, history and how far it has read. What the server was sent stays in the
    outbox, and so do photos that have not gone. The next sync reads everything anew."""
    with store.connect(write=True) as connection:
        for type_name in record_types():
            connection.execute(delete(table_of(type_name)))
        for model in (Shadow, ScopeState, ChainMark, Conflict, History, Arrival):
            connection.execute(delete(model))
        connection.execute(update(Action).where(Action.state != "gone").values(state="gone"))
        search.empty(connection)
        if get_meta(connection, UNREAD) is not None:
            set_meta(connection, UNREAD, {})
        gone = [state.value for state in UNSENT if state is not OpState.SENDING]  # its number may be taken
        connection.execute(delete(OutboxOp).where(OutboxOp.state.in_(gone)))


def bring_back(store: Store, author: Author, path: Path, code: str, now: datetime) -> tuple[int, Changed]:
    """Puts the work in a reset file back into the outbox; returns how many operations were not here.

    Raises HoldallError when it is another council's or another person's.
    """
    bundle = read(path, code)
    if bundle.tenant != author.tenant_id:
        raise HoldallError(
            f"{path.name} belongs to another council.", "Bring it back on a laptop of that one."
        )
    if bundle.user != author.user_id:
        raise HoldallError(
            f"{path.name} holds the work of somebody else.", "Bring it back where that person has joined."
        )
    with store.write(author, "Bring back unsent work", now) as session:
        for file in bundle.files:
            blobs.put(session, file.data, file.mime, file.name)
        session.flush()
        return _put_back(session.connection(), bundle, now)


def _put_back(connection: Connection, bundle: Bundle, now: datetime) -> tuple[int, Changed]:
    known = set(connection.execute(select(OutboxOp.op_id)).scalars())
    fresh = [op for op in bundle.ops if op.values["op_id"] not in known]
    keys: dict[tuple[str, str], None] = {}
    for op in fresh:
        values = {name: op.values[name] for name in _TAKEN}
        if values["state"] not in _KEPT_STATES:
            values["state"] = OpState.QUEUED.value
        if values["type"] in record_types():
            keep_shadow(connection, values["type"], values["record_id"])
            keys[values["type"], values["record_id"]] = None
        connection.execute(insert(OutboxOp).values(**values, at=_MOMENT.from_wire(op.at)))
    for type_name, record_id in keys:
        rebase(connection, type_name, record_id, now)
    return len(fresh), Changed(frozenset(t for t, _ in keys), frozenset(i for _, i in keys))


def _gathered(session: Session, author: Author) -> Bundle:
    states = [state.value for state in UNSENT]
    rows = session.execute(
        select(OutboxOp.__table__).where(OutboxOp.state.in_(states)).order_by(OutboxOp.n)
    ).all()
    ops = [PackedOp({name: getattr(row, name) for name in _TAKEN}, _MOMENT.to_wire(row.at)) for row in rows]
    files = []
    waiting = Blob.state.in_([BlobState.LOCAL.value, BlobState.DUE.value])
    for row in session.execute(select(Blob.sha256, Blob.mime, Blob.name).where(waiting)).all():
        data = blobs.get(session, row.sha256)
        if data is not None:
            files.append(PackedFile(row.sha256, row.mime, row.name, data))
    return Bundle(author.tenant_id, author.user_id, author.device_id, ops, files)


def _unpacked(packed: bytes) -> bytes:
    import zlib

    reader = zlib.decompressobj(wbits=31)
    plain = reader.decompress(packed, LIMIT)
    if not reader.eof:
        raise HoldallError("This file is far larger than any that a reset writes.", "Choose another file.")
    return plain
