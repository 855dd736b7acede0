"""The worker of appointments, killed between any two steps: nothing is booked twice, no visit is lost, no
tenant is told of what is not booked, and nobody is told twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import failpoints
from models.failpoints import SCHEDULING
from models.ids import new_id
from models.repairs import HOLDING, Notice, Slot, Visit, VisitState
from sync.server import checking
from sync.server.scheduling import settings
from sync.server.scheduling.notifier import Told
from sync.server.scheduling.runner import Runner
from sync.server.scheduling.writing import Write
from sync.server.store import ServerStore, stamp
from sync.server.tables import record, tenant
from tests.sync.drs_stub import Stub
from tests.sync.kit import ROOT, Fleet
from tests.sync.test_promises import changing
from tests.sync.test_scheduling import Office, ask, office, slots
from tests.sync.test_scheduling_drs import begin, drs


class Killed(BaseException):
    """The process has gone: nothing catches it."""


class Post:
    """A notifier that queues a message in the transaction that notes it, as the real one does."""

    def visit_changed(self, told: Told) -> None:
        fields = {
            "visit_id": told.visit_id,
            "repair_id": str(told.visit["repair_id"]),
            "kind": told.kind,
            "channel": "sms",
            "to": "07700 900123",
            "queued_at": stamp(told.now),
            "reference": told.key,
        }
        told.put([Write("repairs_notice", new_id(), fields, "Queue a message", scope=told.scope)])


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """A service with two places in each window."""
    made = Stub(places=2)
    monkeypatch.setenv(settings.LOGIN, made.login)
    monkeypatch.setenv(settings.PASSWORD, made.password)
    yield made
    made.close()


def busy(fleet: Fleet, stub: Stub, **values: Any) -> tuple[Office, list[str]]:
    """A council with visits of each kind: one that goes well, one whose place has gone there, one whose every
    place has, one that is withdrawn and one that is moved meanwhile."""
    made = office(fleet, scheduler="drs", confirm="at once", days=9, drs=drs(stub, **values))
    made.runner.notifier = Post()
    made.round()
    week = slots(made.lead)
    wishes = [week[2:3], week[3:5], week[5:6], week[6:7], week[7:8]]
    ids = [ask(made.lead, wish)[1] for wish in wishes]
    stub.full = {begin(week[3]), begin(week[5])}
    return made, ids


def honest(books: ServerStore, tenant_id: str, stub: Stub) -> None:
    """What must hold at every moment, the worst included."""
    with books.read(tenant_id) as connection:
        rows = connection.execute(select(record).where(record.c.tenant == tenant_id)).all()
        council = connection.execute(select(tenant).where(tenant.c.tenant == tenant_id)).one()
        assert list(checking._council(connection, council)) == []
    bodies = {row.id: (row.type, json.loads(row.body)) for row in rows}
    listed = {id_: body for id_, (type_, body) in bodies.items() if type_ == "repairs_slot"}
    visits = {id_: body for id_, (type_, body) in bodies.items() if type_ == "repairs_visit"}
    for id_, body in visits.items():
        if body["state"] in ("granted", "confirmed"):
            assert stub.orders.get(id_, {}).get("planned"), f"{id_} is {body['state']} and held nowhere"
    taken = Counter(body["slot_id"] for body in visits.values() if body["state"] in HOLDING)
    assert all(count <= listed[slot]["places"] for slot, count in taken.items())
    planned = Counter(order["planned"] for order in stub.orders.values() if "planned" in order)
    assert all(count <= stub.places for count in planned.values())
    told = Counter(body["reference"] for type_, body in bodies.values() if type_ == "repairs_notice")
    assert all(count == 1 for count in told.values())


def at_rest(made: Office, ids: list[str], stub: Stub) -> None:
    """What must hold when the worker has come to rest."""
    honest(made.fleet.books, made.fleet.tenant, stub)
    made.lead.sync()
    for visit_id in ids:
        seen = made.lead.get(Visit, visit_id)
        order = stub.orders.get(visit_id, {})
        if seen.state is VisitState.CONFIRMED:
            assert order["planned"] == begin(made.lead.get(Slot, seen.slot_id))
        else:
            assert seen.state in (VisitState.WITHDRAWN, VisitState.RE_OFFERED, VisitState.CALL_TENANT)
            assert "planned" not in order
            assert seen.state is VisitState.WITHDRAWN or seen.call_by is not None  # somebody rings
    assert set(stub.orders) <= set(ids)
    assert made.lead.engine.sync_once(verify=True).repaired == []
    notices = made.lead.read(lambda s: [(n.visit_id, n.kind.value) for n in s.scalars(select(Notice))])
    assert len(notices) == len(set(notices))
    for visit_id in ids:
        booked = made.lead.get(Visit, visit_id).state is VisitState.CONFIRMED
        kinds = {kind for id_, kind in notices if id_ == visit_id}
        assert ("confirmed" in kinds) >= booked
        assert booked or "confirmed" not in kinds or "cancelled" in kinds


@pytest.mark.parametrize("seed", range(8))
def test_a_worker_that_dies_anywhere_books_nothing_twice_and_loses_nothing(
    fleet: Fleet, stub: Stub, seed: int
) -> None:
    chance = random.Random(seed)
    made, ids = busy(fleet, stub)
    kills = 0

    def trap(name: str) -> None:
        nonlocal kills
        if name in SCHEDULING and chance.random() < 0.25:
            kills += 1
            raise Killed(name)

    acts = [
        lambda: changing(ids[3], {"state": VisitState.WITHDRAWN}),
        lambda: changing(ids[4], {"slot_id": (to := slots(made.lead)[9]).id, "choices": [to.id]}),
    ]
    quiet = 0
    while quiet < 3:
        if acts and chance.random() < 0.3:
            made.lead.sync()
            made.lead.write("Change", acts.pop(0)())
            made.lead.sync()
        for operation in ("scheduleBooking", "createOrder", "deleteOrder"):
            stub.faults[operation] = [chance.choice(("", "", "cut", "lost"))]
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(failpoints, "trap", trap if kills < 25 else None)
                done = made.round()
        except Killed:
            runner = Runner(fleet.books, Post(), lambda: made.now)  # another process takes over
            made.runner.close()
            made.runner, done = runner, {"killed": 1}
        honest(fleet.books, fleet.tenant, stub)
        made.now += timedelta(minutes=2)
        quiet = quiet + 1 if not acts and not set(done) - {"listed"} else 0
    assert kills > 3
    at_rest(made, ids, stub)


def test_a_process_that_is_killed_is_taken_up_by_the_next(own_fleet: Fleet, stub: Stub) -> None:
    """The same with kill -9 and real processes, which find only what is on the disk."""
    made, ids = busy(own_fleet, stub)
    made.runner.close()
    command = [sys.executable, "-m", "sync.server", "scheduler", "run", "--once", "--patience", "0"]
    command += ["--db", str(own_fleet.books.engine.url.database)]
    killed = 0
    for number in range(40):
        fail = {"HOLDALL_FAIL": f"{SCHEDULING[number % 4]}:{1 + number // 4 % 3}"} if number < 14 else {}
        told = {"env": {**os.environ, **fail}, "capture_output": True, "text": True, "timeout": 60}
        run = subprocess.run(command, cwd=ROOT, check=False, **told)
        honest(own_fleet.books, own_fleet.tenant, stub)
        if run.returncode in (-signal.SIGKILL, 137):
            killed += 1
            continue
        assert run.returncode == 0, run.stderr
        if not fail and json.loads(run.stdout)["done"] == {}:
            break
    assert killed >= 5
    assert len(stub.orders) <= len(ids)
    made.lead.sync()
    states = Counter(made.lead.get(Visit, visit_id).state for visit_id in ids)
    assert states[VisitState.CONFIRMED] == 4
    assert states[VisitState.RE_OFFERED] + states[VisitState.CALL_TENANT] + states[VisitState.EXPIRED] == 1
