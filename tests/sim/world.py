"""The simulated world: laptops, server, line, disks and clocks in one process, all moved by one integer.

Everything that decides is real: encrypted stores, the HTTP client, the ASGI application, its database. Only
time, identifiers, the line and the moments of death are made here, so that a number gives the same run again.
"""

from __future__ import annotations

import asyncio
import base64
import random
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

import models.ids
import tests.things  # noqa: F401  its types are known to both ends
from models import failpoints
from models.changes import Author
from models.outbox import OutboxOp
from models.store import Store
from sync import account as accounts
from sync import wire
from sync.client import HttpTransport
from sync.engine import Engine, SyncReport
from sync.server import accounts as doors
from sync.server import store as server_store
from sync.server import tables
from sync.server.api import create_app
from sync.server.routing import Deps
from sync.server.store import ServerStore, ensure_tenant, stamp
from sync.server.throttle import TRIES, Throttle
from tests.sim.line import Answer, Held, Killed, Line, LineAdapter, Torn, call

TENANT = "averwick"
ADDRESS = "http://127.0.0.1:9"
KEY = bytes(range(32))
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Broken(AssertionError):
    """Something that must always hold does not."""


@dataclass
class Templates:
    """Empty databases to copy, as making them takes longer than a whole run."""

    laptop: Path
    server: Path

    @classmethod
    def make(cls, folder: Path) -> Templates:
        """One of each."""
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder / "laptop.db", folder / "server.db")
        Store.create(made.laptop, KEY).close()
        store = ServerStore.open(str(made.server))
        with store.write(TENANT) as connection:
            ensure_tenant(connection, TENANT, "Averwick Borough Council", "01632 960 100", START)
        store.close()
        return made


@dataclass
class Written:
    """An operation that a laptop has committed, as it was written."""

    op_id: str
    laptop: str
    type: str
    record_id: str
    kind: str
    fields: dict[str, Any]
    base: dict[str, Any]


_STATEMENTS: dict[str, Any] = {}  # compiled once for all worlds, as a long-lived process has them
_APP: list[Any] = []


def _application(store: ServerStore, clock: Callable[[], datetime]) -> Any:
    """The application as a fresh process has it: the routes are made once, its memory is new."""
    if not _APP:
        _APP.append(create_app(store, clock))
    deps = _APP[0].state.deps
    fresh = Deps(store, clock, Throttle(TRIES), meters=deps.meters, features=deps.features)
    for one in fields(Deps):
        setattr(deps, one.name, getattr(fresh, one.name))
    return _APP[0]


def _share_statements(name: str, *engines: Any) -> None:
    cache = _STATEMENTS.setdefault(name, engines[0]._compiled_cache)
    for engine in engines:
        engine._compiled_cache = cache


class SimServer:
    """The server: a real application over a real SQLite file, that can die, be copied and be put back."""

    def __init__(self, world: World, folder: Path, template: Path) -> None:
        self.world = world
        self.path = folder / "server.db"
        shutil.copy(template, self.path)
        self.up = False
        self.store: ServerStore
        self.app: Any = None
        self.copies: list[Path] = []
        self.restores = 0
        self.start()

    def start(self) -> None:
        """A process over the file as it lies there."""
        self.store = ServerStore(server_store.engine_of(str(self.path)))
        _share_statements("server", self.store.engine, self.store._writer, self.store._reader)
        event.listen(self.store.engine, "begin", self._disk)
        self.app = _application(self.store, lambda: self.world.now)
        self.up = True
        self.full = False

    def stop(self) -> None:
        """The process is gone; what it had committed is in the file."""
        self.up = False
        self.store.close()

    def serve(self, request: Held) -> Answer:
        """One request, if there is a server."""
        if not self.up:
            raise Torn("no server")
        try:
            return call(self.world.loop, self.app, request)
        except Torn:
            self.world.note("the server died")
            self.stop()
            raise

    def copy(self) -> None:
        """Last night's backup."""
        target = self.path.with_name(f"copy-{len(self.copies)}.db")
        source, copy = sqlite3.connect(self.path), sqlite3.connect(target)
        with source, copy:
            source.backup(copy)
        source.close()
        copy.close()
        self.copies.append(target)

    def put_back(self, silent: bool) -> None:
        """Last night's backup is put in the place of the database; with a new epoch unless `silent`."""
        if not self.copies:
            return
        self.restores += 1
        self.stop()
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.world.chance.choice(self.copies), self.path)
        self.start()
        if not silent:
            self.world.new_epoch(self.store)

    def _disk(self, connection: Any) -> None:
        if self.full:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        elif self.world.disks_matter:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")


@dataclass
class SimLaptop:
    """One laptop: its disk, its person, its clock's error, whether it is closed out."""

    world: World
    name: str
    author: Author
    path: Path
    skew: timedelta = timedelta()
    revoked: bool = False
    full: bool = False
    confirmed: set[tuple[str, str]] = field(default_factory=set)  # records it had from the server once
    seen: int = 0  # the last outbox row that was written down
    store: Store = field(init=False)
    engine: Engine = field(init=False)
    account: accounts.Account = field(init=False)

    def boot(self) -> None:
        """Opens the store as it lies on the disk and starts a process over it."""
        self.store = Store.open(self.path, KEY)
        _share_statements("laptop", self.store._engine, self.store._writer)
        event.listen(self.store._engine, "begin", self._disk)
        found = accounts.load(self.store)
        assert found is not None
        self.account = found
        transport = HttpTransport(found, lambda fresh: accounts.save(self.store, fresh))
        transport._caller._session.mount("http://", LineAdapter(self.world.line, self.name))
        self.engine = Engine(self.store, transport, self.now)

    def crash(self) -> None:
        """The process is gone; the disk stays."""
        self.engine.transport.close()  # type: ignore[attr-defined]
        self.store.close()

    def now(self) -> datetime:
        """What this laptop's clock says."""
        return self.world.now + self.skew

    def act(self, label: str, work: Callable[[Session], Any]) -> None:
        """One act of the person; a crash in it is followed by a start."""
        try:
            with self.store.write(self.author, label, self.now()) as session:
                work(session)
        except Killed:
            self.world.note(f"{self.name} died in {label}")
            self.reboot()
        self.remember()

    def sync(self, **options: Any) -> SyncReport | None:
        """One sync; None when the process died in it."""
        try:
            return self.engine.sync_once(**options)
        except Killed as death:
            self.world.note(f"{self.name} died at {death}")
            self.reboot()
            return None
        finally:
            self.remember()

    def reboot(self) -> None:
        """A new process over the same disk."""
        self.crash()
        self.boot()

    def remember(self) -> None:
        """Writes down the operations that were committed since."""
        with self.store.connect() as connection:
            rows = connection.execute(
                select(OutboxOp.__table__).where(OutboxOp.n > self.seen).order_by(OutboxOp.n)
            ).all()
        for row in rows:
            self.seen = row.n
            if row.state != "carried":
                made = Written(row.op_id, self.name, row.type, row.record_id, row.kind, row.fields, row.base)
                self.world.written.setdefault(row.op_id, made)

    def _disk(self, connection: Any) -> None:
        if self.full:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        elif self.world.disks_matter:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")


class World:
    """All of it, from one integer."""

    def __init__(self, seed: int, folder: Path, templates: Templates) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.folder = folder
        self.templates = templates
        self.now = START
        self.trace: list[str] = []
        self.written: dict[str, Written] = {}
        self.laptops: list[SimLaptop] = []
        self.armed: dict[str, int] = {}
        self.disks_matter = False
        self.compacted = 0  # changes that have left the log, ever
        self.revoked = 0  # laptops that were closed out, ever
        self.copies = 0  # laptops whose disk was copied, ever
        self.loop = asyncio.new_event_loop()
        self._ids = 0
        self.line: Line
        self.server: SimServer

    # -- life and death ----------------------------------------------------------------------------

    @contextmanager
    def running(self) -> Iterator[World]:
        """The world while it lasts: seeded identifiers, its own time, its own deaths."""
        ids = SimpleNamespace(uuid7=self._uuid7)
        with (
            mock.patch.object(models.ids, "uuid_utils", ids),
            mock.patch.object(failpoints, "trap", self._trap),
            mock.patch("time.time", self.seconds),
            mock.patch.object(wire, "MAX_PAGE", self.chance.choice((2, 5, 20, 5_000))),
        ):
            self.server = SimServer(self, self.folder, self.templates.server)
            self.line = Line(random.Random(self.seed + 1), self.server.serve, self.note)
            try:
                yield self
            finally:
                for laptop in self.laptops:
                    laptop.crash()
                if self.server.up:
                    self.server.stop()
                self.loop.run_until_complete(self.loop.shutdown_default_executor())
                self.loop.close()

    def note(self, text: str) -> None:
        """A line of the story, for whoever has to read how it came to that."""
        self.trace.append(f"{self.now:%d %H:%M:%S} {text}")

    def seconds(self) -> float:
        """The moment as time.time gives it."""
        return self.now.timestamp()

    def pass_time(self, most: float = 600.0) -> None:
        """Some seconds go by, now and then hours."""
        span = self.chance.random() * most
        if self.chance.random() < 0.05:
            span *= 100
        self.now += timedelta(seconds=round(span, 3))

    def arm(self, name: str, count: int) -> None:
        """Whoever passes this place for the count-th time dies."""
        self.armed[name] = count

    def _trap(self, name: str) -> None:
        if name in self.armed:
            self.armed[name] -= 1
            if self.armed[name] <= 0:
                del self.armed[name]
                raise Killed(name)

    def _uuid7(self) -> uuid.UUID:
        self._ids += 1
        ms = int(self.now.timestamp() * 1000) & (2**48 - 1)
        tail = self.chance.getrandbits(50)
        value = (
            ms << 80 | 7 << 76 | (self._ids >> 12 & 0xFFF) << 64 | 2 << 62 | (self._ids & 0xFFF) << 50 | tail
        )
        return uuid.UUID(int=value)

    # -- people ------------------------------------------------------------------------------------

    def join(self, name: str, user: str, roles: tuple[str, ...]) -> SimLaptop:
        """A new laptop for a person, signed in."""
        device = models.ids.new_id()
        path = self.folder / f"{name}.db"
        shutil.copy(self.templates.laptop, path)
        seed = self.chance.randbytes(32)
        with self.server.store.write(TENANT) as connection:
            doors.put_account(connection, TENANT, user, name, list(roles), ["team-1"])
            tokens = self._admit(connection, device, user, seed)
        account = accounts.Account(
            server=ADDRESS,
            tenant=TENANT,
            device=device,
            user=user,
            name=name,
            roles=sorted(roles),
            teams=["team-1"],
            scopes=sorted({"tenant", f"user:{user}", "team:team-1"}),
            council="",
            telephone="",
            seed=base64.b64encode(seed).decode(),
            access="",
            refresh="",
            access_until=0,
        )
        account.take_tokens(tokens, self.now.timestamp())
        store = Store.open(path, KEY)
        accounts.save(store, account)
        store.close()
        author = Author(user, name, "team-1", frozenset(roles), device, TENANT)
        laptop = SimLaptop(self, name, author, path)
        laptop.boot()
        self.laptops.append(laptop)
        return laptop

    def clone(self, laptop: SimLaptop) -> SimLaptop:
        """A copy of a laptop's disk in a second computer, with the same name and keys."""
        name = f"{laptop.name}-copy{len(self.laptops)}"
        path = self.folder / f"{name}.db"
        self.copies += 1
        laptop.crash()
        shutil.copy(laptop.path, path)
        laptop.boot()
        twin = SimLaptop(self, name, laptop.author, path, laptop.skew, seen=laptop.seen)
        twin.boot()
        self.laptops.append(twin)
        return twin

    def revoke(self, laptop: SimLaptop) -> None:
        """An administrator closes a laptop out."""
        with self.server.store.write(TENANT) as connection:
            doors.revoke(connection, TENANT, laptop.account.device)

    def look_who_is_out(self) -> None:
        """Asks the server which laptops an administrator has closed out."""
        with self.server.store.read(TENANT) as connection:
            devices = connection.execute(select(tables.device)).all()
        out = {row.device_id for row in devices if row.status == "revoked"}
        for laptop in self.laptops:
            laptop.revoked = laptop.account.device in out

    def rejoin(self, laptop: SimLaptop) -> None:
        """The person of a laptop that was signed out types a new code: old id, old key, new tokens."""
        device = laptop.account.device
        where = (tables.device.c.tenant == TENANT, tables.device.c.device_id == device)
        with self.server.store.write(TENANT) as connection:
            if connection.execute(select(tables.device.c.status).where(*where)).scalar() is None:
                seed = base64.b64decode(laptop.account.seed)
                tokens = self._admit(connection, device, laptop.account.user, seed)
            else:
                connection.execute(update(tables.device).where(*where).values(status="active"))
                tokens = doors._issue(connection, TENANT, device, models.ids.new_id(), self.now)
        laptop.account.take_tokens(tokens, self.now.timestamp())
        accounts.save(laptop.store, laptop.account)

    def _admit(self, connection: Any, device: str, user: str, seed: bytes) -> Any:
        connection.execute(
            tables.device.insert().values(
                tenant=TENANT,
                device_id=device,
                user_id=user,
                name=user,
                public_key=accounts.public_key(seed),
                shared=False,
                status="active",
                last_dseq=0,
                created_at=stamp(self.now),
            )
        )
        return doors._issue(connection, TENANT, device, models.ids.new_id(), self.now)

    def new_epoch(self, store: ServerStore) -> None:
        """What the operator's restore command does after it has put a file back."""
        with store.write(TENANT) as connection:
            where = tables.tenant.c.tenant == TENANT
            old = connection.execute(select(tables.tenant.c.epoch).where(where)).scalar_one()
            fresh = models.ids.new_id()
            connection.execute(update(tables.tenant).where(where).values(epoch=fresh))
            connection.execute(
                tables.epoch.insert().values(
                    tenant=TENANT,
                    epoch=fresh,
                    parent=old,
                    started_at=stamp(self.now),
                    reason="restore",
                    heads="{}",
                )
            )

    def live(self) -> list[SimLaptop]:
        """The laptops that are not closed out."""
        return [laptop for laptop in self.laptops if not laptop.revoked]
