"""The office of the sample council: three eReturns, four suspense items, a journal to approve.

The bag of Hadley Street is in the book by its eReturn and not by the ledger's extract; statement 242 brings
its credit. All other money here belongs to the Collection account, so the General account's sum stays.
"""

from __future__ import annotations

import csv
import io
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.income import importing
from app.income.files import read_ledger_file
from app.income.formats.ledger_csv import COLUMNS
from app.income.importing_book import import_ledger
from app.income.office import ereturns, journals, suspense
from app.income.office.ereturns import ChequeRow, LineRow
from app.income.office.journals import JournalRow
from app.sample_kit import at, working_days_before
from models.changes import Author
from models.income import Receipt

BAG = "0092"  # the bag of Hadley Street, on its way to the bank
HADLEY_STREET = {
    20_00: 100_00,
    10_00: 70_00,
    5_00: 20_00,
    2_00: 12_00,
    1_00: 12_00,
    50: 4_00,
    20: 2_00,
    10: 90,
    5: 20,
}
TANNERY_ROW = {20_00: 80_00, 10_00: 30_00, 1_00: 18_00, 20: 2_40}
CHEQUES = (ChequeRow("Llŷn Carpets Ltd", 312_50), ChequeRow("A. Pryce", 84_00))


COLLECTION_NAME = "Collection account"
COLLECTION_IDENTIFIER = "000000/60114425"
COLLECTION_OPENING = 18_402_55


@dataclass(frozen=True)
class Waiting:
    """Money of the Collection account without an owner: its age in days when the sample is made, its words,
    what was noted on it, who chases it and in how many days from today (negative: it is overdue)."""

    age: int
    pence: int
    reference: str
    mop: str
    narrative: str
    notes: tuple[str, ...] = ()
    owner: str = ""
    chase_in: int | None = None


SUSPENSE = (
    Waiting(
        112,
        48_00,
        "9826 1104",
        "18",
        "PayPoint cash, card number unknown",
        ("Asked allpay for the shop and the time.", "They answered: Corn Street News, no name taken."),
        "J. Marlow",
        -9,
    ),
    Waiting(47, 310_75, "", "28", "Bacs, M Pryce", ("Two tenants have this name.",), "J. Marlow", 5),
    Waiting(19, 86_40, "770041221", "28", "Faster Payment, council tax 770041221", (), "A. Rees", 2),
    Waiting(3, 129_99, "", "15", "Post Office counter, reference cannot be read"),
)


def fill(context: Context, identifier: str, monday: date) -> None:
    """Write the office's work: eReturns into the account of this identifier, suspense into another."""
    account = context.read(lambda session: importing.find_account(session, identifier))
    if account is not None:
        fill_ereturns(context, account.id, monday)
    fill_suspense(context)


def fill_suspense(context: Context) -> None:
    """Import the extract of the Collection account and hold its four postings without a fund; a colleague
    has found the owner of one and waits for another person to approve the journal."""
    today = context.today()
    finance = colleague_of(context.author)
    ledger = read_ledger_file("collection.csv", _extract(today))
    with context.store.write(finance, "Import the Collection account", at(_weekday(today), 8, 40)) as session:
        account_id, _ = importing.add_account(
            session, COLLECTION_NAME, COLLECTION_IDENTIFIER, book_opening_pence=COLLECTION_OPENING
        )
        import_ledger(session, ledger, account_id)
        receipts = session.scalars(select(Receipt).where(Receipt.account_id == account_id))
        by_words = {receipt.narrative: receipt for receipt in receipts}
        for one in SUSPENSE:
            suspense.hold_receipt(session, by_words[one.narrative], "")
        session.flush()
        held = {item.narrative: item.id for item in suspense.items(session, account_id, "open", today)}
        for one in SUSPENSE:
            chase = None if one.chase_in is None else today + timedelta(days=one.chase_in)
            owner = finance.user_id if one.owner == finance.name else "u-5" if one.owner else None
            suspense.assign(session, held[one.narrative], owner, one.owner, chase)
            for words in one.notes:
                suspense.note(session, held[one.narrative], words)
    with context.store.write(finance, "Propose a journal", at(_weekday(today), 9, 5)) as session:
        found = SUSPENSE[2]
        row = JournalRow("23", found.reference, found.pence, "Council tax, from suspense")
        reason = "The payer rang: it is the council tax of Oona Ferris."
        journals.from_suspense(session, [held[found.narrative]], [row], reason)


def _weekday(day: date) -> date:
    """Return the last working day before this one."""
    return working_days_before(day, 1)[0]


def _extract(today: date) -> bytes:
    """Write the postings without a fund as the ledger's extract would give them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for place, one in enumerate(SUSPENSE, 1):
        day = today - timedelta(days=one.age)
        amount = f"{one.pence // 100}.{one.pence % 100:02d}"
        writer.writerow(
            [f"C-{place:04d}", f"{day:%d/%m/%Y}", amount, one.reference, "SP", one.mop, one.narrative]
        )
    return out.getvalue().encode("utf-8-sig")


def colleague_of(author: Author) -> Author:
    """Return the colleague from finance who works on the same team."""
    return replace(author, user_id="u-3", name="J. Marlow", roles=frozenset({"officer", "finance"}))


def site_officer_of(author: Author) -> Author:
    """Return the officer who counts the till at Hadley Street."""
    return replace(author, user_id="u-4", name="R. Okoro", roles=frozenset({"officer"}))


def fill_ereturns(context: Context, account_id: str, monday: date) -> None:
    """Write three eReturns: one authorised on the Friday, one submitted and one in progress on the Monday."""
    friday, after = monday + timedelta(days=4), monday + timedelta(days=7)
    site, finance = site_officer_of(context.author), colleague_of(context.author)

    def act(author: Author, label: str, moment: datetime) -> AbstractContextManager[Session]:
        return context.store.write(author, label, moment)

    with act(site, "Count the till", at(friday, 14, 45)) as session:
        hadley, _ = ereturns.begin(session, account_id, "cash", "Hadley Street", friday)
        ereturns.set_cash(session, hadley, HADLEY_STREET, BAG)
        row = LineRow("13", "", "Cash bag, Hadley Street", "", 221_10)
        ereturns.set_lines(session, hadley, [row])
    with act(site, "Submit eReturn", at(friday, 14, 48)) as session:
        ereturns.submit(session, hadley)
    with act(finance, "Authorise eReturn", at(friday, 14, 55)) as session:
        ereturns.authorise(session, hadley)
    with act(finance, "Count the till", at(after, 9, 10)) as session:
        tannery, _ = ereturns.begin(session, account_id, "cash", "Tannery Row", after)
        ereturns.set_cash(session, tannery, TANNERY_ROW, "0094")
        rows = [
            LineRow("5M", "", "Library charges", "", 96_40),
            LineRow("13", "", "Copies and printing", "", 34_00),
        ]
        ereturns.set_lines(session, tannery, rows)
    with act(finance, "Submit eReturn", at(after, 9, 15)) as session:
        ereturns.submit(session, tannery)
    with act(context.author, "Begin eReturn", at(after, 9, 25)) as session:
        post_room, _ = ereturns.begin(session, account_id, "cheque", "Post room", after)
        ereturns.set_cheques(session, post_room, CHEQUES, "000327")
        row = LineRow("31", "", "Building control, BC-2217", "", 312_50)
        ereturns.set_lines(session, post_room, [row])
