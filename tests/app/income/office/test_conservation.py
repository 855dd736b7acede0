"""Every pound stays a pound: whatever two officers do, in whatever order, the sums hold."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context, Council
from app.income import service
from app.income.board import board
from app.income.office import journals, suspense
from app.income.office.as_at import as_at
from app.income.verify import verify
from models.changes import Author
from models.income import (
    ACTIVE,
    JOURNAL_HOLDS,
    BankLine,
    JournalLine,
    Match,
    MatchReceipt,
    Receipt,
    Refund,
    Suspense,
    WriteOff,
)
from models.store import Store
from models.undo import undo_label
from tests.app.income.conftest import ACCOUNT, ledger, mt940
from tests.app.income.office.busy import ACTS, do
from tests.app.income.office.conftest import CLOSING, LINES, ROWS, Ticking
from tests.app.income.office.test_suspense import TODAY
from tests.conftest import KEY, NOW


def within(part: int, whole: int) -> bool:
    """Whether a part lies between nothing and its whole, on either side of nothing."""
    return abs(part) <= abs(whole) and part * whole >= 0


def lines_and_receipts_hold(session: Session) -> None:
    """No line and no posting gave away more than it is, and every match gives what it took."""
    taken: Counter[str] = Counter()
    given_on: Counter[str] = Counter()
    for match in session.scalars(select(Match).where(Match.state.in_(ACTIVE), Match.deleted.is_(False))):
        taken[match.bank_line_id] += match.amount_pence
        given_on[match.id] -= match.amount_pence
        if match.kind == "suspense":
            given_on[match.id] += match.amount_pence
    for model in (MatchReceipt, WriteOff):
        for share in session.scalars(select(model).where(model.state.in_(ACTIVE), model.deleted.is_(False))):
            given_on[share.match_id] += share.amount_pence
            if isinstance(share, MatchReceipt):
                taken[share.receipt_id] += share.amount_pence
    assert not [match_id for match_id, pence in given_on.items() if pence]
    for whole in (BankLine, Receipt):
        for record in session.scalars(select(whole)):
            assert within(taken[record.id], record.amount_pence)


def suspense_and_journals_hold(session: Session) -> None:
    """Journals move and never make money, and the suspense fund holds exactly what its items say."""
    items = suspense.items(session, None, "all", TODAY)
    for item in items:
        assert within(item.remaining_pence, item.amount_pence)
        assert within(item.waiting_pence, item.amount_pence)
        assert within(item.held_pence, item.amount_pence)
    views = journals.journals(session, None, 10_000)
    assert not [view.id for view in views if sum(line.pence for line in view.lines)]
    posted = [line for view in views if view.state in journals.POSTED for line in view.lines]
    moved = sum(line.pence for line in posted if line.fund == "SP")
    assert sum(item.amount_pence for item in items) + moved == sum(item.held_pence for item in items)
    held = session.scalars(select(Suspense.match_id).where(Suspense.id.in_([item.id for item in items])))
    active = session.scalars(
        select(Match.id).where(Match.kind == "suspense", Match.state.in_(ACTIVE), Match.deleted.is_(False))
    )
    assert sorted(held) == sorted(active)


def postings_hold(session: Session) -> None:
    """Refunds and journals together never take more of a posting than it is."""
    taken: Counter[str] = Counter()
    states = ("requested", "authorised", "paid")
    for refund in session.scalars(select(Refund).where(Refund.state.in_(states), Refund.deleted.is_(False))):
        taken[refund.receipt_id] += refund.amount_pence
    legs = select(JournalLine).where(JournalLine.state.in_(JOURNAL_HOLDS), JournalLine.deleted.is_(False))
    for leg in session.scalars(legs):
        if leg.receipt_id:
            taken[leg.receipt_id] += abs(leg.amount_pence)
    for receipt in session.scalars(select(Receipt)):
        assert taken[receipt.id] <= abs(receipt.amount_pence)


def everything_holds(context: Context, statement_id: str) -> None:
    """Check every sum there is."""
    for check in (lines_and_receipts_hold, suspense_and_journals_hold, postings_hold):
        context.read(check)
    seen = context.read(lambda s: board(s, statement_id))
    assert seen.sums.bank - seen.sums.book + seen.sums.on_its_way == seen.sums.left
    assert sum(part.pence for part in seen.parts) == seen.sums.left
    assert "gap" not in {part.kind for part in seen.parts}
    (account,) = context.read(lambda s: as_at(s, context.now())).accounts
    assert account.left_pence == sum(line.left_pence for line in account.open_lines)
    assert (account.gap_pence, account.bank_pence) == (0, seen.sums.bank)
    assert account.book_pence == seen.sums.book


def office(folder: str, officer: Author) -> tuple[Context, str]:
    """A fresh store with one statement and its book."""
    store = Store.create(Path(folder) / "holdall.db", KEY)
    context = Context(store, officer, Path(folder), Council(), lambda: NOW)
    context.clock = Ticking(context)  # type: ignore[assignment]

    def fill(session: Session) -> str:
        account_id, _ = service.add_account(session, "General account", ACCOUNT, book_opening_pence=100_00)
        brought = service.import_statements(session, mt940(LINES, closing=CLOSING))
        service.import_ledger(session, ledger(ROWS), account_id)
        return brought.ids[0]

    return context, context.write("Fill", fill)


@given(st.lists(st.sampled_from(ACTS), min_size=3, max_size=14), st.integers(0, 10**6))
@settings(max_examples=6, deadline=None)
def test_any_sequence_of_acts_by_two_officers_conserves_every_pound(acts: list[str], seed: int) -> None:
    source = random.Random(seed)
    officer = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), "d-1")
    lead = Author("u-2", "Priya Senn", "team-1", frozenset({"officer", "lead", "finance"}), "d-2")
    with tempfile.TemporaryDirectory() as folder:
        context, statement_id = office(folder, officer)

        def hers(work: Callable[[Session], object]) -> object:
            with context.store.write(lead, "Act", context.now()) as session:
                return work(session)

        def mine(work: Callable[[Session], object]) -> object:
            return context.write("Act", work)

        try:
            for name in acts:
                if name == "undo" and context.read(lambda s: undo_label(s, officer)) == "Act":
                    context.undo()
                else:
                    do(context, statement_id, name, source, mine, hers)
                everything_holds(context, statement_id)
            assert context.read(verify).differences == ()
        finally:
            context.store.close()
