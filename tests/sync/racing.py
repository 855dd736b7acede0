"""Many laptops that want the few places of some slots at one moment, through a real server process whose
worker confirms at once: what became of every wish."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from models.ids import new_id
from models.repairs import HOLDING, Repair, Slot, State, Visit
from sync.server.scheduling import settings
from sync.server.scheduling.settings import Scheduling
from sync.server.tables import change, record
from tests.sync.kit import Fleet, Laptop

FIRST = date(2030, 6, 3)  # a Monday far ahead: no day of the race is over
OPEN = ("requested", "granted", "lost")  # what the worker has still to take on


@dataclass(frozen=True)
class Outcome:
    """What a race came to: visits with a place by slot, repairs and visits on the server, visits that were
    ever called confirmed, how they ended, refusals in laptops' queues, seconds of the pushes."""

    grants: tuple[int, ...]
    repairs: int
    visits: int
    confirmed_ever: frozenset[str]
    confirmed: frozenset[str]
    states: Counter[str]
    refused: int
    seconds: float


def race(fleet: Fleet, clients: int, slots: int, capacity: int, seed: int = 1) -> Outcome:
    """Each laptop reports a repair and wishes for up to three of the slots; all of them sync at once."""
    with fleet.books.write(fleet.tenant) as connection:
        settings.save(connection, fleet.tenant, Scheduling(confirm="at once"))
    lead = fleet.join("u-lead", "Priya Senn", ("officer", "lead"))
    now = datetime(2030, 6, 1, 9, tzinfo=UTC)
    listed = [
        Slot(
            day=FIRST + timedelta(days=n), starts=480, ends=720, label="Morning", places=capacity, seen_at=now
        )
        for n in range(slots)
    ]
    lead.write("Offer", lambda s: s.add_all(listed))
    lead.sync()
    chance = random.Random(seed)
    laptops = [fleet.join(f"u-{n}", f"Officer {n}") for n in range(clients)]
    for laptop in laptops:
        laptop.sync()
        _ask(laptop, [slot.id for slot in chance.sample(listed, min(3, slots))], now)
    gate = threading.Barrier(clients + 1)
    problems: list[BaseException] = []

    def go(laptop: Laptop) -> None:
        gate.wait()
        try:
            laptop.sync()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=go, args=(laptop,)) for laptop in laptops]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert problems == []
    for _ in range(300):
        lead.sync()
        if not lead.read(lambda s: s.scalars(select(Visit.id).where(Visit.state.in_(OPEN)).limit(1)).first()):
            break
    return _told(fleet, laptops, [slot.id for slot in listed], seconds)


def _ask(laptop: Laptop, wishes: list[str], now: datetime) -> None:
    repair = Repair(
        reference=new_id()[-8:],
        state=State.DRAFT,
        officer_id=laptop.author.user_id,
        officer_name=laptop.author.name,
        tree_version="1",
        reported_at=now,
        aware_at=now,
    )
    laptop.write("Report", lambda s: s.add(repair))
    laptop.write("Ready", lambda s: setattr(s.get_one(Repair, repair.id), "state", State.READY))
    made = Visit(repair_id=repair.id, slot_id=wishes[0], choices=wishes, asked_at=now)
    laptop.write("Ask", lambda s: s.add(made))


def _told(fleet: Fleet, laptops: list[Laptop], listed: list[str], seconds: float) -> Outcome:
    with fleet.books.read(fleet.tenant) as connection:
        rows = connection.execute(
            select(record.c.type, record.c.id, record.c.body).where(record.c.tenant == fleet.tenant)
        )
        found = [(row.type, row.id, json.loads(row.body)) for row in rows]
        logged = connection.execute(
            select(change.c.id, change.c.data).where(
                change.c.tenant == fleet.tenant, change.c.type == "repairs_visit"
            )
        )
        ever = frozenset(row.id for row in logged if json.loads(row.data)["f"].get("state") == "confirmed")
    visits = {id_: body for type_, id_, body in found if type_ == "repairs_visit"}
    held = Counter(body["slot_id"] for body in visits.values() if body["state"] in HOLDING)
    query = "SELECT count(*) FROM outbox WHERE state IN ('rejected', 'blocked')"
    return Outcome(
        tuple(held[slot] for slot in listed),
        sum(type_ == "repairs_repair" for type_, *_ in found),
        len(visits),
        ever,
        frozenset(id_ for id_, body in visits.items() if body["state"] == "confirmed"),
        Counter(body["state"] for body in visits.values()),
        sum(x.read(lambda s: s.connection().exec_driver_sql(query).scalar_one()) for x in laptops),
        seconds,
    )


def count_then_insert(path: Path, clients: int, capacity: int) -> int:
    """How many of a slot's places the peers' way gives away: count, then insert, each client by itself."""
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE booking (who INTEGER)")
    gate = threading.Barrier(clients)

    def go(who: int) -> None:
        line = sqlite3.connect(path, timeout=30)
        gate.wait()
        taken = line.execute("SELECT count(*) FROM booking").fetchone()[0]
        if taken < capacity:
            line.execute("INSERT INTO booking VALUES (?)", (who,))
            line.commit()
        line.close()

    threads = [threading.Thread(target=go, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite3.connect(path) as made:
        return int(made.execute("SELECT count(*) FROM booking").fetchone()[0])
