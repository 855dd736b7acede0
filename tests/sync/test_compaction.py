"""Old changes that every laptop has read leave the log; who stands below reads the records instead."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from models.base import mark_deleted
from models.outbox import Conflict, ScopeState
from sync import wire
from sync.server import acks, compaction
from sync.server.__main__ import main
from sync.server.compaction import compact
from sync.server.store import ServerStore
from sync.server.tables import record
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting
from tests.sync.test_digest import TEAM
from tests.sync.test_snapshot import filled, in_pages_of, same_as_the_server
from tests.things import Thing

LATER = datetime.now(UTC) + timedelta(days=190)


def log_of(fleet: Fleet) -> tuple[int, list[int]]:
    """The floor of the team's log and the numbers it still has."""
    where = (fleet.tenant, TEAM)
    with fleet.books.read(fleet.tenant) as connection:
        floor = connection.exec_driver_sql(
            "SELECT floor FROM scope_counter WHERE tenant = ? AND scope = ?", where
        ).scalar_one()
        numbers = connection.exec_driver_sql(
            "SELECT seq FROM change WHERE tenant = ? AND scope = ? ORDER BY seq", where
        ).scalars()
        return int(floor), list(numbers)


def reads(fleet: Fleet, laptop: Laptop, seq: int, at: datetime) -> None:
    """Notes that a laptop has read so far, as its pull would."""
    acks.note(fleet.books, laptop.transport._actor(), {TEAM: seq}, at)


def cursor_of(laptop: Laptop) -> int:
    return laptop.read(lambda s: s.get_one(ScopeState, TEAM)).cursor


def test_a_log_is_kept_from_the_slowest_laptop_in_use_which_reads_on_as_ever(fleet: Fleet) -> None:
    first, ids = filled(fleet, 4)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    for number in range(6):
        first.write("Edit", setting(ids[0], price=number + 1))
    first.sync()
    reads(fleet, first, 10, LATER)
    reads(fleet, second, 4, LATER - timedelta(days=179))
    assert compact(fleet.books, datetime.now(UTC)).changes == 0
    compact(fleet.books, LATER)
    assert log_of(fleet) == (4, list(range(4, 11)))
    asked = in_pages_of(second, 100)
    assert second.sync().pulled == 6
    assert (asked, cursor_of(second)) == ([], 10)
    same_as_the_server(fleet, first, second)


def test_a_laptop_below_the_floor_reads_the_records_and_keeps_what_waits(fleet: Fleet) -> None:
    first, ids = filled(fleet, 4)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    first.write("Edit", setting(ids[0], address="1 High Street", price=5))
    first.write("Edit", setting(ids[1], note="First"))
    first.write("Trash", lambda s: mark_deleted(s.get_one(Thing, ids[3])))
    first.sync()
    second.write("Edit", setting(ids[0], address="2 High Street", stock=9))
    second.write("Edit", setting(ids[1], note="Second"))
    second.write("Edit", setting(ids[3], title="Still wanted"))
    reads(fleet, first, 7, LATER)
    reads(fleet, second, 4, LATER - timedelta(days=181))
    compact(fleet.books, LATER)
    assert log_of(fleet) == (7, [7])
    asked = in_pages_of(second, 2)
    report = second.sync()
    assert (len(asked), report.accepted, report.conflicts) == (3, 3, 3)
    fleet.settle()
    same_as_the_server(fleet, first, second)
    clashes = second.read(lambda s: {c.field: c for c in s.scalars(select(Conflict))})
    address = clashes["address"]  # the change that the other wrote is gone from the log: the name with it
    assert (address.kept_value, address.other_value, address.kept_by) == (
        "1 High Street",
        "2 High Street",
        "",
    )
    assert (clashes["note"].status, clashes["note"].kept_value) == ("auto", "First")
    assert clashes["deleted"].status == "auto"
    assert not first.get(Thing, ids[3]).deleted
    assert first.get(Thing, ids[0]).stock == 9


def test_a_new_laptop_joins_a_compacted_log(fleet: Fleet) -> None:
    first, _ = filled(fleet, 6)
    reads(fleet, first, 6, LATER)
    compact(fleet.books, LATER)
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    assert second.read(lambda s: s.scalar(select(func.count(Thing.id)))) == 6
    second.write("Add", lambda s: s.add(Thing(title="On top")))
    fleet.settle()
    same_as_the_server(fleet, first, second)


def test_what_lay_in_the_trash_for_two_years_is_empty_and_stays_deleted(fleet: Fleet) -> None:
    first, ids = filled(fleet, 2)
    first.write("Trash", lambda s: mark_deleted(s.get_one(Thing, ids[0])))
    first.sync()

    def held() -> str:
        with fleet.books.read(fleet.tenant) as connection:
            where = (record.c.tenant == fleet.tenant, record.c.type == "test_thing", record.c.id == ids[0])
            return str(connection.execute(select(record.c.body).where(*where)).scalar_one())

    compact(fleet.books, LATER)
    assert held() != "{}"
    assert compact(fleet.books, LATER + timedelta(days=600)).emptied >= 1
    assert held() == "{}"
    second = fleet.join("u-2", "Priya Senn")
    second.sync()
    gone = second.get(Thing, ids[0])
    assert (gone.deleted, gone.title) == (True, "")
    same_as_the_server(fleet, first, second)
    first.write("Back", lambda s: setattr(s.get_one(Thing, ids[0]), "deleted", False))
    assert first.sync().rejected == 1
    same_as_the_server(fleet, first, second)


def test_a_pull_notes_how_far_a_laptop_is_and_a_sync_with_nothing_new_writes_nothing(
    net_fleet: Fleet,
) -> None:
    first, _ = filled(net_fleet, 3)

    def noted() -> list[tuple[Any, ...]]:
        with net_fleet.books.read(net_fleet.tenant) as connection:
            rows = connection.exec_driver_sql(
                "SELECT scope, seq, at FROM device_cursor WHERE tenant = ?", (net_fleet.tenant,)
            )
            return [tuple(row) for row in rows]

    first.sync()
    before = noted()
    assert [row[:2] for row in before] == [(TEAM, 3)]
    first.sync()
    first.write("Add", lambda s: s.add(Thing(title="One more")))
    first.sync()
    first.sync()
    assert noted() == before


def test_a_cursor_is_written_when_it_is_old_or_far_behind(fleet: Fleet) -> None:
    first, _ = filled(fleet, 5)
    actor = first.transport._actor()
    now = datetime.now(UTC)

    def due(after: int, at: datetime) -> dict[str, int]:
        with fleet.books.read(fleet.tenant) as connection:
            return acks.due(connection, actor, {TEAM: wire.Cursor(after), "team:team-9": wire.Cursor(5)}, at)

    assert due(4, now) == {}  # not at the head
    assert due(5, now) == {TEAM: 5}
    reads(fleet, first, 4, now)
    assert due(5, now) == {}
    assert due(5, now + timedelta(hours=2)) == {TEAM: 5}
    reads(fleet, first, 5, now)
    assert due(5, now + timedelta(hours=2)) == {}
    assert due(5, now + timedelta(hours=25)) == {TEAM: 5}


def test_the_server_compacts_once_a_day_when_nobody_asks(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "QUIET", 0.0)
    stopped = threading.Event()
    start = datetime.now(UTC)
    hours = iter([0.0, 0.1, 0.2, 12.0, 24.1, 24.3, 30.0])
    done: list[datetime] = []

    def now() -> datetime:
        hour = next(hours)
        if hour == 30.0:
            stopped.set()
        return start + timedelta(hours=hour)

    def noted(store: ServerStore, at: datetime) -> compaction.Compacted:
        done.append(at)
        return compact(store, at)

    monkeypatch.setattr(compaction, "compact", noted)
    compaction.every_day(SimpleNamespace(store=fleet.books, last_request=0.0), stopped, now)
    assert done == [start + timedelta(hours=0.2), start + timedelta(hours=24.3)]


def test_the_command_says_what_it_let_go(fleet: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compact", "--db", str(fleet.books.engine.url.database)]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {"scopes", "changes", "emptied"}
