"""Copies of a server's database: taking one while it runs, proving it, and putting one back.

A copy counts only once it was opened and every chain in it worked out anew; then the laptops hear up to
where their work is safe in it. Putting one back begins a new epoch, by which they know to send the rest.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from models.errors import HoldallError
from models.ids import new_id
from sync.server import audit, checking
from sync.server.store import ServerStore, stamp, url_of
from sync.server.tables import epoch, scope_counter, tenant

SIDE = ("-wal", "-shm", "-journal")


def backup(address: str, out: Path, now: datetime) -> dict[str, Any]:
    """Writes a proven copy of a database to a file; the database may be in use. Raises HoldallError.

    Returns file, bytes, and the last change of each scope that is in the copy.
    """
    check_there(address)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"{out.name}.part")
    part.unlink(missing_ok=True)
    store = ServerStore.open(address)
    try:
        held = checking.heads(store)
        if store.postgres:
            _refuse(checking.problems(store), "The database")
            _dump(address, part)
        else:
            with contextlib.closing(store.engine.raw_connection()) as pooled:
                driver: Any = pooled.driver_connection
                driver.execute("VACUUM INTO ?", (str(part),))
            held = _proven(part)
        part.replace(out)
        _say_safe(store, held)
    finally:
        store.close()
        part.unlink(missing_ok=True)
    return {"file": str(out), "bytes": out.stat().st_size, "scopes": held}


def restore(address: str, source: Path | None, now: datetime, force: bool = False) -> dict[str, Any]:
    """Puts a copy back in the place of a database and begins a new epoch. Raises HoldallError.

    A database that is running, or that holds more than the copy, is only replaced with `force`; the old one
    is kept beside it. A PostgreSQL database is put back with pg_restore; one that was put back by other
    means only gets its new epoch (`source` None).
    """
    path = _path(address)
    kept: Path | None = None
    if path is None:
        if source is not None:
            _undump(address, source, force)
    elif source is None:
        raise HoldallError("There is no copy to put back.", "Name it with --from FILE.")
    else:
        part = _staged(path, source)
        try:
            held = _proven(part, source.name)
            if path.exists() and not force:
                _refuse_newer(path, held)
            kept = _aside(path, now)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    store = ServerStore.open(address)
    try:
        epochs = begin_epoch(store, now)
        held = checking.heads(store)
    finally:
        store.close()
    return {
        "db": str(path or "postgresql"),
        "kept": str(kept) if kept else None,
        "epochs": epochs,
        "scopes": held,
    }


def begin_epoch(store: ServerStore, now: datetime) -> dict[str, str]:
    """Begins a new epoch for every council, as its log may lack what laptops have read; the new ids."""
    held = checking.heads(store)
    begun: dict[str, str] = {}
    for council in checking.councils(store):
        fresh = begun[council.tenant] = new_id()
        with store.write(council.tenant) as connection:
            before = connection.execute(
                select(tenant.c.epoch).where(tenant.c.tenant == council.tenant)
            ).scalar_one()
            where = tenant.c.tenant == council.tenant
            connection.execute(update(tenant).where(where).values(epoch=fresh))
            connection.execute(
                epoch.insert().values(
                    tenant=council.tenant,
                    epoch=fresh,
                    parent=before,
                    started_at=stamp(now),
                    reason="restore",
                    heads=json.dumps(held[council.tenant]),
                )
            )
            detail = {"epoch": fresh, "parent": before}
            audit.note(connection, council.tenant, "restored", audit.SYSTEM, "", detail, now)
    return begun


def verify(address: str) -> dict[str, Any]:
    """Walks every chain of a database: ok, how far each scope goes, and what does not fit."""
    check_there(address)
    store = ServerStore.open(address)
    try:
        found = checking.problems(store)
        held = {} if any("damaged" in line for line in found) else checking.heads(store)
    finally:
        store.close()
    return {"ok": not found, "scopes": held, "problems": found}


def _path(address: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    if "://" not in address:
        return Path(address)
    url = url_of(address)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def check_there(address: str) -> None:
    """Raises HoldallError when an SQLite database is not there, before opening it would make one."""
    path = _path(address)
    if path is not None and not path.exists():
        raise HoldallError(f"There is no database at {path}.", "Name the one that the server runs on.")


def _proven(path: Path, name: str = "") -> checking.Heads:
    """The heads in a copy, once everything in it fits; raises HoldallError, which calls the copy by name."""
    copy = _opened(path, name)
    try:
        _refuse(checking.problems(copy), "The copy")
        return checking.heads(copy)
    finally:
        copy.close()
        for side in SIDE:
            path.with_name(path.name + side).unlink(missing_ok=True)


def _opened(path: Path, name: str = "") -> ServerStore:
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as probe:
            probe.execute("SELECT origin FROM tenant").fetchall()
    except sqlite3.Error as error:
        raise HoldallError(
            f"{name or path.name} is not a copy of a Holdall server ({error}).", "Choose another file."
        ) from error
    return ServerStore.open(str(path))


def _refuse(found: list[str], what: str) -> None:
    if found:
        raise HoldallError(f"{what} is not sound: {found[0]}", "“server verify” tells all that was found.")


def _say_safe(store: ServerStore, held: checking.Heads) -> None:
    for council, scopes in held.items():
        with store.write(council) as connection:
            for scope, n in scopes.items():
                where = (scope_counter.c.tenant == council, scope_counter.c.scope == scope)
                connection.execute(
                    update(scope_counter).where(*where, scope_counter.c.safe < n).values(safe=n)
                )


def _staged(path: Path, source: Path) -> Path:
    """A copy of the copy beside the database, so that the one that is kept stays untouched."""
    if not source.exists():
        raise HoldallError(f"There is no copy at {source}.", "Name the file that “server backup” wrote.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.coming")
    part.unlink(missing_ok=True)
    shutil.copyfile(source, part)
    return part


def _refuse_newer(path: Path, held: checking.Heads) -> None:
    """Raises HoldallError when a database is in use or holds what the copy lacks. One that cannot be read
    any more may be replaced."""
    if in_use(path):
        raise HoldallError(
            f"The server is running on {path.name}.", "Stop it first; --force replaces it nevertheless."
        )
    try:
        store = _opened(path)
    except HoldallError:
        return
    try:
        if checking.problems(store):
            return
        mine = checking.heads(store)
    finally:
        store.close()
    more = [
        f"{council}, {scope}"
        for council, scopes in mine.items()
        for scope, n in scopes.items()
        if n > held.get(council, {}).get(scope, 0)
    ]
    if more:
        raise HoldallError(
            f"The database is sound and holds more than the copy ({more[0]}).",
            "Keep it; --force puts the copy in its place, and the laptops send the rest again.",
        )


def in_use(path: Path) -> bool:
    """Whether another process has an SQLite database open: only a sole connection may leave the log mode."""
    with contextlib.closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as probe:
        try:
            return str(probe.execute("PRAGMA journal_mode = DELETE").fetchone()[0]) != "delete"
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        except sqlite3.DatabaseError:
            return False


def _aside(path: Path, now: datetime) -> Path | None:
    """Moves a database out of the way, with the files that belong to it."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.stem}.before-{now.strftime('%Y%m%dT%H%M%S%f')}{path.suffix}")
    path.replace(kept)
    for side in SIDE:
        beside = path.with_name(path.name + side)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + side))
    return kept


# -- PostgreSQL: its own tools, with the password in their environment, never in their arguments ------


def _dump(address: str, out: Path) -> None:
    _run("pg_dump", ["--format=custom", f"--file={out}"], address)
    _run("pg_restore", ["--list", str(out)], None)


def _undump(address: str, source: Path, force: bool) -> None:
    if not source.exists():
        raise HoldallError(f"There is no copy at {source}.", "Name the file that “server backup” wrote.")
    _run("pg_restore", ["--list", str(source)], None)
    if not force:
        store = ServerStore.open(address)
        try:
            with store.read() as connection:
                others = connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).scalar_one()
                filled = connection.execute(select(tenant.c.tenant).limit(1)).first()
        finally:
            store.close()
        if others or filled:
            raise HoldallError(
                "The database is in use, or it is not empty.",
                "Stop the server and make an empty one; --force puts the copy over what is there.",
            )
    name = str(url_of(address).database)
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={name}"]
    _run("pg_restore", [*options, str(source)], address)


def _run(tool: str, arguments: list[str], address: str | None) -> None:
    found = shutil.which(tool)
    if found is None:
        raise HoldallError(
            f"A copy of a PostgreSQL database needs {tool}, which is not on this machine.",
            "Install PostgreSQL's client tools, or run this where the database is.",
        )
    environment = dict(os.environ)
    if address is not None:
        url = url_of(address)
        told = {
            "PGHOST": url.host or url.query.get("host"),
            "PGPORT": url.port or url.query.get("port"),
            "PGUSER": url.username,
            "PGPASSWORD": url.password,
            "PGDATABASE": url.database,
        }
        environment.update({name: str(value) for name, value in told.items() if value})
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        line = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise HoldallError(f"{tool} did not finish: {line}", "Nothing of the database was changed.")
