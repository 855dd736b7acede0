"""Repairs of people who work apart: the last place is given once and a server that dies doubles nothing.

What a lead changes in the middle of somebody’s interview neither breaks it nor moves what was promised.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.repairs import dated_tables, service, views, visits
from app.repairs.records import now_of
from app.repairs.tables import built_in, tables
from app.repairs.trees import active_tree
from app.wording import local_date
from models.repairs import Clock, Mapping, MappingState, Repair, Slot, State, TableKind, Visit, VisitState
from models.store import Store
from sync import desk
from sync.errors import Offline
from sync.server.store import ServerStore
from sync.server.tables import holding, record
from tests.journeys import repair_kit
from tests.sync import dying
from tests.sync.kit import KEY, Fleet, Laptop
from tests.sync.test_killed import Server

HELD, TO_RING = "held", "to ring"
STANDS = {
    VisitState.REQUESTED: HELD,
    VisitState.GRANTED: HELD,
    VisitState.LOST: TO_RING,
    VisitState.CALL_TENANT: TO_RING,
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    ServerStore.open(str(tmp_path / "server.db")).close()
    made = Server(dying.forkserver(), str(tmp_path / "server.db"))
    yield made
    made.kill()


@pytest.fixture
def fleet(tmp_path: Path, server: Server) -> Iterator[Fleet]:
    Store.create(tmp_path / "template.db", KEY).close()
    server.up()
    books = ServerStore.open(server.db)
    made = Fleet(tmp_path, books, tmp_path / "template.db", server)  # type: ignore[arg-type]
    yield made
    made.close()
    books.close()


def officers(fleet: Fleet) -> tuple[Laptop, Laptop]:
    """An officer, and one who is a lead too."""
    return fleet.join("u-1", "Tomos Aldgate"), fleet.join("u-2", "Priya Senn", ("officer", "lead"))


def offer(laptop: Laptop, *places: int) -> list[str]:
    """Slots on the next days with so many places each; their ids."""

    def work(session: Session) -> list[str]:
        ids = []
        for number, each in enumerate(places, 2):
            slot = Slot(
                day=local_date(laptop.clock.now) + timedelta(days=number),
                starts=480,
                ends=720,
                label="Morning, 8 to 12",
                places=each,
                seen_at=laptop.clock.now,
            )
            session.add(slot)
            ids.append(slot.id)
        return ids

    return laptop.write("Offer", work)


def wish(laptop: Laptop, repair_id: str, slots: list[str]) -> None:
    laptop.write("Ask for a visit", lambda s: visits.ask_visits(s, repair_id, slots, agreed_late=True))


def stands(laptop: Laptop) -> dict[str, Any]:
    """Every repair of a laptop: its state, its clocks, its visits with their places. Whether the server has
    granted a place or looked for others yet is the worker’s own business."""

    def read(session: Session) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for repair in session.scalars(select(Repair).where(Repair.deleted.is_(False))):
            clocks = select(Clock.rule_id, Clock.due_at).where(Clock.repair_id == repair.id)
            asked = select(Visit.state, Visit.slot_id).where(Visit.repair_id == repair.id)
            held = [(STANDS.get(state, state), slot) for state, slot in session.execute(asked)]
            rows = [tuple(row) for row in session.execute(clocks.order_by(Clock.rule_id))]
            found[repair.id] = (repair.state, rows, held)
        return found

    return laptop.read(read)


def on_server(fleet: Fleet, kind: str) -> int:
    with fleet.books.read(fleet.tenant) as connection:
        mine = (record.c.tenant == fleet.tenant, record.c.type == kind)
        return int(connection.execute(select(func.count()).select_from(record).where(*mine)).scalar_one())


def places_taken(fleet: Fleet) -> list[str]:
    with fleet.books.read(fleet.tenant) as connection:
        taken = select(holding.c.resource_id).where(holding.c.tenant == fleet.tenant)
        return list(connection.execute(taken.order_by(holding.c.resource_id)).scalars())


@pytest.mark.parametrize("place", ["server_before_commit:1", "server_after_commit:1"])
def test_a_server_that_dies_around_a_push_has_one_repair_one_visit_and_one_place(
    fleet: Fleet, server: Server, place: str
) -> None:
    tomos, priya = officers(fleet)
    slots = offer(priya, 1)
    fleet.settle()
    repair_id = repair_kit.take(tomos.write)
    wish(tomos, repair_id, slots)
    before = stands(tomos)
    server.up(place)
    with pytest.raises(Offline):
        tomos.sync()
    server.process.join(30)
    assert server.kill() not in (0, None), "the server died where it was told to"
    assert stands(tomos) == before
    server.up()
    report = tomos.sync()
    assert (report.rejected, report.conflicts, report.waiting) == (0, 0, 0)
    assert (on_server(fleet, "repairs_repair"), on_server(fleet, "repairs_visit")) == (1, 1)
    assert places_taken(fleet) == slots
    assert on_server(fleet, "repairs_clock") == len(before[repair_id][1])
    fleet.settle()
    assert stands(priya) == stands(tomos) == before


def test_of_three_who_ask_for_the_last_place_apart_one_gets_it_and_every_repair_is_kept(
    fleet: Fleet,
) -> None:
    tomos, priya = officers(fleet)
    gwen = fleet.join("u-3", "Gwen Ashdown")
    last, other = offer(priya, 1, 1)
    fleet.settle()
    first, second, third = (repair_kit.take(who.write) for who in (tomos, priya, gwen))
    wish(tomos, first, [last])
    wish(priya, second, [last, other])
    wish(gwen, third, [last])
    for laptop in (tomos, priya, gwen):
        assert laptop.sync().rejected == 0, "a place that has gone refuses nobody’s repair"
    fleet.settle()
    found = [stands(laptop) for laptop in (tomos, priya, gwen)]
    assert found[0] == found[1] == found[2]
    assert {key: row[0] for key, row in found[0].items()} == dict.fromkeys(
        (first, second, third), State.READY
    )
    assert found[0][first][2] == [(HELD, last)]
    assert found[0][second][2] == [(HELD, other)]
    assert found[0][third][2] == [(TO_RING, last)]
    assert all(row[1] for row in found[0].values()), "each keeps its clocks"
    assert places_taken(fleet) == sorted([last, other])
    assert [laptop.read(desk.refusals) for laptop in (tomos, priya, gwen)] == [[], [], []]


def another_edition(session: Session) -> str:
    raw = json.loads(resources.files("resources").joinpath("repairs", "tree.json").read_text("utf-8"))
    raw["version"] = "av-next"
    raw["questions"]["room"]["ask"] = "In which room is it, please?"
    made = Mapping(name="Next", edition="av-next", body=raw)
    session.add(made)
    return made.id


def make_active(session: Session, edition: str) -> None:
    made = session.get_one(Mapping, edition)
    made.state, made.active_from = MappingState.ACTIVE, now_of(session)


def test_questions_that_change_in_the_middle_leave_a_begun_interview_as_it_was(fleet: Fleet) -> None:
    tomos, priya = officers(fleet)
    fleet.settle()
    begun = repair_kit.begin(tomos.write)
    edition = priya.write("Another edition", another_edition)
    priya.write("Make it active", lambda s: make_active(s, edition))
    fleet.settle()
    assert priya.read(desk.refusals) == []
    assert tomos.read(active_tree).version == "av-next"
    kept = tomos.read(lambda s: views.repair_view(s, begun, local_date(tomos.clock.now)))
    assert (kept.tree.version, kept.path.way.question) == (
        tables().tree.version,
        tables().tree.questions["room"],
    )
    repair_kit.finish(tomos.write, begun)
    repair_kit.save(tomos.write, begun)
    later = repair_kit.take(tomos.write)
    fleet.settle()
    editions = priya.read(lambda s: {r.id: r.tree_version for r in s.scalars(select(Repair))})
    assert editions == {begun: tables().tree.version, later: "av-next"}
    assert priya.read(desk.refusals) == tomos.read(desk.refusals) == []


def jubilee(day: Any) -> bytes:
    """The built-in bank holidays with one more day of them."""
    raw = built_in("holidays")
    raw = json.loads(json.dumps(raw))
    days = raw["divisions"]["england-and-wales"]["days"]
    days.append({"day": day.isoformat(), "title": "The jubilee"})
    days.sort(key=lambda each: each["day"])
    return json.dumps(raw).encode()


def test_bank_holidays_read_in_mid_draft_move_its_date_and_never_a_promise(fleet: Fleet) -> None:
    tomos, priya = officers(fleet)
    fleet.settle()
    promised = repair_kit.take(tomos.write)
    draft = repair_kit.begin(tomos.write)
    repair_kit.finish(tomos.write, draft)

    def first(repair_id: str) -> Any:
        view = tomos.read(lambda s: views.repair_view(s, repair_id, local_date(tomos.clock.now)))
        return next(c.deadline for c in view.clocks if c.deadline.rule.id == "AW-SIG-INV")

    before = first(draft)
    assert first(promised).due_on == before.due_on
    day = next(d.day for d in before.count.days if d.number)  # a day that counted, and is a holiday now
    data = jubilee(day)
    priya.write("Read in", lambda s: dated_tables.import_table(s, TableKind.HOLIDAYS, data, "days.json"))
    fleet.settle()
    assert first(promised).due_on == before.due_on, "what was promised stays"
    assert first(draft).due_on > before.due_on
    assert day in [skipped.day for skipped in first(draft).count.skipped]
    repair_kit.save(tomos.write, draft)
    fleet.settle()
    kept = priya.read(lambda s: s.scalars(select(Clock.due_at).where(Clock.repair_id == draft)).all())
    assert first(draft).due_at in kept
    with pytest.raises(Exception, match="is saved already"):
        tomos.write("Save", lambda s: service.save_repair(s, draft))
