"""Laptops and a real server process: they agree in the end, whatever was done apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import search
from models.base import Record, mark_deleted, wire_body
from models.changes import bulk_create
from models.history import history_of
from models.outbox import Conflict, OpState, OutboxOp, Shadow, Trash
from models.undo import undo
from sync import desk, outgoing
from tests.sync.kit import Fleet, Laptop
from tests.things import Secret, Thing


def setting(record_id: str, **values: Any) -> Any:
    """An act that sets fields of a thing."""

    def work(session: Session) -> None:
        thing = session.get_one(Thing, record_id)
        for name, value in values.items():
            setattr(thing, name, value)

    return work


def shared_thing(fleet: Fleet, **values: Any) -> tuple[Laptop, Laptop, str]:
    """Two laptops that both hold one thing."""
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    thing = Thing(**{"title": "Blocked gutter", **values})
    first.write("Add a thing", lambda s: s.add(thing))
    fleet.settle()
    return first, second, thing.id


def same(fleet: Fleet, model: type[Record], record_id: str) -> dict[str, Any]:
    """The body that every laptop shows, which is the same on all."""
    bodies = [
        laptop.read(
            lambda s: {
                **wire_body(s.get_one(model, record_id)),
                "deleted": s.get_one(model, record_id).deleted,
                "version": s.get_one(model, record_id).version,
            }
        )
        for laptop in fleet.laptops
    ]
    assert all(body == bodies[0] for body in bodies)
    return bodies[0]


def states(laptop: Laptop) -> list[str]:
    return laptop.read(lambda s: list(s.scalars(select(OutboxOp.state).order_by(OutboxOp.n))))


def test_what_one_laptop_wrote_the_other_shows_finds_and_knows_the_history_of(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, tags=["roof"], stock=3, note="Ladder needed")
    seen = second.get(Thing, thing_id)
    assert (seen.title, seen.tags, seen.stock, seen.version) == ("Blocked gutter", ["roof"], 3, 1)
    assert [hit.id for hit in second.read(lambda s: search.find(s, "ladder"))] == [thing_id]
    history = second.read(lambda s: history_of(s, "test_thing", thing_id))
    assert [(entry.author_name, entry.kind, entry.state) for entry in history] == [
        ("Tomos Aldgate", "create", "received")
    ]
    assert first.get(Thing, thing_id).version == 1
    assert states(first) == [OpState.SETTLED.value]


def test_different_fields_changed_apart_join_without_a_question(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    first.write("Retitle", setting(thing_id, title="Overflowing gutter"))
    second.write("Price", setting(thing_id, price=12_50))
    first.sync()
    report = second.sync()
    assert (report.merged, report.conflicts) == (1, 0)
    first.sync()
    body = same(fleet, Thing, thing_id)
    assert (body["title"], body["price"], body["version"]) == ("Overflowing gutter", 1250, 3)


def test_sums_sets_and_last_dates_changed_apart_come_together(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, stock=10, tags=["a", "b"], seen=date(2026, 1, 1))
    first.write("First", setting(thing_id, stock=15, tags=["a", "b", "c"], seen=date(2026, 5, 1)))
    second.write("Second", setting(thing_id, stock=8, tags=["b"], seen=date(2026, 3, 1)))
    fleet.settle()
    body = same(fleet, Thing, thing_id)
    assert (body["stock"], sorted(body["tags"]), body["seen"]) == (13, ["b", "c"], "2026-05-01")
    assert first.read(desk.counts).conflicts == 0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_later_writer_wins_whoever_syncs_first_and_the_other_value_stays_visible(
    fleet: Fleet, order: tuple[int, int]
) -> None:
    first, second, thing_id = shared_thing(fleet)
    first.write("First", setting(thing_id, title="By the first"))
    second.write("Second, later", setting(thing_id, title="By the second"))
    pair = (first, second)
    for index in order:
        pair[index].sync()
    fleet.settle()
    assert same(fleet, Thing, thing_id)["title"] == "By the second"
    for laptop in pair:
        (clash,) = laptop.read(lambda s: desk.conflicts(s, "auto"))
        assert (clash.kept, clash.other) == ("By the second", "By the first")
        assert (clash.kept_by, clash.other_by) == ("Priya Senn", "Tomos Aldgate")
        assert laptop.read(desk.counts).conflicts == 0
    assert set(states(first)) == set(states(second)) | {"settled"} == {"settled"}


def test_a_field_that_asks_keeps_both_values_until_a_person_chooses_offline(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, address="1 Mill Lane")
    first.write("First", setting(thing_id, address="2 Mill Lane"))
    second.write("Second", setting(thing_id, address="3 Mill Lane"))
    first.sync()
    report = second.sync()
    assert report.conflicts == 1
    first.sync()
    assert same(fleet, Thing, thing_id)["address"] == "2 Mill Lane"
    assert states(second)[-1] == OpState.CONFLICTED.value
    for laptop in (first, second):
        (clash,) = laptop.read(desk.conflicts)
        assert (clash.base, clash.kept, clash.other) == ("1 Mill Lane", "2 Mill Lane", "3 Mill Lane")
    (clash,) = second.read(desk.conflicts)
    second.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    assert second.get(Thing, thing_id).address == "3 Mill Lane"
    assert second.read(desk.conflicts) == []
    fleet.settle()
    assert same(fleet, Thing, thing_id)["address"] == "3 Mill Lane"
    assert first.read(desk.conflicts) == []
    row = first.read(lambda s: s.get_one(Conflict, clash.conflict_id))
    assert (row.status, row.resolution, row.resolved_by) == ("resolved", "take", "Priya Senn")
    assert set(states(second)) == {OpState.SETTLED.value}


@pytest.mark.parametrize(
    ("choice", "value", "outcome"),
    [("keep", None, "2 Mill Lane"), ("custom", "2a Mill Lane", "2a Mill Lane")],
)
def test_a_conflict_can_be_kept_or_written_anew(
    fleet: Fleet, choice: Any, value: str | None, outcome: str
) -> None:
    first, second, thing_id = shared_thing(fleet, address="1 Mill Lane")
    first.write("First", setting(thing_id, address="2 Mill Lane"))
    second.write("Second", setting(thing_id, address="3 Mill Lane"))
    fleet.settle()
    (clash,) = first.read(desk.conflicts)
    first.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, choice, value))
    fleet.settle()
    assert same(fleet, Thing, thing_id)["address"] == outcome
    assert [laptop.read(desk.counts).conflicts for laptop in fleet.laptops] == [0, 0]


def test_undo_of_a_choice_opens_the_conflict_again(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, address="1 Mill Lane")
    first.write("First", setting(thing_id, address="2 Mill Lane"))
    second.write("Second", setting(thing_id, address="3 Mill Lane"))
    fleet.settle()
    (clash,) = second.read(desk.conflicts)
    second.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    second.write("Undo", undo)
    assert [again.conflict_id for again in second.read(desk.conflicts)] == [clash.conflict_id]
    assert second.get(Thing, thing_id).address == "2 Mill Lane"


def test_an_author_who_goes_on_writing_changes_the_conflict_not_the_record(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, address="1 Mill Lane")
    first.write("First", setting(thing_id, address="2 Mill Lane"))
    second.write("Second", setting(thing_id, address="3 Mill Lane"))
    second.write("Second again", setting(thing_id, address="3b Mill Lane"))
    first.sync()
    second.sync()
    fleet.settle()
    assert same(fleet, Thing, thing_id)["address"] == "2 Mill Lane"
    (clash,) = first.read(desk.conflicts)
    assert clash.other == "3b Mill Lane"
    assert states(second) == [OpState.SETTLED.value, OpState.CONFLICTED.value]


def test_a_chain_of_edits_made_offline_makes_no_conflict_with_itself(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, address="a")
    for address in ("b", "c", "d"):
        first.write("Move", setting(thing_id, address=address))
    fleet.settle()
    assert same(fleet, Thing, thing_id)["address"] == "d"
    assert second.read(desk.counts).conflicts == 0


def test_a_record_created_and_changed_before_its_first_sync_arrives_whole(fleet: Fleet) -> None:
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    thing = Thing(title="One", stock=1)
    first.write("Add", lambda s: s.add(thing))
    first.write("Change", setting(thing.id, title="Two", stock=4))
    first.sync()
    first.write("Change", setting(thing.id, title="Three"))
    second.sync()
    second.write("Elsewhere", setting(thing.id, price=5))
    fleet.settle()
    body = same(fleet, Thing, thing.id)
    assert (body["title"], body["stock"], body["price"]) == ("Three", 4, 5)


def test_a_change_wins_over_a_deletion_its_author_had_not_seen(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    first.write("Delete", lambda s: mark_deleted(s.get_one(Thing, thing_id)))
    second.write("Retitle", setting(thing_id, title="Still needed"))
    first.sync()
    second.sync()
    first.sync()
    body = same(fleet, Thing, thing_id)
    assert (body["title"], body["deleted"]) == ("Still needed", False)
    (clash,) = first.read(lambda s: desk.conflicts(s, "auto"))
    assert (clash.field, clash.kept, clash.other) == ("deleted", False, True)
    first.write("Delete it all the same", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    fleet.settle()
    assert same(fleet, Thing, thing_id)["deleted"] is True


def test_a_deletion_gives_way_to_a_change_its_author_had_not_seen(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    second.write("Retitle", setting(thing_id, title="Still needed"))
    second.sync()
    first.write("Delete", lambda s: mark_deleted(s.get_one(Thing, thing_id)))
    fleet.settle()
    body = same(fleet, Thing, thing_id)
    assert (body["title"], body["deleted"]) == ("Still needed", False)


def test_a_pull_never_hides_a_record_with_unsent_work(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    first.write("Delete", lambda s: mark_deleted(s.get_one(Thing, thing_id)))
    first.sync()

    real = second.transport.pull

    def pull_late(asked: Any) -> Any:
        second.write("Between push and pull", setting(thing_id, title="Unsent"))
        second.transport.pull = real
        return real(asked)

    second.transport.pull = pull_late
    second.sync()
    shown = second.get(Thing, thing_id)
    assert (shown.title, shown.deleted) == ("Unsent", False)
    assert second.read(lambda s: list(s.scalars(select(Trash)))) == []
    fleet.settle()
    assert same(fleet, Thing, thing_id)["deleted"] is False


def test_what_a_tombstone_removed_lies_in_the_trash(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    first.write("Delete", lambda s: mark_deleted(s.get_one(Thing, thing_id)))
    fleet.settle()
    (row,) = second.read(lambda s: list(s.scalars(select(Trash))))
    assert (row.record_id, row.body["title"], row.removed_by) == (thing_id, "Blocked gutter", "Tomos Aldgate")
    assert second.read(lambda s: search.find(s, "gutter")) == []


def test_undo_of_what_was_sent_is_one_more_change(fleet: Fleet) -> None:
    first, _, thing_id = shared_thing(fleet)
    first.write("Retitle", setting(thing_id, title="Oops"))
    fleet.settle()
    first.write("Undo", undo)
    fleet.settle()
    body = same(fleet, Thing, thing_id)
    assert (body["title"], body["version"]) == ("Blocked gutter", 3)


def test_a_sealed_record_crosses_as_ciphertext_and_only_to_its_owner(fleet: Fleet) -> None:
    first, other = fleet.join(), fleet.join("u-2", "Priya Senn", ("lead", "admin"))
    again = fleet.join("u-1", "Tomos Aldgate")
    secret = Secret(sealed="c1pher")
    first.write("Seal", lambda s: s.add(secret))
    fleet.settle()
    assert again.get(Secret, secret.id).sealed == "c1pher"
    assert other.read(lambda s: s.get(Secret, secret.id)) is None
    first.write("Seal", lambda s: setattr(s.get_one(Secret, secret.id), "sealed", "from the first"))
    again.write("Seal", lambda s: setattr(s.get_one(Secret, secret.id), "sealed", "from the second"))
    first.sync()
    again.sync()
    fleet.settle()
    (clash,) = again.read(desk.conflicts)
    assert (clash.field, clash.kept["sealed"], clash.other["sealed"]) == (
        "*",
        "from the first",
        "from the second",
    )
    again.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    fleet.settle()
    assert first.get(Secret, secret.id).sealed == "from the second"


def test_an_import_too_large_for_one_push_goes_in_parts_and_leaves_nothing_behind(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "HARD_OPS", 700)
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    rows = [{"title": f"Line {n}", "price": n} for n in range(1_600)]
    first.write("Import", lambda s: bulk_create(s, Thing, rows))
    report = first.sync()
    assert (report.pushed, report.accepted, report.pulled, report.waiting) == (1_600, 1_600, 1_600, 0)
    assert second.sync().pulled == 1_600
    total = second.read(
        lambda s: [(r.title, r.price) for r in s.scalars(select(Thing).order_by(Thing.price))]
    )
    assert total == [(f"Line {n}", n) for n in range(1_600)]
    assert first.read(lambda s: list(s.scalars(select(Shadow)))) == []
    numbers = first.read(lambda s: list(s.scalars(select(OutboxOp.dseq).order_by(OutboxOp.n))))
    assert numbers == list(range(1, 1_601))


def test_progress_is_told_and_a_stop_is_heeded_between_two_steps(fleet: Fleet) -> None:
    first = fleet.join()
    rows = [{"title": f"Line {n}"} for n in range(3)]
    first.write("Import", lambda s: bulk_create(s, Thing, rows))
    told: list[tuple[int, int, str]] = []
    report = first.engine.sync_once(lambda *step: told.append(step), lambda: bool(told))
    assert (report.cancelled, report.pushed, report.waiting) == (True, 3, 0)
    assert told == [(0, 3, "Sending changes")]
    assert first.sync().pulled == 3


def test_a_clock_years_ahead_is_told_and_does_not_win_for_ever(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet)
    real, fleet.clock.now = fleet.clock.now, datetime(2040, 1, 1, tzinfo=UTC)
    first.write("From the future", setting(thing_id, title="2040"))
    fleet.clock.now = real
    first.sync()
    with fleet.books.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT data FROM change WHERE tenant = ? ORDER BY seq DESC LIMIT 1", (fleet.tenant,)
        ).all()
    assert '"hlc":"0' in rows[0][0]
    year_2040_ms = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp() * 1000)
    assert int(rows[0][0].split('"hlc":"')[1][:12], 16) < year_2040_ms
    second.sync()
    assert second.get(Thing, thing_id).title == "2040"
