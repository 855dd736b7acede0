"""Banks' own CSV files: any file with headings, or of a bank that is known, one statement an account.

The running balance is the proof where it stands beside the lines, in whichever direction the file runs; the
opening balance is then the first balance less the first amount. Rows that carry an opening balance, a closing
balance or a total are not lines but are held against them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, pairwise
from typing import Any

from app.income.amounts import BadAmount, pence_from_text, quick_pence
from app.income.formats import plain_rows
from app.income.formats.bank_columns import (
    DECIMAL_COMMA,
    Columns,
    amount_reader,
    columns_of,
    layout_of,
    point_for_comma,
    with_points,
)
from app.income.formats.bank_layouts import Layout, day_first_by, find_headings, guess, known_bank
from app.income.formats.bank_plain import LONGEST_REFERENCE as _REFERENCE
from app.income.formats.bank_plain import LONGEST_TYPE as _TYPE
from app.income.formats.bank_plain import odd_rows
from app.income.formats.csv_rows import RowList, Rows, delimiter_of, filled, rows_of, unguarded
from app.income.formats.day_order import Days
from app.income.proof import oldest_first
from app.income.read_columns import Reads, column_of
from app.income.reading import BadRow, Balance, Control, LineRead, NotAStatement, StatementRead

FORMAT = "Bank CSV"

Tick = Callable[[int, int], None]

_OPENING = re.compile(
    r"(?:opening|start(?:ing)?|previous)(?: ledger| cleared| available| book| statement)? balance\b"
    r"|(?:balance )?brought forward|balance b/?f(?:wd)?\b|b/f\b|balance at (?:the )?(?:start|beginning)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:closing|end(?:ing)?|final)(?: ledger| cleared| available| book| statement)? balance\b"
    r"|(?:balance )?carried forward|balance c/?f(?:wd)?\b|c/f\b|balance at (?:the )?end",
    re.IGNORECASE,
)
_CLEARED = re.compile(r"cleared|available", re.IGNORECASE)
_TOTAL = re.compile(r"(?:grand |sub-?)?totals?\b", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:number|no\.?|count) of (?:transactions|entries|items|rows)|(?:transaction|item|entry) count",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    "|".join(pattern.pattern for pattern in (_OPENING, _CLOSING, _TOTAL, _COUNT)), re.IGNORECASE
)
_DATED = re.compile(r"[0-9]{1,4}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3})[-/. ][0-9]{2,4}")
_MANGLED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_ACCOUNT_ROW = re.compile(r"account(?: number| no\.?| identifier|/iban)?|iban", re.IGNORECASE)
_SORT_ROW = re.compile(r"sort ?code", re.IGNORECASE)


@dataclass
class _Part:
    """What one account's rows of a file hold, while they are read."""

    account: str
    lines: Reads[LineRead] = field(default_factory=lambda: Reads(LineRead))
    problems: list[BadRow] = field(default_factory=list)
    remarks: list[BadRow] = field(default_factory=list)
    opening: tuple[int, date | None] | None = None
    closing: tuple[int, date | None] | None = None
    totals: list[tuple[str, int, str]] = field(default_factory=list)
    currency: str = ""


def looks_like(head: str) -> bool:
    """Say whether the first rows have headings with a date and an amount, or are a known bank's."""
    delimiter = delimiter_of(head)
    try:
        rows = rows_of("", head, delimiter, careful=False)
    except NotAStatement:
        return False
    return find_headings(rows) is not None or known_bank(rows) is not None


def looks_tabular(head: str) -> bool:
    """Say whether a text is rows of the same three or more cells, some with a date and an amount in them."""
    delimiter = delimiter_of(head)
    try:
        rows = [cells for _, cells in rows_of("", head.rpartition("\n")[0], delimiter) if filled(cells) > 1]
    except NotAStatement:
        return False
    widths = Counter(len(cells) for cells in rows)
    width, most = widths.most_common(1)[0] if widths else (0, 0)
    told = [cells for cells in rows if _has_money(cells) and any(map(_DATED.search, cells))]
    return width >= 3 and most * 2 > len(rows) and bool(told)


def _has_money(cells: Sequence[str]) -> bool:
    return any(_money(cell) is not None for cell in cells if "." in cell or "," in cell)


def read(
    name: str, text: str, tick: Tick | None = None, layout: Mapping[str, Any] | None = None
) -> tuple[StatementRead, ...]:
    """Return a statement for each account in the file.

    `layout` (see app.income.formats.bank_layouts) goes before what the file tells. Raises NeedsDateOrder or
    NeedsColumns where a person must say, NotAStatement where there is no line at all.
    """
    return read_with_layout(name, text, tick, layout)[1]


def read_with_layout(
    name: str, text: str, tick: Tick | None = None, layout: Mapping[str, Any] | None = None
) -> tuple[Layout, tuple[StatementRead, ...]]:
    """Return the layout that a file turned out to have, to be remembered, and its statements; see read."""
    delimiter = str((layout or {}).get("delimiter") or delimiter_of(text))
    found, statements = read_rows(name, rows_of(name, text, delimiter), tick, layout)
    kept = {key: value for key, value in found.items() if key != "dated"}
    return {**kept, "delimiter": delimiter}, statements


def read_rows(
    name: str, rows: Rows, tick: Tick | None = None, layout: Mapping[str, Any] | None = None
) -> tuple[Layout, tuple[StatementRead, ...]]:
    """Return the layout and the statements of rows that are cut into cells, as a spreadsheet's are."""
    start, found = layout_of(name, rows, layout or {})
    columns = columns_of(name, rows, found)
    body = with_points(rows[start:], columns)
    about = _preamble(rows[: max(0, start - 1)])
    chunks = _by_account(body, columns, about.account)
    headings = rows[start - 1][1] if found.get("header_row") and start else []
    days = _days(name, chunks, columns, {"day_first": day_first_by(headings), **found}, about.account)
    parts: dict[str, _Part] = {}
    for account, chunk in chunks.items():
        part = parts.setdefault(account, _Part(account))
        _read_part(part, chunk, columns, found, days, tick, len(rows))
    if len(parts) == 1:
        only = next(iter(parts.values()))
        only.opening, only.closing = only.opening or about.opening, only.closing or about.closing
        only.currency = only.currency or about.currency
    for part in parts.values():
        part.remarks = [*days.remark(int(found.get("header_row") or 1)), *part.remarks]
    made = tuple(_statement(part, str(found.get("currency_code", ""))) for part in parts.values())
    if not any(s.lines or s.problems or s.opening for s in made):
        raise NotAStatement(
            f"“{name}” has headings but no line below them.", "Ask the bank’s site for it again."
        )
    if days.day_first is not None and not days.inferred:  # the next file is to be looked at by itself
        found["day_first"] = days.day_first
    return found, made


@dataclass
class _About:
    """What the rows above the headings say of the whole file."""

    account: str = ""
    currency: str = ""
    opening: tuple[int, date | None] | None = None
    closing: tuple[int, date | None] | None = None


def _preamble(rows: Rows) -> _About:
    """Return the account and balances that rows above the headings name: label, then value."""
    about = _About()
    sort_code = number = ""
    for _, cells in rows:
        said = [unguarded(cell) for cell in cells if cell.strip()]
        inside = [(cell.partition(":")[0], cell.partition(":")[2]) for cell in said]
        for label, value in (*inside, *pairwise(said)):
            label, value = label.strip(": "), value.strip()
            if not value:
                continue
            if _SORT_ROW.fullmatch(label):
                sort_code = value
            elif _ACCOUNT_ROW.fullmatch(label) and any(ch.isdigit() for ch in value):
                number = value
            elif label.casefold() == "currency":
                about.currency = value[:3].upper()
            elif _OPENING.match(label):
                about.opening = _money(value)
            elif _CLOSING.match(label):
                about.closing = _money(value)
    about.account = f"{sort_code} {number}".strip()
    return about


def _money(text: str) -> tuple[int, date | None] | None:
    try:
        return pence_from_text(point_for_comma(text) if DECIMAL_COMMA.fullmatch(text.strip()) else text), None
    except BadAmount:
        return None


def _days(name: str, chunks: Mapping[str, Rows], columns: Columns, layout: Layout, account: str) -> Days:
    """Read every date of the file once; the order of day and month is the file's."""
    texts: set[str] = set()

    def column(at: int | None, rows: Rows) -> list[str]:
        found = plain_rows.column_of(rows, at) if at is not None else []
        told = set(found)
        dated = {text for text in told if any(map(str.isdigit, text))}
        texts.update(dated)
        return found if len(dated) == len(told) else [text for text in found if text in dated]

    runs = [column(columns.date, rows) for rows in chunks.values()]
    for rows in chunks.values():
        column(columns.value_date, rows)
    day_first = layout.get("day_first")
    if "dated" in layout:
        texts.add(str(layout["dated"]))
    if day_first is None and columns.sort_code is not None:
        day_first = True  # a remembered column; where headings stand, they were asked already
    if not account and columns.account is not None:
        body = chain.from_iterable(chunks.values())
        account = next((cells[columns.account] for _, cells in body if len(cells) > columns.account), "")
    return Days(name, texts, day_first, account, short=bool(layout.get("short_dates")), runs=runs)


def _by_account(body: Rows, columns: Columns, otherwise: str) -> dict[str, Rows]:
    """Return the rows of each account; a row that names none goes with the one before it."""
    if columns.account is None and columns.sort_code is None:
        return {otherwise: body}
    groups: dict[tuple[str, str], RowList] = {}
    waiting: RowList = []
    last: RowList | None = None
    at, sort = columns.account, columns.sort_code
    for row in body:
        cells = row[1]
        number = cells[at] if at is not None and len(cells) > at else ""
        code = cells[sort] if sort is not None and len(cells) > sort else ""
        if any(map(str.isdigit, number)):
            last = groups.setdefault((code, number), [])
        (waiting if last is None else last).append(row)
    named: dict[str, RowList] = {}
    for (code, number), rows in groups.items():
        named.setdefault(f"{unguarded(code)} {unguarded(number)}".strip(), []).extend(rows)
    if not named:
        return {otherwise: waiting}
    first = next(iter(named))
    named[first] = waiting + named[first]
    return dict(named)


def _read_part(
    part: _Part,
    rows: Rows,
    columns: Columns,
    layout: Layout,
    days: Days,
    tick: Tick | None,
    total: int,
) -> None:
    """Read the rows of one account. The usual row takes the short way; whatever is odd goes to `_odd`."""
    at_date = columns.date
    fixed = days.known.get(str(layout.get("dated", "")))
    known = days.known
    amount_of = amount_reader(columns)
    at_type, at_reference, at_bank = columns.type, columns.reference, columns.bank_reference
    at_balance, at_value, at_currency = columns.balance, columns.value_date, columns.currency
    single = columns.narrative[0] if len(columns.narrative) == 1 else None
    add, new = part.lines.append, tuple.__new__  # a third of the time that LineRead(...) would take
    currency = _currency_of(part, rows, at_currency)
    for line, cells in odd_rows(part.lines, rows, columns, known, currency, tick, total):
        try:
            day = known[cells[at_date]] if at_date is not None else fixed
            if day is None or (at_currency is not None and cells[at_currency] != currency):
                raise KeyError(at_date)
            pence = amount_of(cells)
            words = cells[single].strip() if single is not None else _joined(cells, columns.narrative)
            reference = cells[at_reference].strip() if at_reference is not None else ""
            balance = quick_pence(text) if at_balance is not None and (text := cells[at_balance]) else None
            value_on = known.get(cells[at_value]) if at_value is not None else None
            kind = cells[at_type].strip()[:_TYPE] if at_type is not None else ""
            bank = cells[at_bank].strip()[:_REFERENCE] if at_bank is not None else ""
        except (KeyError, IndexError, BadAmount):
            _odd(part, line, cells, columns, days, fixed, currency)
            continue
        if words[:1] in _GUARDS or "\n" in words:
            words = " ".join(unguarded(words).split())
        if (balance is None or not pence or pence == balance) and _is_balance_row(
            part, cells, pence, balance, day
        ):
            continue
        if reference and ("E+" in reference or reference[0] in _GUARDS or len(reference) > _REFERENCE):
            reference = _reference(part, line, reference)
        mark = "D" if pence < 0 else "C"
        add(new(LineRead, (line, day, value_on, pence, mark, kind, reference, bank, words, balance, ())))


_GUARDS = frozenset("'=")


def _joined(cells: Sequence[str], places: Sequence[int]) -> str:
    return " ".join(cell for at in places if at < len(cells) and (cell := cells[at].strip()))


def _reference(part: _Part, line: int, text: str) -> str:
    """Return a reference without its guard; one that a spreadsheet spoilt is named and left out."""
    text = unguarded(text)
    if _MANGLED.fullmatch(text):
        told = f"a spreadsheet turned the reference into “{text}”, so it cannot be trusted"
        part.remarks.append(BadRow(line, told))
        return ""
    return text[:_REFERENCE]


def _currency_of(part: _Part, rows: Rows, at: int | None) -> str:
    """Return the cell that most rows have for their currency, and note it as the account's."""
    if at is None:
        return ""
    usual = Counter(cells[at] for _, cells in rows if len(cells) > at and cells[at].strip()).most_common(1)
    cell = usual[0][0] if usual else ""
    part.currency = cell.strip().upper()[:3]
    return cell


def _is_balance_row(
    part: _Part, cells: Sequence[str], pence: int, balance: int | None, day: date | None
) -> bool:
    """Take a dated row that is an opening or closing balance, and say whether it was one."""
    whole = " ".join(cells).lower()
    if "balance" not in whole and "forward" not in whole and "/f" not in whole:
        return False
    for cell in cells:
        text = cell.strip()
        if _OPENING.match(text) or _CLOSING.match(text):
            level = pence if balance is None else balance
            if not _CLEARED.search(text):
                if _OPENING.match(text):
                    part.opening = (level, day)
                else:
                    part.closing = (level, day)
            return True
    return False


def _odd(
    part: _Part,
    line: int,
    cells: list[str],
    columns: Columns,
    days: Days,
    fixed: date | None,
    currency: str,
) -> None:
    """Read a row that is no plain line: a balance, a total, headings again, a footnote, or a bad one."""
    if filled(cells) == 0 or guess(cells) is not None:
        return
    date_text = cells[columns.date] if columns.date is not None and len(cells) > columns.date else ""
    day = days.known.get(date_text, fixed)
    said = [cell.strip() for cell in cells if cell.strip()]
    if _take_summary(part, said, cells, columns, day):
        return
    if day is None and len(said) < 3 and not any(map(str.isdigit, date_text[:2])):
        return  # a footnote such as "End of report"
    if day is None:
        part.problems.append(
            BadRow(line, days.why.get(date_text) or f"“{date_text.strip()[:24]}” is not a date")
        )
        return
    if columns.currency is not None and len(cells) > columns.currency:
        other = cells[columns.currency].strip().upper()
        if other and other != currency.strip().upper():
            told = f"it is in {other[:3]}, but the account is kept in {currency.strip().upper()[:3]}"
            part.problems.append(BadRow(line, told))
            return
    try:
        pence = amount_reader(columns)(cells)
        balance = cells[columns.balance].strip() if columns.balance is not None else ""
        level = pence_from_text(balance) if balance else None
    except BadAmount as error:
        part.problems.append(BadRow(line, str(error)))
        return
    except IndexError:
        part.problems.append(BadRow(line, "it breaks off before its last column"))
        return

    def cell(at: int | None) -> str:
        return unguarded(cells[at]) if at is not None and at < len(cells) else ""

    reference = _reference(part, line, cell(columns.reference))
    value_on = (
        days.known.get(cells[columns.value_date])
        if columns.value_date is not None and cell(columns.value_date)
        else None
    )
    words = " ".join(_joined(cells, columns.narrative).split())
    part.lines.append(
        LineRead(
            *(line, day, value_on, pence, "D" if pence < 0 else "C", cell(columns.type)[:_TYPE], reference),
            *(cell(columns.bank_reference)[:_REFERENCE], words, level),
        )
    )


def _take_summary(part: _Part, said: list[str], cells: list[str], columns: Columns, day: date | None) -> bool:
    """Take a row that sums the file up, and say whether it was one."""
    label = next((text for text in said if _SUMMARY.match(text)), "")
    opening, closing = _OPENING.match(label), _CLOSING.match(label)
    if opening or closing:
        level = _last_money(said)
        if level is not None and not _CLEARED.search(label):
            if opening:
                part.opening = (level, day)
            else:
                part.closing = (level, day)
        return True
    if _COUNT.match(label):
        count = next((int(text) for text in reversed(said) if text.isascii() and text.isdigit()), None)
        if count is not None:
            part.totals.append(("number of transactions", count, "rows"))
        return True
    if _TOTAL.match(label):
        for key, title in (("debit", "total of debits"), ("credit", "total of credits"), ("amount", "total")):
            at = getattr(columns, key)
            stated = _money(cells[at]) if at is not None and at < len(cells) and cells[at].strip() else None
            if stated is not None:
                part.totals.append((title, stated[0], "pence"))
        return True
    return False


def _last_money(said: Sequence[str]) -> int | None:
    for text in reversed(said):
        found = _money(text)
        if found is not None:
            return found[0]
    return None


def _statement(part: _Part, currency: str) -> StatementRead:
    """Return an account's statement, its balances told by the file or worked out from the running ones."""
    code = part.currency or currency
    lines, days = part.lines, column_of(part.lines, "booked_on")
    opening, closing, derived = part.opening, part.closing, False
    if lines and (opening is None) != (closing is None):
        which, other = ("a closing", "an opening") if opening is None else ("an opening", "a closing")
        told = f"the file has {which} balance of its own and not {other} one, so it may be cut short"
        part.remarks.append(BadRow(lines[-1].file_line, told))
    if lines and None not in column_of(lines, "balance"):
        order = oldest_first(lines)
        oldest, newest = order[0], order[-1]
        if opening is None and oldest.balance is not None:
            opening, derived = (oldest.balance - oldest.pence, oldest.booked_on), True
        if closing is None and newest.balance is not None:
            closing = (newest.balance, newest.booked_on)
    first, last = (min(days), max(days)) if days else (None, None)
    return StatementRead(
        *("", part.account, "", "", code),
        _balance(opening, first, code),
        _balance(closing, last, code),
        lines,
        tuple(part.problems),
        controls=tuple(_controls(part)),
        remarks=tuple(part.remarks),
        derived=derived,
    )


def _balance(found: tuple[int, date | None] | None, otherwise: date | None, currency: str) -> Balance | None:
    if found is None:
        return None
    day = found[1] or otherwise
    return Balance(found[0], day, currency) if day is not None else None


def _controls(part: _Part) -> list[Control]:
    """Return the file's own totals held against its lines."""
    amounts = column_of(part.lines, "pence")
    counted = {
        "number of transactions": len(part.lines),
        "total of debits": -sum(pence for pence in amounts if pence < 0),
        "total of credits": sum(pence for pence in amounts if pence > 0),
        "total": sum(amounts),
    }
    return [
        Control(title, abs(stated) if title == "total of debits" else stated, counted[title], unit)
        for title, stated, unit in part.totals
    ]
