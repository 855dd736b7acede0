"""The kit of the sync tests: a real server process, laptops that joined it, one clock for them all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from models.changes import Author
from models.ids import new_id
from models.store import Store
from sync import account as accounts
from sync.client import HttpTransport, enrol
from sync.engine import Engine, SyncReport
from sync.server.accounts import make_code, put_account
from sync.server.store import ServerStore, ensure_tenant

ROOT = Path(__file__).resolve().parents[2]
KEY = bytes(range(32))
T = TypeVar("T")


@dataclass
class RealServer:
    """A server process on a free port of this machine."""

    db: str
    process: subprocess.Popen[str] | None = None
    address: str = ""
    extra: list[str] = field(default_factory=list)
    books: ServerStore | None = None

    def start(self, port: int = 0) -> RealServer:
        """Starts it and waits until it listens."""
        command = [sys.executable, "-m", "sync.server", "run", "--db", self.db, "--port", str(port)]
        command += ["--with", "tests.things", "--until-stdin-closes", *self.extra]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.address = f"http://{told['host']}:{told['port']}"
        return self

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def stop(self) -> None:
        """Closes its standard input and waits until it has gone."""
        if self.books is not None:
            self.books.close()
            self.books = None
        process, self.process = self.process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(10)
        finally:
            process.kill()
            process.stdout.close()

    def store(self) -> ServerStore:
        """The server's database, opened beside it."""
        self.books = self.books or ServerStore.open(self.db)
        return self.books

    def invite(
        self,
        user: str,
        name: str,
        roles: tuple[str, ...] = ("officer",),
        teams: tuple[str, ...] = ("team-1",),
        shared: bool = False,
        tenant: str = "averwick",
    ) -> str:
        """A code for a person of a council."""
        now = datetime.now(UTC)
        with self.store().write() as connection:
            ensure_tenant(connection, tenant, "Averwick Borough Council", "01632 960 100", now)
            put_account(connection, tenant, user, name, list(roles), list(teams))
            code, _ = make_code(connection, tenant, user, now, shared)
        return code


@dataclass
class Laptop:
    """A laptop with its own encrypted store, joined to a server."""

    store: Store
    author: Author
    account: accounts.Account
    engine: Engine
    transport: HttpTransport
    clock: Clock

    def write(self, label: str, work: Callable[[Session], T]) -> T:
        """One act."""
        with self.store.write(self.author, label, self.clock.tick()) as session:
            return work(session)

    def read(self, work: Callable[[Session], T]) -> T:
        """One look."""
        with self.store.read() as session:
            return work(session)

    def get(self, model: type[T], record_id: str) -> T:
        """A record as the screen would show it."""
        return self.read(lambda s: s.get_one(model, record_id))

    def sync(self) -> SyncReport:
        """One whole sync."""
        return self.engine.sync_once()

    def through(self, address: str, read_seconds: float = 5.0) -> None:
        """Speaks to the server by another address from now on."""
        self.transport.close()
        self.account.server = address
        self.transport = HttpTransport(self.account, self._keep, read_seconds)
        self.engine.transport = self.transport

    def _keep(self, account: accounts.Account) -> None:
        accounts.save(self.store, account)

    def close(self) -> None:
        self.transport.close()
        self.store.close()


class Clock:
    """Moments a second apart, the same for every laptop of a test."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) - timedelta(days=1)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Fleet:
    """Makes laptops for one council on a server."""

    def __init__(self, folder: Path, server: RealServer) -> None:
        self.folder = folder
        self.server = server
        self.tenant = f"council-{new_id()[-12:]}"
        self.clock = Clock()
        self.laptops: list[Laptop] = []

    def join(
        self,
        user: str = "u-1",
        name: str = "Tomos Aldgate",
        roles: tuple[str, ...] = ("officer",),
        **more: Any,
    ) -> Laptop:
        """A laptop of a person, with an empty store."""
        device = new_id()
        code = self.server.invite(user, name, roles, tenant=self.tenant, **more)
        account = enrol(self.server.address, code, device)
        store = Store.create(self.folder / f"laptop-{len(self.laptops)}" / "holdall.db", KEY)
        accounts.save(store, account)
        author = Author(user, name, account.teams[0], frozenset(account.roles), device, account.tenant)
        transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh))
        engine = Engine(store, transport)
        laptop = Laptop(store, author, account, engine, transport, self.clock)
        self.laptops.append(laptop)
        return laptop

    def settle(self) -> None:
        """Syncs all twice, so that everybody has seen everything."""
        for _ in range(2):
            for laptop in self.laptops:
                laptop.sync()

    def close(self) -> None:
        for laptop in self.laptops:
            laptop.close()
