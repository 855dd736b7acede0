"""Find: a full-text index (SQLite FTS5) over what the slices' policies declare, never over sealed records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from models.base import Base, policy_of
from models.outbox import SearchDoc
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
RANK_LIMIT = 20_000  # past this many hits, ranking costs seconds and tells nothing
_WORD = re.compile(r"\w+", re.UNICODE)


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
    terms = _WORD.findall(words.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8"))[:12]
    if not terms:
        return ""
    quoted = [f'"{term}"' for term in terms]
    return " ".join([*quoted[:-1], f"{quoted[-1]}*"])


def find(session: Session, words: str, limit: int = 50) -> list[Hit]:
    """At most `limit` records that hold every word, best first (newest first when very many match)."""
    expression = match_expression(words)
    if not expression:
        return []
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
