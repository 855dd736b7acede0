"""Sent work leaves the outbox once a backup of the server holds it and a month has passed; never before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from models.history import history_of
from models.outbox import History, OutboxOp, ScopeState
from models.undo import undo_label
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting
from tests.sync.test_digest import TEAM
from tests.things import Thing

LATER = timedelta(days=32)


def backed_up(fleet: Fleet, upto: int) -> None:
    """What a verified backup notes on the server."""
    with fleet.books.write(fleet.tenant) as connection:
        connection.exec_driver_sql(
            "UPDATE scope_counter SET safe = ? WHERE tenant = ? AND scope = ?", (upto, fleet.tenant, TEAM)
        )


def at(laptop: Laptop, moment: datetime) -> None:
    """Lets a laptop sync at another moment."""
    laptop.engine._clock = lambda: moment


def outbox(laptop: Laptop) -> int:
    return laptop.read(lambda s: s.scalar(select(func.count(OutboxOp.n)))) or 0


def life(laptop: Laptop, thing_id: str) -> list[Any]:
    return laptop.read(lambda s: history_of(s, "test_thing", thing_id))


def test_work_leaves_the_outbox_only_when_it_is_old_and_in_a_backup_and_its_history_stays(
    fleet: Fleet,
) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    thing = Thing(title="Blocked gutter")
    now = datetime.now(UTC)
    first.write("Report a gutter", lambda s: s.add(thing))
    first.write("Set a price", setting(thing.id, price=7))
    first.sync()
    second.sync()
    second.write("Name it", setting(thing.id, note="Seen"))
    second.sync()
    at(first, now + LATER)
    first.sync()
    assert outbox(first) == 2  # old, but in no backup
    backed_up(fleet, 2)
    at(first, now)
    first.engine.sync_once(verify=True)
    assert first.read(lambda s: s.get_one(ScopeState, TEAM)).safe == 2
    assert outbox(first) == 2  # in a backup, but not old
    first.write("Wait", setting(thing.id, title="Still here"))
    before = life(first, thing.id)
    at(first, now + LATER + timedelta(days=1))
    first.sync()
    assert outbox(first) == 1
    after = life(first, thing.id)
    assert after[:2] == before[:2]
    assert [entry.label for entry in after] == ["Report a gutter", "Set a price", "", "Wait"]
    assert [entry.author_name for entry in after] == [
        "Tomos Aldgate",
        "Tomos Aldgate",
        "Priya Senn",
        "Tomos Aldgate",
    ]
    assert after[1].base == {"price": 0}
    assert first.get(Thing, thing.id).title == "Still here"


def test_an_act_that_went_to_the_history_is_not_undone_any_more(fleet: Fleet) -> None:
    first = fleet.join()
    first.write("Add", lambda s: s.add(Thing(title="Old")))
    first.sync()
    backed_up(fleet, 1)
    first.engine.sync_once(verify=True)
    assert first.read(lambda s: undo_label(s, first.author)) == "Add"
    at(first, datetime.now(UTC) + LATER)
    first.sync()
    assert first.read(
        lambda s: (s.scalar(select(func.count(History.op_id))), undo_label(s, first.author))
    ) == (
        1,
        None,
    )
    at(first, datetime.now(UTC) + LATER + timedelta(hours=1))
    assert first.sync().pulled == 0
