"""Find: a full-text index (SQLite FTS5) over what the slices' policies declare, never over sealed records.

Records that came in by the thousand wait in a queue for their words to be read; until then Find looks at
the records themselves, so that what it says is right at every moment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    union,
    union_all,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from models.base import Base, policy_of, record_types, table_of
from models.outbox import Arrival, SearchDoc, SearchQueue
from models.policy import SearchFields

CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_text USING fts5("
    "title, body, tokenize = \"unicode61 remove_diacritics 2\", prefix = '2 3')"
)
_DOCS = Base.metadata.tables[SearchDoc.__tablename__]
_ADD_DOC = insert(_DOCS)
_PUT_DOC = _ADD_DOC.on_conflict_do_update(
    index_elements=["type", "record_id"],
    set_={"title": _ADD_DOC.excluded.title, "detail": _ADD_DOC.excluded.detail},
).returning(_DOCS.c.n)
_NUMBER = select(_DOCS.c.n).where(
    _DOCS.c.type == bindparam("type"), _DOCS.c.record_id == bindparam("record_id")
)
_DROP_DOC = delete(_DOCS).where(_DOCS.c.n == bindparam("number"))
_DROP_WORDS = text("DELETE FROM search_text WHERE rowid = :n")
_ADD_WORDS = text("INSERT INTO search_text (rowid, title, body) VALUES (:n, :title, :body)")
_QUEUE = Base.metadata.tables[SearchQueue.__tablename__]
_ARRIVALS = Base.metadata.tables[Arrival.__tablename__]
_QUEUED = select(_QUEUE.c.type, _QUEUE.c.record_id).order_by(_QUEUE.c.type, _QUEUE.c.record_id)
_TYPES = func.json_each(_ARRIVALS.c.ids).table_valued("key")
_WAITING = union(
    select(_QUEUE.c.type), select(_TYPES.c.key).select_from(_ARRIVALS).join(_TYPES, literal(True))
)
_DONE = delete(_QUEUE).where(
    _QUEUE.c.type == bindparam("of_type"), _QUEUE.c.record_id.in_(bindparam("ids", expanding=True))
)
RANK_LIMIT = 20_000  # past this many hits, ranking costs seconds and tells nothing
_WORD = re.compile(r"\w+", re.UNICODE)
_TOKEN = re.compile(r"[^\W_]+")  # a word as the index cuts it


@dataclass(frozen=True)
class Hit:
    """One record that Find found: its type and id, its title and a line that tells it from others."""

    type: str
    id: str
    title: str
    detail: str


def match_expression(words: str) -> str:
    """What a person typed as an FTS5 expression: every word must be there, the last may be unfinished.

    Words are quoted, so nothing typed is read as query syntax. Empty when there is no word.
    """
    terms = _terms(words)
    if not terms:
        return ""
    quoted = [f'"{term}"' for term in terms]
    return " ".join([*quoted[:-1], f"{quoted[-1]}*"])


def find(session: Session, words: str, limit: int = 50) -> list[Hit]:
    """At most `limit` records that hold every word, best first (newest first when very many match)."""
    expression = match_expression(words)
    if not expression:
        return []
    waiting = [name for name in session.scalars(_WAITING) if name in record_types() and is_read(name)]
    if not waiting:
        return _indexed(session, expression, limit)
    hits = [hit for type_name in waiting for hit in _unread(session, type_name, words, limit)][:limit]
    indexed = _indexed(session, expression, 2 * limit)
    old = {  # what the index holds of these may be old
        (name, record_id)
        for name in waiting
        for record_id in session.scalars(_waiting_among(name, [hit.id for hit in indexed]))
    }
    hits += [hit for hit in indexed if (hit.type, hit.id) not in old]
    return hits[:limit]


def _indexed(session: Session, expression: str, limit: int) -> list[Hit]:
    capped = text(
        "SELECT count(*) FROM (SELECT 1 FROM search_text WHERE search_text MATCH :words LIMIT :cap)"
    )
    hits = session.execute(capped, {"words": expression, "cap": RANK_LIMIT}).scalar_one()
    order = "rank" if hits < RANK_LIMIT else "search_text.rowid DESC"
    rows = session.execute(
        text(
            "SELECT type, record_id, search_doc.title, detail FROM search_text"  # noqa: S608  fixed words
            " JOIN search_doc ON search_doc.n = search_text.rowid"
            f" WHERE search_text MATCH :words ORDER BY {order} LIMIT :limit"
        ),
        {"words": expression, "limit": limit},
    )
    return [Hit(*row) for row in rows]


def _unread(session: Session, type_name: str, words: str, limit: int) -> list[Hit]:
    """Records of a type that wait for the index and hold every word: narrowed down by SQLite, then read."""
    fields = policy_of(type_name).search if type_name in record_types() else None
    if fields is None:
        return []
    table = table_of(type_name)
    names = dict.fromkeys((fields.title, *fields.body, *fields.detail))
    joined = func.concat_ws(" ", *(cast(table.c[name], Text) for name in names))
    statement = select(table.c.id, *(table.c[name] for name in names)).where(
        table.c.deleted.is_(False), table.c.id.in_(_waiting(type_name))
    )
    sought = [_fold(term) for term in _terms(words)]
    for token in _TOKEN.findall(" ".join(sought)):
        if token.isascii():  # LIKE knows the case of ASCII alone
            plain = func.octet_length(joined) == func.length(joined)
            statement = statement.where(or_(joined.contains(token), not_(plain)))
    found: list[Hit] = []
    for row in session.execute(statement.execution_options(yield_per=100)).mappings():
        doc = _document(fields, type_name, dict(row))
        if _holds(f"{doc['title']}\n{doc['body']}", sought):
            found.append(Hit(type_name, doc["record_id"], doc["title"], doc["detail"]))
            if len(found) == limit:
                break
    return found


def _waiting(type_name: str) -> CompoundSelect[tuple[str]]:
    """The ids of a type's records that the index has still to read: noted, or in a page that waits."""
    noted = select(_QUEUE.c.record_id.label("id")).where(_QUEUE.c.type == type_name)
    found = func.json_each(_ARRIVALS.c.ids, f'$."{type_name}"').table_valued("value")
    return union_all(noted, select(found.c.value).select_from(_ARRIVALS).join(found, literal(True)))


def _waiting_among(type_name: str, ids: Sequence[str]) -> Select[Any]:
    """Those of some records that wait."""
    rows = _waiting(type_name).subquery()
    return select(rows.c.id).where(rows.c.id.in_(ids))


def _holds(text_: str, sought: Sequence[str]) -> bool:
    """Whether a text holds every term, the last one unfinished perhaps, as the index would say."""
    read = f" {' '.join(_TOKEN.findall(_fold(text_)))} "
    phrases = [" ".join(_TOKEN.findall(term)) for term in sought]
    whole = all(f" {phrase} " in read for phrase in phrases[:-1] if phrase)
    return whole and f" {phrases[-1]}" in read


def _fold(text_: str) -> str:
    """The text without case and without the marks over letters."""
    if text_.isascii():
        return text_.lower()
    parts = unicodedata.normalize("NFD", text_)
    return "".join(sign for sign in parts if unicodedata.category(sign) != "Mn").casefold()


def _terms(words: str) -> list[str]:
    """The words that a person typed, at most twelve."""
    return _WORD.findall(words.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8"))[:12]


def read_later(connection: Connection, type_name: str, ids: Iterable[str]) -> None:
    """Notes records for the index to read afterwards; the note is kept in the caller's transaction."""
    connection.exec_driver_sql(
        "INSERT OR IGNORE INTO search_queue (type, record_id) VALUES (?, ?)", [(type_name, i) for i in ids]
    )


def is_behind(connection: Connection) -> bool:
    """Whether records wait for the index to read them."""
    return connection.execute(_QUEUED.limit(1)).first() is not None


def catch_up(connection: Connection, limit: int) -> bool:
    """Reads at most `limit` waiting records into the index; returns whether more wait."""
    queued: dict[str, list[str]] = {}
    for type_name, record_id in connection.execute(_QUEUED.limit(limit)):
        queued.setdefault(type_name, []).append(record_id)
    for type_name, ids in queued.items():
        if type_name in record_types() and is_read(type_name):
            _read(connection, type_name, ids)
        connection.execute(_DONE, {"of_type": type_name, "ids": ids})
    return is_behind(connection)


def _read(connection: Connection, type_name: str, ids: Sequence[str]) -> None:
    """Reads records of one type, new ones in bulk."""
    fields = policy_of(type_name).search
    assert fields is not None  # noqa: S101  only types that are read get here
    table = table_of(type_name)
    names = dict.fromkeys((fields.title, *fields.body, *fields.detail))
    columns = (table.c.id, table.c.deleted, *(table.c[name] for name in names))
    found = connection.execute(select(*columns).where(table.c.id.in_(ids)))
    rows = [dict(row) for row in found.mappings()]
    known = set(
        connection.execute(
            select(_DOCS.c.record_id).where(_DOCS.c.type == type_name, _DOCS.c.record_id.in_(ids))
        ).scalars()
    )
    index_new(connection, type_name, [row for row in rows if row["id"] not in known and not row["deleted"]])
    index_records(connection, type_name, [row for row in rows if row["id"] in known])
    for record_id in known.difference(row["id"] for row in rows):
        remove(connection, type_name, record_id)


def is_read(type_name: str) -> bool:
    """Whether Find reads records of this type."""
    policy = policy_of(type_name)
    return policy.search is not None and not policy.sealed


def reads(type_name: str, names: Iterable[str]) -> bool:
    """Whether the index holds words of any of these fields of a type."""
    fields = policy_of(type_name).search
    return fields is not None and not {fields.title, *fields.body, *fields.detail}.isdisjoint(names)


def index_records(connection: Connection, type_name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Puts records into the index, replacing what stood there. Each row holds `id`, `deleted` and the
    fields in Python or wire form. Sealed types and types without search fields are passed over."""
    policy = policy_of(type_name)
    fields = policy.search
    if fields is None or policy.sealed:
        return
    for row in rows:
        if row.get("deleted"):
            remove(connection, type_name, str(row["id"]))
            continue
        doc = _document(fields, type_name, row)
        shown = {name: doc[name] for name in ("type", "record_id", "title", "detail")}
        doc["n"] = connection.execute(_PUT_DOC, shown).scalar_one()
        connection.execute(_DROP_WORDS, {"n": doc["n"]})
        connection.execute(_ADD_WORDS, doc)


def index_new(connection: Connection, type_name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Puts many records that were never indexed into the index, in two statements."""
    policy = policy_of(type_name)
    if policy.search is None or policy.sealed:
        return
    first = (connection.execute(text("SELECT max(n) FROM search_doc")).scalar() or 0) + 1
    docs = [_document(policy.search, type_name, row) | {"n": n} for n, row in enumerate(rows, first)]
    if docs:
        connection.exec_driver_sql(
            "INSERT INTO search_doc (n, type, record_id, title, detail) VALUES (?, ?, ?, ?, ?)",
            [(d["n"], d["type"], d["record_id"], d["title"], d["detail"]) for d in docs],
        )
        connection.exec_driver_sql(
            "INSERT INTO search_text (rowid, title, body) VALUES (?, ?, ?)",
            [(d["n"], d["title"], d["body"]) for d in docs],
        )


def _document(fields: SearchFields, type_name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the index keeps of one record."""
    detail = " · ".join(part for name in fields.detail if (part := _words(row.get(name))))
    body = "\n".join(part for name in fields.body if (part := _words(row.get(name))))
    return {
        "type": type_name,
        "record_id": str(row["id"]),
        "title": _words(row.get(fields.title)),
        "detail": detail,
        "body": f"{body}\n{detail}",
    }


def remove(connection: Connection, type_name: str, record_id: str) -> None:
    """Takes one record out of the index; nothing happens when it is not there."""
    number = connection.execute(_NUMBER, {"type": type_name, "record_id": record_id}).scalar()
    if number is not None:
        connection.execute(_DROP_WORDS, {"n": number})
        connection.execute(_DROP_DOC, {"number": number})


def empty(connection: Connection) -> None:
    """Takes every record out of the index."""
    for table in (_DOCS, _QUEUE):
        connection.execute(delete(table))
    connection.execute(text("DELETE FROM search_text"))


def _words(value: Any) -> str:
    """The words in a value: text as it is, the text leaves of JSON, nothing for what is empty."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return " ".join(filter(None, (_words(v) for k, v in value.items() if k not in ("id", "kind"))))
    if isinstance(value, list | tuple):
        return " ".join(filter(None, (_words(item) for item in value)))
    return str(value)
