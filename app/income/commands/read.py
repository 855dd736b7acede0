"""`income read`: any bank, payment or ledger file, read and proved; nothing is stored.

Payment reports and ledger extracts are told in the same shape as statements: one for each payout, proved by
what the report says was paid out, and one for each ledger file, proved by the totals it states.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.context import utc_now
from app.errors import BadFile
from app.income import rules
from app.income.amounts import figure
from app.income.doubts import doubts, out_of_order, settlement_doubts, to_come
from app.income.files import LedgerFile, SettlementFile, StatementFile, read_any
from app.income.reading import (
    BadRow,
    BadRows,
    Control,
    LineRead,
    NeedsDateOrder,
    NotAStatement,
    ReceiptRead,
    SettlementLineRead,
    SettlementRead,
    StatementRead,
)
from app.told import Told
from app.wording import date_year, plural

_SAID = 10  # rows told one by one to people
_NO_REFERENCE = frozenset({"", "NONREF"})


def run(options: argparse.Namespace) -> Told:
    """Read one file; raises BadFile in one sentence when it is none, or for another account than asked."""
    path: Path = options.file
    dates = getattr(options, "dates", None)
    layout = {"day_first": dates == "day-first"} if dates else None
    try:
        read = read_any(path.name, read_bytes(path), layout=layout)
    except NeedsDateOrder as error:
        raise BadFile(error.title, "Say which, by --dates day-first or --dates month-first.") from error
    except BadRows as error:
        told = [_error(row, "error") for row in error.rows]
        return Told({"format": "", "statements": [], "errors": told}, [str(error)])
    statements, rows = shapes(read, options.account)
    document = {
        "format": read.format,
        "encoding": read.encoding,
        "sha256": read.sha256,
        "statements": statements,
        "errors": rows,
    }
    return Told(document, _words(path.name, read.format, statements, rows))


def read_bytes(path: Path) -> bytes:
    """Return what is in a file; raises BadFile in words when it cannot be opened."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or "no file has such a name"
        raise BadFile(f"“{path.name}” cannot be opened ({why}).", "Check the name and the folder.") from error


def shapes(
    read: StatementFile | LedgerFile | SettlementFile, account: str | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a file's statements and the rows in it to be looked at, as the command tells them.

    A statement of several pages is told page by page, each with the proof of the whole beside its own.
    `account` is the one it should be for; raises NotAStatement when a bank file is for another.
    """
    if isinstance(read, StatementFile):
        if account:
            _check_account(read, account)
        made = [told for one in read.statements for told in _pages(one, account or "")]
        rows = [row for one in read.statements for row in _rows_of(one)]
        return made, rows
    if isinstance(read, SettlementFile):
        rows = [_error(row, "error") for one in read.settlements for row in one.problems]
        rows += [_error(row, "warning") for one in read.settlements for row in settlement_doubts(one)]
        return [_payout(one) for one in read.settlements], rows
    receipts = read.receipts
    strays = out_of_order([r.file_line for r in receipts], [r.posted_on for r in receipts])
    return [_ledger(read)], [_error(row, "warning") for row in (*read.problems, *strays)]


def _check_account(read: StatementFile, account: str) -> None:
    """Raise NotAStatement when a statement names another account; two IBANs are compared to the letter."""
    wanted, iban = rules.account_key(account), rules.plain_iban(account)
    for one in read.statements:
        key, other = rules.account_key(one.account), rules.plain_iban(one.account)
        if (key and not rules.same_account(wanted, key)) or (iban and other and iban != other):
            raise NotAStatement(
                f"“{read.name}” is for account {one.account}, not {account}.",
                "Check which file belongs to it.",
            )


def _rows_of(statement: StatementRead) -> list[dict[str, Any]]:
    return [_error(row, "error") for row in statement.problems] + [
        _error(row, "warning") for row in doubts(statement)
    ]


def _error(row: BadRow, kind: str) -> dict[str, Any]:
    return {"line": row.line, "message": row.message, "kind": kind}


def _pages(statement: StatementRead, account: str) -> list[dict[str, Any]]:
    """Return a statement, or its pages, whose identical lines are numbered through."""
    marks = rules.line_fingerprints(rules.account_key(statement.account or account), statement.lines)
    counts = iter(rules.occurrences(marks))
    if not statement.pages:
        return [_statement(statement, account, counts)]
    whole = {"statement_proof": _proof(statement)}
    return [_statement(page, account, counts) | whole for page in statement.pages]


def _statement(statement: StatementRead, account: str, counts: Iterator[int]) -> dict[str, Any]:
    """Return one bank statement with its proof; `counts` gives the occurrence of each next line."""
    period = statement.covers or statement.period
    opening, closing = statement.opening, statement.closing
    ahead = to_come(statement, utc_now().date())
    return {
        "account": statement.account or account,
        "number": statement.number,
        "page": statement.page,
        "reference": statement.reference,
        "period_from": _iso(period[0]) if period else None,
        "period_to": _iso(period[1]) if period else None,
        "opening_minor": opening.pence if opening else None,
        "closing_minor": closing.pence if closing else None,
        "currency": statement.currency,
        "interim": statement.interim,
        "lines": [_line(line, next(counts)) for line in statement.lines],
        "proof": _proof(statement),
        "controls": [_control(control) for control in statement.controls],
        "warnings": [str(row) for row in ahead],
    }


def _proof(statement: StatementRead) -> dict[str, Any]:
    proof = rules.prove(statement)
    return {"ok": proof.ok, "difference_minor": proof.difference, "hint": proof.hint}


def _line(line: LineRead, occurrence: int) -> dict[str, Any]:
    reference = line.customer_reference
    told: dict[str, Any] = {
        "date": line.booked_on.isoformat(),
        "amount_minor": line.pence,
        "type": line.type_code,
        "reference": line.bank_reference if reference in _NO_REFERENCE else reference,
        "narrative": line.words,
        "occurrence": occurrence,
        "line": line.file_line,
        "value_date": _iso(line.value_on),
        "bank_reference": line.bank_reference,
        "mark": line.mark,
    }
    if line.balance is not None:
        told["balance_minor"] = line.balance
    if line.parts:
        told["parts"] = [{"amount_minor": p, "reference": r, "narrative": w} for p, r, w in line.parts]
    return told


def _control(control: Control) -> dict[str, Any]:
    return {
        "name": control.name,
        "stated": control.stated,
        "counted": control.counted,
        "unit": control.unit,
        "holds": control.holds,
    }


def _payout(payout: SettlementRead) -> dict[str, Any]:
    """Return one payout: its lines net of fees, proved by the sum the report says was paid out."""
    marks = [(x.kind, x.made_on, x.net, x.reference, x.psp_reference, x.words) for x in payout.lines]
    days = [line.made_on for line in payout.lines]
    stated = payout.stated_net
    difference = None if stated is None else stated - payout.net
    ok = difference == 0 and not payout.problems
    return {
        "account": payout.provider,
        "number": payout.payout_id,
        "provider": payout.provider,
        "payout": payout.payout_id,
        "paid_on": _iso(payout.paid_on),
        "period_from": _iso(min(days)) if days else None,
        "period_to": _iso(max(days)) if days else None,
        "opening_minor": None,
        "closing_minor": None,
        "currency": payout.currency,
        "lines": [
            _payout_line(line, count)
            for line, count in zip(payout.lines, rules.occurrences(map(repr, marks)), strict=True)
        ],
        "proof": {"ok": ok, "difference_minor": difference, "hint": _payout_hint(payout, difference)},
        "gross_minor": payout.gross,
        "fees_minor": payout.fees,
        "refunds_minor": payout.refunds,
        "disputes_minor": payout.disputes,
        "other_minor": payout.other,
        "net_minor": payout.net,
        "stated_net_minor": stated,
    }


def _payout_line(line: SettlementLineRead, occurrence: int) -> dict[str, Any]:
    return {
        "date": line.made_on.isoformat(),
        "amount_minor": line.net,
        "type": line.kind,
        "reference": line.reference or line.psp_reference,
        "narrative": line.words,
        "occurrence": occurrence,
        "line": line.file_line,
        "gross_minor": line.gross,
        "fee_minor": line.fee,
        "provider_reference": line.psp_reference,
    }


def _payout_hint(payout: SettlementRead, difference: int | None) -> str:
    if difference is None:
        return "The report does not say what was paid out."
    if difference:
        stated, made = (figure(p, payout.currency) for p in (payout.stated_net or 0, payout.net))
        return f"It says that {stated} was paid out, but its lines make {made}."
    return str(payout.problems[0]) if payout.problems else ""


def _ledger(read: LedgerFile) -> dict[str, Any]:
    """Return a ledger extract as one statement, proved by its own totals where it states any."""
    days = [receipt.posted_on for receipt in read.receipts]
    failing = [control for control in read.controls if not control.holds]
    off = next((c.stated - c.counted for c in failing if c.stated is not None and c.unit == "pence"), None)
    ok = bool(read.controls) and not failing
    return {
        "account": "",
        "number": "",
        "period_from": _iso(min(days, default=None)),
        "period_to": _iso(max(days, default=None)),
        "opening_minor": None,
        "closing_minor": None,
        "currency": "GBP",
        "lines": [_receipt(receipt) for receipt in read.receipts],
        "proof": {"ok": ok, "difference_minor": 0 if ok else off, "hint": _ledger_hint(read, failing)},
        "controls": [_control(control) for control in read.controls],
    }


def _ledger_hint(read: LedgerFile, failing: Sequence[Control]) -> str:
    if not read.controls:
        return "It states no total that its rows could be held against."
    return rules.control_words(failing[0], "GBP") if failing else ""


def _receipt(receipt: ReceiptRead) -> dict[str, Any]:
    return {
        "date": receipt.posted_on.isoformat(),
        "amount_minor": receipt.pence,
        "type": receipt.mop,
        "reference": receipt.reference,
        "narrative": receipt.narrative,
        "occurrence": 1,
        "line": receipt.file_line,
        "id": receipt.ledger_id,
        "fund": receipt.fund,
        "provider_reference": receipt.psp_reference,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _words(
    name: str, kind: str, statements: Sequence[dict[str, Any]], rows: Iterable[dict[str, Any]]
) -> list[str]:
    """Return the same in lines for people."""
    told = list(rows)
    words = [f"“{name}”: {kind}, {plural(len(statements), 'statement')}."]
    wrong = any(row["kind"] != "warning" for row in told) or not all(s["proof"]["ok"] for s in statements)
    odd = len(told) + sum(len(one.get("warnings", ())) for one in statements)
    if odd and not wrong:
        words.append(f"Nothing is wrong in it, but look at {plural(odd, 'warning')}.")
    for one in statements:
        currency = one["currency"] or "GBP"
        days = [date.fromisoformat(one[key]) for key in ("period_from", "period_to") if one[key]]
        period = f", {date_year(days[0])} to {date_year(days[-1])}" if days else ""
        number = f" {one['number']}" if one["number"] else ""
        words.append(
            f"{one['account'] or 'No account named'}{number}{period}: {plural(len(one['lines']), 'line')}."
        )
        if one["opening_minor"] is not None and one["closing_minor"] is not None:
            opens, closes = (figure(one[key], currency) for key in ("opening_minor", "closing_minor"))
            words.append(f"  Opens at {opens}, closes at {closes}.")
        proof = one["proof"]
        off = proof["difference_minor"]
        short = f" by {figure(off, currency)}" if off else ""
        words.append(f"  {'Proved.' if proof['ok'] else f'Not proved{short}. ' + proof['hint']}".rstrip())
        words += [f"  {warning}" for warning in one.get("warnings", ())[:_SAID]]
    words += [f"  {BadRow(row['line'], row['message'])}" for row in told[:_SAID]]
    if len(told) > _SAID:
        words.append(f"  And {len(told) - _SAID} more.")
    return words
