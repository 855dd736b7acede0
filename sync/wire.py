"""The messages of the sync protocol, version 1, used by both ends so that they cannot drift.

JSON by msgspec, gzip both ways. Members that a reader does not know are passed over, so an older end
understands a newer one within the same protocol number. docs/protocol.md says the same in prose.
"""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from sync.passes import *  # noqa: F403  every message is found here under one name
from sync.passes import Standing

PROTOCOL = 1
SCHEMA = 3
MAX_OPS = 5_000  # operations in one push
MAX_OP_BYTES = 1_048_576  # one operation as JSON
MAX_BODY_BYTES = 16 * 1_048_576  # one request, unpacked
MAX_PAGE = 5_000  # changes in one page
PAGE_BYTES = 4 * 1_048_576  # a page stops growing past this
MAX_MARKS = 128  # numbers asked for in one scope's chain
INT_LIMIT = 2**53
CHAIN_MARK = 16  # hex digits of a chain value that a cursor carries
MAX_FILE = 25 * 1_048_576  # one photo or picture
MAX_CHUNK = 1_048_576  # of a file, in one request
PIECE = 65_536  # what a server keeps together: chunks begin and end at a multiple of it
MAX_FIND = 500  # files asked for at once


class Kind(StrEnum):
    """What an operation or a change does. `void` only takes the number of an operation that could not be
    read; `conflict` is a change that alters no field; a `move` to another scope stands in the log of the
    old scope as `leave` and in that of the new one, whole, as `enter`."""

    CREATE = "create"
    PATCH = "patch"
    DELETE = "delete"
    RESTORE = "restore"
    SEALED = "sealed"
    MOVE = "move"
    VOID = "void"
    CONFLICT = "conflict"
    LEAVE = "leave"
    ENTER = "enter"


class Status(StrEnum):
    """What became of an operation on the server."""

    APPLIED = "applied"
    MERGED = "merged"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    RETRY = "retry"


class Code(StrEnum):
    """Why an operation was refused: a closed list, each with a sentence in `sync.words`."""

    TAKEN = "taken"  # detail: resource, left, wanted
    TOO_LATE = "too_late"  # detail: resource, latest
    FROZEN = "frozen"  # detail: parent, state
    STALE_STATE = "stale_state"  # detail: field, state, wanted
    SECOND_PERSON = "second_person"  # detail: wanted
    WRITTEN_ONCE = "written_once"  # detail: field
    RECORD_DELETED = "record_deleted"
    FORBIDDEN = "forbidden"  # detail: needs
    SCOPE_LEFT = "scope_left"
    VALIDATION = "validation"  # detail: field, why
    UNKNOWN_TYPE = "unknown_type"
    SCHEMA_TOO_NEW = "schema_too_new"  # detail: field
    PAYLOAD_TOO_LARGE = "payload_too_large"
    DEPENDENCY_REJECTED = "dependency_rejected"  # detail: op, or missing
    QUOTA = "quota"
    BLOB_MISSING = "blob_missing"


class Resolves(Struct, frozen=True):
    """The conflict that an operation settles, and how: keep | take | custom."""

    conflict: str
    choice: str


class OpHead(Struct, kw_only=True, omit_defaults=True, gc=False):
    """What every operation carries beside its fields."""

    op: str
    dseq: int
    group: str
    t: str
    id: str
    scope: str
    kind: str
    base: int
    hlc: str
    at: str
    author: str
    name: str
    label: str = ""
    resolves: Resolves | None = None


class Op(OpHead, kw_only=True, gc=False):
    """An operation as the server reads it: `f` new values, `b` the values the author saw, by field."""

    f: dict[str, Any] = {}
    b: dict[str, Any] = {}


class RawOp(OpHead, kw_only=True, gc=False):
    """An operation as the laptop sends it: the JSON of its fields goes out as it lies in the outbox."""

    f: Raw
    b: Raw


class PushRequest(Struct):
    """A run of operations of one device, in the order of their numbers."""

    device: str
    ops: list[Op]


class LoosePush(Struct):
    """The same, for reading a push of which some operation is malformed."""

    device: str
    ops: list[Raw]


class RawPush(Struct):
    """The same as the laptop sends it."""

    device: str
    ops: list[RawOp]


class Result(Struct, omit_defaults=True, gc=False):
    """The server's answer to one operation. `seq` is where its effect stands in the log of its scope, or of
    `scope` when the record was moved meanwhile; `was` is the first answer when the status is duplicate."""

    op: str
    status: str
    seq: int | None = None
    ver: int | None = None
    code: str | None = None
    detail: dict[str, Any] | None = None
    conflicts: list[str] = []
    was: str | None = None
    scope: str | None = None


class PushAnswer(Struct):
    """One result for each operation, and the last number the server has of this device."""

    results: list[Result]
    last_dseq: int


class Cursor(Struct, omit_defaults=True):
    """How far a laptop has read a scope, and the chain hash there or the first `CHAIN_MARK` of its digits;
    empty for a scope that it has never read."""

    after: int
    chain: str = ""


class PullRequest(Struct, omit_defaults=True):
    """What a laptop has of each scope; at most `limit` changes of each come back. `standing` is the tag of
    the rights it knows. With `digests` every scope is answered, so that its digest can be compared."""

    scopes: dict[str, Cursor]
    limit: int = MAX_PAGE
    standing: str = ""
    digests: bool = False
    schema: int = 1


class ConflictRow(Struct, kw_only=True, omit_defaults=True):
    """A field that two laptops changed apart, as the log carries it: whole, at each change of it."""

    id: str
    field: str
    base: Any = None
    kept: Any = None
    other: Any = None
    kept_op: str | None = None
    other_op: str | None = None
    kept_by: str = ""
    other_by: str = ""
    kept_at: str | None = None
    other_at: str | None = None
    status: str
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_op: str | None = None


class ChangeHead(Struct, kw_only=True, omit_defaults=True, gc=False):
    """What every change in the log carries beside its fields. `d` is set when the record went to or came
    back from the trash; `s` is the other scope of a `leave` or `enter`."""

    seq: int
    op: str
    t: str
    id: str
    ver: int
    kind: str
    by: str
    name: str
    device: str
    hlc: str
    at: str
    d: bool | None = None
    c: list[ConflictRow] = []
    s: str | None = None


class Change(ChangeHead, kw_only=True, gc=False):
    """A change as the server writes it: `f` holds the values that the fields have now."""

    f: dict[str, Any] = {}


class RawChange(ChangeHead, kw_only=True, gc=False):
    """A change as the laptop reads it."""

    f: Raw = Raw(b"{}")


class Page(Struct, omit_defaults=True):
    """A stretch of one scope's log: `changes` are the bytes the chain was made of, `chain` its value after
    the last one. `error` is chain_mismatch when this log is not the one the laptop has read, below_floor
    when what comes next was compacted into the snapshot. `safe`: up to here a verified backup holds the
    log. `digest` of all the scope's records, when the page reaches the head and both ends have the same
    tables."""

    after: int
    to: int
    head: int
    chain: str = ""
    changes: list[Raw] = []
    error: str | None = None
    safe: int = 0
    digest: str | None = None


class PullAnswer(Struct, omit_defaults=True):
    """A page of each scope that was asked for, may be read and has something new; the person's present
    rights unless the laptop knows them. `origin` is what the chains begin with, said when some scope is
    read for the first time, `last_dseq` the last number the server has of this laptop."""

    scopes: dict[str, Page]
    standing: Standing | None = None
    origin: str = ""
    last_dseq: int = 0


class ChainRequest(Struct):
    """A laptop that was told of another log asks for the chain at the numbers where it has marks."""

    scopes: dict[str, list[int]]


class ChainAnswer(Struct):
    """The chain of each scope at each number asked for; null where this log has no such change."""

    scopes: dict[str, dict[str, str | None]]


class DeviceRequest(Struct):
    """A laptop whose disk was copied asks to go on under an id and a key of its own; `old_proof` is the
    signature over device_text() by the key it had, `proof` the one by the new key."""

    device: str
    key: str
    old_proof: str
    proof: str


class Hello(Struct):
    """What a server says of itself to anybody."""

    service: str
    protocol: list[int]
    schema: list[int]
    max_ops: int
    max_bytes: int
    max_op_bytes: int
    features: list[str]


class Health(Struct):
    """How the server is: up, or ready for work."""

    status: str


class AuditLine(Struct):
    """A line of the council's audit; `detail` holds ids, roles and counts."""

    n: int
    at: str
    act: str
    actor: str
    device: str
    detail: dict[str, Any] = {}


class AuditPage(Struct):
    """Lines of the audit, the number of its last line, and the chain value after the last line here."""

    lines: list[AuditLine]
    head: int
    chain: str


class FileOffer(Struct):
    """A laptop has a file that a record names: its SHA-256 (hex), its length, its type."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1, le=MAX_FILE)]
    mime: Annotated[str, Meta(max_length=100)]


class FileState(Struct, omit_defaults=True):
    """A file as the server has it: `state` is coming, here or refused, `offset` the bytes so far, `name` who
    sends it. `chunk` is the most that one request may add."""

    sha256: str
    size: int
    mime: str
    state: str
    offset: int
    name: str = ""
    chunk: int = MAX_CHUNK


class FindFiles(Struct):
    """A laptop asks what the server has of some files."""

    sha256: Annotated[list[Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]], Meta(max_length=MAX_FIND)]


class FoundFiles(Struct):
    """What the server has of the files asked for; those it never heard of are left out."""

    files: list[FileState]


class Problem(Struct, omit_defaults=True):
    """An answer that is no answer: a word for the program, a sentence for its log."""

    error: str
    message: str
    expected: int | None = None


_encoder = msgspec.json.Encoder()
_canonical = msgspec.json.Encoder(order="sorted")


def encode(message: Any) -> bytes:
    """A message as JSON."""
    return _encoder.encode(message)


def canonical(message: Any) -> bytes:
    """A message as JSON with sorted members: RFC 8785 for what travels here (ASCII names, integers)."""
    return _canonical.encode(message)


def pack(data: bytes) -> bytes:
    """The bytes as gzip, quickly; the same bytes each time."""
    return gzip.compress(data, compresslevel=1, mtime=0)


def unpack(data: bytes, limit: int = MAX_BODY_BYTES) -> bytes:
    """The bytes in a gzip member; ValueError when damaged, cut short, or over `limit` unpacked."""
    reader = zlib.decompressobj(wbits=31)
    try:
        out = reader.decompress(data, limit + 1)
    except zlib.error as error:
        raise ValueError("not gzip") from error
    if len(out) > limit:
        raise OverflowError("too large unpacked")
    if not reader.eof:
        raise ValueError("gzip cut short")
    return out


def standing_tag(standing: Standing) -> str:
    """A short name for exactly these rights."""
    return sha256(canonical(standing)).hexdigest()[:16]


def device_text(old: str, device: str, key: str) -> bytes:
    """What a laptop signs, with the key it had and with the new one, to go on under another id."""
    return f"holdall/device/1\n{old}\n{device}\n{key}".encode()


def decode_resolves(text: str) -> Resolves:
    """A Resolves in its JSON form."""
    return msgspec.json.decode(text, type=Resolves)
