"""A week of the General account of Averwick Borough Council, which does not exist, as real files.

Statement 241 has 35 lines, of which 23 are matched; the next one, 242, waits to be imported. Both come as
the bytes of an MT940 file and a ledger CSV, so the sample takes the same road as a bank's own file.
"""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.context import Context
from app.income import importing, learning, sample_codes, sample_office, service
from app.income.board import board, current_statement
from app.income.files import read_ledger_file, read_statement_file
from app.income.formats.ledger_csv import COLUMNS
from app.income.importing_book import import_ledger
from app.income.settled import settled
from app.sample_kit import at

ACCOUNT_NAME = "General account"
ACCOUNT_IDENTIFIER = "000000/60114417"
CLOSING_241 = 214_180_62
_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY, _FRIDAY = range(5)


@dataclass(frozen=True)
class Movement:
    """One line of a sample statement: weekday from Monday 0, pence, the bank's words."""

    weekday: int
    pence: int
    words: str
    type_code: str = "NTRF"


@dataclass(frozen=True)
class Posting:
    """One row of a sample ledger: weekday from Monday 0 (earlier: negative), pence, what the book says."""

    weekday: int
    pence: int
    reference: str
    fund: str
    mop: str
    narrative: str


@dataclass(frozen=True)
class SampleFile:
    """A file of the sample: the name it would be saved under, and its bytes."""

    name: str
    data: bytes


OPEN_LINES = (
    Movement(_MONDAY, 2_318_40, "ALLPAY LTD 061226"),
    Movement(_MONDAY, 1_046_25, "STRIPE PAYOUT PO-7731"),
    Movement(_TUESDAY, 162_00, "BACS 77 0412265"),
    Movement(_TUESDAY, 845_30, "COUNTER CREDIT 000318", "NMSC"),
    Movement(_TUESDAY, 3_960_00, "DWP HB REMITTANCE 4471"),
    Movement(_WEDNESDAY, 418_76, "FPI RENT 6 0000418876"),
    Movement(_WEDNESDAY, 1_250_00, "BACS LA-118"),
    Movement(_WEDNESDAY, -96_00, "UNPAID CHEQUE 100233", "NRTI"),
    Movement(_THURSDAY, 324_00, "BACS MARKET STALLS"),
    Movement(_THURSDAY, 1_910_55, "FPI 56 1180427"),
    Movement(_FRIDAY, 75_00, "FPI NO REFERENCE"),
    Movement(_FRIDAY, -38_20, "BANK CHARGES NOVEMBER", "NCHG"),
)
OPEN_ROWS = (
    Posting(-2, 2_318_40, "061226", "SP", "18", "allpay file, 31 receipts"),
    Posting(-1, 1_064_25, "PO-7731", "13", "90", "Card payments, 18 receipts"),
    Posting(_MONDAY, 412_50, "000318", "23", "24", "Cheque, council tax"),
    Posting(_MONDAY, 300_00, "000318", "52", "24", "Cheque, market stalls"),
    Posting(_MONDAY, 132_80, "000318", "31", "24", "Cheque, building control"),
    Posting(_MONDAY, 162_00, "", "23", "28", "Council tax 77 0412265"),
    Posting(_TUESDAY, 3_960_00, "4471", "25", "28", "DWP remittance, 22 accounts"),
    Posting(_TUESDAY, 418_76, "", "5", "28", "Rent 6 0000418876"),
    Posting(_TUESDAY, 1_250_00, "LA-118", "3U", "28", "Landlord accreditation"),
    Posting(_THURSDAY, 324_00, "", "52", "28", "Market stalls, December"),
    Posting(_THURSDAY, 1_910_55, "", "24", "28", "Business rates 56 1180427"),
    Posting(_FRIDAY, 221_10, "0092", "13", "1", "Cash bag, Hadley Street"),
    Posting(_FRIDAY, 140_00, "0093", "5M", "1", "Cash bag, Tannery Row"),
)
NEXT_LINES = (
    Movement(_MONDAY, 221_10, "CASH CENTRE BAG 0092", "NMSC"),
    Movement(_MONDAY, 2_104_85, "ALLPAY LTD 111226"),
    Movement(_TUESDAY, 140_00, "CASH CENTRE BAG 0093", "NMSC"),
    Movement(_TUESDAY, 187_40, "BACS 77 0398114"),
    Movement(_WEDNESDAY, 612_00, "FPI 9300081127"),
    Movement(_WEDNESDAY, 54_35, "FPI LIBRARY FINES ONLINE"),
)
NEXT_ROWS = (
    Posting(-3, 2_104_85, "111226", "SP", "18", "allpay file, 27 receipts"),
    Posting(_MONDAY, 187_40, "", "23", "28", "Council tax 77 0398114"),
    Posting(_TUESDAY, 612_00, "9300081127", "19", "28", "Invoice, sports pitch hire"),
    Posting(_TUESDAY, 54_35, "", "5M", "90", "Library, online"),
)


def monday_of_sample(today: date) -> date:
    """Return the Monday of statement 241: the whole working week before the one `today` is in."""
    return today - timedelta(days=today.weekday() + 7)


def matched_week(source: random.Random) -> tuple[tuple[Movement, ...], tuple[Posting, ...]]:
    """Return the 23 lines that are matched already, with their 23 receipts; the same for the same seed."""
    lines, rows = [], []
    for place in range(23):
        weekday = place * 5 // 23
        pence = source.randrange(18_00, 2_950_00)
        account = f"77 {source.randrange(300_000, 999_999):07d}"
        kind = place % 4
        if kind == 0:
            lines.append(Movement(weekday, pence, f"BACS {account}"))
            rows.append(Posting(weekday, pence, "", "23", "28", f"Council tax {account}"))
        elif kind == 1:
            rent = f"6 {source.randrange(10**9, 2 * 10**9):010d}"
            lines.append(Movement(weekday, pence, f"FPI RENT {rent}"))
            rows.append(Posting(weekday, pence, "", "5", "28", f"Rent {rent}"))
        elif kind == 2:
            invoice = f"9{source.randrange(10**8, 10**9):09d}"
            lines.append(Movement(weekday, pence, f"FPI {invoice}"))
            rows.append(Posting(weekday, pence, invoice, "19", "28", "Invoice"))
        else:
            slip = f"{300 + place:06d}"
            lines.append(Movement(weekday, pence, f"COUNTER CREDIT {slip}", "NMSC"))
            rows.append(Posting(weekday - 1, pence, slip, "23", "24", "Cheque, council tax"))
    return tuple(lines), tuple(rows)


def statement_241(today: date, source: random.Random) -> SampleFile:
    """Return the bank's file for the sample week; its closing balance is 214,180.62 whatever the seed."""
    lines = matched_week(source)[0] + OPEN_LINES
    opening = CLOSING_241 - sum(line.pence for line in lines)
    return _mt940("241", monday_of_sample(today), lines, opening)


def ledger_241(today: date, source: random.Random, besides: str = "") -> SampleFile:
    """Return the ledger's extract for the sample week; without the slip `besides`, which an eReturn posts."""
    rows = tuple(row for row in OPEN_ROWS if not besides or row.reference != besides)
    return _csv("241", monday_of_sample(today), matched_week(source)[1] + rows)


def statement_242(today: date) -> SampleFile:
    """Return the bank's file for the days after, which begins where 241 ended."""
    return _mt940("242", monday_of_sample(today) + timedelta(days=7), NEXT_LINES, CLOSING_241)


def ledger_242(today: date) -> SampleFile:
    """Return the ledger's extract for the days after."""
    return _csv("242", monday_of_sample(today) + timedelta(days=7), NEXT_ROWS)


def fill(context: Context, source: random.Random) -> None:
    """Import statement 241 and its ledger, and match 23 of its 35 lines as two officers would have."""
    seed = source.getrandbits(64)
    today = context.today()
    ledger = ledger_241(today, random.Random(seed), besides=sample_office.BAG)  # noqa: S311 - a sample
    files = (statement_241(today, random.Random(seed)), ledger)  # noqa: S311
    friday = monday_of_sample(today) + timedelta(days=4)
    with context.store.write(context.author, "Import the sample statement", at(friday, 14, 40)) as session:
        bring_in_session(session, files)
    sample_office.fill(context, ACCOUNT_IDENTIFIER, monday_of_sample(today))
    settle_matched(context)


def bring_in(context: Context, files: tuple[SampleFile, SampleFile]) -> str:
    """Import a statement and its ledger in one act; return the statement's id."""
    brought = context.write("Import the sample statement", lambda session: bring_in_session(session, files))
    return brought.ids[0]


def bring_in_session(session: Session, files: tuple[SampleFile, SampleFile]) -> importing.Imported:
    """Import a statement and its ledger inside a write, adding the General account where it is not here."""
    statement = read_statement_file(files[0].name, files[0].data)
    ledger = read_ledger_file(files[1].name, files[1].data)
    account = importing.find_account(session, ACCOUNT_IDENTIFIER)
    changed = sample_codes.fill_codes(session)
    if account is None:
        opening = statement.statements[0].opening
        assert opening is not None  # noqa: S101 - the sample writes it
        account_id, added = importing.add_account(
            session,
            ACCOUNT_NAME,
            ACCOUNT_IDENTIFIER,
            book_opening_pence=opening.pence,
            book_opening_on=opening.day,
        )
        changed |= added
    else:
        account_id = account.id
    brought = importing.import_statements(session, statement)
    book = import_ledger(session, ledger, account_id)
    return replace(brought, changed=brought.changed | book.changed | changed)


def settle_matched(context: Context) -> None:
    """Accept what a colleague matched on the Friday, and confirm the large ones as the second officer.

    Rents were matched by hand, which is what rules are learned from: one waits for somebody to start it.
    """
    friday = monday_of_sample(context.today()) + timedelta(days=4)
    statement_id = context.read(current_statement)
    if statement_id is None:
        return
    seen = context.read(lambda session: board(session, statement_id))
    left = {line.words for line in OPEN_LINES}
    ready = [p for p in seen.proposals if seen.line_by_id[p.line_id].words not in left]
    author = context.author
    colleague = replace(author, user_id="u-3", name="J. Marlow", roles=frozenset({"officer", "finance"}))
    with context.store.write(colleague, "Accept matches", at(friday, 15, 10)) as session:
        for proposal in ready:
            if "RENT" in seen.line_by_id[proposal.line_id].words:
                service.match_by_hand(session, statement_id, proposal.line_id, proposal.receipt_ids)
            else:
                service.accept(session, statement_id, proposal)
    waiting = [one for one in context.read(lambda session: settled(session, statement_id)) if one.waits]
    with context.store.write(author, "Confirm matches", at(friday, 16, 40)) as session:
        for one in waiting:
            service.confirm(session, one.match_id)
    with context.store.write(author, "Look for new rules", at(friday, 16, 45)) as session:
        learning.learn(session, seen.head.account_id)


def _mt940(number: str, monday: date, lines: tuple[Movement, ...], opening: int) -> SampleFile:
    """Write lines as an MT940 file of the General account."""
    ordered = sorted(lines, key=lambda line: line.weekday)
    rows = [
        f":20:GEN{number}",
        f":25:{ACCOUNT_IDENTIFIER}",
        f":28C:{number}/1",
        f":60F:{_balance(opening, monday)}",
    ]
    for place, line in enumerate(ordered, 1):
        day = monday + timedelta(days=line.weekday)
        mark = "C" if line.pence >= 0 else "D"
        amount = f"{abs(line.pence) // 100},{abs(line.pence) % 100:02d}"
        rows.append(f":61:{day:%y%m%d}{day:%m%d}{mark}{amount}{line.type_code}NONREF//GN{number}{place:05d}")
        rows.append(f":86:{line.words}")
    last = monday + timedelta(days=max(line.weekday for line in lines))
    rows += [f":62F:{_balance(opening + sum(line.pence for line in lines), last)}", "-", ""]
    return SampleFile(f"general-{number}.sta", "\r\n".join(rows).encode("ascii"))


def _balance(pence: int, day: date) -> str:
    mark = "C" if pence >= 0 else "D"
    return f"{mark}{day:%y%m%d}GBP{abs(pence) // 100},{abs(pence) % 100:02d}"


def _csv(number: str, monday: date, rows: tuple[Posting, ...]) -> SampleFile:
    """Write postings as a ledger extract with day-first dates."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    ordered = sorted(rows, key=lambda row: row.weekday)
    for place, row in enumerate(ordered, 1):
        day = monday + timedelta(days=row.weekday)
        amount = f"{row.pence // 100}.{row.pence % 100:02d}"  # the sample has no negative postings
        writer.writerow(
            [
                f"L{number}-{place:04d}",
                f"{day:%d/%m/%Y}",
                amount,
                row.reference,
                row.fund,
                row.mop,
                row.narrative,
            ]
        )
    return SampleFile(f"ledger-{number}.csv", out.getvalue().encode("utf-8-sig"))
