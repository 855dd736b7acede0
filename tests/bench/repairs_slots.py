"""Slots: 50 laptops race for places through a real server process; the list of free slots from the store."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from app.repairs.visit_views import free_slots
from models.changes import Author
from models.ids import new_id
from models.repairs import Slot, Visit
from models.store import Store
from sync.server.store import ServerStore
from tests.sync.kit import KEY, Fleet, RealServer
from tests.sync.racing import count_then_insert, race

CLIENTS, SLOTS, CAPACITY = 50, 5, 5
PEER = 10.1  # seconds for 6 requests, as the public spike measured its scheduler
LISTED, ASKED = 600, 2_000  # slots and visits in the store
NOW = datetime(2026, 12, 14, 9, tzinfo=UTC)


def rows() -> Iterator[tuple[str, str, str]]:
    """The race, a peer's way with the same crowd, and the list."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _race(folder)
        yield from _list(folder)


def _race(folder: Path) -> Iterator[tuple[str, str, str]]:
    template = folder / "template.db"
    Store.create(template, KEY).close()
    server = RealServer(str(folder / "server.db"), extra=["--pushes", "0", "--council-pushes", "0"]).start()
    books = ServerStore.open(server.db)
    fleet = Fleet(folder, books, template, server)
    try:
        told = race(fleet, CLIENTS, SLOTS, CAPACITY)
    finally:
        fleet.close()
        books.close()
        server.stop()
    what = f"{CLIENTS} laptops, {SLOTS} slots of {CAPACITY}, real server"
    lost = told.confirmed_ever - told.confirmed
    yield f"{what}: grants of each slot", f"exactly {CAPACITY}", ", ".join(map(str, told.grants))
    yield f"{what}: repairs lost", "0", str(CLIENTS - min(told.repairs, told.visits))
    yield f"{what}: confirmations of a lost slot", "0", str(len(lost))
    yield f"{what}: refused into a laptop's queue", "0", str(told.refused)
    yield f"{what}: seconds for all to sync at once", "", f"{told.seconds:.2f} s"
    peer = count_then_insert(folder / "peer.db", CLIENTS, CAPACITY)
    yield f"the peer's way, count then insert: places given of {CAPACITY}", "", str(peer)


def _list(folder: Path) -> Iterator[tuple[str, str, str]]:
    store = Store.create(folder / "laptop.db", KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer", "lead"}), new_id(), "averwick")
    first = date(2026, 12, 14)
    slots = [
        Slot(
            day=first + timedelta(days=n // 20), starts=480, ends=720, label="Morning", places=9, seen_at=NOW
        )
        for n in range(LISTED)
    ]
    with store.write(author, "Offer", NOW) as session:
        session.add_all(slots)
    with store.write(author, "Ask", NOW) as session:
        for n in range(ASKED):
            slot_id = slots[n % LISTED].id
            session.add(Visit(repair_id=new_id(), slot_id=slot_id, choices=[slot_id], asked_at=NOW))
    times = []
    for _ in range(50):
        began = time.perf_counter()
        with store.read() as session:
            found = free_slots(session, first)
        times.append(time.perf_counter() - began)
    store.close()
    assert len(found) == 24
    took = median(times)
    what = f"free slots from the store ({LISTED} slots, {ASKED:,} visits), median"
    yield what, "<= 100 ms", f"{took * 1000:.1f} ms, {PEER / took:,.0f} times the peer's {PEER} s"
