"""How many records a second go up and come down with everything on: SQLCipher, sign-in, merge, chain, search.

A real server process on SQLite, two laptops: the first writes and pushes (its own changes come back to be
confirmed), the second, empty, pulls all of it into its encrypted store. `python -m tests.bench.bench_sync`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from models.changes import Author, bulk_create
from models.ids import new_id
from models.income import Receipt
from models.store import Store
from sync import account as accounts
from sync.client import HttpTransport, enrol
from sync.engine import Engine
from sync.server.accounts import make_code, put_account
from sync.server.store import ServerStore, ensure_tenant

TENANT = "averwick"


def run(records: int, db: str | None = None) -> dict[str, float]:
    """Records a second: local write, push, confirm (the first laptop reads its own back), pull; and how
    many milliseconds a sync takes when there is nothing to do. `db` names another server database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = db or str(folder / "server.db")
        command = [sys.executable, "-m", "sync.server", "run", "--db", address, "--until-stdin-closes"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                told = json.loads(process.stdout.readline() if process.stdout else "")
                return _measure(folder, f"http://127.0.0.1:{told['port']}", address, records)
            finally:
                if process.stdin is not None:
                    process.stdin.close()
                process.wait(10)


def _measure(folder: Path, address: str, db: str, records: int) -> dict[str, float]:
    first, author, store = _join(folder / "one.db", address, db)
    second, _, other = _join(folder / "two.db", address, db)
    now = datetime.now(UTC)
    rows = [_row(n, now) for n in range(records)]
    figures: dict[str, float] = {}
    started = time.perf_counter()
    with store.write(author, "Import a ledger", now) as session:
        bulk_create(session, Receipt, rows)
    figures["write"] = records / (time.perf_counter() - started)
    marks: list[float] = []
    started = time.perf_counter()
    first.sync_once(
        lambda done, total, words: marks.append(time.perf_counter()) if "Fetch" in words else None
    )
    ended = time.perf_counter()
    pages = len(marks)
    pulling = marks[-1] - marks[0] if pages > 1 else 0.0
    confirm = pulling * pages / max(1, pages - 1)  # the first page is not between two marks
    figures["push"] = records / (ended - started - confirm)
    figures["confirm"] = records / confirm if confirm else 0.0
    started = time.perf_counter()
    report = second.sync_once()
    figures["pull"] = records / (time.perf_counter() - started)
    assert report.pulled == records
    started = time.perf_counter()
    for _ in range(10):
        second.sync_once()
    figures["idle_ms"] = (time.perf_counter() - started) * 100
    for opened in (store, other):
        opened.close()
    return figures


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


def _join(path: Path, address: str, db: str) -> tuple[Engine, Author, Store]:
    user, device = f"u-{path.stem}", new_id()
    beside = ServerStore.open(db)
    with beside.write() as connection:
        now = datetime.now(UTC)
        ensure_tenant(connection, TENANT, "Averwick Borough Council", "01632 960 100", now)
        put_account(connection, TENANT, user, path.stem, ["officer"], ["team-1"])
        code, _ = make_code(connection, TENANT, user, now)
    beside.close()
    account = enrol(address, code, device)
    store = Store.create(path, bytes(range(32)))
    accounts.save(store, account)
    author = Author(user, path.stem, "team-1", frozenset({"officer"}), device, TENANT)
    return Engine(store, HttpTransport(account, lambda fresh: accounts.save(store, fresh))), author, store


if __name__ == "__main__":
    for count in (int(text) for text in sys.argv[1:] or ["10000"]):
        print(count, {name: round(value, 1) for name, value in run(count).items()})
