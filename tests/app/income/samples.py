"""Made bank files of every format that carries balances or totals; each is proved by its own arithmetic.

`SAMPLES`: by format, what makes one from a seeded source; the same source makes the same bytes. The book's
and the payment providers' formats are in samples_book.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from tests.app.income.samples_book import pounds

ACCOUNT = "601111-12345678"
IBAN = "GB29NWBK60111112345678"
LINES = 40
Movement = tuple[date, int, str, str]  # day, signed pence, reference, words


def month(source: random.Random) -> tuple[date, date, int, list[Movement]]:
    """A first and last day, an opening balance in pence, and movements of about a month, oldest first."""
    first = date(2026, source.randrange(1, 12), source.randrange(1, 28))
    last = first + timedelta(days=source.randrange(20, 31))
    span = (last - first).days
    days = sorted(source.randrange(span + 1) for _ in range(LINES))
    movements = []
    for place, after in enumerate(days):
        pence = source.randrange(101, 250_000)
        if place % 4 == 3:
            pence = -pence
        reference = f"77{source.randrange(10**7):07d}"
        movements.append((first + timedelta(days=after), pence, reference, f"BACS PAYER {place} {reference}"))
    return first, last, source.randrange(1_000, 900_000), movements


def mt940(source: random.Random) -> bytes:
    """An MT940 statement of one page, value and entry dates alike."""
    first, last, opening, movements = month(source)
    rows = [":20:HOLD1", ":25:601111/12345678", ":28C:241/1", f":60F:{_level(opening, first)}"]
    for day, pence, reference, words in movements:
        mark = "D" if pence < 0 else "C"
        rows.append(f":61:{day:%y%m%d}{day:%m%d}{mark}{_comma(pence)}NTRF{reference}//B{reference}")
        rows.append(f":86:{words}")
    closing = opening + sum(pence for _, pence, _, _ in movements)
    return "\n".join([*rows, f":62F:{_level(closing, last)}", "-", ""]).encode()


def _comma(pence: int) -> str:
    return pounds(abs(pence)).replace(".", ",")


def _level(pence: int, day: date) -> str:
    return f"{'D' if pence < 0 else 'C'}{day:%y%m%d}GBP{_comma(pence)}"


def camt(source: random.Random) -> bytes:
    """A CAMT.053 statement of version .001.02 with its period, both balances and a summary."""
    first, last, opening, movements = month(source)
    into = [pence for _, pence, _, _ in movements if pence > 0]
    out = [-pence for _, pence, _, _ in movements if pence < 0]
    closing = opening + sum(into) - sum(out)
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>',
        "<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><ElctrncSeqNb>241</ElctrncSeqNb>",
        f"<FrToDt><FrDtTm>{first}T00:00:00</FrDtTm><ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>",
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>GBP</Ccy></Acct>",
        _camt_balance("OPBD", opening, first),
        _camt_balance("CLBD", closing, last),
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(movements)}</NbOfNtries></TtlNtries>",
        f"<TtlCdtNtries><NbOfNtries>{len(into)}</NbOfNtries><Sum>{pounds(sum(into))}</Sum></TtlCdtNtries>",
        f"<TtlDbtNtries><NbOfNtries>{len(out)}</NbOfNtries><Sum>{pounds(sum(out))}</Sum></TtlDbtNtries>",
        "</TxsSummry>",
    ]
    for day, pence, reference, words in movements:
        way = "DBIT" if pence < 0 else "CRDT"
        rows.append(
            f'<Ntry><Amt Ccy="GBP">{pounds(abs(pence))}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>BOOK</Sts>'
            f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>B{reference}</AcctSvcrRef>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
            f"<RmtInf><Ustrd>{words}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
    return "\n".join([*rows, "</Stmt></BkToCstmrStmt></Document>", ""]).encode()


def _camt_balance(code: str, pence: int, day: date) -> str:
    way = "DBIT" if pence < 0 else "CRDT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="GBP">{pounds(abs(pence))}</Amt>'
        f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def bai2(source: random.Random) -> bytes:
    """A BAI2 file of two days of one account, in the form in which NatWest sends it."""
    first, _, opening, movements = month(source)
    if first.day == first.month:
        first += timedelta(days=1)
    rows = [f"01,NWBKGB2L,9876543,{first + timedelta(days=2):%y%m%d},0700,2215,,,2/"]
    whole, records = 0, 1
    for place in range(2):
        day = first + timedelta(days=place)
        part = movements[place * 20 : place * 20 + 20]
        into = [pence for _, pence, _, _ in part if pence > 0]
        out = [-pence for _, pence, _, _ in part if pence < 0]
        closing = opening + sum(into) - sum(out)
        body = [f"03,12345678 601111,GBP,010,{opening},,,015,{closing},,/"]
        body.append(f"88,400,{sum(out)},{len(out)},,100,{sum(into)},{len(into)},/")
        for _, pence, _, words in part:
            body += [f"16,{699 if pence < 0 else 399},{abs(pence)},,,/", f"88,{words}"]
        total = opening + closing + 2 * (sum(into) + sum(out))
        rows += [f"02,9876543,NWBKGB2L,1,{day:%y%m%d},2400,GBP,/", *body]
        rows += [f"49,{total},{len(body) + 1}/", f"98,{total},1,{len(body) + 3}/"]
        whole, records, opening = whole + total, records + len(body) + 3, closing
    return "\n".join([*rows, f"99,{whole},2,{records + 1}/", ""]).encode()


def bank_csv(source: random.Random) -> bytes:
    """A bank's CSV with running balances between an opening and a closing row, as Lloyds gives it."""
    first, last, level, movements = month(source)
    name = "300000-12345678 GBP,GENERAL ACCOUNT"
    rows = ["Post Date,Account Number,Account Name,Type,Amount,Customer Reference,Transaction Detail,Balance"]
    rows.append(f"{first:%d/%m/%Y},{name},,,,Opening Ledger Balance,{pounds(level)}")
    for day, pence, reference, words in movements:
        level += pence
        kind = "DD" if pence < 0 else "BGC"
        rows.append(f"{day:%d/%m/%Y},{name},{kind},{pounds(pence)},{reference},{words},{pounds(level)}")
    rows.append(f"{last:%d/%m/%Y},{name},,,,Closing Ledger Balance,{pounds(level)}")
    return ("\r\n".join(rows) + "\r\n").encode()


def running_csv(source: random.Random) -> bytes:
    """A bank's CSV, newest line first, with running balances and nothing that closes either end."""
    _, _, level, movements = month(source)
    rows = []
    for day, pence, reference, words in movements:
        level += pence
        sums = f"{pounds(-pence)}," if pence < 0 else f",{pounds(pence)}"
        rows.append(f"{day:%d %b %Y},60-11-11,12345678,BAC,{reference},{words},{sums},{pounds(level)}")
    head = "Date,Sort Code,Account Number,Type,Reference,Narrative,Paid out,Paid in,Balance"
    return ("\n".join([head, *rows[::-1]]) + "\n").encode()


SAMPLES: dict[str, Callable[[random.Random], bytes]] = {
    "mt940": mt940,
    "camt": camt,
    "bai2": bai2,
    "bank csv": bank_csv,
    "running csv": running_csv,
}
