"""eReturns as people see them: head, lines, cheques, both totals, and what is missing to submit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.income.office import cash
from app.income.office.vocabulary import Codes, check_row, codes
from app.wording import money
from models.base import Record
from models.income import (
    Account,
    EReturn,
    EReturnCheque,
    EReturnKind,
    EReturnLine,
    EReturnState,
)

_R = TypeVar("_R", bound=Record)
_CHUNK = 500


@dataclass(frozen=True)
class LineRow:
    """What part of the money was taken for: a fund, an account reference, words, a VAT code, pence."""

    fund: str
    reference: str
    description: str
    vat_code: str
    pence: int


@dataclass(frozen=True)
class ChequeRow:
    """One cheque: who signed it, and its pence."""

    name: str
    pence: int


@dataclass(frozen=True)
class EReturnView:
    """One eReturn with its lines, cheques and totals in pence; `missing` are sentences, none when ready.

    `difference` is what was counted less what it was taken for. `denominations` is pence by denomination.
    """

    id: str
    number: str
    account_id: str
    account_name: str
    kind: EReturnKind
    state: EReturnState
    site: str
    office: str
    taken_on: date
    slip: str
    denominations: dict[int, int]
    lines: tuple[LineRow, ...]
    cheques: tuple[ChequeRow, ...]
    submitted_by: str
    submitted_by_name: str
    submitted_at: datetime | None
    decided_by_name: str
    decided_at: datetime | None
    note: str
    missing: tuple[str, ...] = ()

    @property
    def counted_pence(self) -> int:
        """What was counted: the cash, or the cheques."""
        if self.kind == EReturnKind.CASH:
            return cash.total(self.denominations)
        return sum(cheque.pence for cheque in self.cheques)

    @property
    def lines_pence(self) -> int:
        """What it was taken for: the lines together."""
        return sum(line.pence for line in self.lines)

    @property
    def difference(self) -> int:
        """What was counted less the lines; nothing when both sides agree."""
        return self.counted_pence - self.lines_pence

    @property
    def weight(self) -> str:
        """What the coins of the bag should weigh, in words; empty for cheques."""
        return cash.weight_words(cash.counts(self.denominations)) if self.kind == EReturnKind.CASH else ""


def ereturns(
    session: Session,
    state: EReturnState | str | None = None,
    limit: int = 200,
    roles: Collection[str] | None = None,
) -> list[EReturnView]:
    """Return eReturns, newest day first, of one state or of all; see `ereturn` for `roles`."""
    wanted = select(EReturn).where(EReturn.deleted.is_(False))
    if state is not None:
        wanted = wanted.where(EReturn.state == EReturnState(state))
    records = session.scalars(wanted.order_by(EReturn.taken_on.desc(), EReturn.id.desc()).limit(limit)).all()
    return _views(session, records, roles)


def taken_between(
    session: Session,
    first: date,
    last: date,
    account_id: str | None = None,
    roles: Collection[str] | None = None,
) -> list[EReturnView]:
    """Return all eReturns of money taken in a span of days, by day and site; of one account or all.

    See `ereturn` for `roles`.
    """
    wanted = select(EReturn).where(
        EReturn.taken_on >= first, EReturn.taken_on <= last, EReturn.deleted.is_(False)
    )
    if account_id is not None:
        wanted = wanted.where(EReturn.account_id == account_id)
    records = session.scalars(wanted.order_by(EReturn.taken_on, EReturn.site, EReturn.id)).all()
    return _views(session, records, roles)


def last_taken(session: Session) -> date | None:
    """Return the newest day on which money of any eReturn was taken, None when there is none."""
    return session.scalar(select(func.max(EReturn.taken_on)).where(EReturn.deleted.is_(False)))


def ereturn(session: Session, ereturn_id: str, roles: Collection[str] | None = None) -> EReturnView:
    """Return one eReturn. Raises NotFound.

    `roles` are those of the person who looks, for whom a stop message may be no hindrance; without them it is
    the author of a session that writes, and in one that reads somebody without any role.
    """
    record = session.get(EReturn, ereturn_id)
    if record is None or record.deleted:
        raise NotFound("This eReturn is not here.", "It may have been undone. Choose another one.")
    return _views(session, [record], roles)[0]


def faults(view: EReturnView, funds: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return what stands in the way of submitting on the face of it, a sentence each, the most basic first.

    `funds` are the codes the council keeps; with none, any code is taken. See `refused` for the rest.
    """
    found: list[str] = []
    if view.kind == EReturnKind.CASH:
        if not view.slip:
            found.append("The bag’s number is missing.")
        if not view.counted_pence:
            found.append("No cash is counted yet.")
    elif not view.cheques:
        found.append("There is no cheque yet.")
    if not any(line.pence for line in view.lines):
        found.append("There is no line that says what the money was taken for.")
    for place, line in enumerate(view.lines, 1):
        if line.pence and not line.fund:
            found.append(f"Line {place} has no fund.")
        elif line.pence and funds and line.fund not in funds:
            found.append(f"Line {place}: there is no fund “{line.fund}”.")
    if view.counted_pence and view.lines_pence and view.difference:
        found.append(difference_words(view))
    return tuple(found)


def refused(view: EReturnView, known: Codes, roles: Collection[str] = frozenset()) -> tuple[str, ...]:
    """Return what the council's codes have against the lines: fund, limits, reference, account, stop message.

    A stop message does not hold back the role finance. Where the council keeps no codes, any is taken.
    """
    mop = mop_of(view.kind, known)
    found: list[str] = []
    for place, line in enumerate(view.lines, 1):
        if line.pence and line.fund:
            wrong = check_row(known, line.fund, mop, line.reference, line.pence, roles)
            found += [f"Line {place}: {words[:1].lower()}{words[1:]}" for words in wrong]
    return tuple(found)


def difference_words(view: EReturnView) -> str:
    """Return the running difference in words: what was counted against what it was taken for."""
    counted = "cash" if view.kind == EReturnKind.CASH else "cheques"
    if not view.difference:
        return f"The {counted} and the lines agree."
    way = "more than" if view.difference > 0 else "less than"
    verb = "comes" if counted == "cash" else "come"
    return f"The {counted} {verb} to {money(abs(view.difference))} {way} the lines."


def _views(session: Session, records: Sequence[EReturn], roles: Collection[str] | None) -> list[EReturnView]:
    """Read lines, cheques and account names of many eReturns at once."""
    ids = [record.id for record in records]
    lines = _by_parent(session, EReturnLine, ids, "line_no")
    cheques = _by_parent(session, EReturnCheque, ids, "item_no")
    names = {row[0]: row[1] for row in session.execute(select(Account.id, Account.name))}
    references = {line.reference for some in lines.values() for line in some if line.reference}
    known = codes(session, references)
    if roles is None:
        author = session.info.get("author")
        roles = author.roles if author is not None else frozenset()
    return [_view(record, names, lines[record.id], cheques[record.id], known, roles) for record in records]


def _view(
    record: EReturn,
    names: dict[str, str],
    lines: Sequence[EReturnLine],
    cheques: Sequence[EReturnCheque],
    known: Codes,
    roles: Collection[str],
) -> EReturnView:
    view = EReturnView(
        record.id,
        record.number,
        record.account_id,
        names.get(record.account_id, ""),
        record.kind,
        record.state,
        record.site,
        record.office,
        record.taken_on,
        record.slip,
        {int(one): pence for one, pence in (record.denominations or {}).items()},
        tuple(
            LineRow(line.fund, line.reference, line.description, line.vat_code, line.amount_pence)
            for line in lines
        ),
        tuple(ChequeRow(cheque.name, cheque.amount_pence) for cheque in cheques),
        record.submitted_by or "",
        record.submitted_by_name or "",
        record.submitted_at,
        record.decided_by_name or "",
        record.decided_at,
        record.note,
    )
    waits = record.state in {EReturnState.IN_PROGRESS, EReturnState.SUBMITTED}
    if not waits:
        return view
    return replace(view, missing=(*faults(view), *refused(view, known, roles)))


def mop_of(kind: EReturnKind, known: Codes) -> str:
    """Return the method of payment that an eReturn posts with: 1 for cash and 2 for cheques, or the first
    of its kind where the council uses other codes."""
    usual = "1" if kind == EReturnKind.CASH else "2"
    of_kind = [code for code, method in known.methods.items() if method.kind == kind and not method.disabled]
    return usual if usual in known.methods or not of_kind else min(of_kind)


def _by_parent(session: Session, model: type[_R], ids: Sequence[str], order: str) -> dict[str, list[_R]]:
    """Return the rows of many eReturns by the id of theirs, in order."""
    columns: Any = model
    found: dict[str, list[_R]] = defaultdict(list)
    for some in chunks(ids):
        wanted = select(model).where(columns.ereturn_id.in_(some), model.deleted.is_(False))
        for row in session.scalars(wanted.order_by(getattr(columns, order), model.id)):
            found[str(getattr(row, "ereturn_id"))].append(row)  # noqa: B009 - the type is any of two
    return found


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids in parts that one statement of SQLite takes."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
