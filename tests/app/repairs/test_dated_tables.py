"""Tables that a lead reads in: when they hold, every fault by its path."""

import copy
import json
from datetime import UTC, date, datetime

import pytest

from app.context import Context, Council
from app.errors import BadFile, HoldallError
from app.repairs import dated_tables, rules
from app.repairs.dated_tables import import_table, tables_at
from app.repairs.tables import built_in, tables
from models.repairs import DataTable, TableKind

YEARS = ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28")


def gov_uk(first=2024, last=2029, extra=()):
    """A file as GOV.UK publishes it, with plausible days of our own."""
    events = [
        {
            "title": f"Holiday {n}",
            "date": f"{year}-{day}",
            "notes": "Substitute day" if n == 8 else "",
            "bunting": True,
        }
        for year in range(first, last + 1)
        for n, day in enumerate(YEARS, 1)
    ]
    events += [{"title": t, "date": d, "notes": "", "bunting": True} for t, d in extra]
    return {
        name: {"division": name, "events": events}
        for name in ("england-and-wales", "scotland", "northern-ireland")
    }


def as_bytes(raw):
    return json.dumps(raw).encode()


@pytest.fixture
def lead(store, tmp_path, second_officer):
    """A context whose person is a lead, at a moment that can be moved: lead.moment = …"""
    context = Context(store, second_officer, tmp_path, Council(), lambda: context.moment)
    context.moment = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
    return context


def read_in(context, kind, raw, name="table.json"):
    return context.write(
        "Read in", lambda s: import_table(s, kind, raw if isinstance(raw, bytes) else as_bytes(raw), name)
    )


def test_without_records_the_built_in_tables_hold(context):
    assert context.read(tables_at) is tables()


def test_a_newly_proclaimed_bank_holiday_moves_the_dates_that_are_counted_from_then_on(lead):
    before = lead.read(tables_at)
    start = datetime(2026, 12, 17, 12, tzinfo=UTC)
    day = lambda known: rules.deadline(known.rules["AW-SIG-INV"], start, known.calendar).due_on  # noqa: E731
    assert day(before) == date(2027, 1, 5)
    read_in(lead, TableKind.HOLIDAYS, gov_uk(extra=[("The jubilee", "2026-12-21")]))
    after = lead.read(tables_at)
    assert after.calendar.holidays[date(2026, 12, 21)].title == "The jubilee"
    assert after.calendar.holidays[date(2026, 12, 28)].substitute
    assert day(after) == date(2027, 1, 6)
    assert after.calendar.as_of == date(2026, 12, 17)
    assert after.calendar.known_until == date(2029, 12, 31)
    assert lead.read(tables_at) is after, "read once for one content"


def test_days_before_the_newer_list_stay_as_they_were_known(lead):
    read_in(lead, TableKind.HOLIDAYS, gov_uk(first=2027))
    calendar = lead.read(tables_at).calendar
    assert calendar.known_from == date(2025, 1, 1)
    assert date(2026, 12, 25) in calendar.holidays
    assert date(2027, 3, 26) not in calendar.holidays, "the newer list rules its own years"


def test_a_list_older_than_400_days_and_a_date_past_its_end_say_so():
    calendar = tables().calendar
    assert calendar.stale(date(2027, 12, 28)) == ""
    assert "is from 23 November 2026" in calendar.stale(date(2027, 12, 29))
    late = rules.deadline(tables().rules["AW-SIG-INV"], datetime(2028, 12, 20, 12, tzinfo=UTC), calendar)
    assert "known to 31 December 2028 only" in late.warning


def test_bands_of_the_council_hold_from_their_day_and_the_older_ones_before_it(lead):
    raw = built_in("bands")
    table = copy.deepcopy(raw["tables"][0])
    table |= {"id": "AV-BANDS-2027", "effective_from": "2027-04-01"}
    table["bands"][1] |= {"amount": 2, "attend_amount": 1, "make_safe_amount": 4, "make_safe_unit": "hours"}
    read_in(lead, TableKind.BANDS, {"tables": [table]})
    known = lead.read(tables_at)
    assert known.bands_on(date(2027, 3, 31)).id == "AV-BANDS-2026"
    newer = known.bands_on(date(2027, 4, 1))
    assert (newer.id, newer.bands["urgent"].amount) == ("AV-BANDS-2027", 2)
    assert [(r.id, r.amount, r.unit.value) for r in newer.steps["urgent"]] == [
        ("AV-BANDS-2027-URGENT-ATTEND", 1, "working_days"),
        ("AV-BANDS-2027-URGENT-SAFE", 4, "hours"),
    ]
    assert known.risks == tables().risks, "what the table does not hold stays"


def test_a_later_phase_of_the_law_and_a_changed_rule_come_as_data(lead):
    rule = {
        **built_in("rules")["rules"][0],
        "amount": 8,
        "effective_from": "2027-10-01",
        "source": "SI 2027/1",
    }
    assert rule["id"] == "AW-SIG-INV"
    hazard = {"code": "noise", "title": "Noise", "effective_from": "2027-10-01"}
    read_in(lead, TableKind.RULES, {"rules": [rule], "hazards": [hazard]})
    known = lead.read(tables_at)
    assert known.rule_on("AW-SIG-INV", date(2027, 9, 30)).amount == 10
    assert known.rule_on("AW-SIG-INV", date(2027, 10, 1)).amount == 8
    assert known.hazard_on("noise", date(2027, 9, 30)) is None
    assert known.hazard_on("noise", date(2027, 10, 1)).title == "Noise"
    assert known.hazard_on("falls", date(2026, 11, 30)) is not None


def test_a_rule_of_another_jurisdiction_never_dates_a_repair_here(lead):
    theirs = {"amount": 1, "jurisdiction": "scotland", "effective_from": "2026-10-06"}
    rule = {**built_in("rules")["rules"][0], **theirs}
    read_in(lead, TableKind.RULES, {"rules": [rule]})
    known = lead.read(tables_at)
    assert known.rule_on("AW-SIG-INV", date(2026, 12, 1)).amount == 10
    assert known.rules["AW-SIG-INV"].amount == 10


def test_only_a_lead_reads_a_table_in(context):
    with pytest.raises(HoldallError, match="lead"):
        read_in(context, TableKind.HOLIDAYS, gov_uk())
    assert context.read(tables_at) is tables()


def spoil(raw, path, value):
    for key in path[:-1]:
        raw = raw[key]
    if value is None:
        del raw[path[-1]]
    else:
        raw[path[-1]] = value


ENGLAND = ("divisions", "england-and-wales")
BAND = ("tables", 0, "bands", 1)
UP = ("tables", 0, "uplift", 0)


@pytest.mark.parametrize(
    ("kind", "path", "value", "said"),
    [
        (
            "holidays",
            (*ENGLAND, "days", 3, "day"),
            "Christmas",
            "days[3].day: has to be a day",
        ),
        (
            "holidays",
            (*ENGLAND, "days", 3, "day"),
            "2025-04-21",
            "“2025-04-21” is there twice",
        ),
        (
            "holidays",
            ENGLAND,
            None,
            "the one we count by, is not there",
        ),
        (
            "holidays",
            (*ENGLAND, "known_until"),
            "2030-12-31",
            "2029 has only 0 bank holidays",
        ),
        ("holidays", ("divisions",), ["x"], "divisions: has to be an object"),
        ("holidays", ("as_of",), 3, "file.as_of: has to be a day"),
        ("bands", (*BAND, "unit"), "fortnights", "tables[0].bands[1].unit: has to be one of hours"),
        ("bands", (*BAND, "amount"), 0, "bands[1].amount: has to be a whole number from 1"),
        ("bands", (*BAND, "amount"), True, "bands[1].amount: has to be a whole number"),
        ("bands", (*BAND, "code"), "hurried", "band “urgent” is needed by the questions"),
        ("bands", (*BAND, "code"), "emergency", "“emergency” is there twice"),
        ("bands", (*UP, "then", "band"), "never", "uplift[0].then.band: has to be one of"),
        ("bands", (*UP, "then", "raise_by"), 1, "uplift[0].then: names either a band or raise_by"),
        ("bands", (*UP, "when", "people_any"), ["dragon"], "“dragon” is not known"),
        ("bands", (*UP, "when", "moon"), "full", "uplift[0].when.moon: is not a condition"),
        ("bands", (*UP, "when", "date_window", "from"), "13-01", "has to be a month and a day"),
        ("bands", ("tables",), [], "tables: has 0 entries"),
        ("rules", ("rules", 0, "id"), "AW-NEW", "rules[0].id: has to be one of"),
        ("rules", ("rules", 0, "source"), "", "rules[0].source: has to be a text"),
        ("rules", ("rules", 0, "starts"), "whenever", "rules[0].starts: has to be one of"),
        (
            "rules",
            ("hazards", 1, "code"),
            "emergency_hazard",
            "“emergency_hazard” is there twice",
        ),
        (
            "rules",
            ("right_to_repair", "compensation", "day"),
            -1,
            "compensation.day: has to be a whole",
        ),
        ("rules", ("right_to_repair", "defects", 7, "season"), {"from": "x"}, "defects[7].season.from"),
    ],
)
def test_every_fault_is_named_by_its_path_and_nothing_is_changed(lead, kind, path, value, said):
    raw = copy.deepcopy(built_in(kind))
    spoil(raw, path, value)
    with pytest.raises(BadFile) as caught:
        read_in(lead, TableKind(kind), raw, "ours.json")
    assert said in caught.value.title
    assert "Nothing was changed." in str(caught.value)
    assert lead.read(tables_at) is tables()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a JSON file"),
        (b"%PDF-1.7 \xff", "not a JSON file"),
        (b"[" * 100_000, "not a JSON file"),
        (b'{"a": NaN}', "not a JSON file"),
        (b'{"a": 1, "a": 2}', "“a” twice"),
        (b" " * 1_000_001, "1.0 MB long"),
        (b"[]", "file: has to be an object"),
        (b"{}", "is not a table of"),
        (b'{"england-and-wales": {"events": [7, {"date": 5}]}}', "is not a table of"),
    ],
)
def test_what_is_no_table_at_all_is_told_in_a_sentence(lead, data, said):
    for kind in TableKind:
        with pytest.raises(BadFile) as caught:
            read_in(lead, kind, data, "ours.json")
        assert said in caught.value.title or kind is not TableKind.HOLIDAYS


def test_built_in_tables_have_no_fault(lead):
    for kind in TableKind:
        read_in(lead, kind, built_in(kind.value))
    known = lead.read(tables_at)
    assert known.notes == ()
    assert known.band_tables == tables().band_tables
    assert known.calendar == tables().calendar


def test_bank_holidays_that_end_sooner_than_those_known_are_refused(lead):
    with pytest.raises(BadFile, match="known to 31 December 2028"):
        read_in(lead, TableKind.HOLIDAYS, gov_uk(last=2027))


def test_a_table_of_a_later_holdall_that_cannot_be_read_is_left_out_and_named(lead):
    def forge(session):
        record = DataTable(
            kind=TableKind.BANDS, as_of=date(2026, 12, 1), source="new.json", body={"tables": "x"}
        )
        session.add(record)

    lead.write("Forge", forge)
    known = lead.read(tables_at)
    assert known.band_tables == tables().band_tables
    assert known.notes == (
        "A table of the council’s own times (new.json) cannot be read by this Holdall and is left out.",
    )


def test_a_table_read_in_twice_and_taken_back_by_undo(lead):
    read_in(lead, TableKind.HOLIDAYS, gov_uk(extra=[("The jubilee", "2026-12-21")]))
    lead.undo()
    assert lead.read(tables_at) is tables()
    assert dated_tables.SHOWN == 5
