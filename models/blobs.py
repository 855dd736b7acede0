"""Files that records name by SHA-256: photos and pictures. A small one lies in the encrypted store, a larger
one encrypted beside it; one that a record names may still be on its way.

Which columns name files is declared in the policies (`Policy.files`); nothing here knows a slice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from models.base import policy_of, record_types, table_of
from models.changes import get_meta, set_meta
from models.chunks import PIECE, Folder
from models.errors import FileDamaged, HoldallError
from models.outbox import Blob, BlobState, Meta
from models.store import Store
from models.types import UtcDateTime, clean_text

SIZE_LIMIT = 25 * 1024 * 1024
INLINE = PIECE  # up to here a file lies in the table: 0.5 ms against 1.1 ms for a file of its own
SURVEYED = "files.surveyed"  # whether every record that is here was asked for the files it names
_NAME = re.compile(r"[0-9a-f]{64}")
_HERE = (BlobState.LOCAL.value, BlobState.DUE.value, BlobState.SENT.value)
_MOMENT = UtcDateTime()


@dataclass(frozen=True)
class Whereabouts:
    """Where the bytes of a file are, for whoever shows it. `percent` of one that is being fetched, `size` in
    bytes (0: not known), `from_name` the colleague whose record names it, `problem` in words."""

    state: str  # here | damaged | wanted
    size: int = 0
    percent: int = 0
    from_name: str = ""
    problem: str = ""
    asked: bool = False

    @property
    def here(self) -> bool:
        """Whether the bytes can be read."""
        return self.state == "here"


def put(session: Session, data: bytes, mime: str, name: str) -> str:
    """Keeps a file inside the caller's write and returns its SHA-256 (64 hex digits).

    The same bytes are kept once. Raises HoldallError for an empty file and for one over 25 MB.
    """
    if not data:
        raise HoldallError(f"The file {name} is empty.", "Choose another one.")
    if len(data) > SIZE_LIMIT:
        raise HoldallError(
            f"The file {name} has {len(data) / 1048576:.0f} MB; at most 25 MB fit.", "Choose a smaller one."
        )
    digest = hashlib.sha256(data).hexdigest()
    small = len(data) <= INLINE
    folder = _folder(session)
    row = session.execute(select(Blob.state, Blob.data).where(Blob.sha256 == digest)).first()
    if not small and (row is None or row.data is None) and not folder.has(digest, len(data)):
        folder.write(digest, data)
    values = {"size": len(data), "mime": mime, "name": clean_text(name, 200), "done": 0, "problem": None}
    values["data"] = data if small else None
    if row is None:
        added_at = session.info["now"]
        session.execute(
            insert(Blob)
            .values(sha256=digest, state=BlobState.LOCAL.value, added_at=added_at, **values)
            .on_conflict_do_nothing()
        )
    elif row.state == BlobState.WANTED.value:  # a record on the server names it, and here it is
        session.execute(update(Blob).where(Blob.sha256 == digest).values(state=BlobState.DUE.value, **values))
    return digest


def get(session: Session, sha256: str) -> bytes | None:
    """The bytes of a file, or None when this copy does not have them (yet). Raises FileDamaged."""
    row = session.execute(select(Blob.state, Blob.size, Blob.data).where(Blob.sha256 == sha256)).first()
    if row is None or row.state not in _HERE:
        return None
    return bytes(row.data) if row.data is not None else _folder(session).read(sha256, row.size)


def look(session: Session, sha256: str) -> tuple[bytes | None, Whereabouts]:
    """The bytes of a file where they can be had, and where they are; never raises FileDamaged."""
    statement = select(Blob.state, Blob.size, Blob.done, Blob.problem, Blob.from_name, Blob.asked)
    row = session.execute(statement.where(Blob.sha256 == sha256)).first()
    if row is None:
        return None, Whereabouts("wanted")
    percent = min(99, row.done * 100 // row.size) if row.size else 0
    words = (row.size, percent, row.from_name, row.problem or "", bool(row.asked))
    if row.state == BlobState.WANTED.value:
        return None, Whereabouts("wanted", *words)
    try:
        return get(session, sha256), Whereabouts("here", row.size, 100, *words[2:])
    except FileDamaged:
        return None, Whereabouts("damaged", *words)


def ask(store: Store, names: Iterable[str]) -> bool:
    """Notes that somebody wants to look at files that are not here, or are damaged here: the next sync
    fetches them, however large. Returns whether that was news."""
    news = False
    for name in names:
        with store.read() as session:
            where = look(session, name)[1]
        if where.here or where.asked:
            continue
        with store.connect(write=True) as connection:
            if where.state == "damaged":
                lost(connection, name)
            wanted = (Blob.sha256 == name, Blob.state == BlobState.WANTED.value)
            news |= connection.execute(update(Blob).where(*wanted).values(asked=True)).rowcount > 0
    return news


def lost(connection: Connection, name: str) -> None:
    """The bytes of a file are gone or damaged here: it is wanted from the server, or from whoever has it."""
    values = {"state": BlobState.WANTED.value, "done": 0, "data": None}
    connection.execute(update(Blob).where(Blob.sha256 == name).values(**values))


def waiting(connection: Connection) -> int:
    """How many files are still to be sent."""
    statement = select(func.count()).select_from(Blob).where(Blob.state == BlobState.DUE.value)
    return int(connection.execute(statement).scalar_one())


def problems(session: Session) -> list[tuple[str, str]]:
    """Files of this laptop that do not travel: name and reason, newest first."""
    kept = (Blob.problem.is_not(None), Blob.state.in_((BlobState.LOCAL.value, BlobState.DUE.value)))
    statement = select(Blob.name, Blob.problem).where(*kept)
    return [(row.name, str(row.problem)) for row in session.execute(statement.order_by(Blob.added_at.desc()))]


# -- what records name -----------------------------------------------------------------------------


def file_types() -> list[str]:
    """The types whose records name files."""
    return [name for name in record_types() if policy_of(name).files]


def named_in(type_name: str, fields: Mapping[str, Any]) -> set[str]:
    """The files that these fields of a record (wire form) name."""
    return {name for column in policy_of(type_name).files for name in _names(fields.get(column))}


def _names(value: Any, direct: bool = True) -> Iterator[str]:
    if isinstance(value, str):
        if direct and _NAME.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _names(item, direct=key == "sha256")
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, direct=False)


def notice(connection: Connection, names: Iterable[str], from_name: str, now: datetime) -> None:
    """A record that the server has names these files: those that are here are to be sent, the others are
    wanted. `from_name` is who wrote the record."""
    at = _MOMENT.to_wire(now)
    rows = [(name, from_name, at) for name in names]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO blob (sha256, size, mime, name, state, done, asked, from_name, added_at)"
            " VALUES (?, 0, '', '', 'wanted', 0, 0, ?, ?) ON CONFLICT (sha256) DO UPDATE"
            " SET state = 'due' WHERE state = 'local'",
            rows,
        )


def survey(connection: Connection, now: datetime) -> None:
    """Asks every record that the server has for the files it names, once: they may have come before files
    travelled, or by a way that did not look at each. `survey_again` makes it be done anew."""
    if get_meta(connection, SURVEYED):
        return
    for type_name in file_types():
        table = table_of(type_name)
        columns = [table.c[name] for name in policy_of(type_name).files]
        rows = connection.execute(select(*columns).where(table.c.version > 0, table.c.deleted.is_(False)))
        for row in rows.mappings():
            notice(connection, named_in(type_name, dict(row)), "", now)
    set_meta(connection, SURVEYED, True)


def survey_again(connection: Connection) -> None:
    """Makes the next sync ask every record for its files: after records came in as a whole."""
    connection.execute(delete(Meta).where(Meta.key == SURVEYED))


def offer_again(connection: Connection) -> None:
    """Makes the next sync offer every file to the server, which says which ones it has: after the server was
    brought back from an older copy."""
    connection.execute(
        update(Blob)
        .where(Blob.state == BlobState.SENT.value)
        .values(state=BlobState.DUE.value, done=0, problem=None)
    )


# -- housekeeping ------------------------------------------------------------------------------------


def tidy(store: Store) -> int:
    """Moves large files of an older store out of its table, removes files that no row names (a crash came
    before the commit), and asks for those again that went missing here and the server has. Returns how many
    were moved, removed and asked for."""
    moved = 0
    large = select(Blob.sha256, Blob.data).where(Blob.data.is_not(None), Blob.size > INLINE).limit(1)
    while True:
        with store.connect(write=True) as connection:
            row = connection.execute(large).first()
            if row is None:
                names = set(connection.execute(select(Blob.sha256)).scalars())
                return moved + store.files.sweep(names) + _miss(connection, store.files)
            store.files.write(row.sha256, row.data)
            connection.execute(update(Blob).where(Blob.sha256 == row.sha256).values(data=None))
            moved += 1


def _miss(connection: Connection, folder: Folder) -> int:
    sent = (Blob.state == BlobState.SENT.value, Blob.data.is_(None))
    gone = [
        row.sha256
        for row in connection.execute(select(Blob.sha256, Blob.size).where(*sent))
        if not folder.has(row.sha256, row.size)
    ]
    for name in gone:
        lost(connection, name)
    return len(gone)


def missing(session: Session) -> list[str]:
    """The files that should be here and are not, or not whole in length."""
    folder = _folder(session)
    rows = session.execute(select(Blob.sha256, Blob.size).where(Blob.state.in_(_HERE), Blob.data.is_(None)))
    return [row.sha256 for row in rows if not folder.has(row.sha256, row.size)]


def _folder(session: Session) -> Folder:
    folder: Folder = session.info["files"]
    return folder
