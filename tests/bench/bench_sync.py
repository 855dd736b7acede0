"""How many records a second go up and come down with everything on, beside PouchDB and Anki in the same run.

A real server process on SQLite, laptops with SQLCipher stores, synchronous=FULL at both ends, sign-in, merge,
hash chain. The first laptop writes and pushes (its own changes come back to be confirmed), the second reads
the log, a third joins when all is there. `python -m tests.bench sync 100000`; the peers are in `peers`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.changes import Author, bulk_create
from models.ids import new_id
from models.income import Receipt
from models.store import Store
from sync import account as accounts
from sync import wire
from sync.client import HttpTransport, enrol
from sync.engine import Engine
from sync.server.accounts import make_code, put_account
from sync.server.store import ServerStore, ensure_tenant
from tests.bench import peers
from tests.bench.lag import largest_gap
from tests.sync.proxy import FaultProxy

TENANT = "averwick"
Figures = dict[str, float | str]


def run(records: int) -> Figures:
    """The figures, in the order in which they are printed: ours, the peers', and what one is of the other."""
    with tempfile.TemporaryDirectory() as name:
        figures = _sqlite(Path(name), records)
    now = datetime.now(UTC)
    rows = [{k: v if isinstance(v, int) else str(v) for k, v in _row(n, now).items()} for n in range(records)]
    for peer, measure in (("PouchDB", peers.pouchdb), ("Anki", peers.anki)):
        found = measure(rows)
        if isinstance(found, str):
            figures[f"{peer}: {found}"] = ""
            continue
        figures |= {f"{peer}: {act} (records/s)": value for act, value in found.items()}
        for act, asked in _ASKED[peer].items():
            ratio = float(figures[_OURS[act]]) / found[act]
            figures[f"{act} is so many times {peer}'s (asked: at least {asked})"] = ratio
    url = os.environ.get("HOLDALL_BENCH_POSTGRES")
    if url:
        with tempfile.TemporaryDirectory() as name:
            figures |= _postgres(Path(name), url, records)
    return figures


_OURS = {"push": "push to a server process (records/s)", "pull": "pull into an encrypted store (records/s)"}
_ASKED = {"PouchDB": {"push": 5, "pull": 10}, "Anki": {"push": 1, "pull": 2}}


def _sqlite(folder: Path, records: int) -> Figures:
    with _server(str(folder / "server.db")) as port:
        joined = {name: Laptop.join(folder, port, name) for name in ("one", "two", "three", "four")}
        one, two, three, four = joined.values()
        for laptop in (one, two, four):  # they know the log from its beginning
            laptop.engine.sync_once()
        figures: Figures = {"local bulk write (records/s)": records / one.write(records)}
        pushed, confirmed = one.push()
        figures[_OURS["push"]] = records / pushed
        figures["own changes read back (records/s)"] = records / confirmed
        pulled, found = two.pull(records)
        figures[_OURS["pull"]] = records / pulled
        figures["after that, Find has read all of it (s)"] = found
        pulled, found = three.pull(records)
        figures["a new laptop has all of it (s, asked: at most 3 for 100,000)"] = pulled
        figures |= _interface(four, records)
        figures |= _wire(folder, port, two, records)
        for laptop in joined.values():
            laptop.store.close()
    return figures


def _postgres(folder: Path, url: str, records: int) -> Figures:
    """The same push and pull over a PostgreSQL database of one's own; it must be an empty one."""
    with _server(url) as port:
        one, two = (Laptop.join(folder, port, name, url) for name in ("one", "two"))
        for laptop in (one, two):
            laptop.engine.sync_once()
        one.write(records)
        pushed, _ = one.push()
        pulled, _ = two.pull(records)
        one.store.close()
        two.store.close()
    return {
        "push to a server on PostgreSQL (records/s)": records / pushed,
        "pull from a server on PostgreSQL (records/s)": records / pulled,
    }


def _interface(laptop: Laptop, records: int) -> Figures:
    """How long a window's thread waits while another applies everything; beside it, while nothing happens."""
    quiet, _ = largest_gap(lambda: time.sleep(2))
    busy, _ = largest_gap(lambda: laptop.pull(records))
    return {
        "longest wait of the window's thread meanwhile (ms, asked: at most 50)": busy,
        "the same while nothing happens (ms)": quiet,
    }


def _wire(folder: Path, port: int, laptop: Laptop, records: int) -> Figures:
    """Bytes on the line: of one record, down; of a sync with nothing to do, both ways."""
    proxy = FaultProxy(port)
    try:
        laptop.speak(proxy.address)
        laptop.engine.sync_once()
        proxy.asked.clear()
        proxy.answered.clear()
        started = time.perf_counter()
        for _ in range(10):
            laptop.engine.sync_once()
        figures: Figures = {
            "a sync with nothing to do (ms)": (time.perf_counter() - started) * 100,
            "its requests (asked: 1)": proxy.asked.count(b"POST /") / 10,
            "its bytes up (asked: at most 1,000)": len(proxy.asked) / 10,
            "its bytes down (asked: at most 1,000)": len(proxy.answered) / 10,
        }
        proxy.answered.clear()
        Laptop.join(folder, port, "five").speak(proxy.address).pull(records)
        figures["bytes of one record on the line, for a new laptop (asked: at most 110)"] = (
            len(proxy.answered) / records
        )
    finally:
        proxy.close()
    return figures


class _Clocked(HttpTransport):
    """A transport that notes when it was asked for what."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.pulls: list[float] = []
        self.pushes: list[float] = []

    def push(self, body: bytes) -> wire.PushAnswer:
        self.pushes.append(time.perf_counter())
        return super().push(body)

    def pull(self, asked: wire.PullRequest) -> wire.PullAnswer:
        self.pulls.append(time.perf_counter())
        return super().pull(asked)


class Laptop:
    """A laptop with an encrypted store that joined the server."""

    def __init__(self, store: Store, account: accounts.Account, author: Author) -> None:
        self.store, self.author = store, author
        self.transport = _Clocked(account, lambda fresh: accounts.save(store, fresh))
        self.engine = Engine(store, self.transport)

    @classmethod
    def join(cls, folder: Path, port: int, name: str, db: str = "") -> Laptop:
        """A new one, for a person of its own."""
        user, device = f"u-{name}", new_id()
        beside = ServerStore.open(db or str(folder / "server.db"))
        with beside.write(TENANT) as connection:
            now = datetime.now(UTC)
            ensure_tenant(connection, TENANT, "Averwick Borough Council", "01632 960 100", now)
            put_account(connection, TENANT, user, name, ["officer"], ["team-1"])
            code, _ = make_code(connection, TENANT, user, now)
        beside.close()
        account = enrol(f"http://127.0.0.1:{port}", code, device)
        store = Store.create(folder / f"{name}.db", bytes(range(32)))
        accounts.save(store, account)
        return cls(store, account, Author(user, name, "team-1", frozenset({"officer"}), device, TENANT))

    def speak(self, address: str) -> Laptop:
        """Reaches the server by another address from now on."""
        account = self.transport.account
        account.server = address
        self.transport.close()
        self.transport = self.engine.transport = _Clocked(account, lambda fresh: None)
        return self

    def write(self, records: int) -> float:
        """Seconds for writing so many receipts in one act."""
        now = datetime.now(UTC)
        rows = [_row(n, now) for n in range(records)]
        started = time.perf_counter()
        with self.store.write(self.author, "Import a ledger", now) as session:
            bulk_create(session, Receipt, rows)
        return time.perf_counter() - started

    def push(self) -> tuple[float, float]:
        """Seconds until every answer was written down here; then, until all was read back."""
        marks: list[float] = []
        started = time.perf_counter()
        self.engine.sync_once(lambda done, total, words: marks.append(time.perf_counter()))
        sent = next(at for at in self.transport.pulls if at > self.transport.pushes[-1])
        return sent - started, marks[-1] - sent

    def pull(self, records: int) -> tuple[float, float]:
        """Seconds until all was there to be looked at; then, until Find had read it into its index."""
        marks: list[float] = []
        started = time.perf_counter()
        self.engine.sync_once(lambda done, total, words: marks.append(time.perf_counter()))
        ended = time.perf_counter()
        with self.store.connect() as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM income_receipt").scalar_one()
        if found != records:
            raise RuntimeError(f"{found:,} of {records:,} records came")
        return marks[-1] - started, ended - marks[-1]


@contextmanager
def _server(db: str) -> Iterator[int]:
    """A server process; its port."""
    command = [sys.executable, "-m", "sync.server", "run", "--db", db, "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(json.loads(process.stdout.readline() if process.stdout else "")["port"])
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(20)


def _row(n: int, now: datetime) -> dict[str, object]:
    return {
        "account_id": "0197d000-0000-7000-8000-00000000000a",
        "file_id": "0197d000-0000-7000-8000-00000000000b",
        "line_no": n + 1,
        "ledger_id": f"L{n:07d}",
        "posted_on": now.date(),
        "amount_pence": 1_000 + n * 37 % 90_000,
        "reference": f"CT{4_000_000 + n}",
        "fund": "CTAX",
        "mop": "BACS",
        "narrative": f"Council tax instalment {n % 12 + 1} of 12, account {4_000_000 + n}",
        "fingerprint": f"{n * 2654435761 % 2**64:016x}",
    }
