"""How files come in: accounts that are known, files and lines that came before, statements kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import BadFile, HoldallError
from app.income import rules
from app.income.amounts import figure
from app.income.doubts import doubts
from app.income.files import StatementFile
from app.income.reading import Balance, LineRead, StatementRead
from app.income.storing import AlreadyImported, Imported, create, file_record, kept, refuse_same_file
from app.wording import plural
from models.changes import Changed
from models.income import Account, BankLine, FileKind, Period, Standing, Statement

__all__ = [
    "AlreadyImported",
    "Imported",
    "WrongAccount",
    "add_account",
    "find_account",
    "import_statements",
]

_MARK = 32  # hex digits of a fingerprint
_MOST_DOUBTS = 5  # remarks about single rows that a person is shown of one statement


class WrongAccount(HoldallError):
    """A statement for an account that is not one of the council's here; `key` is what its file says."""

    def __init__(self, title: str, advice: str, key: str, statement: StatementRead) -> None:
        super().__init__(title, advice)
        self.key = key
        self.statement = statement


@dataclass
class _Held:
    """What the store already has of one account, growing while the statements of a file come in."""

    marks: Counter[str]
    last: Statement | None
    remarks: list[str] = field(default_factory=list)


def add_account(
    session: Session,
    name: str,
    identifier: str,
    *,
    book_opening_pence: int = 0,
    book_opening_on: date | None = None,
    currency: str = "GBP",
    second_officer_above: int = rules.SECOND_OFFICER_ABOVE,
) -> tuple[str, Changed]:
    """Add a bank account on purpose and return its id. `identifier`: sort code and number, or an IBAN.

    Raises HoldallError when the identifier says nothing or belongs to an account that is here.
    """
    key = rules.account_key(identifier)
    if len(key) < 4:
        raise HoldallError(
            "An account needs its sort code and number, or its IBAN.", "Copy it from the statement."
        )
    if find_account(session, key) is not None:
        raise HoldallError("This account is here already.", "Import the statement again.")
    values = {
        "name": name.strip()[:80] or f"Account {identifier}",
        "key": key,
        "currency": currency or "GBP",
        "book_opening_pence": book_opening_pence,
        "book_opening_on": book_opening_on,
        "second_officer_above": second_officer_above,
    }
    account = kept(session, Account, rules.stable_id(date(2000, 1, 1), "account", key), values)
    return account.id, Changed.of(account)


def find_account(session: Session, identifier: str) -> Account | None:
    """Return the account with this sort code and number or IBAN, however it is written."""
    wanted = (Account.key == rules.account_key(identifier), Account.deleted.is_(False))
    return session.scalars(select(Account).where(*wanted)).first()


def import_statements(session: Session, read: StatementFile, account_id: str | None = None) -> Imported:
    """Bring in every statement of a file; those whose arithmetic fails are kept apart.

    `account_id` is the account of a file that names none. Raises AlreadyImported for a file or lines that are
    here, WrongAccount for an account that is not, or not the one given.
    """
    refuse_same_file(session, read.sha256, read.name)
    accounts = [_account_of(session, read.name, statement, account_id) for statement in read.statements]
    file_id = file_record(session, read, FileKind.STATEMENT, accounts[0].id)
    changed, new, known, apart = Changed(frozenset({"income_file"}), frozenset({file_id})), 0, 0, 0
    held: dict[str, _Held] = {}
    ids: list[str] = []
    for statement, account in zip(read.statements, accounts, strict=True):
        if account.id not in held:
            same = [s for s, a in zip(read.statements, accounts, strict=True) if a is account]
            held[account.id] = _held(session, account.id, same)
        brought = _bring(session, statement, account, file_id, held[account.id])
        if brought is None:
            known += len(statement.lines)
            continue
        record, touched, fresh = brought
        ids.append(record.id)
        changed, new, known = changed | touched, new + fresh, known + len(statement.lines) - fresh
        apart += record.standing == Standing.APART
    if not ids:
        raise AlreadyImported(
            f"Every line of “{read.name}” is here already.", "Nothing was imported twice.", ""
        )
    if read.layout is not None and accounts[0].columns != read.layout:
        accounts[0].columns = dict(read.layout)
        changed |= Changed.of(accounts[0])
    remarks = tuple(remark for one in held.values() for remark in one.remarks)
    return Imported(changed, tuple(ids), new, known, apart, remarks)


def _bring(
    session: Session, statement: StatementRead, account: Account, file_id: str, held: _Held
) -> tuple[Statement, Changed, int] | None:
    """Store one statement and the lines of it that are new; None when all of it is here already."""
    period = statement.period
    if period is None:
        return None
    record_id = _statement_id(account, statement, period)
    here = session.get(Statement, record_id)
    if here is not None and not here.deleted:
        return None
    statement = _with_opening(statement, held.last)
    proof = rules.prove(statement)
    marks = rules.line_fingerprints(account.key, statement.lines)
    last = held.last
    follows = last is not None and rules.follows_on(
        last.closing_pence, last.ends_on, f"{last.number}/{last.page}", statement
    )
    counts = rules.occurrences(marks, held.marks if follows else None)
    fresh = [i for i, (mark, count) in enumerate(zip(marks, counts, strict=True)) if count > held.marks[mark]]
    if marks and not fresh:
        return None
    if last is not None and proof.ok and not follows and len(fresh) == len(marks):
        _remark_gap(held, last, statement, account)
        _remark_overlap(session, held, statement, account)
    _remark_doubts(held, statement, session.info["now"].date())
    period_id, period_changed = _period(session, account.id, *period)
    record = kept(
        session,
        Statement,
        record_id,
        _statement_values(statement, account, file_id, period_id, period, proof)
        | {"known_count": len(marks) - len(fresh)},
    )
    rows = [
        _line_values(account, record.id, place, statement.lines[place], marks[place], counts[place], proof.ok)
        for place in (fresh if proof.ok else range(len(marks)))
    ]
    changed = create(session, BankLine, rows) | Changed.of(record) | period_changed
    if proof.ok:
        for place in fresh:
            held.marks[marks[place]] = max(held.marks[marks[place]], counts[place])
        if held.last is None or record.ends_on >= held.last.ends_on:
            held.last = record
    return record, changed, len(rows)


def _with_opening(statement: StatementRead, last: Statement | None) -> StatementRead:
    """Return a statement that states only its closing balance with the opening that the latest one proves.

    OFX states no opening balance. Where the latest proved statement of the account ended before its first
    line, and its closing balance and these movements make the closing one to the penny, the three agree.
    """
    if statement.opening is not None or statement.closing is None or statement.interim or last is None:
        return statement
    first = min((line.booked_on for line in statement.lines), default=statement.closing.day)
    made = last.closing_pence
    if made is None or last.standing is not Standing.PROVED or first < last.ends_on:
        return statement
    if made + sum(line.pence for line in statement.lines) != statement.closing.pence:
        return statement
    return replace(statement, opening=Balance(made, last.ends_on, statement.currency))


def _account_of(
    session: Session, name: str, statement: StatementRead, account_id: str | None = None
) -> Account:
    key = rules.account_key(statement.account)
    given = session.get(Account, account_id) if account_id else None
    if given is not None and key and not rules.same_account(given.key, key):
        raise WrongAccount(
            f"“{name}” is for account {statement.account}, not for {given.name}.",
            "Choose the account that the file belongs to.",
            key,
            statement,
        )
    if not key and given is None:
        raise BadFile(
            f"“{name}” does not say which account it is for.", "Choose the account, then import it again."
        )
    account = given or find_account(session, key)
    if account is None:
        raise WrongAccount(
            f"“{name}” is for account {statement.account}, which is not one of the council’s accounts here.",
            "Check the file. If the account is right, add it first.",
            key,
            statement,
        )
    if statement.currency and statement.currency != account.currency:
        raise BadFile(
            f"“{name}” is in {statement.currency}, but {account.name} is kept in {account.currency}.",
            "Check which account the file belongs to.",
        )
    return account


def _held(session: Session, account_id: str, statements: Sequence[StatementRead]) -> _Held:
    """Return how many lines of each fingerprint an account has, and its latest statement; not those apart.

    Only the days of `statements` are looked at: a fingerprint holds its day, so no other line has it.
    """
    trusted = (Statement.standing != Standing.APART, Statement.deleted.is_(False))
    ours = Statement.account_id == account_id
    marks: Counter[str] = Counter()
    days = [line.booked_on for statement in statements for line in statement.lines]
    if days:
        # one long text of them all, for 100,000 rows one by one would take half a second
        told = session.scalar(
            select(func.group_concat(BankLine.fingerprint, "")).where(
                BankLine.account_id == account_id,
                BankLine.booked_on.between(min(days), max(days)),
                BankLine.deleted.is_(False),
                BankLine.statement_id.in_(select(Statement.id).where(ours, *trusted)),
            )
        )
        marks.update([told[at : at + _MARK] for at in range(0, len(told), _MARK)] if told else ())
    last = session.scalars(
        select(Statement)
        .where(ours, *trusted)
        .order_by(Statement.ends_on.desc(), Statement.id.desc())
        .limit(1)
    ).first()
    return _Held(marks, last)


def _remark_gap(held: _Held, last: Statement, statement: StatementRead, account: Account) -> None:
    """Remark that a statement does not begin where the latest one ended, naming the numbers between."""
    assert statement.opening is not None  # noqa: S101 - it was proved
    if last.closing_pence is None or statement.opening.pence == last.closing_pence:
        return
    if statement.lines and max(line.booked_on for line in statement.lines) < last.starts_on:
        return  # an older statement, brought in late
    opens, closed = (figure(x, account.currency) for x in (statement.opening.pence, last.closing_pence))
    before = f"statement {last.number}" if last.number else "the one before"
    gap = missing_numbers(last.number, statement.number) or "one between may be missing"
    held.remarks.append(f"It opens at {opens}, but {before} closed at {closed}: {gap}.")


def _remark_overlap(session: Session, held: _Held, statement: StatementRead, account: Account) -> None:
    """Remark that lines have the day and amount of lines that are here: the same, from another kind of file.

    Words and types differ between a bank's formats, and so do the fingerprints of one line in two of them.
    """
    lines = Counter((line.booked_on, line.pence) for line in statement.lines)
    if not lines:
        return
    days = [day for day, _ in lines]
    here = session.execute(
        select(BankLine.booked_on, BankLine.amount_pence, func.count())
        .join(Statement, Statement.id == BankLine.statement_id)
        .where(
            BankLine.account_id == account.id,
            BankLine.booked_on.between(min(days), max(days)),
            BankLine.deleted.is_(False),
            Statement.standing != Standing.APART,
        )
        .group_by(BankLine.booked_on, BankLine.amount_pence)
    )
    same = sum(min(count, lines[day, pence]) for day, pence, count in here if (day, pence) in lines)
    if same * 2 > len(statement.lines):
        held.remarks.append(
            f"{same:,} of its {len(statement.lines):,} lines have the day and amount of lines that are here "
            "already: it may be the same statement in another format."
        )


def missing_numbers(before: str, after: str) -> str:
    """Return words for the statements between two numbers, "" when none is missing or a number is none."""
    if not (before.isascii() and before.isdigit() and after.isascii() and after.isdigit()):
        return ""
    first, last = int(before) + 1, int(after) - 1
    if first > last:
        return ""
    return f"statement {first} is missing" if first == last else f"statements {first} to {last} are missing"


def _remark_doubts(held: _Held, statement: StatementRead, today: date) -> None:
    """Remark the rows that stand out by their dates or that the reader doubted, the first few by name."""
    found = doubts(statement, today)
    held.remarks += [str(row) for row in found[:_MOST_DOUBTS]]
    if len(found) > _MOST_DOUBTS:
        held.remarks.append(f"And {plural(len(found) - _MOST_DOUBTS, 'line')} more like these.")


def _period(session: Session, account_id: str, starts_on: date, ends_on: date) -> tuple[str, Changed]:
    record_id = rules.stable_id(ends_on, "period", account_id, starts_on.isoformat(), ends_on.isoformat())
    here = session.get(Period, record_id)
    if here is not None and not here.deleted:
        return here.id, Changed()
    values = {"account_id": account_id, "starts_on": starts_on, "ends_on": ends_on}
    record = kept(session, Period, record_id, values)
    return record.id, Changed.of(record)


def _statement_id(account: Account, statement: StatementRead, period: tuple[date, date]) -> str:
    pence = [str(b.pence) if b is not None else "" for b in (statement.opening, statement.closing)]
    days = [day.isoformat() for day in period]
    total = str(sum(line.pence for line in statement.lines))
    names = (statement.reference, statement.number, statement.page)
    return rules.stable_id(period[1], "statement", account.key, *names, *pence, *days, total)


def _statement_values(
    statement: StatementRead,
    account: Account,
    file_id: str,
    period_id: str,
    period: tuple[date, date],
    proof: rules.Proof,
) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "file_id": file_id,
        "period_id": period_id,
        "number": statement.number,
        "page": statement.page,
        "reference": statement.reference,
        "currency": statement.currency or account.currency,
        "starts_on": period[0],
        "ends_on": period[1],
        "opening_pence": statement.opening.pence if statement.opening else None,
        "closing_pence": statement.closing.pence if statement.closing else None,
        "line_count": len(statement.lines),
        "standing": Standing.PROVED if proof.ok else Standing.APART,
        "difference_pence": proof.difference,
        "hint": proof.hint[:500],
    }


def _line_values(
    account: Account, statement_id: str, place: int, line: LineRead, mark: str, occurrence: int, proved: bool
) -> dict[str, Any]:
    """Return one bank line's columns; a line kept apart has an id of its own, so that it blocks no other."""
    parts = (account.key, mark, str(occurrence), *(() if proved else (statement_id,)))
    return {
        "id": rules.stable_id(line.booked_on, "line", *parts),
        "account_id": account.id,
        "statement_id": statement_id,
        "line_no": place + 1,
        "booked_on": line.booked_on,
        "value_on": line.value_on,
        "amount_pence": line.pence,
        "mark": line.mark,
        "type_code": line.type_code,
        "customer_reference": line.customer_reference,
        "bank_reference": line.bank_reference,
        "words": line.words[:4_000],
        "fingerprint": mark,
        "occurrence": occurrence,
        "parts": [list(part) for part in line.parts] or None,
    }
