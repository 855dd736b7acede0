"""The regulator's return: numerator, denominator and target by band, on the week and in the table."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from app import cli
from app.errors import HoldallError
from app.repairs import report, returns, service
from app.repairs.exports import HEADINGS, repairs_csv
from app.repairs.returns import Share
from app.report import Table
from models.repairs import Clock, Property, Repair, State

LATE = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)
IN_TIME = datetime(2027, 1, 7, 9, 0, tzinfo=UTC)  # after the law's date, before the council's own


def rows_of(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def done(context, repair_id, at, **values):
    def work(session):
        service.complete(session, repair_id)
        repair = session.get(Repair, repair_id)
        repair.completed_at = at
        for name, value in values.items():
            setattr(repair, name, value)

    context.write("Done", work)


def test_in_time_is_by_the_councils_own_band_even_where_a_law_was_earlier(context, ask):
    first, second = ask(save=True), ask(save=True)
    clocks = context.read(
        lambda s: {c.rule_id: c.due_at for c in s.query(Clock).filter(Clock.repair_id == first)}
    )
    own = clocks["AV-BANDS-2026-ROUTINE"]
    assert clocks["AW-SIG-INV"] < IN_TIME < own < LATE
    done(context, first, IN_TIME)
    done(context, second, LATE)
    counted = context.read(lambda s: list(returns.completed(s, date(2027, 1, 1), date(2027, 1, 31))))
    assert [(c.id, c.in_target, c.target_at, c.measure) for c in counted] == [
        (first, True, own, "RP02 (1)"),
        (second, False, own, "RP02 (1)"),
    ]
    assert returns.measures(returns.shares(counted)) == {"RP02 (1)": Share(1, 2), "RP02 (2)": Share(0, 0)}


def test_emergencies_are_a_measure_of_their_own(context, ask):
    repair_id = ask(save=True)
    done(context, repair_id, context.now(), band="emergency")
    today = context.today()
    counted = context.read(lambda s: returns.shares(returns.completed(s, today, today)))
    assert returns.measures(counted) == {"RP02 (1)": Share(0, 0), "RP02 (2)": Share(1, 1)}


@pytest.mark.parametrize(
    ("share", "percent"),
    [(Share(0, 0), "–"), (Share(2, 3), "66.7%"), (Share(1, 8), "12.5%"), (Share(3, 3), "100.0%")],
)
def test_a_share_is_rounded_half_up_to_one_place(share, percent):
    assert share.percent == percent


def test_the_years_begin_in_april():
    assert returns.year_start(date(2027, 3, 31)) == date(2026, 4, 1)
    assert returns.year_start(date(2027, 4, 1)) == date(2027, 4, 1)


def test_the_week_gives_numerator_denominator_and_target_of_each_band(sampled):
    paper = report.week_report(sampled, {})
    table = next(b for b in paper.blocks if isinstance(b, Table) and "own time" in b.caption)
    by_name = {row[0]: row for row in table.rows}
    assert by_name["Urgent"][1] == "3 working days"
    parts = [tuple(map(int, row[3].split(" of "))) for row in table.rows]
    bands, measures = parts[:-2], parts[-2:]
    assert [sum(column) for column in zip(*bands, strict=True)] == [
        sum(column) for column in zip(*measures, strict=True)
    ]
    start = date(2026, 4, 1)
    counted = sampled.read(lambda s: list(returns.completed(s, start, date(2026, 12, 20))))
    assert sum(of for _, of in measures) == len(counted) > 0
    assert sum(met for met, _ in measures) == sum(c.in_target for c in counted)


def test_the_table_agrees_with_the_week(sampled):
    rows = rows_of(sampled.read(repairs_csv))
    counted = sampled.read(lambda s: list(returns.completed(s, date(2000, 1, 1), date(2100, 1, 1))))
    finished = [row for row in rows if row["state"] == "completed"]
    assert len(finished) == len(counted) == sum(int(row["tsm_denominator"] or 0) for row in rows)
    assert sum(int(row["tsm_numerator"] or 0) for row in rows) == sum(c.in_target for c in counted)
    assert {row["tsm_target"] for row in finished} <= {
        "24 hours",
        "3 working days",
        "10 working days",
        "20 working days",
        "90 days",
    }
    assert all(row["state"] != "draft" for row in rows)


def test_codes_keep_their_zeros_and_no_text_runs_in_a_spreadsheet(context, ask):
    repair_id = ask(save=True)
    odd = 'He said "5\\" gap",\r\nماء 🙂; =2+5\n@SUM(A1)'

    def work(session):
        home = Property(uprn="000010033571", address="x", postcode="AV3 2QT", place_key="x")
        session.add(home)
        session.flush()
        repair = session.get(Repair, repair_id)
        repair.code, repair.description, repair.title = "000123", odd, "=cmd|' /C calc'!A0"
        repair.trade, repair.property_id = "-Plumber", home.id

    context.write("Odd", work)
    (row,) = rows_of(context.read(repairs_csv))
    assert row["schedule_of_rates_code"] == "000123"
    assert row["uprn"] == "000010033571"
    assert row["title"] == "'=cmd|' /C calc'!A0"
    assert row["trade"] == "'-Plumber"
    kept = context.read(lambda s: s.get(Repair, repair_id).description)
    assert row["description"] == kept
    assert row["reported_at"] == "2026-12-17T14:21"
    assert (row["tsm_denominator"], row["tsm_numerator"]) == ("", "")


def test_nobody_is_named_in_the_table(context, ask):
    ask(save=True, risks=("under5",))
    text = context.read(repairs_csv).decode()
    for words in ("Ffion", "07700", "under5", "Two adults"):
        assert words not in text


def test_days_choose_what_was_told_or_done_then(context, ask):
    repair_id = ask(save=True)
    done(context, repair_id, LATE)
    told, mended = date(2026, 12, 17), date(2027, 1, 20)
    for first, last, count in (
        (told, told, 1),
        (mended, mended, 1),
        (date(2027, 1, 21), None, 0),
        (date(2027, 1, 1), date(2027, 1, 10), 0),
        (None, date(2026, 12, 16), 0),
        (None, None, 1),
    ):
        assert len(rows_of(context.read(lambda s, a=first, b=last: repairs_csv(s, a, b)))) == count
    with pytest.raises(HoldallError, match="before the first"):
        context.read(lambda s: repairs_csv(s, mended, told))


def test_the_command_writes_the_table(context, ask, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("app.repairs.commands.table.open_context", lambda _options: context)
    monkeypatch.setattr(context.store, "close", lambda: None)
    ask(save=True)
    path = tmp_path / "repairs.csv"
    assert cli.main(["repairs", "table", str(path), "--from", "2026-12-01"], {}) == 0
    assert "Written to" in capsys.readouterr().out
    assert list(rows_of(path.read_bytes())[0]) == list(HEADINGS)
    assert cli.main(["repairs", "table", str(path), "--to", "yesterday"], {}) == 2
    assert "is not a day for --to" in capsys.readouterr().err
    assert context.read(lambda s: s.query(Repair).filter(Repair.state == State.READY).count()) == 1
