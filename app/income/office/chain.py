"""The chain of a site's money: what was counted, the bag or slip, its receipts, and the bank line that came.

Only records are read: a step that has not happened is missing, never assumed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income.office.ereturn_views import EReturnView, chunks, ereturn
from app.wording import date_year, money, plural
from models.income import ACTIVE, BankLine, EReturnState, Match, MatchReceipt, Receipt, Statement


@dataclass(frozen=True)
class ChainReceipt:
    """A receipt that an eReturn became: its pence, and those that bank lines have taken."""

    id: str
    ledger_id: str
    narrative: str
    posted_on: date
    pence: int
    taken_pence: int


@dataclass(frozen=True)
class ChainCredit:
    """A bank line that took pence of these receipts, in the match it was settled with."""

    match_id: str
    line_id: str
    booked_on: date
    words: str
    statement: str
    pence: int  # of these receipts alone; the line may hold more
    matched_by: str


@dataclass(frozen=True)
class Chain:
    """A site's total, its slip, its receipts and its bank credits; `on_its_way` is what has not come yet."""

    ereturn: EReturnView
    receipts: tuple[ChainReceipt, ...]
    credits: tuple[ChainCredit, ...]

    @property
    def total_pence(self) -> int:
        """What the site counted."""
        return self.ereturn.counted_pence

    @property
    def banked_pence(self) -> int:
        """What the bank has credited, as matched."""
        return sum(credit.pence for credit in self.credits)

    @property
    def on_its_way(self) -> int:
        """Pence submitted or authorised that no bank line has taken; none for one given up."""
        sent = self.ereturn.state in {EReturnState.SUBMITTED, EReturnState.AUTHORISED}
        return self.total_pence - self.banked_pence if sent else 0

    @property
    def words(self) -> tuple[str, ...]:
        """The chain in sentences, one for each step that has happened."""
        return tuple(_steps(self))


def chain(session: Session, ereturn_id: str) -> Chain:
    """Return the chain of one eReturn. Raises NotFound."""
    return chains(session, [ereturn(session, ereturn_id)])[0]


def chains(session: Session, views: Sequence[EReturnView]) -> list[Chain]:
    """Return the chains of many eReturns, in their order, read at once."""
    receipts: dict[str, list[ChainReceipt]] = defaultdict(list)
    credited: dict[str, dict[str, ChainCredit]] = defaultdict(dict)
    for some in chunks([view.id for view in views]):
        taken = _credits(session, some, credited)
        wanted = select(Receipt).where(Receipt.file_id.in_(some), Receipt.deleted.is_(False))
        for r in session.scalars(wanted.order_by(Receipt.line_no)):
            receipts[r.file_id].append(
                ChainReceipt(r.id, r.ledger_id, r.narrative, r.posted_on, r.amount_pence, taken.get(r.id, 0))
            )
    return [Chain(view, tuple(receipts[view.id]), tuple(credited[view.id].values())) for view in views]


def _credits(
    session: Session, ids: Sequence[str], credited: dict[str, dict[str, ChainCredit]]
) -> dict[str, int]:
    """Fill in the bank lines of some eReturns by match; return the pence taken of each receipt."""
    rows = session.execute(
        select(
            Receipt.file_id,
            MatchReceipt.receipt_id,
            MatchReceipt.amount_pence,
            Match,
            BankLine,
            Statement.number,
        )
        .join(MatchReceipt, MatchReceipt.receipt_id == Receipt.id)
        .join(Match, Match.id == MatchReceipt.match_id)
        .join(BankLine, BankLine.id == Match.bank_line_id)
        .join(Statement, Statement.id == BankLine.statement_id)
        .where(
            Receipt.file_id.in_(ids),
            MatchReceipt.state.in_(ACTIVE),
            MatchReceipt.deleted.is_(False),
            Match.deleted.is_(False),
        )
        .order_by(BankLine.booked_on, Match.id, MatchReceipt.id)
    )
    taken: dict[str, int] = defaultdict(int)
    for ereturn_id, receipt_id, pence, match, line, number in rows:
        taken[receipt_id] += pence
        before = credited[ereturn_id].get(match.id)
        credited[ereturn_id][match.id] = ChainCredit(
            match.id,
            line.id,
            line.booked_on,
            line.words,
            number,
            pence + (before.pence if before else 0),
            match.matched_by_name,
        )
    return taken


def _steps(made: Chain) -> list[str]:
    view, slip = made.ereturn, made.ereturn.slip or made.ereturn.number
    steps = [f"{view.site} counted {money(made.total_pence)} on {date_year(view.taken_on)}."]
    if view.submitted_by_name:
        steps.append(f"{view.submitted_by_name} submitted it as {slip}.")
    if made.receipts:
        posted = date_year(made.receipts[0].posted_on)
        count = plural(len(made.receipts), "receipt")
        steps.append(f"{view.decided_by_name} authorised it: {count}, posted on {posted}.")
    for credit in made.credits:
        steps.append(
            f"The bank credited {money(credit.pence)} on {date_year(credit.booked_on)}: “{credit.words}”."
        )
    if made.on_its_way:
        steps.append(f"{money(made.on_its_way)} is still on its way to the bank.")
    elif made.credits:
        steps.append("Every penny has reached the bank.")
    return steps
