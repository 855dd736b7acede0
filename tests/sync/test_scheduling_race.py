"""Laptops race for the places of slots through a real server process, whose worker confirms what is held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from models.repairs import Slot, Visit, VisitState
from sync.server.scheduling import settings
from sync.server.scheduling.runner import Runner
from sync.server.scheduling.settings import Scheduling
from sync.server.store import ServerStore
from tests.sync.kit import Fleet, RealServer
from tests.sync.racing import FIRST, race
from tests.sync.test_rules import adding
from tests.sync.test_scheduling import ask, slots

SEEN = datetime(2030, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def served(tmp_path: Path, template: Path) -> Iterator[Fleet]:
    """Laptops of a server process with its worker."""
    server = RealServer(str(tmp_path / "server.db"), extra=["--pushes", "0", "--council-pushes", "0"]).start()
    beside = ServerStore.open(server.db)
    made = Fleet(tmp_path, beside, template, server)
    yield made
    made.close()
    beside.close()
    server.stop()


def test_of_many_wishes_for_few_places_each_place_is_given_once_and_no_repair_is_lost(served: Fleet) -> None:
    told = race(served, clients=12, slots=3, capacity=2)
    assert told.grants == (2, 2, 2)
    assert (told.repairs, told.visits, told.refused) == (12, 12, 0)
    assert told.confirmed_ever == told.confirmed  # nothing was ever called confirmed that was lost
    assert told.states == {"confirmed": 6, "call_tenant": 6}


def test_a_server_process_wakes_its_worker_with_a_push(served: Fleet) -> None:
    lead = served.join("u-1", "Tomos", ("officer", "lead"))
    with served.books.write(served.tenant) as connection:
        settings.save(connection, served.tenant, Scheduling(confirm="at once"))
    slot = Slot(day=FIRST, starts=480, ends=720, label="Morning", places=1, seen_at=SEEN)
    lead.write("Offer", adding(slot))
    _, visit_id = ask(lead, [slot])
    for _ in range(200):
        lead.sync()
        if lead.get(Visit, visit_id).state is VisitState.CONFIRMED:
            break
    assert lead.get(Visit, visit_id).state is VisitState.CONFIRMED
    assert lead.engine.sync_once(verify=True).repaired == []


def test_the_worker_serves_a_council_on_postgresql_too(pg_fleet: Fleet) -> None:
    with pg_fleet.books.write(pg_fleet.tenant) as connection:
        settings.save(connection, pg_fleet.tenant, Scheduling(confirm="at once"))
    lead = pg_fleet.join("u-1", "Tomos", ("officer", "lead"))
    slot = Slot(day=FIRST, starts=480, ends=720, label="Morning", places=1, seen_at=SEEN)
    lead.write("Offer", adding(slot))
    ask(lead, [slot])
    runner = Runner(pg_fleet.books)
    assert runner._council(pg_fleet.tenant) == {"reserve": 1, "confirm": 1, "tell": 1}
    assert runner._council(pg_fleet.tenant) == {}
    lead.sync()
    assert lead.read(lambda s: list(s.scalars(select(Visit.state)))) == [VisitState.CONFIRMED]
    assert [s.id for s in slots(lead)] == [slot.id]
