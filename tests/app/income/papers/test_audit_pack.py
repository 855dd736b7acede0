"""The audit pack: two pairs of eyes, files by hash, every match with its evidence, the hash of the view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError, NotFound
from app.income import row_rules, service
from app.income.board import board
from app.income.office import kept_rules, refunds
from app.income.office.as_at import as_at, sha256
from app.income.papers import audit_pack
from app.income.rule_names import joined_names
from app.income.settled import settled
from app.report import Bullets, Document, Facts, Text
from models.income import Account, BankLine, Fund, ImportedFile, Method, Receipt, Rule, RuleUse, Settlement
from models.outbox import Blob
from tests.app.income.conftest import mt940
from tests.app.income.papers.conftest import build, pence, printed, tables, under

NAME = "audit-pack"
NOW_LATER = datetime(2026, 12, 17, 15, 21, tzinfo=UTC)


def facts(document: Document) -> dict[str, str]:
    return {
        name: value for block in document.blocks if isinstance(block, Facts) for name, value in block.pairs
    }


def words(document: Document) -> list[str]:
    return [f"{block.lead} {block.text}".strip() for block in document.blocks if isinstance(block, Text)]


def test_every_match_stands_there_with_its_evidence_and_both_people(context: Context, week: str) -> None:
    table = under(build(context, NAME), "Every match that holds")
    stored = context.read(lambda s: settled(s, week, limit=1_000))
    assert len(table.rows) == len(stored) == 23
    assert table.total is not None
    assert sum(pence(row[-1]) for row in table.rows) == pence(table.total[-1])
    assert sum(pence(row[-1]) for row in table.rows) == sum(one.pence for one in stored)
    assert all("to the penny" in row[1] for row in table.rows)
    confirmed = [row[2] for row in table.rows if "Confirmed" in row[2]]
    assert len(confirmed) == sum(bool(one.confirmed_by) for one in stored)
    assert confirmed[0] == "J. Marlow, 11 Dec 2026, 15:10\nConfirmed: Tomos Aldgate, 11 Dec 2026, 16:40"


def test_files_are_named_by_the_hash_of_their_bytes(context: Context, week: str) -> None:
    document = build(context, NAME)
    files = context.read(lambda s: {one.name: one.sha256 for one in s.scalars(select(ImportedFile))})
    shown = " ".join(
        value for block in document.blocks if isinstance(block, Facts) for _, value in block.pairs
    )
    for name in ("general-241.sta", "ledger-241.csv"):
        assert files[name] in shown
    assert shown.count("kept whole, its SHA-256 agrees") == 2
    assert "35 lines, proved" in shown
    assert files["collection.csv"] not in shown  # it brought nothing of this account
    assert files["general-241.sta"] in "".join(printed(document).split())


def test_a_kept_file_whose_bytes_changed_is_told_on_paper(context: Context, week: str) -> None:
    table: Any = Blob.__table__
    name = context.read(
        lambda s: s.scalars(select(ImportedFile.sha256).where(ImportedFile.name == "ledger-241.csv")).one()
    )
    with context.store.connect(write=True) as connection:
        data = connection.execute(select(Blob.data).where(Blob.sha256 == name)).scalar_one()
        changed = data.replace(b"221", b"222") if b"221" in data else data[:-3] + b"9\r\n"
        connection.execute(table.update().where(table.c.sha256 == name).values(data=changed))
    shown = str([block for block in build(context, NAME).blocks if isinstance(block, Facts)])
    assert shown.count("kept, but its SHA-256 is another") == 1
    assert shown.count("kept whole, its SHA-256 agrees") == 1


def test_the_view_has_the_hash_that_the_command_prints_for_that_moment(context: Context, week: str) -> None:
    told = facts(build(context, NAME))
    account = context.read(
        lambda s: s.scalars(select(Account).where(Account.name == "General account")).one()
    )
    wanted = context.read(lambda s: sha256(as_at(s, context.now(), account.id)))
    assert told["SHA-256 of the view"] == wanted
    assert (told["Moment"], told["Account"]) == ("2026-12-17T14:21:00+00:00", "00000060114417")
    before = build(context, NAME, at="2026-12-17T14:21:00")
    context.clock = lambda: NOW_LATER
    line = context.read(lambda s: board(s, week)).lines[0]
    context.write("N", lambda s: service.add_note(s, account.id, line.id, "Asked."))
    after = build(context, NAME, at="2026-12-17T14:21:00")
    assert facts(after)["SHA-256 of the view"] == facts(before)["SHA-256 of the view"] == wanted
    assert facts(build(context, NAME))["SHA-256 of the view"] != wanted


def test_two_people_and_every_step_are_told(
    context: Context, colleague: Context, bring: Callable[..., str]
) -> None:
    statement_id = bring(mt940([("1208", "C10,00", "X 0001")], closing="110,00"))
    line = context.read(lambda s: board(s, statement_id)).lines[0]
    context.write("S", lambda s: service.to_suspense(s, statement_id, line.id, "Nobody knows."))
    assert "Nobody has prepared this period yet" in words(build(context, NAME))[0]
    context.write("P", lambda s: service.prepare(s, statement_id))
    assert words(build(context, NAME))[0].endswith("Nobody has reviewed it since.")
    colleague.clock = context.clock = lambda: NOW_LATER
    colleague.write("R", lambda s: service.review(s, statement_id))
    document = build(context, NAME)
    assert words(document)[0].endswith("Priya Senn reviewed it on 17 December 2026 at 15:21: two people.")
    assert [row[1] for row in tables(document)[0].rows] == ["Prepared", "Reviewed"]
    assert "Put to suspense. Nobody knows." in under(document, "Every match that holds").rows[0][1]
    colleague.clock = context.clock = lambda: NOW_LATER + timedelta(minutes=1)
    colleague.write("O", lambda s: service.reopen(s, statement_id, "A line was wrong."))
    colleague.clock = context.clock = lambda: NOW_LATER + timedelta(minutes=2)
    context.write("P", lambda s: service.prepare(s, statement_id))
    assert words(build(context, NAME))[0].endswith("Nobody has reviewed it since.")  # the old review is void


def test_a_match_taken_apart_and_a_refused_proposal_keep_their_reasons(context: Context, week: str) -> None:
    match = context.read(lambda s: settled(s, week))[0]
    context.write("R", lambda s: service.reverse(s, match.match_id, "It was another tenant."))
    refused = context.read(lambda s: board(s, week)).proposals[0]
    context.write("N", lambda s: service.reject(s, week, refused, "Not this slip."))
    rows = under(build(context, NAME), "Matches taken apart, and proposals refused").rows
    assert sorted(row[1] for row in rows) == [
        "Proposal refused: Not this slip.",
        "Taken apart: It was another tenant.",
    ]
    assert all(row[2] == "Tomos Aldgate\n17 Dec 2026, 14:21" for row in rows)


def test_rules_that_touched_postings_are_counted_with_who_decided(
    context: Context, week: str, colleague: Context
) -> None:
    def mark(session: Session) -> None:
        rule = {"conditions": [], "actions": [], "decided_by_name": "Priya Senn", "description": "Stalls."}
        session.add(Rule(name="Market stalls", **rule))
        for receipt in session.scalars(select(Receipt).where(Receipt.fund == "52")):
            receipt.rules = "Market stalls, Gone"

    colleague.write("Rule", mark)
    rows = under(build(context, NAME), "Rules that ran").rows
    assert [(row[0], row[2]) for row in rows] == [("Gone", "2"), ("Market stalls", "2")]
    assert rows[0][1] == "It is no longer kept."
    assert rows[1][1].startswith("Stalls. It is running. Priya Senn decided on it")


def test_a_comma_in_a_rules_name_parts_nothing(context: Context, week: str, colleague: Context) -> None:
    def mark(session: Session) -> None:
        session.add(Rule(name="Stalls, north", conditions=[], actions=[]))
        first, second = session.scalars(select(Receipt).where(Receipt.fund == "52")).all()
        first.rules, second.rules = "Stalls, north, Gone", joined_names(["Stalls, north", "Rents, all"], 500)

    colleague.write("Rule", mark)
    rows = under(build(context, NAME), "Rules that ran").rows
    assert [(row[0], row[2]) for row in rows] == [("Gone", "1"), ("Rents, all", "1"), ("Stalls, north", "2")]


def refund(context: Context, colleague: Context, receipt_id: str, pence: int) -> str:
    """Ask for a refund of a posting and have the colleague authorise it; returns its id."""
    context.write("Ask", lambda s: refunds.request(s, receipt_id, pence, f"Paid {pence} twice."))
    found = context.read(lambda s: refunds.refunds(s, "requested"))
    refund_id = next(one.id for one in found if one.pence == pence)
    colleague.write("Authorise", lambda s: refunds.authorise(s, refund_id))
    return refund_id


def test_refunds_stand_there_with_both_people_reason_reference_and_state(
    context: Context, colleague: Context, bring: Callable[..., str]
) -> None:
    rows = "1,08/12/2026,10.00,R1,23,28,SMITH\n2,08/12/2026,20.00,R2,23,28,JONES\n"
    bring(mt940([("1208", "C10,00", "X"), ("1211", "C20,00", "Y")], closing="130,00"), rows)
    first, second = context.read(lambda s: s.scalars(select(Receipt.id).order_by(Receipt.ledger_id)).all())
    assert under(build(context, NAME), "Refunds of these days").rows == []
    context.clock = colleague.clock = lambda: datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    paid = refund(context, colleague, first, 4_00)
    context.write("Paid", lambda s: refunds.paid(s, paid, "PSP-77", date(2026, 12, 10)))
    failed = refund(context, colleague, first, 1_00)
    context.write("Failed", lambda s: refunds.failed(s, failed, "The card has expired."))
    context.write("Ask", lambda s: refunds.request(s, second, 20_00, "Overpaid."))
    context.clock = colleague.clock = lambda: datetime(2026, 12, 18, 9, 0, tzinfo=UTC)
    later = refund(context, colleague, first, 2_00)  # after the period
    document = build(context, NAME)
    table = under(document, "Refunds of these days")
    assert [(row[2], row[3]) for row in table.rows] == [
        ("Paid\nProvider’s reference PSP-77", "4.00"),
        ("Failed\nThe card has expired.", "1.00"),
        ("Requested", "20.00"),
    ]
    assert table.rows[0][0] == "SMITH, 10.00\nPosted 8 Dec, fund 23\nPaid 400 twice."
    assert table.rows[0][1] == ("Asked: Tomos Aldgate, 10 Dec\nAuthorised: Priya Senn, 10 Dec 2026, 09:00")
    assert table.rows[2][1].endswith("Waits for another person")
    counted = "3 refunds: 1 waits, 1 is paid and 1 failed. £4.00 was paid back."
    assert counted in words(document)
    assert counted in printed(document)
    context.write("Paid", lambda s: refunds.paid(s, later, "PSP-78", date(2026, 12, 9)))
    rows_now = under(build(context, NAME), "Refunds of these days").rows
    assert [row[3] for row in rows_now] == ["4.00", "1.00", "20.00", "2.00"]  # it was posted in the period


def test_card_fees_posted_by_hand_are_listed_with_their_sum(
    context: Context, colleague: Context, bring: Callable[..., str]
) -> None:
    rows = "1,08/12/2026,10.00,R1,23,90,SMITH\n2,08/12/2026,20.00,R2,23,90,JONES\n"
    bring(mt940([("1208", "C10,00", "X"), ("1211", "C20,00", "Y")], closing="130,00"), rows)
    assert under(build(context, NAME), "Card fees of these days").rows == []
    card = Method(code="90", name="Card", kind="card", incurs_fee=True, fee_fund="13", refundable=True)
    colleague.write("Codes", lambda s: s.add_all([card, Fund(code="13", name="Miscellaneous")]))
    first, second = context.read(lambda s: s.scalars(select(Receipt.id).order_by(Receipt.ledger_id)).all())
    context.clock = lambda: datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    context.write("Fee", lambda s: refunds.card_fee(s, first, 12))
    context.write("Fee", lambda s: refunds.card_fee(s, second, 30))
    context.clock = lambda: datetime(2026, 12, 18, 9, 0, tzinfo=UTC)
    context.write("Fee", lambda s: refunds.card_fee(s, second, 31))  # after the period
    document = build(context, NAME)
    table = under(document, "Card fees of these days")
    assert [(row[0].partition("\n")[0], row[1], row[3]) for row in table.rows] == [
        ("Card fee: SMITH", "10 Dec, fund 13", "0.12"),
        ("Card fee: JONES", "10 Dec, fund 13", "0.30"),
    ]
    assert table.total is not None
    assert table.total[-1] == "£0.42"
    assert "2 card fees posted by hand, £0.42 in all." in words(document)


def test_a_rule_that_found_a_match_is_counted(
    context: Context, colleague: Context, bring: Callable[..., str]
) -> None:
    rule = row_rules.Rule(
        "Stalls",
        (row_rules.Condition("BankWords", row_rules.Operator.CONTAIN, "MARKET STALLS"),),
        (row_rules.Action("FundCode", "52"),),
        "The market pays on Thursdays.",
    )
    colleague.write("Rule", lambda s: kept_rules.add_rule(s, rule, RuleUse.BANK))
    lines = [("1208", "C80,00", "BACS MARKET STALLS"), ("1208", "C80,00", "BACS OTHER")]
    rows = "1,08/12/2026,80.00,,52,28,Stall\n2,08/12/2026,80.00,,13,28,Hire\n"
    statement_id = bring(mt940(lines, closing="260,00"), rows)
    proposals = context.read(lambda s: board(s, statement_id)).proposals
    found = next(one for one in proposals if one.stage == "rule")
    context.write("A", lambda s: service.accept(s, statement_id, found))
    document = build(context, NAME)
    (row,) = under(document, "Rules that ran").rows
    assert (row[0], row[2], row[3]) == ("Stalls", "0", "1")
    assert row[1].startswith("The market pays on Thursdays. It is running.")
    assert "Rule “Stalls” says it is fund 52" in under(document, "Every match that holds").rows[0][1]


def test_payouts_stand_there_with_their_sum_and_who_took_one_unproved(context: Context, week: str) -> None:
    def bring(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.name == "General account")).one()
        plain = {"account_id": account.id, "file_id": "", "provider": "Adyen", "line_count": 3}
        sums = {"gross_pence": 100_00, "fees_pence": 2_00, "refunds_pence": 10_00, "disputes_pence": 0}
        day = date(2026, 12, 9)
        session.add(Settlement(**plain, **sums, payout_id="1", paid_on=day, net_pence=88_00))
        odd = {"difference_pence": 1, "unproved_by": "Priya Senn", "unproved_reason": "Adyen rounds."}
        session.add(Settlement(**plain, **sums, **odd, payout_id="2", paid_on=day, net_pence=88_00))
        session.add(Settlement(**plain, **sums, payout_id="3", paid_on=date(2026, 12, 14), net_pence=88_00))

    context.write("Payouts", bring)
    table = under(build(context, NAME), "Payouts of payment providers")
    assert table.rows == [
        ("Adyen 1\n9 Dec", "Proved", "100.00", "−12.00", "88.00"),
        (
            "Adyen 2\n9 Dec",
            "Unproved by £0.01: Priya Senn took it. Adyen rounds.",
            "100.00",
            "−12.00",
            "88.00",
        ),
    ]
    assert table.total is not None
    assert table.total[-1] == "£176.00"


def test_one_changed_penny_is_a_difference_on_paper(context: Context, week: str) -> None:
    assert "No difference. Not a penny differs from what was stored." in words(build(context, NAME))
    table: Any = BankLine.__table__
    with context.store.connect(write=True) as connection:
        line_id = connection.execute(select(BankLine.id).where(BankLine.amount_pence == 75_00)).scalar_one()
        connection.execute(table.update().where(table.c.id == line_id).values(amount_pence=75_01))
    document = build(context, NAME)
    (bullets,) = [block for block in document.blocks if isinstance(block, Bullets)]
    assert any("FPI NO REFERENCE" in item for item in bullets.items)
    assert "Differences." in printed(document)


def test_journals_and_ereturns_of_the_days_show_both_people(context: Context, week: str) -> None:
    (row,) = under(build(context, NAME), "eReturns of these days").rows
    assert "Submitted: R. Okoro, 11 Dec 2026, 14:48\nAuthorised: J. Marlow, 11 Dec 2026, 14:55" in row[2]
    assert pence(row[-1]) == 221_10
    assert under(build(context, NAME), "Journals of these days").rows == []


def test_more_matches_than_are_printed_are_counted(
    context: Context, week: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pack, "MOST_MATCHES", 5)
    document = build(context, NAME)
    assert len(under(document, "Every match that holds").rows) == 5
    assert any("The first 5 of 23 matches are printed here" in one for one in words(document))
    assert under(document, "Every match that holds").total is None  # five rows do not make the sum of all


def test_an_unproved_statement_marks_every_page(context: Context, account_id: str) -> None:
    read = mt940([("1208", "C10,00", "X")], closing="110,01")
    brought = context.write("I", lambda s: service.import_statements(s, read))
    context.write("U", lambda s: service.take_unproved(s, brought.ids[0], "Agreed with the bank."))
    document = build(context, NAME)
    assert document.reference.endswith(", unproved")
    assert any("misses its closing balance by £0.01" in one for one in words(document))
    assert any("Agreed with the bank." in one for one in words(document))


def test_no_statement_is_a_page_that_helps_and_wrong_options_are_one_sentence(context: Context) -> None:
    assert "Import a bank statement" in printed(build(context, NAME))
    gone = "0197d000-0000-7000-8000-000000000009"
    with pytest.raises(NotFound, match="statement is not here"):
        build(context, NAME, statement=gone)
    with pytest.raises(NotFound, match="period is not here"):
        build(context, NAME, period=gone)
    with pytest.raises(HoldallError, match="“noon” is not a moment for “at”"):
        build(context, NAME, at="noon")
