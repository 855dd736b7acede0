"""Candidates for suspense: each clue finds its account, says so in a sentence, and knows its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from app.context import Context
from app.errors import NotFound
from app.income import service
from app.income.board import board
from app.income.office import suspense
from app.income.office.suspense import Candidate
from models.income import AccountHolder
from tests.app.income.conftest import ledger, mt940
from tests.app.income.office.conftest import Act
from tests.app.income.office.test_suspense import hold, listed

Bring = Callable[..., str]
HOLDERS = (
    ("770412265", "23", "Mr Tom Ferris"),
    ("60000418876", "5", "Jane Marlow"),
    ("770398114", "23", "Priya Okafor"),
    ("9300081127", "19", "Averwick Rovers"),
    ("LIB0001", "5M", "Kay O'Neill-Patel"),
)


@pytest.fixture
def holders(context: Context) -> None:
    """Five account holders."""

    def add(session) -> None:  # type: ignore[no-untyped-def]
        session.add_all(AccountHolder(reference=r, fund=f, name=n) for r, f, n in HOLDERS)

    context.write("Holders", add)


def of(context: Context, bring: Bring, words: str, rows: str = "", pence: str = "C75,00") -> list[Candidate]:
    """Put a line with these words to suspense and return its candidates."""
    statement_id = bring(mt940([("1209", pence, words)], closing="175,00"), rows)
    (line,) = context.read(lambda s: board(s, statement_id)).lines
    context.write("S", lambda s: service.to_suspense(s, statement_id, line.id, "unknown"))
    (item,) = listed(context)
    return context.read(lambda s: suspense.candidates(s, item.id))


@pytest.mark.parametrize(
    ("words", "reference", "score", "why"),
    [
        ("BACS 77 0412265", "770412265", 95, "The words give the account 770412265."),
        ("BACS 770412256", "770412265", 80, "“770412256” is one slip away from the account 770412265."),
        ("BACS 77041265", "770412265", 80, "“77041265” is one slip away from the account 770412265."),
        ("FPI J MARLOW", "60000418876", 70, "The words hold the name Jane Marlow."),
        ("FPI MARLOW HOUSE", "60000418876", 50, "The words hold the surname Marlow."),
        ("FPI J MARLOWE", "60000418876", 65, "The words hold Marlowe, close to the name Jane Marlow."),
        ("FPI K ONEILL-PATEL", "LIB0001", 70, "The words hold the name Kay O'Neill-Patel."),
        ("FPI MR FERRIS", "770412265", 50, "The words hold the surname Ferris."),
    ],
)
def test_a_clue_in_the_words_finds_its_account(
    context: Context, bring: Bring, holders: None, words: str, reference: str, score: int, why: str
) -> None:
    (found,) = of(context, bring, words)
    assert (found.account_reference, found.score, found.why) == (reference, score, why)


def test_words_that_say_nothing_have_no_candidates(context: Context, bring: Bring, holders: None) -> None:
    assert of(context, bring, "FPI NO REFERENCE") == []


def test_clues_that_agree_make_one_candidate_and_put_it_first(
    context: Context, bring: Bring, holders: None
) -> None:
    first, second = of(context, bring, "T FERRIS 770412256 MARLOW")
    assert (first.account_reference, first.score) == ("770412265", 85)
    assert first.why == (
        "“770412256” is one slip away from the account 770412265. The words hold the name Mr Tom Ferris."
    )
    assert (second.account_reference, second.kind) == ("60000418876", "account")


def test_equal_payments_before_name_their_account_even_without_a_holder(
    context: Context, bring: Bring, account_id: str, holders: None
) -> None:
    rows = "\n".join(
        [
            "1,01/09/2026,75.00,,5,28,Rent 6 0000418876",
            "2,01/10/2026,75.00,,5,28,Rent 6 0000418876",
            "3,01/10/2026,75.00,FP123,2R,28,Penalty",
            "4,01/10/2026,75.01,770398114,23,28,Another amount",
            "",
        ]
    )
    context.write("L", lambda s: service.import_ledger(s, ledger(rows, "old.csv"), account_id))
    first, second = of(context, bring, "FPI NO REFERENCE")
    assert (first.account_reference, first.name, first.score) == ("60000418876", "Jane Marlow", 49)
    assert first.why == "£75.00 was paid 2 times before, last on 1 October 2026."
    assert (second.account_reference, second.name, second.fund) == ("FP123", "", "2R")


def test_the_banks_own_words_of_an_earlier_payment_speak_for_its_account(
    context: Context, bring: Bring, holders: None
) -> None:
    old = bring(
        mt940([("1202", "C75,00", "BACS KESTREL STALLS")], opening="25,00", closing="100,00"),
        "1,02/12/2026,75.00,9300081127,19,28,Pitch hire\n",
    )
    seen = context.read(lambda s: board(s, old))
    context.write(
        "M", lambda s: service.match_by_hand(s, old, seen.lines[0].id, [seen.receipts[0].id], "phoned")
    )
    (found,) = of(context, bring, "BACS KESTREL STALLS LTD")
    assert (found.account_reference, found.score) == ("9300081127", 70)
    assert found.why.startswith("The bank's words for it were like these: KESTREL.")


def test_an_open_posting_of_the_same_amount_is_a_candidate_and_a_distant_one_is_not(
    context: Context, bring: Bring
) -> None:
    rows = (
        "1,08/12/2026,75.00,,52,28,Market stalls\n"
        "2,08/12/2026,75.00,,31,28,Building control\n"
        "3,01/06/2026,75.00,,52,28,Market stalls\n"
    )
    first, second = of(context, bring, "BACS STALLS", rows)
    assert (first.kind, first.name, first.score, first.pence) == ("posting", "Market stalls", 70, 75_00)
    assert first.why == "Both say STALLS. A posting of the same amount is open since 8 December 2026."
    assert (second.name, second.score) == ("Building control", 60)


def test_a_held_posting_is_not_its_own_candidate_and_a_cancelled_one_has_none(
    context: Context, account_id: str, holders: None, mine: Act
) -> None:
    mine(lambda s: hold(s, account_id, 40_00, date(2026, 12, 9)))
    (item,) = listed(context)
    (found,) = context.read(lambda s: suspense.candidates(s, item.id))  # its narrative is J MARLOW
    assert (found.account_reference, found.kind) == ("60000418876", "account")
    mine(lambda s: suspense.cancel_of_receipt(s, item.receipt_id))
    with pytest.raises(NotFound):
        context.read(lambda s: suspense.candidates(s, item.id))
