"""How what a file holds is put into the store: files that came before, records made once or brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import BadFile
from app.income import rules
from app.wording import clock_time, date_year, local_date, plural
from models import blobs
from models.base import Record
from models.changes import Author, Changed, bulk_create
from models.income import FileKind, ImportedFile, Statement

_CHUNK = 5_000


class AnyFile(Protocol):
    """A file that was read, of whatever kind: its name, its bytes and what they are."""

    @property
    def name(self) -> str:
        """Its name, as it was given."""

    @property
    def data(self) -> bytes:
        """Its bytes."""

    @property
    def sha256(self) -> str:
        """Their SHA-256 in hex."""

    @property
    def format(self) -> str:
        """What format it turned out to have."""

    @property
    def encoding(self) -> str:
        """In which letters it was written."""


class AlreadyImported(BadFile):
    """A file, or every line of it, that is here already; `record_id` names the statement, if there is one."""

    def __init__(self, title: str, advice: str, record_id: str = "") -> None:
        super().__init__(title, advice)
        self.record_id = record_id


@dataclass(frozen=True)
class Imported:
    """What an import brought: the records it touched, counts of rows, and remarks a person should read."""

    changed: Changed
    ids: tuple[str, ...]
    new: int
    known: int
    apart: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The import in one sentence."""
        told = plural(self.new, "row") + " came in"
        return f"{told}, {self.known:,} were here already." if self.known else f"{told}."


def refuse_same_file(session: Session, sha256: str, name: str) -> None:
    """Raise AlreadyImported when a file with these very bytes came in before."""
    wanted = (ImportedFile.sha256 == sha256, ImportedFile.deleted.is_(False))
    before = session.scalars(select(ImportedFile).where(*wanted)).first()
    if before is None:
        return
    statement = session.scalars(
        select(Statement.id).where(Statement.file_id == before.id, Statement.deleted.is_(False))
    ).first()
    moment = f"{date_year(local_date(before.created_at))} at {clock_time(before.created_at)}"
    title = f"“{name}” was imported on {moment} by {before.imported_by}."
    raise AlreadyImported(title, "Nothing was imported twice.", statement or "")


def file_record(session: Session, read: AnyFile, kind: FileKind, account_id: str | None) -> str:
    """Keep a file that was read, whole and by its bytes; return the id of its record."""
    author: Author = session.info["author"]
    if len(read.data) <= blobs.SIZE_LIMIT:
        blobs.put(session, read.data, "text/plain", read.name[:200])
    values = {
        "account_id": account_id,
        "kind": kind,
        "name": read.name[:200],
        "sha256": read.sha256,
        "size": len(read.data),
        "format": read.format,
        "encoding": read.encoding,
        "imported_by": author.name,
    }
    return kept(session, ImportedFile, rules.stable_id(date(2000, 1, 1), "file", read.sha256), values).id


def create(session: Session, model: type[Record], rows: list[dict[str, Any]]) -> Changed:
    """Create many rows; rows whose import was undone before are brought back instead."""
    gone = {
        record.id: record
        for chunk in chunks([row["id"] for row in rows])
        for record in session.scalars(select(model).where(model.id.in_(chunk)))
    }
    for row in rows:
        if row["id"] in gone:
            _revive(gone[row["id"]], row)
    changed = bulk_create(session, model, [row for row in rows if row["id"] not in gone])
    return changed | Changed.of(*gone.values()) if gone else changed


_R = TypeVar("_R", bound=Record)


def kept(session: Session, model: type[_R], record_id: str, values: dict[str, Any]) -> _R:
    """Return a record with this id and these values: new, or brought back when its import was undone."""
    record = session.get(model, record_id)
    if record is None:
        record = model(id=record_id, **values)
        session.add(record)
    else:
        _revive(record, values)
    return record


def _revive(record: Record, values: dict[str, Any]) -> None:
    record.deleted = False
    for name, value in values.items():
        if name not in {"id", "standing"} and getattr(record, name) != value:
            setattr(record, name, value)


def chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    """Return ids in lists short enough for one question to the store."""
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
