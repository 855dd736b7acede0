"""The store: one SQLCipher file on this laptop, opened with a raw 256-bit key, read and written by session.

Guarantees:
- what `write()` leaves is committed with synchronous=FULL, whole or not at all, outbox included
- a wrong key, a cut-off file, a newer file and a full disk each raise a StoreError in words
- there is no unencrypted form of it, not even for a moment
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from models import arrivals, chunks, failpoints, upgrade
from models.changes import Author, Capture, CapturingSession
from models.errors import DiskFull, StoreBusy, StoreDamaged, StoreError, WrongKey

KEY_BYTES = 32
PAGE_BYTES = 4096
PRAGMAS = (
    "PRAGMA cipher_memory_security = OFF",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",  # 16 MB: a page of a sync is not written twice at once
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -65536",  # 64 MB: pages are decrypted once, not at every read
    "PRAGMA temp_store = MEMORY",
)


class Store:
    """An open store. Make one with `Store.create` or `Store.open`; close it with `close`."""

    def __init__(self, path: Path, engine: Engine, files: chunks.Folder) -> None:
        self.path = path
        self.files = files  # photos and pictures, beside the store
        self._engine = engine
        self._writer = engine.execution_options(holdall_write=True)
        info = {"files": files}
        self._read_session = sessionmaker(engine, expire_on_commit=False, autoflush=False, info=info)
        self._write_session = sessionmaker(
            self._writer, class_=CapturingSession, expire_on_commit=False, info=info
        )

    @classmethod
    def create(cls, path: Path, key: bytes) -> Store:
        """A new store at a path where no file is; raises StoreError when there is one."""
        if path.exists() and path.stat().st_size:
            raise StoreError(f"There is a store at {path.name} already.", "Open it instead of making one.")
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(path, key)
        with _in_words(path), engine.execution_options(holdall_write=True).begin() as connection:
            upgrade.create_all(connection)
        return cls(path, engine, _files(path, key))

    @classmethod
    def open(cls, path: Path, key: bytes, steps: Sequence[upgrade.UpgradeStep] = upgrade.STEPS) -> Store:
        """The store at a path, brought up to this version's tables.

        Raises WrongKey, StoreDamaged, StoreTooNew or StoreError; the file is untouched in each case.
        """
        if not path.exists():
            raise StoreError(f"There is no store at {path.name}.", "Choose another folder, or start anew.")
        size = path.stat().st_size
        if size < PAGE_BYTES or size % PAGE_BYTES:
            raise StoreDamaged(
                f"The store {path.name} is cut short: {size:,} bytes is not a whole number of pages.",
                "Do not delete it. Bring back last night's copy of the folder, or ask IT to.",
            )
        engine = _engine(path, key)
        store = cls(path, engine, _files(path, key))
        try:
            with _in_words(path):
                _bring_up(store, engine, steps)
        except BaseException:
            engine.dispose()
            raise
        return store

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; a change left in it is a fault of ours and raises RuntimeError."""
        with _in_words(self.path), self._read_session() as session:
            yield session
            if session.new or session.dirty or session.deleted:
                raise RuntimeError("a read session was used to write")

    @contextlib.contextmanager
    def write(
        self, author: Author, label: str, now: datetime, kind: str = "do", of: str | None = None
    ) -> Iterator[Session]:
        """A session whose changes are committed together with their outbox operations on a clean exit,
        and leave no trace on an error. `label` names the act for undo and history ("Accept match")."""
        with _in_words(self.path), self._write_session() as session:
            capture = Capture(session, author, label, now, kind, of)
            try:
                yield session
                capture.finish()
                session.commit()
                failpoints.hit("after_local_commit")
            except BaseException:
                session.rollback()
                raise

    @contextlib.contextmanager
    def connect(self, write: bool = False) -> Iterator[Connection]:
        """A Core connection in one transaction, without capture: for sync pages, settings and benches."""
        engine = self._writer if write else self._engine
        with _in_words(self.path), engine.begin() as connection:
            yield connection

    def check(self) -> list[str]:
        """What SQLite's and SQLCipher's integrity checks find; empty when all is well."""
        with self.connect() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA cipher_integrity_check")]
            found += [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        return [line for line in found if line != "ok"]

    def backup(self, target: Path) -> None:
        """An encrypted copy of the whole store with the same key, taken while it is in use."""
        target.unlink(missing_ok=True)
        with contextlib.closing(self._engine.raw_connection()) as pooled:
            driver: Any = pooled.driver_connection
            driver.execute("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        """Closes every connection; the write-ahead log is folded in."""
        self._engine.dispose()


def _engine(path: Path, key: bytes) -> Engine:
    if len(key) != KEY_BYTES:
        raise ValueError("a store key is 32 bytes")
    pragma = f"PRAGMA key = \"x'{key.hex()}'\""

    def connect() -> Any:
        connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
        try:
            connection.execute(pragma)
            for line in PRAGMAS:
                connection.execute(line)
            connection.create_function("unpacked", 1, arrivals.unpack, deterministic=True)
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://", module=sqlcipher, creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=4
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """Writers queue at BEGIN, so that no transaction fails half-way for want of the lock."""
        write = connection.get_execution_options().get("holdall_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _files(path: Path, key: bytes) -> chunks.Folder:
    """The folder of the files that belong to a store: `holdall.blobs` beside `holdall.db`."""
    return chunks.Folder(path.with_suffix(".blobs"), key)


def _bring_up(store: Store, engine: Engine, steps: Sequence[upgrade.UpgradeStep]) -> None:
    """Checks the version and runs the steps that are due, each in its own transaction after one copy."""
    current = max([upgrade.CURRENT, *(step.version for step in steps)])
    with engine.begin() as connection:
        due = upgrade.pending_steps(upgrade.version_of(connection), steps, current)
    if not due:
        return
    store.backup(store.path.with_suffix(f".before-{due[-1].version}.db"))
    for step in due:
        with engine.execution_options(holdall_write=True).begin() as connection:
            upgrade.run_step(connection, step)


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turns what SQLite says into a StoreError in words; other errors pass."""
    try:
        yield
    except (DBAPIError, sqlcipher.DatabaseError) as error:
        known = _known(path, str(getattr(error, "orig", None) or error))
        if known is None:
            raise
        raise known from error


def _known(path: Path, message: str) -> StoreError | None:
    text = message.lower()
    if "file is not a database" in text or "file is encrypted" in text or "hmac" in text:
        return WrongKey(
            f"The store {path.name} does not open with this key.",
            "Check the passphrase. If it is right, the file may be damaged: bring back last night's copy.",
        )
    if "malformed" in text or "disk i/o error" in text:
        return StoreDamaged(
            f"The store {path.name} is damaged.",
            "Do not delete it. Bring back last night's copy of the folder, or ask IT to.",
        )
    if "disk is full" in text or "database or disk is full" in text:
        return DiskFull(
            "The disk is full, so this change was not saved.",
            "What was saved before is safe. Free some space, then try again.",
        )
    if "locked" in text or "busy" in text:
        return StoreBusy(
            "Another program holds Holdall's store.", "Close other copies of Holdall, then try again."
        )
    if "readonly" in text or "unable to open" in text:
        return StoreError(
            f"The store {path.name} cannot be written here.",
            "Check the rights on its folder, then try again.",
        )
    return None
