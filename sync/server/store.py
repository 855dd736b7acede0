"""The server's database: SQLite beside the program, or PostgreSQL by URL, behind the same few functions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Table,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, ProgrammingError

from models.errors import HoldallError
from models.ids import new_id
from sync.server.tables import epoch, tenant
from sync.server.walls import enter, stand_at_door

MIGRATIONS = Path(__file__).parent / "migrations"
ATTEMPTS = 5
ADDRESSES = "Give a file, or postgresql://user@host:5432/name."


def stamp(moment: datetime) -> str:
    """A moment as the tables keep it: UTC, ISO, microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class ServerStore:
    """The database of one server process. Open it with `ServerStore.open`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.postgres = engine.dialect.name == "postgresql"
        self.key: bytes | None = None  # once it was needed: sync.server.keys
        self._writer = engine.execution_options(holdall_write=True)
        one_moment = {"isolation_level": "REPEATABLE READ"} if self.postgres else {}
        self._reader = engine.execution_options(**one_moment)  # all the logs of a pull at one moment

    @classmethod
    def open(cls, address: str) -> ServerStore:
        """The database at a path or a postgresql:// URL, with its tables brought up to this version."""
        store = cls(engine_of(address))
        try:
            store.migrate()
        except BaseException:
            store.close()
            raise
        return store

    def migrate(self) -> None:
        """Runs the steps that are due. Raises HoldallError when this role of the database may not."""
        from alembic import command
        from alembic.config import Config
        from alembic.migration import MigrationContext
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
        newest = ScriptDirectory.from_config(config).get_current_head()
        try:
            with self.write() as connection:
                if MigrationContext.configure(connection).get_current_revision() == newest:
                    return
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != "42501":
                raise
            raise HoldallError(
                "The tables of the database are due for an upgrade, and this role may not alter them.",
                "Run once, as the owner of the tables: python -m sync.server migrate --db URL",
            ) from error

    @contextmanager
    def read(self, tenant_id: str | None = None) -> Iterator[Connection]:
        """A connection that only reads, for one council; None where no council is known yet (a door, a
        migration), and then nothing of any council's work is read."""
        with self._reader.connect() as connection:
            self._enter(connection, tenant_id)
            yield connection

    @contextmanager
    def write(self, tenant_id: str | None = None) -> Iterator[Connection]:
        """One transaction, for one council; None as with `read`."""
        with self._writer.begin() as connection:
            self._enter(connection, tenant_id)
            yield connection

    def _enter(self, connection: Connection, tenant_id: str | None) -> None:
        """Tells PostgreSQL whose rows this transaction may see, for its row-level security."""
        if tenant_id is None:
            stand_at_door(connection)
        else:
            enter(connection, tenant_id)

    def councils(self) -> list[str]:
        """Every council, for a chore that goes through them one by one."""
        with self.read() as connection:
            return list(connection.execute(select(tenant.c.tenant).order_by(tenant.c.tenant)).scalars())

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def url_of(address: str) -> URL:
    """The parts of a database's URL; raises HoldallError when it is none."""
    try:
        return make_url(address)
    except (ArgumentError, ValueError) as error:
        raise HoldallError("The address of the database cannot be read.", ADDRESSES) from error


def engine_of(address: str) -> Engine:
    """The engine for a path or a postgresql:// URL; raises HoldallError for any other address."""
    if "://" in address and not address.startswith("sqlite"):
        url = url_of(address)
        if url.get_backend_name() != "postgresql":
            raise HoldallError(f"“{url.get_backend_name()}” is not a database that serves here.", ADDRESSES)
        url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
    path = url_of(address).database if "://" in address else address
    Path(str(path)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"check_same_thread": False}, hide_parameters=True
    )  # parameters are people's words: they belong in no log

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        for line in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "wal_autocheckpoint = 8000",
            "busy_timeout = 10000",
            "cache_size = -65536",
        ):
            connection.execute(f"PRAGMA {line}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("holdall_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def transient(error: DBAPIError) -> bool:
    """Whether a transaction that ended so may simply be run again: a deadlock, a lost race for a key."""
    if isinstance(error, IntegrityError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state in ("40001", "40P01"):
        return True
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def _array(column: Column[Any]) -> str:
    """PostgreSQL's type for many values of a column."""
    if isinstance(column.type, Boolean):
        return "boolean[]"
    return "bigint[]" if isinstance(column.type, Integer) else "text[]"


def bulk_insert(connection: Connection, table: Table, columns: Sequence[str], rows: list[Any]) -> None:
    """Inserts rows of plain values (tuples in the order of `columns`), past SQLAlchemy's work per row."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    into = f'INSERT INTO "{table.name}" ({names})'
    if connection.dialect.name == "sqlite":
        marks = ", ".join(["?"] * len(columns))
        connection.exec_driver_sql(f"{into} VALUES ({marks})", rows)
    else:  # one array for each column: one statement, whatever the number of rows
        marks = ", ".join(f"%s::{_array(table.c[name])}" for name in columns)
        values = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(f"{into} SELECT * FROM unnest({marks})", values)  # noqa: S608


def among(connection: Connection, column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a column holds one of many values, as one parameter however many there are."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(Text)))
    listed = msgspec.json.encode(values).decode()
    return column.in_(select(func.json_each(listed).table_valued("value").c.value))


def ensure_tenant(connection: Connection, tenant_id: str, name: str, telephone: str, now: datetime) -> None:
    """Makes a council when it is not there yet."""
    found = connection.execute(select(tenant.c.tenant).where(tenant.c.tenant == tenant_id)).first()
    if found is None:
        first, at = new_id(), stamp(now)
        connection.execute(
            tenant.insert().values(
                tenant=tenant_id, name=name, telephone=telephone, epoch=first, origin=first, created_at=at
            )
        )
        connection.execute(
            epoch.insert().values(tenant=tenant_id, epoch=first, started_at=at, reason="init", heads="{}")
        )


def epoch_of(connection: Connection, tenant_id: str) -> str:
    """The epoch of a council's log."""
    return str(connection.execute(select(tenant.c.epoch).where(tenant.c.tenant == tenant_id)).scalar_one())


def origin_of(connection: Connection, tenant_id: str) -> str:
    """The first epoch of a council: what the hash chain of each of its scopes begins with."""
    return str(connection.execute(select(tenant.c.origin).where(tenant.c.tenant == tenant_id)).scalar_one())
