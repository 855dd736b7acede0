"""The join between the office and the wire: what was written here, what the server said, what is open.

No record of a slice lives here. `models.changes` fills the outbox, `sync` reads it and writes the rest.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import Json, UtcDateTime


class OpState(StrEnum):
    """Where an operation is on its way; settled, conflicted, rejected, blocked and withdrawn are ends, and
    every operation reaches one."""

    QUEUED = "queued"  # never sent: it can still be withdrawn
    SENDING = "sending"  # sent once, no answer yet; it is sent again as it is
    ACKED = "acked"  # the server has it, the pull that brings it back has not come yet
    SETTLED = "settled"  # the server has it and this copy shows the server's state
    CONFLICTED = "conflicted"  # the server has it, a person has to choose for some field
    REJECTED = "rejected"  # the server refused it, with a reason; a way out is offered
    BLOCKED = "blocked"  # it depends on one that was refused
    WITHDRAWN = "withdrawn"  # its author took it back before it was sent
    CARRIED = "carried"  # a colleague's, brought by a courier file; the server's log will settle it


PENDING = (OpState.QUEUED, OpState.SENDING, OpState.ACKED, OpState.CARRIED)


class OpKind(StrEnum):
    """What an operation does to its record."""

    CREATE = "create"
    PATCH = "patch"
    DELETE = "delete"
    RESTORE = "restore"
    SEALED = "sealed"  # a whole sealed record, opaque to the server
    MOVE = "move"  # into another scope


class OutboxOp(Base):
    """One immutable operation; only `dseq`, state and the answer columns ever change."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_n", "state", "n"),
        Index("ix_outbox_record", "type", "record_id", "n"),
        Index("ix_outbox_group", "group_id"),
        Index("ix_outbox_acked", "server_scope", "server_seq", sqlite_where=text("state = 'acked'")),
    )

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)  # order of writing here
    op_id: Mapped[str] = mapped_column(String, unique=True)
    dseq: Mapped[int | None] = mapped_column(unique=True, default=None)  # given at the first send, no holes
    group_id: Mapped[str] = mapped_column(String)  # one local transaction; lands whole or not at all
    type: Mapped[str] = mapped_column(String)  # record type, the table's name
    record_id: Mapped[str] = mapped_column(String)
    scope: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)  # OpKind
    base_version: Mapped[int]  # version of the record the author saw; 0 for one never synced
    fields: Mapped[dict[str, Any]] = mapped_column(Json)  # field -> new value, wire form
    base: Mapped[dict[str, Any]] = mapped_column(Json)  # field -> value the author saw, wire form
    label: Mapped[str] = mapped_column(String)  # what the person did, in words
    hlc: Mapped[str] = mapped_column(String)  # hybrid logical clock, models.clock
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[str] = mapped_column(String)
    author_name: Mapped[str] = mapped_column(String)
    resolves: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)  # {conflict, choice}
    state: Mapped[str] = mapped_column(String, default=OpState.QUEUED.value)
    attempts: Mapped[int] = mapped_column(default=0)
    server_seq: Mapped[int | None] = mapped_column(default=None)
    server_scope: Mapped[str | None] = mapped_column(String, default=None)  # whose log that is
    result: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)  # the server's whole answer
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class Action(Base):
    """One thing a person did: the unit of undo, with the words to name it."""

    __tablename__ = "action"
    __table_args__ = (Index("ix_action_state_n", "state", "n"),)

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    group_id: Mapped[str] = mapped_column(String, unique=True)
    label: Mapped[str] = mapped_column(String)
    kind: Mapped[str] = mapped_column(String)  # do | undo | redo
    state: Mapped[str] = mapped_column(String)  # done | undone | gone (no longer on the stack)
    of: Mapped[str | None] = mapped_column(String, default=None)  # the group that this one undoes or redoes
    author_id: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Shadow(Base):
    """The server's state of a record, kept only while the record has pending operations here.

    `body` is None for a record the server does not have yet.
    """

    __tablename__ = "shadow"

    type: Mapped[str] = mapped_column(String, primary_key=True)
    record_id: Mapped[str] = mapped_column(String, primary_key=True)
    version: Mapped[int]
    deleted: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[str] = mapped_column(String)
    body: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    left: Mapped[bool] = mapped_column(default=False, server_default="0")  # moved to where nobody here reads


class ScopeState(Base):
    """How far this copy has read one scope of the server's log."""

    __tablename__ = "scope_state"

    scope: Mapped[str] = mapped_column(String, primary_key=True)
    epoch: Mapped[str] = mapped_column(String)
    cursor: Mapped[int] = mapped_column(default=0)
    chain_hash: Mapped[str] = mapped_column(String, default="")
    bootstrapped: Mapped[bool] = mapped_column(default=False)
    safe: Mapped[int] = mapped_column(default=0)  # up to here a verified backup holds the log
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)  # one that is under way
    last_ok_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class ChainMark(Base):
    """The chain value at some number of a scope's log, as this copy read it: what a server that was
    restored is compared by."""

    __tablename__ = "chain_mark"

    scope: Mapped[str] = mapped_column(String, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    chain: Mapped[str] = mapped_column(String)


class SearchQueue(Base):
    """Records that Find has still to read: a large page is applied first and indexed after."""

    __tablename__ = "search_queue"
    __table_args__ = ({"sqlite_with_rowid": False},)

    type: Mapped[str] = mapped_column(String, primary_key=True)
    record_id: Mapped[str] = mapped_column(String, primary_key=True)


class Arrival(Base):
    """New records of one page of the log whose history and words for Find are written out afterwards: the
    changes as they came, packed, and the ids of their records (models.arrivals)."""

    __tablename__ = "arrival"

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    ids: Mapped[str] = mapped_column(Text)  # JSON {type: [record id]}
    count: Mapped[int]
    first_at: Mapped[str] = mapped_column(String)  # when the first and the last of them were written
    last_at: Mapped[str] = mapped_column(String)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Carried(Base):
    """A courier file that came in on a stick, kept as it is until the server has it; the row stays after
    that, without the bytes, so that the file is known when it comes again."""

    __tablename__ = "carried"

    bundle_id: Mapped[str] = mapped_column(String, primary_key=True)
    device_id: Mapped[str] = mapped_column(String)  # of the laptop that wrote it
    author_name: Mapped[str] = mapped_column(String)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    count: Mapped[int]  # operations in it
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    problem: Mapped[str | None] = mapped_column(String, default=None)  # why it was given up, in words


class Conflict(Base):
    """One field that two people changed apart: what was, what stands, what the other wrote."""

    __tablename__ = "conflict"
    __table_args__ = (
        Index("ix_conflict_record", "type", "record_id", "status"),
        Index("ix_conflict_status", "status"),
    )

    conflict_id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str] = mapped_column(String)
    record_id: Mapped[str] = mapped_column(String)
    scope: Mapped[str] = mapped_column(String)
    field: Mapped[str] = mapped_column(String)
    base_value: Mapped[Any] = mapped_column(Json, default=None, nullable=True)
    kept_value: Mapped[Any] = mapped_column(Json, default=None, nullable=True)  # what the record holds
    other_value: Mapped[Any] = mapped_column(Json, default=None, nullable=True)  # what the loser wrote
    kept_op: Mapped[str | None] = mapped_column(String, default=None)
    other_op: Mapped[str | None] = mapped_column(String, default=None)
    kept_by: Mapped[str] = mapped_column(String, default="")  # names, for people
    other_by: Mapped[str] = mapped_column(String, default="")
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    other_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    status: Mapped[str] = mapped_column(String)  # auto | open | resolved | dismissed
    resolution: Mapped[str | None] = mapped_column(String, default=None)  # keep | take | custom | both
    resolved_by: Mapped[str | None] = mapped_column(String, default=None)
    resolved_op: Mapped[str | None] = mapped_column(String, default=None)


class Trash(Base):
    """A record that a tombstone from the server removed here, kept for 90 days."""

    __tablename__ = "trash"

    type: Mapped[str] = mapped_column(String, primary_key=True)
    record_id: Mapped[str] = mapped_column(String, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    removed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_by: Mapped[str] = mapped_column(String, default="")


class History(Base):
    """A change by somebody else, as it came in, or one made here that has left the outbox (then with label,
    values before and state). Its rows lie in the order of their key, so that a large page costs one tree and
    not three."""

    __tablename__ = "history"
    __table_args__ = ({"sqlite_with_rowid": False},)

    type: Mapped[str] = mapped_column(String, primary_key=True)
    record_id: Mapped[str] = mapped_column(String, primary_key=True)
    op_id: Mapped[str] = mapped_column(String, primary_key=True)
    kind: Mapped[str] = mapped_column(String)
    fields: Mapped[dict[str, Any]] = mapped_column(Json)
    version: Mapped[int]
    author_name: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    label: Mapped[str] = mapped_column(String, server_default="")
    base: Mapped[dict[str, Any]] = mapped_column(Json, server_default="{}")
    state: Mapped[str] = mapped_column(String, server_default="received")


class Meta(Base):
    """A value of this copy that is never synced: device, clock, settings, tokens."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[Any] = mapped_column(Json, default=None)


class BlobState(StrEnum):
    """Where the bytes of a file are."""

    LOCAL = "local"  # here; no record that the server has names it
    DUE = "due"  # here; a record on the server names it, so it is sent
    SENT = "sent"  # here and on the server
    WANTED = "wanted"  # a record names it, its bytes are not here


class Blob(Base):
    """A file that records name by its SHA-256: a photo, a picture. A small one lies in `data`, a larger one
    encrypted beside the store (`models.chunks`)."""

    __tablename__ = "blob"
    __table_args__ = (Index("ix_blob_state", "state"),)

    sha256: Mapped[str] = mapped_column(String, primary_key=True)
    size: Mapped[int]  # 0 for one that is wanted and not weighed yet
    mime: Mapped[str] = mapped_column(String)
    name: Mapped[str] = mapped_column(String)
    state: Mapped[str] = mapped_column(String, default=BlobState.LOCAL.value)
    done: Mapped[int] = mapped_column(default=0)  # bytes of it sent or fetched so far
    problem: Mapped[str | None] = mapped_column(String, default=None)  # why it does not travel, in words
    asked: Mapped[bool] = mapped_column(default=False, server_default="0")  # somebody wants to look at it
    from_name: Mapped[str] = mapped_column(String, default="", server_default="")  # who named it elsewhere
    data: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SearchDoc(Base):
    """What Find shows of one record; its words stand in the full-text table under the same number."""

    __tablename__ = "search_doc"
    __table_args__ = (UniqueConstraint("type", "record_id"),)

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    type: Mapped[str] = mapped_column(String)
    record_id: Mapped[str] = mapped_column(String)
    title: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
