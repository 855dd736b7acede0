"""CAMT messages: versions, balances, batches, reversals, pending entries, and XML that does harm."""

from __future__ import annotations

import random
from datetime import date

import pytest

from app.income.files import StatementFile, read_any
from app.income.formats import camt
from app.income.reading import NotAStatement, StatementRead
from app.income.rules import prove
from tests.app.income import samples

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001"


def message(entries: str, opening: str = "100.00", closing: str = "110.00", version: str = "02") -> str:
    """A CAMT.053 of one statement in the namespace of a version."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{SPACE}.{version}"><BkToCstmrStmt><GrpHdr>'
        "<MsgId>M</MsgId><MsgRcpt><Id><OrgId><Othr><Id>COUNCIL</Id></Othr></OrgId></Id></MsgRcpt></GrpHdr>"
        "<Stmt><Id>S-7</Id><StmtPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"
        "<ElctrncSeqNb>241</ElctrncSeqNb><Acct><Id><Othr><Id>60111112345678</Id></Othr></Id><Ccy>GBP</Ccy>"
        "<Svcr><FinInstnId><Othr><Id>BANK</Id></Othr></FinInstnId></Svcr></Acct>"
        f"{balance('PRCD', opening, '2026-12-07')}{balance('CLBD', closing, '2026-12-08')}"
        f"{balance('CLAV', '1.00', '2026-12-08')}{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def balance(code: str, amount: str, day: str, way: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='GBP'>{amount}</Amt>"
        f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(amount: str = "10.00", way: str = "CRDT", status: str = "BOOK", more: str = "") -> str:
    return (
        f"<Ntry><Amt Ccy='GBP'>{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}<Sts>{status}</Sts>"
        "<BookgDt><Dt>2026-12-08</Dt></BookgDt><ValDt><Dt>2026-12-09</Dt></ValDt></Ntry>"
    )


def one(text: str) -> StatementRead:
    found = read_any("camt.xml", text.encode())
    assert isinstance(found, StatementFile)
    (statement,) = found.statements
    return statement


def test_a_statement_is_read_with_its_account_number_balances_and_dates() -> None:
    statement = one(message(entry()))
    assert (statement.reference, statement.number, statement.page) == ("S-7", "241", "1")
    assert (statement.account, statement.currency) == ("60111112345678", "GBP")
    (line,) = statement.lines
    assert (line.booked_on, line.value_on, line.pence) == (date(2026, 12, 8), date(2026, 12, 9), 1_000)
    assert prove(statement).ok


def test_a_status_and_a_party_are_read_in_the_old_and_in_the_new_way() -> None:
    for version, status, party in (
        ("02", "BOOK", "<Dbtr><Nm>MR SMITH</Nm></Dbtr>"),
        ("08", "<Cd>BOOK</Cd>", "<Dbtr><Pty><Nm>MR SMITH</Nm></Pty></Dbtr>"),
    ):
        details = (
            "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><TxId>T1</TxId></Refs>"
            f"<RltdPties>{party}</RltdPties><RmtInf><Ustrd>COUNCIL TAX</Ustrd>"
            "<Ustrd>770412265</Ustrd></RmtInf>"
            "</TxDtls></NtryDtls>"
        )
        text = message(entry(status=status).replace("</Ntry>", f"{details}</Ntry>"), version=version)
        (line,) = one(text).lines
        assert (line.words, line.customer_reference) == ("MR SMITH COUNCIL TAX 770412265", "T1"), version


@pytest.mark.parametrize(("way", "pence", "mark"), [("CRDT", 1_000, "RD"), ("DBIT", -1_000, "RC")])
def test_a_reversal_keeps_the_direction_it_states_and_is_marked(way: str, pence: int, mark: str) -> None:
    (line,) = one(message(entry(way=way, more="<RvslInd>true</RvslInd>"))).lines
    assert (line.pence, line.mark) == (pence, mark)


@pytest.mark.parametrize(("status", "told"), [("PDNG", "pending"), ("<Cd>INFO</Cd>", "only informs")])
def test_what_is_not_booked_is_named_and_not_counted(status: str, told: str) -> None:
    statement = one(message(entry() + entry("99.00", status=status)))
    assert [line.pence for line in statement.lines] == [1_000]
    assert told in statement.remarks[0].message
    assert prove(statement).ok


def batch(*amounts: str) -> str:
    single = "".join(
        f"<TxDtls><Refs><EndToEndId>E{place}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy='GBP'>{amount}</Amt>"
        f"</TxAmt></AmtDtls><RmtInf><Ustrd>PART {place}</Ustrd></RmtInf></TxDtls>"
        for place, amount in enumerate(amounts, 1)
    )
    return entry().replace(
        "</Ntry>", f"<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{single}</NtryDtls></Ntry>"
    )


def test_a_batched_entry_is_one_line_with_its_single_payments() -> None:
    statement = one(message(batch("4.00", "6.00")))
    (line,) = statement.lines
    assert line.parts == ((400, "E1", "PART 1"), (600, "E2", "PART 2"))
    assert line.pence == 1_000
    assert prove(statement).ok


def test_single_payments_that_do_not_make_their_entry_are_a_problem() -> None:
    statement = one(message(batch("4.00", "6.01")))
    assert "do not make its amount" in statement.problems[0].message
    assert not prove(statement).ok


def test_a_summary_is_held_against_the_entries() -> None:
    summary = (
        "<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries></TtlNtries><TtlCdtNtries>"
        "<NbOfNtries>1</NbOfNtries><Sum>{total}</Sum></TtlCdtNtries></TxsSummry>"
    )
    assert prove(one(message(summary.format(count=1, total="10.00") + entry()))).ok
    short = prove(one(message(summary.format(count=2, total="10.00") + entry())))
    assert (short.ok, "number of entries is given as 2, but 1 were read" in short.hint) == (False, True)
    off = prove(one(message(summary.format(count=1, total="10.01") + entry())))
    assert (off.ok, off.difference) == (False, 1)


def test_a_report_of_the_day_and_a_notification_are_never_proved() -> None:
    report = message(entry()).replace("BkToCstmrStmt", "BkToCstmrAcctRpt").replace("Stmt>", "Rpt>")
    found = read_any("r.xml", report.encode())
    assert isinstance(found, StatementFile)
    assert (found.format, found.statements[0].interim) == ("CAMT.052", True)
    assert not prove(found.statements[0]).ok
    told = message(entry()).replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn").replace("Stmt>", "Ntfctn>")
    for code in ("PRCD", "CLBD", "CLAV"):
        told = told.replace(code, "ITBD")
    notified = read_any("n.xml", told.encode())
    assert isinstance(notified, StatementFile)
    assert notified.format == "CAMT.054"
    assert "no opening balance" in prove(notified.statements[0]).hint


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("2026-12-08</Dt></BookgDt>", "2026-02-30</Dt></BookgDt>"), "2026-02-30 is in no calendar"),
        (("<Amt Ccy='GBP'>10.00", "<Amt Ccy='GBP'>10.005"), "more than two decimals"),
        (("<Amt Ccy='GBP'>10.00", "<Amt Ccy='EUR'>10.00"), "it is in EUR, but the account is kept in GBP"),
        (("<Amt Ccy='GBP'>10.00", "<Amt Ccy='GBP'>-10.00"), "its amount has a sign"),
        (("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>X</CdtDbtInd><Sts>"), "neither credit nor debit"),
    ],
)
def test_an_entry_that_cannot_be_trusted_is_named_and_unproves(changed: tuple[str, str], told: str) -> None:
    statement = one(message(entry().replace(*changed)))
    assert told in statement.problems[0].message
    assert not prove(statement).ok


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'


@pytest.mark.parametrize(
    "before", [ENTITY, f"<!-- <a> -->{ENTITY}", "<!DOCTYPE Document SYSTEM 'http://x/y'>"]
)
def test_declared_entities_and_document_types_are_refused(before: str) -> None:
    text = message(entry()).replace("<Document", f"{before}<Document", 1)
    with pytest.raises(NotAStatement, match="can do harm"):
        read_any("evil.xml", text.encode())


def test_a_message_that_breaks_off_is_refused_with_its_line() -> None:
    whole = samples.camt(random.Random(1)).decode()
    with pytest.raises(NotAStatement, match=r"breaks off or is damaged at line \d+"):
        read_any("cut.xml", whole[: len(whole) * 2 // 3].encode())


def test_letters_are_those_of_the_file_whatever_its_declaration_says() -> None:
    text = message(entry().replace("</Ntry>", "<AddtlNtryInf>CAFÉ £5</AddtlNtryInf></Ntry>"))
    for encoding, declared in (("utf-8", "UTF-8"), ("cp1252", "ISO-8859-1"), ("utf-16", "UTF-16")):
        found = read_any("x.xml", text.replace('"UTF-8"', f'"{declared}"').encode(encoding))
        assert isinstance(found, StatementFile)
        assert found.statements[0].lines[0].words == "CAFÉ £5"


def test_reading_can_be_watched_and_stopped() -> None:
    large = message(entry() * 8_000, closing="80100.00")
    assert prove(camt.read("x", large)[0]).ok

    class Enough(Exception):
        """Raised to stop."""

    def tick(done: int, total: int) -> None:
        assert 0 < done <= total
        raise Enough

    with pytest.raises(Enough):
        camt.read("x", large, tick)
