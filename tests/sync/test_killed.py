"""Real processes, killed as a power cut would: 200 times, at every named place, laptop and server.

Whatever a laptop had said was on its disk is on the server in the end, once, and on every other laptop.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models.failpoints import POINTS
from models.outbox import OpState, OutboxOp
from models.store import Store
from sync import account as accounts
from sync.client import HttpTransport
from sync.engine import Engine
from sync.server.store import ServerStore
from sync.server.tables import change, record
from tests.sync import dying
from tests.sync.kit import Fleet, Laptop
from tests.things import Card, Thing

RUNS = 200
ELSEWHERE = ("after_new_device", "after_quarantine")  # below, and in test_farewell: no usual day of a laptop
HERE = tuple(point for point in POINTS if point not in ELSEWHERE)
ERRANDS = {
    "mid_snapshot": "verify",
    "after_courier_numbered": "export",
    "mid_courier_import": "bring in",
    "after_handing_on": "bring in",
}
AFTER_A_RESTORE = ("before_heal_commit", "after_heal")
ON_THE_SERVER = ("server_before_commit", "server_after_commit")
ENDS = {OpState.SETTLED.value, OpState.CONFLICTED.value, OpState.WITHDRAWN.value}


class Server:
    """A server process that is started again whenever it is gone, on the same port."""

    def __init__(self, processes: Any, db: str) -> None:
        self.processes, self.db = processes, db
        self.port = dying.free_port()
        self.process: Any = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self, fail: str | None = None) -> None:
        """Makes sure that it runs; with a place to die at, a fresh one does."""
        if fail is not None:
            self.kill()
        if self.process is None or not self.process.is_alive():
            self.process = self.processes.Process(target=dying.serve, args=(self.db, self.port, fail))
            self.process.start()
            dying.until_it_listens(self.process, self.port)

    def copy(self) -> None:
        """Last night's backup of its database."""
        source, target = sqlite3.connect(self.db), sqlite3.connect(f"{self.db}.copy")
        with contextlib.closing(source), contextlib.closing(target):
            source.backup(target)

    def put_back(self, fleet: Fleet) -> None:
        """The database is as it was last night, without a word to anybody."""
        self.kill()
        fleet.books.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.db}{suffix}").unlink(missing_ok=True)
        shutil.copy(f"{self.db}.copy", self.db)

    def kill(self) -> int | None:
        """Ends it at once; returns how it had ended, if it had."""
        if self.process is None:
            return None
        ended: int | None = self.process.exitcode
        self.process.kill()
        self.process.join()
        self.process.close()
        self.process = None
        return ended


@dataclass
class Day:
    """One run of a laptop's process."""

    laptops: list[Laptop]
    journals: list[Path]
    server: Server
    stick: Path
    run: int

    def lived(self, processes: Any, one: int, fail: str | None, errand: str = "") -> int:
        """How the process ended: 0, or killed."""
        path, journal = str(self.laptops[one].store.path), str(self.journals[one])
        arguments = (path, self.server.address, journal, self.run, fail, errand, str(self.stick))
        process = processes.Process(target=dying.laptop_day, args=arguments)
        process.start()
        process.join(60)
        ended = process.exitcode
        process.close()
        assert ended in (0, -signal.SIGKILL), f"run {self.run} at {fail}: {ended}"
        return int(ended)


@pytest.fixture
def processes() -> Any:
    return dying.forkserver()


@pytest.fixture
def server(processes: Any, tmp_path: Path) -> Iterator[Server]:
    ServerStore.open(str(tmp_path / "server.db")).close()
    made = Server(processes, str(tmp_path / "server.db"))
    yield made
    made.kill()


@pytest.fixture
def fleet(tmp_path: Path, server: Server, template: Path) -> Iterator[Fleet]:
    beside = ServerStore.open(server.db)
    server.up()
    made = Fleet(tmp_path, beside, template, server)  # type: ignore[arg-type]
    yield made
    made.close()
    beside.close()


def test_two_hundred_kills_lose_nothing_and_repeat_nothing(
    fleet: Fleet, server: Server, processes: Any, tmp_path: Path
) -> None:
    laptops = [fleet.join("u-1", "Tomos"), fleet.join("u-2", "Priya")]
    journals = [tmp_path / f"journal-{n}" for n in range(2)]
    for laptop in laptops:
        laptop.sync()
        laptop.close()
    died: Counter[str] = Counter()
    for run in range(RUNS):
        point = HERE[run % len(HERE)]
        fail = f"{point}:1" if point in ERRANDS else f"{point}:{1 + run // len(HERE) % 2}"
        one = run // len(HERE) % 2
        day = Day(laptops, journals, server, tmp_path / "stick", run)
        if point in AFTER_A_RESTORE:
            fail = f"{point}:1"
            server.put_back(fleet)
        elif run % len(HERE) == 0:
            server.copy()
        if ERRANDS.get(point) == "bring in":
            assert day.lived(processes, 1 - one, None, "export") == 0
        if point in ON_THE_SERVER:
            server.up(fail)
            assert day.lived(processes, one, None) == 0
            died[point] += server.kill() == -signal.SIGKILL
        else:
            server.up()
            died[point] += day.lived(processes, one, fail, ERRANDS.get(point, "")) == -signal.SIGKILL
    assert [point for point in HERE if died[point] == 0] == [], died
    server.up()
    everything_is_there(fleet, laptops, journals, server)


def test_a_copied_laptop_that_is_killed_with_its_new_id_half_taken_loses_nothing(
    fleet: Fleet, server: Server, processes: Any, tmp_path: Path
) -> None:
    first = fleet.join("u-1", "Tomos")
    first.sync()
    first.close()
    twin = replace(
        first,
        store=SimpleNamespace(path=tmp_path / "twin.db"),  # type: ignore[arg-type]
    )
    shutil.copy(first.store.path, twin.store.path)
    journals = [tmp_path / "journal-first", tmp_path / "journal-twin"]
    day = Day([first, twin], journals, server, tmp_path / "stick", 1)
    assert day.lived(processes, 0, None) == 0
    assert day.lived(processes, 1, "after_new_device:1") == -signal.SIGKILL
    assert day.lived(processes, 1, None) == 0
    lines = [json.loads(line) for path in journals for line in path.read_text("utf-8").splitlines()]
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(select(record.c.id, record.c.body).where(record.c.type == "test_thing"))
        there = sorted((row.id, json.loads(row.body)["title"]) for row in rows)
    assert there == sorted((line["id"], line["title"]) for line in lines)
    assert len(there) == 6


def everything_is_there(fleet: Fleet, laptops: list[Laptop], journals: list[Path], server: Server) -> None:
    """Both laptops sync in peace; then each journal line is a record, once, everywhere."""
    again = [awake(laptop, server.address) for laptop in laptops]
    for _ in range(3):
        for laptop in again:
            laptop.sync()
    lines = [json.loads(line) for path in journals for line in path.read_text("utf-8").splitlines()]
    assert len(lines) > RUNS
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(select(record.c.id, record.c.body).where(record.c.type == "test_thing"))
        there = {row.id: json.loads(row.body) for row in rows}
        logged = Counter(
            json.loads(data)["op"]
            for data in connection.execute(
                select(change.c.data).where(change.c.tenant == fleet.tenant)
            ).scalars()
        )
    assert [line["id"] for line in lines if there.get(line["id"], {}).get("title") != line["title"]] == []
    assert [op for op, count in logged.items() if count > 1] == []
    for laptop in again:
        shown = laptop.read(lambda s: {t.id: t.title for t in s.scalars(select(Thing))})
        assert shown == {i: body["title"] for i, body in there.items()}
        states = Counter(laptop.read(lambda s: list(s.scalars(select(OutboxOp.state)))))
        assert set(states) <= ENDS, states
        cards = laptop.read(lambda s: len(list(s.scalars(select(Card)))))
        assert cards > 0
        assert laptop.store.check() == []
        laptop.close()


def awake(laptop: Laptop, address: str) -> Laptop:
    """The laptop as its disk is now, in this process."""
    store = Store.open(laptop.store.path, dying.KEY)
    account = accounts.load(store)
    assert account is not None
    account.server = address
    transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh))
    return replace(laptop, store=store, account=account, transport=transport, engine=Engine(store, transport))
