"""A table that a lead reads in reaches every list, paper and export, not only the dates of new repairs."""

import copy
import csv
import dataclasses
import io
from datetime import UTC, datetime

import pytest

from app.context import Context, Council
from app.repairs import dated_tables, exports, views, worklist
from app.repairs.homes import people
from app.repairs.orders import read_order
from app.repairs.papers import interview_sheet, slip, week
from app.repairs.rules import ClockState
from app.repairs.tables import built_in
from models.repairs import TableKind
from tests.app.repairs.test_dated_tables import as_bytes, gov_uk

PLASTER = {
    "danger": "none",
    "kind": "tenant",
    "room": "kitchen",
    "kitchen": "damp",
    "damp-where": "outside-wall",
    "damp-since": "weeks",
    "damp-spread": "patch",
}


@pytest.fixture
def context(store, tmp_path, second_officer):
    """A lead who also takes calls, at a moment that can be moved."""
    made = Context(store, second_officer, tmp_path, Council(), lambda: made.moment)
    made.moment = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
    return made


def read_in(context, kind, raw):
    context.write("Read in", lambda s: dated_tables.import_table(s, kind, as_bytes(raw), "table.json"))


def jubilee(*days):
    return gov_uk(extra=[("The jubilee", day) for day in days])


def own_names():
    """The council's times under other names, and one more kind of person to ask for."""
    raw = built_in("bands")
    table = copy.deepcopy(raw["tables"][0])
    table |= {"id": "AV-BANDS-NEW", "effective_from": "2026-12-01"}
    for band in table["bands"]:
        band["label"] += " by Averwick"
    crutches = {"code": "crutches", "label": "Somebody on crutches", "chip": "Crutches at home"}
    return {"tables": [table], "risk": [*raw["risk"], crutches]}


def test_the_worklist_counts_its_two_working_days_by_the_list_of_this_store(context, ask):
    repair_id = ask(PLASTER, save=True)
    due = views_target(context, repair_id)
    context.moment = datetime(2027, 1, 1, 12, tzinfo=UTC)  # two working days before Tuesday 5 January
    the_list = lambda: context.read(lambda s: worklist.worklist(s, "u-2", context.now()))  # noqa: E731
    assert [c.clock for c in the_list().due_soon] == [ClockState.DUE_SOON]
    context.moment = datetime(2026, 12, 31, 12, tzinfo=UTC)  # Thursday; Monday 4 is its one working day to go
    assert [c.clock for c in the_list().due_soon] == [ClockState.DUE_SOON]
    context.moment = datetime(2026, 12, 30, 12, tzinfo=UTC)
    assert [c.clock for c in the_list().later] == [ClockState.OPEN]
    read_in(context, TableKind.HOLIDAYS, jubilee("2026-12-31", "2027-01-04"))
    assert [c.clock for c in the_list().due_soon] == [ClockState.DUE_SOON]
    (card,) = context.read(lambda s: worklist.repairs_before(s, "u-2", context.now(), None))
    assert card.clock is ClockState.DUE_SOON
    assert views_target(context, repair_id) == due, "what was promised stays"


def test_papers_and_tables_name_the_times_as_this_store_names_them(context, ask):
    read_in(context, TableKind.BANDS, own_names())
    repair_id = ask(PLASTER, risks=("crutches",), save=True)
    order = context.read(lambda s: read_order(s, repair_id, context.today()))
    assert order.band_label.endswith(" by Averwick")
    (row,) = csv.DictReader(io.StringIO(context.read(exports.repairs_csv).decode("utf-8-sig")))
    assert row["priority"] == order.band_label
    assert any(order.band_label in words for words in every_text(week.week_report(context, {})))
    assert any("on crutches" in words for words in every_text(interview_sheet.interview_sheet(context, {})))
    key = context.read(lambda s: views.repair_view(s, repair_id, context.today()).place_key)
    lives_there = context.read(lambda s: people.household_view(s, key, context.today()))
    assert lives_there.risks == ("Somebody on crutches",)


def test_a_week_with_a_band_that_the_table_has_no_more_still_counts_it(context, ask):
    ask(PLASTER, save=True)
    table = own_names()["tables"][0]
    whole = context.read(lambda s: week.read_week(s, context.today(), context))
    few = dataclasses.replace(whole.table, labels={"emergency": "Emergency"})
    blocks = week._bands(dataclasses.replace(whole, table=few), few.labels)
    assert len(table["bands"]) == 5
    assert any(whole.reported[0].band in words for words in texts_of(blocks))


def test_a_slip_names_a_bank_holiday_that_was_read_in(context, ask):
    read_in(context, TableKind.HOLIDAYS, jubilee("2026-12-21"))
    repair_id = ask(PLASTER, save=True)
    said = every_text(slip.slip(context, {"repair": repair_id}))
    assert any("Monday 21 December" in words for words in said)


def every_text(document):
    return texts_of(document.blocks)


def texts_of(value):
    """Every text inside the blocks of a paper."""
    if isinstance(value, str):
        return [value]
    if dataclasses.is_dataclass(value):
        return texts_of([getattr(value, field.name) for field in dataclasses.fields(value)])
    if isinstance(value, dict):
        return texts_of([*value, *value.values()])
    if isinstance(value, (list, tuple)):
        return [words for each in value for words in texts_of(each)]
    return []


def views_target(context, repair_id):
    return context.read(lambda s: views.repair_view(s, repair_id, context.today()).first.due_at)
