"""Councils beside each other: whatever anybody asks, no byte of another council comes back.

The requests are drawn at random from one number. They are run over both walls, and then over each alone:
with the conditions of every statement taken out, the database's own row-level security has to hold.
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from sqlalchemy import Engine, event, select

from models.ids import new_id
from sync import codes, wire
from sync.account import Account, public_key, sign
from sync.client import HttpTransport
from sync.server.api import create_app
from sync.server.routes import ROUTES
from sync.server.store import ServerStore, engine_of
from sync.server.tables import metadata
from sync.server.throttle import Pace, Throttle
from tests.sync.cluster import Cluster
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_rules import adding
from tests.things import Booking, Place, Secret, Thing

COUNCILS = ("averwick", "brindle", "corley")
REQUESTS = 180
_CONDITION = re.compile(r'(?:"?(\w+)"?\.)?tenant = %\(\w+\)s(?:::VARCHAR)?')


@dataclass
class Served:
    """The application on a free port of this machine, in this process, so that a test may meddle with it."""

    store: ServerStore
    address: str = ""

    @contextmanager
    def running(self) -> Iterator[Served]:
        """Serves for as long as the context lasts."""
        app = create_app(self.store, tries=Throttle("100000/minute"), pace=Pace(0, 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(30)
            listener.close()


@dataclass
class Council:
    """One council: its marker stands in everything of it, its people's laptops, the ids of its records."""

    name: str
    marker: str
    tenant: str
    accounts: list[Account] = field(default_factory=list)
    things: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@contextmanager
def without_the_first_wall(engine: Engine, table: str = "") -> Iterator[list[int]]:
    """Every statement (on one table, where it is named) loses the condition that names its council; gives
    how often that was so."""
    count = [0]

    def bare(found: re.Match[str]) -> str:
        if (table and found[1] not in (table, None)) or f"{table} " not in found.string:
            return found[0]
        count[0] += 1
        return "true"

    def strip(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> tuple[str, Any]:
        return _CONDITION.sub(bare, statement), parameters

    event.listen(engine, "before_cursor_execute", strip, retval=True)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", strip)


def settled(folder: Path, store: ServerStore, template: Path, served: Served, name: str) -> Council:
    """A council with people of every role, whose names and work carry its marker."""
    marker = f"MARK-{name}-{new_id()[-12:]}"
    fleet = Fleet(folder, store, template, served)  # type: ignore[arg-type]
    made = Council(name, marker, fleet.tenant)
    with store.write(fleet.tenant) as connection:
        table = metadata.tables["tenant"]
        where = table.c.tenant == fleet.tenant
        connection.execute(table.update().where(where).values(name=f"{marker} Council"))
    for number, roles in enumerate((("officer", "lead"), ("officer", "admin"), ("auditor",))):
        laptop = fleet.join(f"u-{number}", f"{marker} {number}", roles, sites=("s-1",))
        made.accounts.append(laptop.account)
    first = fleet.laptops[0]
    fill(first, made)
    for laptop in fleet.laptops:
        laptop.sync()
    fleet.close()
    return made


def fill(laptop: Laptop, council: Council) -> None:
    """Work with the council's marker in it: records, a booking, a private one, a file."""
    place = Place(places=1)
    things = [
        Thing(title=f"{council.marker} {n}", note=council.marker, scope=scope)
        for n, scope in enumerate(("team:team-1", "tenant", "site:s-1", "user:u-0"))
    ]
    laptop.write(council.marker, adding(place, Booking(place_id=place.id), Secret(sealed=council.marker)))
    laptop.write(council.marker, adding(*things))
    laptop.sync()
    transport = laptop.transport
    assert isinstance(transport, HttpTransport)
    data = b"%PDF-1.4\n" + council.marker.encode() * 20
    digest = sha256(data).hexdigest()
    transport.offer_file(wire.FileOffer(digest, len(data), "application/pdf"))
    transport.send_file(digest, 0, data)
    council.things, council.places, council.files = [t.id for t in things], [place.id], [digest]


class Stranger:
    """Asks at random, as somebody of one council, for what belongs to all."""

    def __init__(self, seed: int, served: Served, councils: list[Council]) -> None:
        self.random = random.Random(seed)
        self.served = served
        self.councils = councils
        self.last: dict[str, int] = {}

    def ask(self) -> tuple[Council, requests.Response]:
        """One request, and whose council it came from."""
        home = self.random.choice(self.councils)
        other = self.random.choice([council for council in self.councils if council is not home])
        account = self.random.choice(home.accounts)
        acts: list[Callable[[Council, Council, Account], requests.Response]] = [
            self.pull,
            self.pull,
            self.push,
            self.push,
            self.files,
            self.any_route,
            self.any_route,
            self.forged,
            self.renew,
            self.enrol,
        ]
        return home, self.random.choice(acts)(home, other, account)

    def send(self, account: Account, method: str, path: str, message: Any = None) -> requests.Response:
        """One signed request."""
        body = b"" if message is None else wire.encode(message)
        headers = {
            "Holdall-Protocol": "1",
            **account.signed_headers(method, path, body, int(datetime.now(UTC).timestamp() * 1000)),
        }
        return requests.request(method, self.served.address + path, data=body, headers=headers, timeout=30)

    def scopes(self) -> dict[str, wire.Cursor]:
        names = ["tenant", "team:team-1", "site:s-1", "user:u-0", "user:u-1", "user:u-2", "team:team-2"]
        chosen = self.random.sample(names, self.random.randint(1, len(names)))
        return {name: wire.Cursor(self.random.choice((0, 0, 0, 1, 2))) for name in chosen}

    def pull(self, home: Council, other: Council, account: Account) -> requests.Response:
        return self.send(account, "POST", "/v1/pull", wire.PullRequest(self.scopes(), digests=True))

    def push(self, home: Council, other: Council, account: Account) -> requests.Response:
        record = self.random.choice(other.things)
        kind = self.random.choice(("create", "patch", "delete", "restore", "move"))
        fields: dict[str, Any] = {"title": home.marker}
        type_name, resource = "test_thing", None
        if kind == "move":
            fields = {"scope": "tenant"}
        elif self.random.random() < 0.3:
            type_name, resource, kind = "test_booking", self.random.choice(other.places), "create"
            fields, record = {"place_id": resource, "state": "wanted"}, new_id()
        op = wire.Op(
            op=new_id(),
            dseq=self.last.get(account.device, self.known(account)) + 1,
            group=new_id(),
            t=type_name,
            id=record,
            scope=self.random.choice(("team:team-1", "tenant", "site:s-1")),
            kind=kind,
            base=self.random.choice((0, 1)),
            hlc=f"{int(datetime.now(UTC).timestamp() * 1000):012x}0000-{account.device}",
            at="2026-12-17T14:21:00.000000Z",
            author=self.random.choice((account.user, "u-0")),
            name=home.marker,
            f=fields,
            b={},
        )
        answer = self.send(account, "POST", "/v1/push", wire.PushRequest(account.device, [op]))
        if answer.status_code == 200:
            self.last[account.device] = answer.json()["last_dseq"]
        return answer

    def known(self, account: Account) -> int:
        answer = self.send(account, "POST", "/v1/pull", wire.PullRequest({}))
        return int(answer.json().get("last_dseq", 0))

    def files(self, home: Council, other: Council, account: Account) -> requests.Response:
        digest = self.random.choice(other.files)
        if self.random.random() < 0.5:
            return self.send(account, "GET", f"/v1/blobs/{digest}")
        return self.send(account, "POST", "/v1/blobs/find", {"names": [digest]})

    def any_route(self, home: Council, other: Council, account: Account) -> requests.Response:
        route = self.random.choice(ROUTES)
        path = re.sub(r"\{\w+\}", self.random.choice((*other.files, *other.things)), route.path)
        message = {
            "device": self.random.choice(other.accounts).device,
            "user": "u-0",
            "name": home.marker,
            "roles": ["officer"],
            "teams": ["team-1"],
            "after": 0,
        }
        if path == "/v1/admin/revoke":
            message["device"] = self.random.choice(other.accounts).device
        return self.send(account, route.method, path, None if route.method == "GET" else message)

    def forged(self, home: Council, other: Council, account: Account) -> requests.Response:
        """A token of one's own, said to be of another council."""
        forged = Account(**{name: getattr(account, name) for name in account.__struct_fields__})
        forged.access = f"{other.tenant}.{account.access.partition('.')[2]}"
        return self.send(forged, "POST", "/v1/pull", wire.PullRequest(self.scopes()))

    def renew(self, home: Council, other: Council, account: Account) -> requests.Response:
        refresh = f"{other.tenant}.{account.refresh.partition('.')[2]}"
        at = int(datetime.now(UTC).timestamp() * 1000)
        proof = account.sign(wire.refresh_text(account.device, refresh, at))
        body = wire.encode(wire.TokenRequest(account.device, refresh, at, proof))
        return requests.post(f"{self.served.address}/v1/token", data=body, timeout=30)

    def enrol(self, home: Council, other: Council, account: Account) -> requests.Response:
        code, seed = codes.make_code(), bytes(range(32))
        key = public_key(seed)
        proof = sign(seed, wire.enrol_text(code, account.device, key))
        body = wire.encode(wire.EnrolRequest(code, account.device, "Laptop", key, proof))
        return requests.post(f"{self.served.address}/v1/enrol", data=body, timeout=30)


def leaks(councils: list[Council], home: Council, answer: requests.Response) -> list[str]:
    """The markers of other councils in an answer, headers and all."""
    said = answer.content + json.dumps(dict(answer.headers)).encode()
    return [other.marker for other in councils if other is not home and other.marker.encode() in said]


@dataclass
class World:
    """Three councils on one PostgreSQL database, served as the role that owns nothing."""

    cluster: Cluster
    store: ServerStore
    served: Served
    councils: list[Council]

    def fuzz(self, seed: int, served: Served | None = None) -> list[tuple[int, str, list[str]]]:
        """Every request that told something of another council: status, address, markers."""
        stranger = Stranger(seed, served or self.served, self.councils)
        found = []
        statuses: dict[int, int] = {}
        for _ in range(REQUESTS):
            home, answer = stranger.ask()
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, (answer.request.url, answer.content)
            if told := leaks(self.councils, home, answer):
                found.append((answer.status_code, str(answer.request.url), told))
        assert statuses.get(200, 0) > REQUESTS / 3, statuses
        return found

    def mixed(self) -> list[tuple[str, str]]:
        """Rows that hold another council's marker, by table, as the administrator sees them."""
        engine = engine_of(self.cluster.admin)
        found = []
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)).mappings():
                    held = json.dumps(dict(row), default=str)
                    found += [
                        (table.name, council.name)
                        for council in self.councils
                        if council.marker in held and row["tenant"] != council.tenant
                    ]
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def world(
    cluster: Cluster, postgres: ServerStore, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    postgres.key = bytes(range(32))  # files are sealed with it
    with Served(postgres).running() as served:
        councils = []
        for name in COUNCILS:
            folder = tmp_path_factory.mktemp(name)
            councils.append(settled(folder, postgres, template, served, name))
        yield World(cluster, postgres, served, councils)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_request_brings_a_byte_of_another_council(world: World, seed: int) -> None:
    assert world.fuzz(seed) == []
    assert world.mixed() == []


@pytest.mark.parametrize("seed", [3, 4])
def test_the_databases_own_wall_holds_when_no_statement_names_its_council(world: World, seed: int) -> None:
    with without_the_first_wall(world.store.engine) as count:
        assert world.fuzz(seed) == []
    assert count[0] > REQUESTS
    assert world.mixed() == []


def test_the_programs_own_wall_holds_where_the_database_has_none(world: World) -> None:
    bare = ServerStore(engine_of(world.cluster.admin))  # an administrator of the cluster passes every wall
    bare.key = world.store.key
    with Served(bare).running() as served:
        assert world.fuzz(5, served) == []
    bare.close()
    assert world.mixed() == []


def test_with_neither_wall_the_same_requests_do_tell(world: World) -> None:
    bare = ServerStore(engine_of(world.cluster.admin))
    with Served(bare).running() as served, without_the_first_wall(bare.engine, "change"):
        stranger = Stranger(6, served, world.councils)
        told = []
        for home in world.councils:
            answer = stranger.pull(home, home, home.accounts[0])
            told += leaks(world.councils, home, answer)
    bare.close()
    assert told
