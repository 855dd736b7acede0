"""Verification: every pence column of what was matched is flipped by a penny, and each flip is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.context import Context
from app.income import service
from app.income.board import Board, board
from app.income.evidence import Evidence
from app.income.files import SettlementFile, read_any
from app.income.importing_payouts import import_settlements
from app.income.settled import settled
from app.income.verify import verify
from models.income import Match
from tests.app.income.conftest import mt940

REPORT = (
    "balance_transaction_id,created_utc,gross,fee,net,currency,reporting_category,source_id,description,"
    "payment_metadata_reference,automatic_payout_id,automatic_payout_effective_at_utc\n"
    "txn_1,2026-12-07,100.00,2.00,98.00,gbp,charge,ch_1001,Council tax,770412261,po_7731,2026-12-09\n"
    "txn_2,2026-12-07 10:00:00,60.00,1.00,59.00,gbp,charge,ch_1002,Parking,,po_7731,2026-12-09\n"
    "txn_3,2026-12-08 10:00:00,-12.00,0.00,-12.00,gbp,refund,re_0900,Refund,,po_7731,2026-12-09\n"
    "txn_4,2026-12-09 00:00:00,-145.00,0.00,-145.00,gbp,payout,po_7731,STRIPE PAYOUT,,po_7731,2026-12-09\n"
)
LINES = [
    ("1208", "C162,00", "BACS 77 0412265"),
    ("1208", "C900,00", "COUNTER CREDIT 000318"),
    ("1209", "C145,00", "STRIPE po_7731"),
    ("1209", "C80,00", "CASH CENTRE"),
    ("1210", "C55,00", "FPI 770412216 J MARLOW"),
]
ROWS = (
    "1,08/12/2026,162.00,,23,28,Council tax 77 0412265\n"
    "2,07/12/2026,400.00,000318,23,24,Cheque\n"
    "3,07/12/2026,500.00,000318,23,24,Cheque\n"
    "4,07/12/2026,100.00,ch_1001,23,90,Council tax\n"
    "5,07/12/2026,60.00,ch_1002,11,90,Parking\n"
    "6,08/12/2026,-12.00,re_0900,23,90,Refund\n"
    "7,08/12/2026,30.00,0092,13,1,Cash bag\n"
    "8,08/12/2026,50.00,0093,13,1,Cash bag\n"
    "9,10/12/2026,55.00,770412261,23,28,Council tax J Marlow\n"
)
PENCE = [
    ("income_bank_line", "amount_pence"),
    ("income_receipt", "amount_pence"),
    ("income_match", "amount_pence"),
    ("income_match_receipt", "amount_pence"),
    ("income_write_off", "amount_pence"),
    ("income_statement", "closing_pence"),
    ("income_statement", "opening_pence"),
    *[
        ("income_settlement", f"{name}_pence")
        for name in ("gross", "fees", "refunds", "disputes", "other", "net")
    ],
    *[("income_settlement_line", f"{name}_pence") for name in ("gross", "fee", "net")],
]


def look(context: Context, statement_id: str) -> Board:
    return context.read(lambda s: board(s, statement_id))


@pytest.fixture
def statement_id(context: Context, account_id: str, bring: Callable[..., str]) -> str:
    """A statement of which every line is matched: by reference, slip, payout, sum and repair."""
    made = bring(mt940(LINES, closing="1442,00"), ROWS)
    report = read_any("stripe.csv", REPORT.encode())
    assert isinstance(report, SettlementFile)
    context.write("Import", lambda s: import_settlements(s, report, account_id))
    seen = look(context, made)
    for proposal in seen.proposals:
        context.write("Accept", lambda s, one=proposal: service.accept(s, made, one))
    return made


def test_a_payout_in_the_store_joins_bank_report_and_book(context: Context, statement_id: str) -> None:
    kept = {one.stage: one.evidence for one in context.read(lambda s: settled(s, statement_id))}
    assert set(kept) == {"exact", "slip", "payout", "sum", "typo"}
    assert kept["payout"]["settlement"]["net"] == 145_00
    assert kept["payout"]["write_offs"] == [[-3_00, "fee", "23"]]
    found = context.read(verify)
    assert (found.matches, found.differences) == (5, ())
    assert look(context, statement_id).sums.left == 0


def test_one_penny_flipped_anywhere_is_found(context: Context, statement_id: str) -> None:
    for table, column in PENCE:
        with context.store.connect(write=True) as connection:
            ids = [row[0] for row in connection.exec_driver_sql(f"SELECT id FROM {table}")]
        assert ids
        for one in ids:
            with context.store.connect(write=True) as connection:
                connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column} + 1 WHERE id = ?", (one,))
            assert context.read(verify).differences, (table, column, one)
            with context.store.connect(write=True) as connection:
                connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column} - 1 WHERE id = ?", (one,))
    assert context.read(verify).differences == ()


def test_evidence_that_was_changed_is_found(context: Context, statement_id: str) -> None:
    for kept in context.read(lambda s: settled(s, statement_id)):
        of_match = Match.__table__.c.id == kept.match_id
        for changed in _changes(kept.evidence):
            with context.store.connect(write=True) as connection:
                connection.execute(Match.__table__.update().where(of_match).values(evidence=changed))
            assert context.read(verify).differences, kept.stage
        with context.store.connect(write=True) as connection:
            connection.execute(Match.__table__.update().where(of_match).values(evidence=kept.evidence))
    assert context.read(verify).differences == ()


def _changes(kept: Evidence) -> Iterator[Evidence]:
    """The evidence with one thing in it changed, each in turn."""
    first, *rest = kept["fields"]
    yield {**kept, "fields": [{**first, "agrees": False}, *rest]}
    yield {**kept, "amounts": {**kept["amounts"], "bank": kept["amounts"]["bank"] + 1}}
    if "settlement" in kept:
        yield {**kept, "settlement": {**kept["settlement"], "gross": kept["settlement"]["gross"] + 1}}
        yield {**kept, "write_offs": [[-2_99, "fee", "23"]]}
    if kept["stage"] in {"slip", "sum"}:
        yield {**kept, "alternatives": {**kept["alternatives"], "count": 7}}


def test_a_receipt_that_two_matches_took_is_found(context: Context, statement_id: str) -> None:
    with context.store.connect(write=True) as connection:
        ids = [r[0] for r in connection.exec_driver_sql("SELECT receipt_id FROM income_match_receipt")]
        connection.exec_driver_sql("UPDATE income_match_receipt SET receipt_id = ?", (ids[0],))
    words = [one.words for one in context.read(verify).differences]
    assert any("is matched for more than it is" in one for one in words)
