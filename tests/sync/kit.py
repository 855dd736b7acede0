"""The kit of the sync tests: a real server process, laptops that joined it, one clock for them all."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

import tests.things  # noqa: F401  its types are known to the server functions in this process
from models.changes import Author
from models.ids import new_id
from models.store import Store
from sync import account as accounts
from sync import wire
from sync.client import HttpTransport, enrol
from sync.courier import BadCourier, CourierKeys
from sync.engine import Engine, SyncReport
from sync.errors import Refused, SignedOut
from sync.server import courier as courier_files
from sync.server import files
from sync.server.accounts import Actor, go_apart, make_code, person, put_account
from sync.server.keys import KeyMissing
from sync.server.pull import chain_at, pull
from sync.server.push import Malformed, push
from sync.server.snapshot import snapshot
from sync.server.store import ServerStore, ensure_tenant, epoch_of, stamp
from sync.server.tables import device
from sync.wire_snapshot import SnapshotPage, SnapshotRequest

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

    def start(self, port: int = 0, stderr: Any = None) -> RealServer:
        """Starts it and waits until it listens; its log goes to the file `stderr` when one is given."""
        command = [sys.executable, "-m", "sync.server", "run", "--db", self.db, "--port", str(port)]
        command += ["--with", "tests.things", "--until-stdin-closes", *self.extra]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
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


@dataclass
class Laptop:
    """A laptop with its own encrypted store, joined to a server."""

    store: Store
    author: Author
    account: accounts.Account
    engine: Engine
    transport: Any
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


class Direct:
    """A transport without a network: the server's own functions on bytes, in this process."""

    def __init__(self, account: accounts.Account, books: ServerStore) -> None:
        self.account = account
        self.books = books
        self.epoch = ""
        self.skew_ms = 0

    def push(self, body: bytes) -> wire.PushAnswer:
        now = datetime.now(UTC)
        try:
            answer = push(self.books, self._actor(), body, now)
        except Malformed as error:
            raise Refused(error.message, "", error.error, error.expected) from error
        return msgspec.json.decode(wire.encode(answer), type=wire.PushAnswer)

    def pull(self, asked: wire.PullRequest) -> wire.PullAnswer:
        actor = self._actor()
        with self.books.read(actor.tenant) as connection:
            self.epoch = epoch_of(connection, actor.tenant)
            answer = pull(connection, actor, asked)
        return msgspec.json.decode(wire.encode(answer), type=wire.PullAnswer)

    def offer_file(self, offer: wire.FileOffer) -> wire.FileState:
        return self._files(lambda: files.offer(self.books, self._actor(), offer, datetime.now(UTC)))

    def send_file(self, sha256: str, offset: int, data: bytes) -> wire.FileState:
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"
        return self._files(lambda: files.append(self.books, self._actor(), sha256, offset, data, digest))

    def find_files(self, names: list[str]) -> list[wire.FileState]:
        with self.books.read(self.account.tenant) as connection:
            return files.find_all(connection, self.account.tenant, names)

    def fetch_file(self, sha256: str, offset: int, length: int) -> bytes:
        (state,) = self.find_files([sha256])
        end = min(state.size, offset + length)
        return files.read(self.books, self.account.tenant, sha256, offset, end)

    def _files(self, work: Callable[[], wire.FileState]) -> wire.FileState:
        try:
            return work()
        except Malformed as error:
            raise Refused(error.message, "", error.error, error.expected) from error

    def snapshot(self, asked: SnapshotRequest) -> SnapshotPage:
        actor = self._actor()
        with self.books.read() as connection:
            self.epoch = epoch_of(connection, actor.tenant)
            page = snapshot(connection, actor, asked)
        return msgspec.json.decode(wire.encode(page), type=SnapshotPage)

    def hand_on(self, data: bytes) -> wire.PushAnswer:
        actor = self._actor()
        try:
            taken = courier_files.take(self.books, actor.tenant, data, datetime.now(UTC))
        except Malformed as error:
            raise Refused(error.message, "", error.error, error.expected) from error
        except BadCourier as error:
            raise Refused(error.title, error.advice, error.reason) from error
        return msgspec.json.decode(wire.encode(taken.seen_by(actor.scopes)), type=wire.PushAnswer)

    def courier_keys(self) -> CourierKeys:
        try:
            return courier_files.keys_of(self.books, self._actor().tenant, datetime.now(UTC))
        except KeyMissing as error:
            raise Refused(error.title, error.advice, "no_keys") from error

    def chain(self, asked: wire.ChainRequest) -> wire.ChainAnswer:
        actor = self._actor()
        with self.books.read(actor.tenant) as connection:
            return chain_at(connection, actor, asked)

    def new_device(self, asked: wire.DeviceRequest) -> wire.Tokens:
        actor = self._actor()
        with self.books.write(actor.tenant) as connection:
            return go_apart(connection, actor, asked, datetime.now(UTC))

    def close(self) -> None:
        """Nothing is open."""

    def _actor(self) -> Actor:
        with self.books.read(self.account.tenant) as connection:
            made = Actor(
                self.account.tenant, self.account.device, "", "", frozenset(), (), self.account.shared
            )
            found = person(connection, replace(made, shared=True), self.account.user)
            row = connection.execute(select(device).where(device.c.device_id == self.account.device)).first()
        if row is None or row.status != "active":
            raise SignedOut("The server does not know this laptop any more.")
        assert found is not None
        return replace(found, shared=self.account.shared)


class Fleet:
    """Makes laptops for one council: over the network where there is a server process, else directly."""

    def __init__(self, folder: Path, books: ServerStore, template: Path, server: RealServer | None) -> None:
        self.folder = folder
        self.books = books
        self.template = template
        self.server = server
        self.tenant = f"council-{new_id()[-12:]}"
        self.clock = Clock()
        self.laptops: list[Laptop] = []
        with books.write(self.tenant) as connection:
            ensure_tenant(
                connection, self.tenant, "Averwick Borough Council", "01632 960 100", datetime.now(UTC)
            )

    def hire(
        self,
        user: str,
        name: str,
        roles: tuple[str, ...] = ("officer",),
        teams: tuple[str, ...] = ("team-1",),
        sites: tuple[str, ...] = (),
    ) -> None:
        """Makes an account for a person, or gives them other roles."""
        with self.books.write(self.tenant) as connection:
            put_account(connection, self.tenant, user, name, list(roles), list(teams), list(sites))

    def code(self, user: str, shared: bool = False) -> str:
        """An enrolment code for a person who has an account."""
        with self.books.write(self.tenant) as connection:
            return make_code(connection, self.tenant, user, datetime.now(UTC), shared)[0]

    def join(
        self,
        user: str = "u-1",
        name: str = "Tomos Aldgate",
        roles: tuple[str, ...] = ("officer",),
        teams: tuple[str, ...] = ("team-1",),
        shared: bool = False,
        sites: tuple[str, ...] = (),
    ) -> Laptop:
        """A laptop of a person, with an empty store."""
        device = new_id()
        self.hire(user, name, roles, teams, sites)
        path = self.folder / f"laptop-{len(self.laptops)}.db"
        shutil.copy(self.template, path)
        store = Store.open(path, KEY)
        transport: Any
        if self.server is not None:
            account = enrol(self.server.address, self.code(user, shared), device)
            transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh))
        else:
            account = self._let_in(user, name, roles, teams, device, shared)
            transport = Direct(account, self.books)
        accounts.save(store, account)
        author = Author(user, name, teams[0], frozenset(roles), device, self.tenant)
        laptop = Laptop(store, author, account, Engine(store, transport), transport, self.clock)
        self.laptops.append(laptop)
        return laptop

    def _let_in(
        self,
        user: str,
        name: str,
        roles: tuple[str, ...],
        teams: tuple[str, ...],
        device_id: str,
        shared: bool,
    ) -> accounts.Account:
        seed = secrets.token_bytes(32)
        with self.books.write(self.tenant) as connection:
            connection.execute(
                device.insert().values(
                    tenant=self.tenant,
                    device_id=device_id,
                    user_id=user,
                    name="Laptop",
                    public_key=accounts.public_key(seed),
                    shared=shared,
                    status="active",
                    last_dseq=0,
                    created_at=stamp(datetime.now(UTC)),
                )
            )
        scopes = sorted({"tenant", f"user:{user}", *(f"team:{team}" for team in teams)})
        return accounts.Account(
            server="",
            tenant=self.tenant,
            device=device_id,
            user=user,
            name=name,
            roles=sorted(roles),
            teams=list(teams),
            scopes=scopes,
            council="",
            telephone="",
            seed=base64.b64encode(seed).decode(),
            access="",
            refresh="",
            access_until=0,
            shared=shared,
        )

    def twin(self, laptop: Laptop) -> Laptop:
        """A copy of a laptop, disk and all."""
        path = self.folder / f"laptop-{len(self.laptops)}.db"
        laptop.store.backup(path)
        store = Store.open(path, KEY)
        account = accounts.load(store)
        assert account is not None
        transport: Any = Direct(account, self.books)
        if self.server is not None:
            transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh))
        made = Laptop(store, laptop.author, account, Engine(store, transport), transport, laptop.clock)
        self.laptops.append(made)
        return made

    def move(self, books: ServerStore) -> None:
        """The laptops speak with another database from now on, such as one brought back from a copy."""
        self.books = books
        for laptop in self.laptops:
            laptop.transport.books = books

    def settle(self) -> None:
        """Syncs all twice, so that everybody has seen everything."""
        for _ in range(2):
            for laptop in self.laptops:
                laptop.sync()

    def close(self) -> None:
        for laptop in self.laptops:
            laptop.close()
