"""The general ledger batch: what is in it, that it balances, and that nothing can change on the way."""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.context import Context
from app.errors import BadFile, HoldallError
from app.income import service
from app.income.board import board
from app.income.commands import gl as command
from app.income.exports import gl
from app.income.exports.gl_postings import BANK, FUND, VAT
from app.income.files import read_any
from app.income.importing_book import import_ledger
from app.income.office import journal_views, journals, suspense
from app.income.office.journal_views import JournalRow
from app.income.vat import VAT_RULE
from models.changes import Author
from models.income import Account, Fund, VatCode
from tests.app.income.conftest import mt940

Bring = Callable[..., str]
START, END = date(2026, 12, 1), date(2026, 12, 31)
BOOK = (
    "id,date,amount,reference,fund,mop,narrative,vat code,vat amount\n"
    "1,01/12/2026,10.00,770412265,23,90,SMITH,,\n"
    "2,08/12/2026,6.00,,13,1,STALL,W0,1.00\n"
    "3,31/12/2026,-3.00,,13,1,back,W0,-0.50\n"
    "4,09/12/2026,12.03,,52,1,stall,,\n"
    "5,30/11/2026,99.00,,23,1,before,,\n"
    "6,01/01/2027,99.00,,23,1,after,,\n"
)


@pytest.fixture
def filled(context: Context, account_id: str) -> Context:
    """A store with three funds and the book above; fund 52 has a VAT code, its postings tell none."""

    def work(session: object) -> None:
        session.add_all(  # type: ignore[attr-defined]
            [
                VatCode(code="W0", rate=2000),
                VatCode(code="N0", rate=0),
                Fund(code="23", name="Council tax", vat_code="N0", gl_code="5100-000"),
                Fund(code="13", name="=Counter", vat_code="W0", vat_override=True, gl_code="3900-100"),
                Fund(code="52", name="Market  stalls", vat_code="W0", gl_code="3610-310"),
                Fund(code="SP", name="Suspense", vat_code="N0", gl_code="9000-002", is_suspense=True),
                Fund(code="VAT", name="VAT control", gl_code="9100-000"),
            ]
        )
        session.get(Account, account_id).gl_code = "1000-100"  # type: ignore[attr-defined]

    context.write("Codes", work)
    read = read_any("book.csv", BOOK.encode())
    context.write("L", lambda s: import_ledger(s, read, account_id))  # type: ignore[arg-type]
    return context


def batch_of(context: Context) -> gl.GlBatch:
    return context.read(lambda s: gl.export(s, START, END, context.council.name))


def test_a_batch_is_by_fund_with_vat_apart_and_the_bank_balances_it(filled: Context) -> None:
    batch = batch_of(filled)
    assert [
        (row.kind, row.gl_code, row.vat_code, row.postings, row.gross, row.vat) for row in batch.rows
    ] == [
        (FUND, "3900-100", "W0", 2, 3_00, 50),
        (FUND, "5100-000", "N0", 1, 10_00, 0),
        (FUND, "3610-310", "W0", 1, 12_03, 2_00),
        (VAT, "9100-000", "W0", 3, 2_50, 0),
        (BANK, "1000-100", "", 4, 25_03, 0),
    ]
    assert [(row.debit, row.credit) for row in batch.rows] == [
        *((0, 2_50), (0, 10_00), (0, 10_03), (0, 2_50), (25_03, 0))
    ]
    assert (batch.total, batch.vat, batch.postings) == (25_03, 2_50, 4)
    assert batch.remarks == ()


@pytest.mark.parametrize("write", [gl.as_csv, gl.as_xlsx])
def test_a_batch_reads_back_without_a_finding(filled: Context, write: Callable[[gl.GlBatch], bytes]) -> None:
    data = write(batch_of(filled))
    assert gl.check(data, "b", {"23", "13", "52", "SP"}) == ()
    assert [f.words for f in gl.check(data, "b", {"23", "13"})] == ["fund 52 is not one of the council’s"]
    assert data.startswith(b"PK") or b"SHA-256" in data


def test_the_header_names_council_period_counts_and_the_rule_of_vat(filled: Context) -> None:
    rows = dict(
        list(csv.reader(io.StringIO(gl.as_csv(batch_of(filled)).decode("utf-8-sig"))))[i] for i in range(10)
    )
    assert rows["Council"] == "Averwick Borough Council"
    assert (rows["From"], rows["To"]) == ("2026-12-01", "2026-12-31")
    assert (rows["Rows"], rows["Postings"], rows["Control total"]) == ("5", "4", "25.03")
    assert rows["VAT rule"] == VAT_RULE
    assert len(rows["SHA-256"]) == 64


def test_any_penny_word_or_row_that_changes_on_the_way_is_found(filled: Context) -> None:
    table = list(csv.reader(io.StringIO(gl.as_csv(batch_of(filled)).decode("utf-8-sig"))))
    source = random.Random(5)

    def findings(rows: list[list[str]]) -> tuple[gl.Finding, ...]:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return gl.check(out.getvalue().encode())

    assert findings(table) == ()
    first = next(place for place, row in enumerate(table) if row[0] == "Row") + 1
    for place in range(first, len(table)):
        assert findings([*table[:place], *table[place + 1 :]]), "a dropped row"
        assert findings([*table[: place + 1], *table[place:]]), "a doubled row"
        for column in range(len(table[place])):
            row = list(table[place])
            cell = row[column]
            row[column] = f"{float(cell) + 0.01:.2f}" if "." in cell else f"{cell}1"
            assert findings([*table[:place], row, *table[place + 1 :]]), (place, column)
    shuffled = table[first:]
    while shuffled == table[first:]:
        source.shuffle(shuffled)
    assert findings([*table[:first], *shuffled])
    for label in ("Council", "From", "To", "Rows", "Postings", "Control total", "VAT total", "SHA-256"):
        told = [[row[0], "7"] if row[0] == label else row for row in table]
        assert findings(told), label


def test_two_pennies_that_cancel_are_found_by_their_rows(filled: Context) -> None:
    batch = batch_of(filled)
    rows = list(batch.rows)
    rows[0] = rows[0]._replace(credit=rows[0].credit + 1, gross=rows[0].gross + 1)
    rows[1] = rows[1]._replace(credit=rows[1].credit - 1, gross=rows[1].gross - 1)
    forged = gl.as_csv(replace(batch, rows=tuple(rows)))
    assert gl.check(forged) == ()  # a batch made anew is a batch: what protects it is the hash that was noted
    told = forged.replace(replace(batch, rows=tuple(rows)).sha256.encode(), batch.sha256.encode())
    assert [finding.words for finding in gl.check(told)] == [
        "rows or days are not as they were exported: their SHA-256 is another"
    ]


def test_vat_that_is_posted_but_not_in_the_funds_is_found_though_all_else_agrees(filled: Context) -> None:
    batch = batch_of(filled)
    *funds, vat, bank = batch.rows
    vat = vat._replace(gross=vat.gross + 1, credit=vat.credit + 1)
    bank = bank._replace(gross=bank.gross + 1, debit=bank.debit + 1)
    forged = replace(batch, rows=(*funds, vat, bank))
    assert [finding.words for finding in gl.check(gl.as_csv(forged))] == [
        "the rows of VAT post £2.51, but the funds hold £2.50"
    ]


def test_suspense_of_a_bank_line_and_its_journal_are_in_the_batch(
    filled: Context, bring: Bring, account_id: str, second_officer: Author
) -> None:
    statement_id = bring(mt940([("1208", "C40,00", "WHO")], closing="140,00"))
    line = filled.read(lambda s: board(s, statement_id)).lines[0]
    filled.write("S", lambda s: service.to_suspense(s, statement_id, line.id, "who is it"))
    by_fund = {row.fund: row.gross for row in batch_of(filled).rows if row.kind == FUND}
    assert by_fund["SP"] == 40_00
    (item,) = filled.read(lambda s: suspense.items(s, account_id, "open", END))
    made = filled.write(
        "J",
        lambda s: journals.from_suspense(s, [item.id], [JournalRow("52", "STALL", 40_00, "stall")], "Found"),
    )
    assert made
    assert {row.fund: row.gross for row in batch_of(filled).rows if row.kind == FUND} == by_fund
    waiting = filled.read(journal_views.journals)
    lead = replace(filled, author=second_officer)
    lead.write("A", lambda s: journals.approve(s, waiting[0].id))
    batch = batch_of(filled)
    sums: dict[str, int] = {}
    for row in batch.rows:
        if row.kind == FUND:
            sums[row.fund] = sums.get(row.fund, 0) + row.gross
    assert (sums["SP"], sums["52"]) == (0, 12_03 + 40_00)
    assert next(row for row in batch.rows if row.kind == BANK).debit == 25_03 + 40_00
    assert gl.check(gl.as_csv(batch)) == ()


def test_a_fund_or_an_account_without_a_code_is_remarked(context: Context, account_id: str) -> None:
    read = read_any("book.csv", BOOK.encode())
    context.write("L", lambda s: import_ledger(s, read, account_id))  # type: ignore[arg-type]
    batch = batch_of(context)
    assert batch.remarks == (
        "No GL code for fund 13, 23 and 52.",
        "No GL code for the account General account.",
    )
    assert gl.check(gl.as_csv(batch)) == ()


def test_a_period_without_postings_or_turned_round_is_refused(filled: Context) -> None:
    with pytest.raises(HoldallError, match="Nothing was posted"):
        filled.read(lambda s: gl.export(s, date(2020, 1, 1), date(2020, 1, 2)))
    with pytest.raises(HoldallError, match="before the first"):
        filled.read(lambda s: gl.export(s, END, START))


@pytest.mark.parametrize("data", [b"", b"id,date\n1,2\n", b"\xff\xfe\x00", b"PK\x03\x04xl/", b"Row,Kind\n"])
def test_what_is_no_batch_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(BadFile) as caught:
        gl.check(data, "odd.csv")
    assert "odd.csv" in caught.value.title


def test_the_command_writes_a_batch_and_checks_it(
    filled: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kept:
        """The context, whose store stays open after a command."""

        def __getattr__(self, name: str) -> object:
            return self if name == "store" else getattr(filled, name)

        def close(self) -> None:
            """Nothing: the fixture closes it."""

    monkeypatch.setattr(command, "open_context", lambda options: Kept())
    for name in ("batch.csv", "batch.xlsx"):
        path = tmp_path / name
        options = argparse.Namespace(act="export", file=path, start="2026-12-01", end="2026-12-31")
        told = command.run(options)
        assert told.document["control_total_minor"] == 25_03
        options.act = "check"
        assert command.run(options).document == {
            "file": str(path),
            "ok": True,
            "findings": [],
            "funds_checked": True,
        }
    text = (tmp_path / "batch.csv").read_text("utf-8").replace("10.03", "10.04", 1)
    (tmp_path / "batch.csv").write_text(text, "utf-8")
    found = command.run(argparse.Namespace(act="check", file=tmp_path / "batch.csv"))
    assert not found.document["ok"]
    assert any(word.startswith("Row 3: its amounts make £10.03") for word in found.words)
    for start, name, told_words in (
        (None, "b.csv", "needs --from"),
        ("1/12/2026", "b.csv", "not a day"),
        ("2026-12-01", "b.txt", "neither"),
        ("2026-12-01", "nowhere/b.csv", "cannot be written"),
    ):
        with pytest.raises(HoldallError, match=told_words):
            command.run(argparse.Namespace(act="export", file=tmp_path / name, start=start, end="2026-12-31"))
    with pytest.raises(BadFile, match="cannot be opened"):
        command.run(argparse.Namespace(act="check", file=tmp_path / "gone.csv"))
