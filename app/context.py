"""The context: store, person, council, clock and folder, made once and handed down; never a global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from app.errors import CannotRunHere
from app.report.seal import Seal
from app.wording import local_date
from models import undo as undoing
from models.changes import Author, Changed
from models.grace import Grace, check_grace, grace_of
from models.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Council:
    """The council a store belongs to, as paper and screens name it."""

    name: str = "Averwick Borough Council"
    telephone: str = "01632 960 100"
    staff_support: str = "01632 960 777"
    repairs_telephone: str = "01632 960 100"
    website: str = "averwick.example.org"


def utc_now() -> datetime:
    """The wall clock, in UTC: what `Context.clock` is outside tests and the tour."""
    return datetime.now(UTC)


@dataclass
class Context:
    """Everything a use case needs beside its arguments."""

    store: Store
    author: Author
    home: Path
    council: Council = field(default_factory=Council)
    clock: Callable[[], datetime] = utc_now
    sample: bool = False
    seal: Callable[[], Seal | None] = lambda: None  # for papers; a laptop without a server has none
    closing: bool = False  # this laptop is being closed out: nothing new is written

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.clock()

    def today(self) -> date:
        """The day in London."""
        return local_date(self.clock())

    def write(self, label: str, work: Callable[[Session], T]) -> T:
        """Runs `work` in one write transaction named `label`, and returns what it returns. Raises OutOfGrace
        on a laptop that has not met its server for too long."""
        now = self.now()
        with self.store.write(self.author, label, now) as session:
            connection = session.connection()  # the lock is held from here on
            if self.closing:
                raise CannotRunHere(
                    "This laptop is being closed out, so nothing new is written on it.",
                    "Ask your administrator.",
                )
            if not self.sample:
                check_grace(connection, now)
            return work(session)

    def grace(self) -> Grace | None:
        """Until when this laptop may be written on; None where it needs no server."""
        if self.sample:
            return None
        with self.store.connect() as connection:
            return grace_of(connection)

    def read(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a session that may only read, and returns what it returns."""
        with self.store.read() as session:
            return work(session)

    def undo(self) -> tuple[str, Changed]:
        """Takes back the last act; returns its words and what changed."""
        label = self.read(lambda s: undoing.undo_label(s, self.author)) or ""
        return label, self.write(f"Undo: {label}", undoing.undo)

    def redo(self) -> tuple[str, Changed]:
        """Does the last undone act again; returns its words and what changed."""
        label = self.read(lambda s: undoing.redo_label(s, self.author)) or ""
        return label, self.write(label or "Redo", undoing.redo)
