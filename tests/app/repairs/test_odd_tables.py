"""A table with anything missing or wrong in it is refused by path, or left out; it never breaks a page."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from app.repairs import dated_tables, hazard_law, rules, words
from app.repairs.tables import built_in, tables
from models.repairs import DataTable, Kind, TableKind

MOMENTS = (datetime(2026, 12, 17, 14, 21, tzinfo=UTC), datetime(2027, 6, 1, 9, tzinfo=UTC))
GONE = object()
ODD = (GONE, None, "", 7, [], {}, "x" * 300, "2026-02-30")
TREE = built_in("tree")


def places(value, path=()):
    """The path of everything inside a body; of a list its first two entries."""
    inside = value.items() if isinstance(value, Mapping) else []
    if isinstance(value, list):
        inside = list(enumerate(value[:2]))
    for key, each in inside:
        yield (*path, key)
        yield from places(each, (*path, key))


def spoilt(body, path, odd):
    made = copy.deepcopy(body)
    parent = made
    for key in path[:-1]:
        parent = parent[key]
    if odd is GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = odd
    return made


def work_by(known):
    """Everything that a page works out by the tables."""
    for at in MOMENTS:
        for outcome in list(tables().tree.outcomes.values())[::4]:
            for kind in ("tenant", "leasehold"):
                found = rules.promise(rules.Situation(outcome, kind, True, frozenset({"baby"}), at), known)
                assert found.deadlines, "every repair has a date"
                assert all(words.due_words(each) for each in found.deadlines)
        for hazard in tables().hazards:
            hazard_law.clocks(hazard, at, known, at, at)
        rules.emergency_deadlines(at, "emergency_hazard", Kind.TENANT, known)


@pytest.mark.parametrize("kind", list(TableKind))
def test_a_table_that_is_taken_is_one_that_can_be_worked_by(kind):
    body = json.loads(json.dumps(built_in(kind.value)))
    taken = 0
    for path in places(body):
        for odd in ODD:
            made = spoilt(body, path, odd)
            if dated_tables._faults(kind, made, TREE):
                continue
            known = dated_tables.joined([(kind, "odd.json", made)])
            assert not known.notes, (path, odd, "a table that cannot be read was taken")
            if taken % 5 == 0:
                work_by(known)
            taken += 1
    assert taken > 20


def test_a_record_of_another_version_is_left_out_and_the_others_hold(store, second_officer):
    holidays = built_in("holidays")
    day = next(d for d in holidays["divisions"]["england-and-wales"]["days"] if d["day"] == "2026-12-28")
    day["title"] = "A day of our own"
    odd = spoilt(built_in("bands"), ("tables", 0, "bands"), "in another shape")
    with store.write(second_officer, "Sync", MOMENTS[0]) as session:
        for name, kind, body in (("a", TableKind.BANDS, odd), ("b", TableKind.HOLIDAYS, holidays)):
            session.add(DataTable(kind=kind, as_of=MOMENTS[0].date(), source=name, body=body))
    with store.read() as session:
        known = dated_tables.tables_at(session)
    assert known.notes == (
        "A table of the council’s own times (a) cannot be read by this Holdall and is left out.",
    )
    assert known.calendar.holidays[MOMENTS[0].date().replace(day=28)].title == "A day of our own"
    work_by(known)
