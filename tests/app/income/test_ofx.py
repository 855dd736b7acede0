"""OFX 1 and 2 and QIF: tolerant of tags, strict about dates and amounts, honest about what proves nothing."""

from __future__ import annotations

from datetime import date

import pytest

from app.income.files import StatementFile, read_any
from app.income.formats.ofx import moment_day
from app.income.reading import NeedsDateOrder, NotAStatement, StatementRead
from app.income.rules import account_key, prove

SGML = """OFXHEADER:100
DATA:OFXSGML
CHARSET:1252

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</STATUS></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><STMTRS>
<CURDEF>GBP<BANKACCTFROM><BANKID>601111<ACCTID>12345678<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261201<DTEND>20261211
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261208120000[0:GMT]<TRNAMT>10.00<FITID>F1
<NAME>SMITH &amp; SON<MEMO>RENT £5
<STMTTRN><TRNTYPE>CHECK<DTPOSTED>20261209<TRNAMT>-2.5<FITID>F2<CHECKNUM>000123<NAME>BILL</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>107.50<DTASOF>20261211</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def one(text: str, encoding: str = "utf-8") -> StatementRead:
    found = read_any("x.ofx", text.encode(encoding))
    assert isinstance(found, StatementFile)
    (statement,) = found.statements
    return statement


def as_xml(text: str = SGML) -> str:
    """The same statement as OFX 2: every leaf tag closed."""
    import re

    body = text[text.index("<OFX>") :]
    closed = re.sub(r"<([A-Z0-9.]+)>([^<\n]+)", r"<\1>\2</\1>", body).replace(
        "</MEMO>\n", "</MEMO></STMTTRN>\n"
    )
    return f'<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?>{closed}'


@pytest.mark.parametrize("text", [SGML, as_xml()])
def test_both_kinds_of_ofx_are_read_alike(text: str) -> None:
    statement = one(text)
    assert account_key(statement.account) == "60111112345678"
    assert statement.covers == (date(2026, 12, 1), date(2026, 12, 11))
    first, second = statement.lines
    assert (first.pence, first.booked_on, first.bank_reference) == (1_000, date(2026, 12, 8), "F1")
    assert first.words == "SMITH & SON RENT £5"
    assert (second.pence, second.customer_reference, second.type_code) == (-250, "000123", "CHECK")


def test_letters_of_windows_are_read() -> None:
    assert one(SGML, "cp1252").lines[0].words.endswith("£5")


def test_a_closing_balance_alone_proves_nothing_and_is_told() -> None:
    statement = one(SGML)
    assert statement.closing is not None
    assert statement.closing.pence == 10_750
    proof = prove(statement)
    assert (proof.ok, proof.difference) == (False, None)
    assert "no opening balance that can be read, only the closing one of £107.50" in proof.hint


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("<TRNAMT>10.00", "<TRNAMT>$120"), "“$120” is not an amount"),
        (("<TRNAMT>10.00", "<TRNAMT>10.005"), "more than two decimals"),
        (("<DTPOSTED>20261209", "<DTPOSTED>"), "the date is empty"),
        (("<DTPOSTED>20261209", "<DTPOSTED>20260231"), "20260231 is in no calendar"),
        (("<BALAMT>107.50", "<BALAMT>"), "the closing balance cannot be read"),
        (("</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>", ""), "breaks off"),
    ],
)
def test_what_cannot_be_trusted_is_named(changed: tuple[str, str], told: str) -> None:
    statement = one(SGML.replace(*changed))
    assert told in statement.problems[0].message


def test_amounts_with_a_comma_or_more_noughts_are_the_same_amounts() -> None:
    for amount in ("10,00", "+10.00", "10.0000", "00000010.00"):
        assert one(SGML.replace("<TRNAMT>10.00", f"<TRNAMT>{amount}")).lines[0].pence == 1_000


def test_a_moment_keeps_the_day_on_which_the_bank_booked_it() -> None:
    for text in ("20261208", "20261208235959.999[-7:PDT]", "202612082400", "20261208120000[0:GMT]"):
        assert moment_day(text) == date(2026, 12, 8)
    assert moment_day("8 Dec 2026") is None


def test_entities_and_empty_answers_are_refused() -> None:
    with pytest.raises(NotAStatement, match="can do harm"):
        one('<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a "b">]>' + SGML[SGML.index("<OFX>") :])
    with pytest.raises(NotAStatement, match="no statement in it"):
        one("OFXHEADER:100\n\n<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1></OFX>\n")


QIF = """!Account
NGeneral account
^
!Type:Bank
D1/12/26
T100.00
POpening Balance
L[General account]
^
D13/12/26
T-1,234.50
N000123
PBILL
MInvoice 7
^
D14/12'26
T10.00
NDEP
PSMITH
^
"""


def test_qif_is_read_with_its_date_order_decided_over_the_whole_file() -> None:
    statement = one(QIF)
    assert statement.account == "General account"
    assert statement.opening is not None
    assert (statement.opening.pence, statement.opening.day) == (10_000, date(2026, 12, 1))
    first, second = statement.lines
    assert (first.pence, first.booked_on, first.words) == (-123_450, date(2026, 12, 13), "BILL Invoice 7")
    assert (first.customer_reference, second.type_code) == ("000123", "DEP")
    assert "no closing balance" in prove(statement).hint


def test_qif_whose_dates_may_be_either_asks() -> None:
    text = "!Type:Bank\nD8/12/13\nT1.00\nPX\n^\n"
    with pytest.raises(NeedsDateOrder):
        one(text)
    found = read_any("x.qif", text.encode(), layout={"day_first": True})
    assert isinstance(found, StatementFile)
    assert found.statements[0].lines[0].booked_on == date(2013, 12, 8)


def test_a_bad_row_of_qif_is_named_by_its_first_line() -> None:
    statement = one("!Type:Bank\nD31/06/26\nT1.00\n^\nD13/12/26\nTone pound\n^\nD14/12/26\nT1.00\n^\n")
    assert [(row.line, row.message) for row in statement.problems] == [
        (2, "the date 31/06/26 is in no calendar"),
        (5, "“one pound” is not an amount"),
    ]
    assert len(statement.lines) == 1


def test_qif_takes_the_only_order_that_keeps_its_movements_together() -> None:
    rows = "".join(f"D0{day}/12/26\nT1.00\nPX\n^\n" for day in (1, 2, 4))
    statement = one("!Type:Bank\n" + rows)
    assert [line.booked_on.day for line in statement.lines] == [1, 2, 4]
    assert "day first was taken" in statement.remarks[0].message


INVESTED = """OFXHEADER:100
CHARSET:1252

<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20261211<CURDEF>GBP
<INVACCTFROM><BROKERID>broker.example<ACCTID>99887766</INVACCTFROM>
<INVTRANLIST><DTSTART>20261201<DTEND>20261211
<BUYSTOCK><INVBUY><INVTRAN><FITID>T1<DTTRADE>20261202<DTSETTLE>20261204<MEMO>BOUGHT 100 AT 2.00</INVTRAN>
<SECID><UNIQUEID>GB0001<UNIQUEIDTYPE>ISIN</SECID><UNITS>100.0<UNITPRICE>2.005
<COMMISSION>1.50<TOTAL>-202.0000</INVBUY><BUYTYPE>BUY</BUYSTOCK>
<SELLMF><INVSELL><INVTRAN><FITID>T2<DTTRADE>20261203</INVTRAN><UNITS>-1.5<TOTAL>+30.5</INVSELL></SELLMF>
<INCOME><INVTRAN><FITID>T3<DTTRADE>20261204<MEMO>DIVIDEND</INVTRAN><INCOMETYPE>DIV<TOTAL>4.00</INCOME>
<REINVEST><INVTRAN><FITID>T4<DTTRADE>20261204<MEMO>INTO UNITS</INVTRAN><TOTAL>-4.00</REINVEST>
<INVBANKTRAN><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261207<TRNAMT>50.00<FITID>T5<NAME>PAID IN</STMTTRN>
<SUBACCTFUND>CASH</INVBANKTRAN>
<TRANSFER><INVTRAN><FITID>T6<DTTRADE>20261208<MEMO>UNITS MOVED</INVTRAN><UNITS>-0.5<TFERACTION>OUT</TRANSFER>
</INVTRANLIST>
<INVPOSLIST><POSMF><INVPOS><UNITS>10<MKTVAL>999.00<MEMO>HELD</INVPOS></POSMF></INVPOSLIST>
<INV401KBAL><CASHBAL>0.0<TOTAL>777.00</INV401KBAL><INVBAL><BUYPOWER>55.00</INVBAL>
</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>
"""


@pytest.mark.parametrize("text", [INVESTED, as_xml(INVESTED)])
def test_every_transaction_of_an_investment_account_is_a_line_with_its_total(text: str) -> None:
    statement = one(text)
    assert [(line.type_code, line.pence, line.bank_reference) for line in statement.lines] == [
        ("BUYSTOCK", -20_200, "T1"),
        ("SELLMF", 3_050, "T2"),
        ("INCOME", 400, "T3"),
        ("REINVEST", -400, "T4"),
        ("CREDIT", 5_000, "T5"),
        ("TRANSFER", 0, "T6"),
    ]
    first = statement.lines[0]
    assert (first.booked_on, first.value_on) == (date(2026, 12, 2), date(2026, 12, 4))
    assert [line.words for line in statement.lines[:3]] == ["BOUGHT 100 AT 2.00", "SELLMF", "DIVIDEND"]
    assert (statement.account, statement.problems) == ("99887766", ())
    assert [row.message for row in statement.remarks] == [
        "it is an investment account: its transactions are read, its holdings are not",
        "TRANSFER states no amount of money, so it counts as nothing",
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("<TOTAL>-202.0000", "<TOTAL>-202.0050"), "more than two decimals"),
        (("<TOTAL>-202.0000", "<TOTAL>"), "the amount is empty"),
        (("<DTTRADE>20261202", "<DTTRADE>20260231"), "20260231 is in no calendar"),
        (
            ("<TOTAL>-202.0000", "<TOTAL>-202.00<CURRENCY><CURRATE>0.8<CURSYM>USD</CURRENCY>"),
            "it is in USD, but the account is kept in GBP",
        ),
    ],
)
def test_a_transaction_of_an_investment_account_that_cannot_be_trusted_is_named(
    changed: tuple[str, str], told: str
) -> None:
    statement = one(INVESTED.replace(*changed))
    assert told in statement.problems[0].message
    assert len(statement.lines) == 5


def test_the_tag_of_an_investment_is_nothing_to_a_bank_account() -> None:
    statement = one(SGML.replace("<MEMO>RENT £5", "<INCOME></INCOME><MEMO>RENT £5"))
    assert [line.words for line in statement.lines] == ["SMITH & SON RENT £5", "BILL"]
    assert statement.problems == ()


def test_an_amount_converted_from_another_currency_is_the_accounts_own() -> None:
    told = "<TRNAMT>10.00<ORIGCURRENCY><CURRATE>0.8<CURSYM>USD</ORIGCURRENCY>"
    assert one(SGML.replace("<TRNAMT>10.00", told)).lines[0].pence == 1_000
