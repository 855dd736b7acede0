"""The server's tables. The council (`tenant`) leads every key and there are no sequences, so the schema
lies down on a database spread over many machines as it is."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)

tenant = Table(
    "tenant",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("telephone", Text, nullable=False),
    Column("epoch", String(36), nullable=False),  # changes when the log is not the one laptops have read
    Column("origin", String(36), nullable=False),  # the first epoch: the chains of its scopes begin with it
    Column("created_at", String(27), nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),  # JSON: quotas, days of grace
    Column("audit_n", BigInteger, nullable=False, server_default="0"),  # last number of the audit
    Column("audit_chain", String(64), nullable=False, server_default=""),
)

epoch = Table(  # every time a council's log began anew, and why
    "epoch",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("epoch", String(36), nullable=False),
    Column("parent", String(36)),
    Column("started_at", String(27), nullable=False),
    Column("reason", String(16), nullable=False),  # init | restore
    Column("heads", Text, nullable=False),  # JSON {scope: last number of its log at that moment}
    PrimaryKeyConstraint("tenant", "epoch"),
)

account = Table(
    "account",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),  # JSON list
    Column("teams", Text, nullable=False),  # JSON list
    Column("sites", Text, nullable=False, server_default="[]"),  # JSON list: venues, scopes site:<id>
    Column("active", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant", "user_id"),
)

identity = Table(  # who an identity provider says somebody is; never found by e-mail
    "identity",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("issuer", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("user_id", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "issuer", "subject"),
)

provider = Table(  # an identity provider that a council trusts
    "provider",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("issuer", String(200), nullable=False),
    Column("data", Text, nullable=False),  # JSON: audience, client id, scopes, roles by claim
    PrimaryKeyConstraint("tenant", "issuer"),
)

device = Table(
    "device",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", String(44), nullable=False),
    Column("shared", Boolean, nullable=False),  # several people of the council write on it
    Column("status", String(16), nullable=False),  # active | revoked
    Column("last_dseq", BigInteger, nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("seen_at", String(27)),
    Column("copied_from", String(36)),  # the laptop whose disk this one was copied from
    PrimaryKeyConstraint("tenant", "device_id"),
)

device_cursor = Table(  # how far each laptop has read each scope: what may be compacted away
    "device_cursor",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", String(27), nullable=False),
    PrimaryKeyConstraint("tenant", "device_id", "scope"),
)

quarantine = Table(  # what a laptop that was closed out still held: for a lead to look at, never applied
    "quarantine",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("received_at", String(27), nullable=False),
    Column("data", Text, nullable=False),  # JSON list of operations
    PrimaryKeyConstraint("tenant", "id"),
)

courier_key = Table(  # the key pairs that courier files are sealed to; the newest that is not retired counts
    "courier_key",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("key_id", String(36), nullable=False),
    Column("public", String(44), nullable=False),
    Column("private", Text, nullable=False),  # sealed with the server's own key
    Column("created_at", String(27), nullable=False),
    Column("retired_at", String(27)),
    PrimaryKeyConstraint("tenant", "key_id"),
)

enrol_code = Table(
    "enrol_code",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("code_id", String(36), nullable=False),
    Column("handle", String(4), nullable=False, index=True),
    Column("hash", Text, nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_by", String(36)),
    PrimaryKeyConstraint("tenant", "code_id"),
)

token = Table(
    "token",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("family", String(36), nullable=False),
    Column("issued", String(36), nullable=False),  # a UUIDv7: later tokens sort after earlier ones
    Column("kind", String(8), nullable=False),  # access | refresh
    Column("expires_at", String(27), nullable=False),
    Column("used_at", String(27)),
    PrimaryKeyConstraint("tenant", "hash"),
)
Index("ix_token_family", token.c.tenant, token.c.family)
Index("ix_token_device", token.c.tenant, token.c.device_id, token.c.expires_at)

record = Table(
    "record",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("ver", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),  # its last change in the log of its scope
    Column("fver", Text, nullable=False),  # JSON {field or "*": [version, device]}
    Column("body", Text, nullable=False),  # JSON {field: value}
    Column("deleted", Boolean, nullable=False),
    Column("at", String(27), nullable=False, server_default=""),  # when its last change was written
    PrimaryKeyConstraint("tenant", "type", "id"),
)
Index("ix_record_scope", record.c.tenant, record.c.scope, record.c.id)

change = Table(
    "change",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("ver", BigInteger, nullable=False),
    Column("data", Text, nullable=False),  # the very bytes that are hashed and sent
    Column("chain", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "scope", "seq"),
)
Index("ix_change_record", change.c.tenant, change.c.type, change.c.id, change.c.ver)

scope_counter = Table(
    "scope_counter",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("digest", String(64), nullable=False, server_default="0" * 64),  # sum over its records
    Column("floor", BigInteger, nullable=False, server_default="0"),  # changes below it were compacted
    Column("safe", BigInteger, nullable=False, server_default="0"),  # up to here a backup was verified
    PrimaryKeyConstraint("tenant", "scope"),
)

op_result = Table(
    "op_result",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("op_id", String(36), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("dseq", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),  # JSON of wire.Result
    PrimaryKeyConstraint("tenant", "op_id"),
)

conflict = Table(
    "conflict",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("conflict_id", String(36), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("field", String(64), nullable=False),
    Column("status", String(16), nullable=False),  # auto | open | resolved | dismissed
    Column("other_device", String(36), nullable=False),
    Column("data", Text, nullable=False),  # JSON of wire.ConflictRow
    PrimaryKeyConstraint("tenant", "conflict_id"),
)
Index("ix_conflict_record", conflict.c.tenant, conflict.c.type, conflict.c.id, conflict.c.status)

holding = Table(  # what a record takes from a resource now: allocations, kept up with every change
    "holding",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("resource_id", String(36), nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "type", "id"),
)
Index("ix_holding_resource", holding.c.tenant, holding.c.type, holding.c.resource_id)

blob = Table(  # a file that records name by its SHA-256; its bytes stand in blob_chunk, encrypted
    "blob",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mime", String(100), nullable=False),
    Column("state", String(16), nullable=False),  # coming | here | refused
    Column("received", BigInteger, nullable=False),  # bytes so far
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),  # of the person who adds it, for words on a screen
    Column("added_at", String(27), nullable=False),
    PrimaryKeyConstraint("tenant", "sha256"),
)

blob_chunk = Table(
    "blob_chunk",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("n", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "sha256", "n"),
)

scheduling = Table(  # what the worker of the appointments keeps between two steps; see sync.server.scheduling
    "scheduling",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("key", String(80), nullable=False),
    Column("value", Text, nullable=False),  # JSON
    Column("at", String(27), nullable=False),  # when to look at it again; "" for never
    PrimaryKeyConstraint("tenant", "kind", "key"),
)
Index("ix_scheduling_at", scheduling.c.tenant, scheduling.c.kind, scheduling.c.at)

audit = Table(  # who did what to doors, rights and exports; each line seals the one before
    "audit",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("at", String(27), nullable=False),
    Column("act", String(40), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("data", Text, nullable=False),  # the very bytes that are hashed: JSON with sorted members
    Column("chain", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "n"),
)
