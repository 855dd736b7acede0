"""BAI2 cash reports: several groups, accounts and days in one file, every total in it counted again.

Amounts have no sign: a type code of 100 to 399 is money in, 400 to 699 money out. The totals of an account, a
group and the file add amounts without signs, so they notice a changed penny or row but no changed direction;
the balances (010 and 015) notice that. The library bai2 checks the same file as a second reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from app.income.formats.day_order import calendar_day, short_day
from app.income.reading import BadRow, Balance, Control, LineRead, NotAStatement, StatementRead

FORMAT = "BAI2"

_CODES = ("01", "02", "03", "16", "49", "88", "98", "99")
_START = re.compile(r"\s*01,[^\n]*\n\s*(?:88,[^\n]*\n\s*)*02,")
_WHOLE = re.compile(r"[-+]?[0-9]{1,17}")
_OPENING, _CLOSING, _CREDITS, _DEBITS = "010", "015", "100", "400"
_REFERENCE, _WORDS = 35, 4_000
_INTERIM = frozenset({"1", "3"})  # how final a group's day is: previous or same day, not closed yet
_NO_STATEMENT = {"2": "a deletion of one sent before", "4": "a test"}
_SOON = 7  # days after its day within which a report is usually made

Tick = Callable[[int, int], None]


@dataclass
class _Record:
    """One record with its continuations: its first line, how many lines it takes, and its fields."""

    line: int
    rows: int
    code: str
    fields: list[str]
    words: str


@dataclass
class _Account:
    """One account while its records arrive."""

    line: int
    name: str
    currency: str
    day: date | None
    day_text: str
    opening: int | None = None
    closing: int | None = None
    stated: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    total: int = 0  # of every amount in it, without signs
    rows: int = 0
    lines: list[LineRead] = field(default_factory=list)
    problems: list[BadRow] = field(default_factory=list)
    remarks: list[BadRow] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    trailed: bool = False
    interim: bool = False


@dataclass
class _Group:
    """One group while its accounts arrive; `stated` is what their trailers say, added up."""

    day: date | None
    day_text: str
    currency: str
    status: str = "1"
    interim: bool = False
    accounts: list[_Account] = field(default_factory=list)
    rows: int = 0
    stated: int = 0
    blank: bool = False
    trailed: bool = False


@dataclass
class _File:
    """The whole file while its groups arrive."""

    created: date | None = None
    groups: list[_Group] = field(default_factory=list)
    rows: int = 0
    stated: int = 0
    blank: bool = False
    trailed: bool = False


def looks_like(head: str) -> bool:
    """Say whether a text begins with a file header and a group header."""
    return _START.match(head) is not None


def read(name: str, text: str, tick: Tick | None = None) -> tuple[StatementRead, ...]:
    """Return a statement for each account of each group; raises NotAStatement when there is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = _File()
    total = text.count("\n") + 1
    last = ""
    for index, record in enumerate(_records(name, text)):
        if tick is not None and index % 2_000 == 0:
            tick(record.line, total)
        _TAKE[record.code](whole, record)
        last = record.code
    accounts = [account for group in whole.groups for account in group.accounts]
    if not accounts:
        raise NotAStatement(f"“{name}” is a BAI2 file with no account in it.", "Ask the bank for it again.")
    _missing_trailers(whole)
    refused = second_opinion(text) if last == "99" else ""  # bai2 never ends on a file that was cut short
    return tuple(_statement(whole, account, refused) for account in accounts)


def _records(name: str, text: str) -> Iterator[_Record]:
    """Yield the records of a file, each with its continuation lines joined."""
    record: _Record | None = None
    for line, told in enumerate(text.split("\n"), 1):
        row = told.strip()
        if not row:
            continue
        code, body = row[:2], row[3:]
        if code == "88" and record is not None:
            record.rows += 1
            _continue(record, body)
            continue
        if code not in _CODES or row[2:3] not in {",", ""} or (record is None and code != "01"):
            raise NotAStatement(
                f"Line {line} of “{name}” is no BAI2 record: “{row[:24]}”.",
                "Ask the bank for the file again.",
            )
        if record is not None:
            yield record
        record = _Record(line, 1, code, [], "")
        _continue(record, body)
    if record is not None:
        yield record


def _continue(record: _Record, body: str) -> None:
    """Add a line to a record: fields while they last, the words of a transaction after them.

    Summaries of an account come in fours; some banks end a line of them with a comma more than others do.
    """
    ended = body.endswith("/")
    body = body[:-1] if ended else body
    if record.code == "16" and record.rows > 1:
        record.words = f"{record.words} {body}"
        return
    fields = body.split(",")
    if record.code == "03":
        beyond = len(fields) - (2 if record.rows == 1 else 0)
        if ended and beyond % 4 == 1 and not fields[-1]:
            fields.pop()
    record.fields += fields


def _number(text: str) -> int | None:
    """Return a whole number of pence or records, None for a blank field; raises ValueError."""
    text = text.strip()
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"“{text[:20]}” is not a whole number")
    return int(text)


def _field(record: _Record, place: int) -> str:
    return record.fields[place].strip() if place < len(record.fields) else ""


# -- one record at a time ---------------------------------------------------------------------------------


def _take_file(whole: _File, record: _Record) -> None:
    whole.created = short_day(_field(record, 2))
    whole.rows += record.rows


def _take_group(whole: _File, record: _Record) -> None:
    text = _field(record, 3)
    group = _Group(short_day(text), text, _field(record, 5), _field(record, 2), _field(record, 6) in _INTERIM)
    group.rows = record.rows
    whole.groups.append(group)
    whole.rows += record.rows


def _take_account(whole: _File, record: _Record) -> None:
    if not whole.groups or whole.groups[-1].trailed:
        raise NotAStatement(
            f"The account in line {record.line} stands outside any group.", "Ask the bank for the file again."
        )
    group = whole.groups[-1]
    currency = _field(record, 1) or group.currency
    account = _Account(record.line, _field(record, 0)[:64], currency[:3], group.day, group.day_text)
    account.interim = group.interim
    if group.status in _NO_STATEMENT:
        account.problems.append(BadRow(record.line, f"the bank calls it {_NO_STATEMENT[group.status]}"))
    group.accounts.append(account)
    account.rows = record.rows
    group.rows += record.rows
    whole.rows += record.rows
    fields = record.fields[2:]
    while len(fields) >= 2 or (fields and fields[0].strip()):
        code, rest = fields[0].strip(), fields[1:]
        try:
            amount = _number(rest[0]) if rest else None
            count = _number(rest[1]) if len(rest) > 1 else None
        except ValueError as error:
            account.problems.append(BadRow(record.line, str(error)))
            return
        fields = rest[2:]
        fields = _skip_funds(fields)
        if amount is None:
            continue
        account.total += amount
        if code == _OPENING:
            account.opening = amount
        elif code == _CLOSING:
            account.closing = amount
        elif code in {_CREDITS, _DEBITS}:
            account.stated[code] = (amount, count)


def _skip_funds(fields: list[str]) -> list[str]:
    """Return fields without a funds type and the days and amounts that it brings."""
    kind = fields[0].strip() if fields else ""
    rest = fields[1:]
    if kind == "S":
        return rest[3:]
    if kind == "V":
        return rest[2:]
    if kind == "D" and rest and rest[0].strip().isdigit():
        return rest[1 + 2 * int(rest[0]) :]
    return rest


def _take_transaction(whole: _File, record: _Record) -> None:
    group = whole.groups[-1] if whole.groups else None
    account = group.accounts[-1] if group is not None and group.accounts else None
    if group is None or account is None or account.trailed:
        raise NotAStatement(
            f"The transaction in line {record.line} stands outside any account.",
            "Ask the bank for the file again.",
        )
    for part in (account, group, whole):
        part.rows += record.rows
    code = _field(record, 0)
    try:
        amount = _number(_field(record, 1))
        sign = _sign(code)
    except ValueError as error:
        account.problems.append(BadRow(record.line, str(error)))
        return
    account.total += amount or 0
    if not sign:
        account.remarks.append(BadRow(record.line, f"type {code} is no movement, so it is not counted"))
        return
    if amount is None or account.day is None:
        what = "the amount is empty" if amount is None else f"“{account.day_text}” is not a day"
        account.problems.append(BadRow(record.line, what))
        return
    value_on = None
    if _field(record, 2) == "V":
        value_on = short_day(_field(record, 3))
        if value_on is None and _field(record, 3):
            told = f"the value date {_field(record, 3)[:12]} does not exist and was left out"
            account.remarks.append(BadRow(record.line, told))
    rest = _skip_funds(record.fields[2:])
    bank, customer = (rest[0].strip() if rest else ""), (rest[1].strip() if len(rest) > 1 else "")
    words = " ".join(f"{','.join(rest[2:])} {record.words}".split())
    account.lines.append(
        LineRead(
            *(record.line, account.day, value_on, sign * amount, "C" if sign > 0 else "D", code[:8]),
            *(customer[:_REFERENCE], bank[:_REFERENCE], words[:_WORDS]),
        )
    )


def _sign(code: str) -> int:
    """Return 1 for a credit, -1 for a debit, 0 for what moves no money; raises ValueError for no code."""
    if not (code.isascii() and code.isdigit() and len(code) == 3):
        raise ValueError(f"“{code[:12]}” is not a type code")
    number = int(code)
    return 1 if 100 <= number < 400 else -1 if 400 <= number < 700 else 0


def _take_account_trailer(whole: _File, record: _Record) -> None:
    group = whole.groups[-1] if whole.groups else None
    account = group.accounts[-1] if group is not None and group.accounts else None
    if group is None or account is None or account.trailed:
        raise NotAStatement(
            f"The trailer in line {record.line} closes no account.", "Ask the bank for the file again."
        )
    for part in (account, group, whole):
        part.rows += record.rows
    account.trailed = True
    stated, rows = _two(account, record, 0, 1)
    account.controls.append(Control("account control total", stated, account.total))
    account.controls.append(Control("number of records in the account", rows, account.rows, "rows"))
    group.stated += stated or 0
    group.blank = group.blank or stated is None


def _take_group_trailer(whole: _File, record: _Record) -> None:
    if not whole.groups or whole.groups[-1].trailed or not whole.groups[-1].accounts:
        raise NotAStatement(
            f"The trailer in line {record.line} closes no group.", "Ask the bank for the file again."
        )
    group = whole.groups[-1]
    group.rows += record.rows
    whole.rows += record.rows
    group.trailed = True
    last = group.accounts[-1]
    stated, accounts = _two(last, record, 0, 1)
    rows = _two(last, record, 2, 2)[0]
    controls = [
        Control("group control total", stated, group.stated),
        Control("number of accounts in the group", accounts, len(group.accounts), "rows"),
        Control("number of records in the group", rows, group.rows, "rows"),
    ]
    for account in group.accounts:
        account.controls += controls
    whole.stated += stated or 0
    whole.blank = whole.blank or stated is None


def _take_file_trailer(whole: _File, record: _Record) -> None:
    whole.rows += record.rows
    whole.trailed = True
    accounts = [account for group in whole.groups for account in group.accounts]
    if not accounts:
        return
    stated, groups = _two(accounts[-1], record, 0, 1)
    rows = _two(accounts[-1], record, 2, 2)[0]
    controls = [
        Control("file control total", stated, whole.stated),
        Control("number of groups", groups, len(whole.groups), "rows"),
        Control("number of records in the file", rows, whole.rows, "rows"),
    ]
    for account in accounts:
        account.controls += controls


def _two(account: _Account, record: _Record, first: int, second: int) -> tuple[int | None, int | None]:
    """Return two fields of a trailer; one that is no number is a problem of the account before it."""
    try:
        return _number(_field(record, first)), _number(_field(record, second))
    except ValueError as error:
        account.problems.append(BadRow(record.line, str(error)))
        return None, None


_TAKE: dict[str, Callable[[_File, _Record], None]] = {
    "01": _take_file,
    "02": _take_group,
    "03": _take_account,
    "16": _take_transaction,
    "49": _take_account_trailer,
    "98": _take_group_trailer,
    "99": _take_file_trailer,
}


# -- the end of the file ----------------------------------------------------------------------------------


def _missing_trailers(whole: _File) -> None:
    """Note each trailer that never came as a total that is missing."""
    for group in whole.groups:
        for account in group.accounts:
            if not account.trailed:
                account.controls.append(Control("account trailer", None, account.total))
            if not group.trailed:
                account.controls.append(Control("group trailer", None, group.stated))
            if not whole.trailed:
                account.controls.append(Control("file trailer", None, whole.stated))


def second_opinion(text: str) -> str:
    """Return what the library bai2 finds wrong with the totals, "" for nothing or where it cannot read on."""
    from bai2.bai2 import parse_from_string
    from bai2.exceptions import IntegrityException, NotSupportedYetException, ParsingException

    try:
        parse_from_string(text)
    except IntegrityException as error:
        return " ".join(str(error).split())[:200]
    except (ParsingException, NotSupportedYetException, ValueError, LookupError, TypeError, RuntimeError):
        return ""  # it knows fewer type codes and forms than banks send
    return ""


def _statement(whole: _File, account: _Account, refused: str) -> StatementRead:
    """Return the statement of an account, the totals of its group and file held against what was read."""
    into = [line.pence for line in account.lines if line.mark == "C"]
    out = [-line.pence for line in account.lines if line.mark == "D"]
    controls = list(account.controls)
    for code, title, found in ((_CREDITS, "credits", into), (_DEBITS, "debits", out)):
        amount, count = account.stated.get(code, (None, None))
        if amount is not None:
            controls.append(Control(f"total of {title}", amount, sum(found)))
        if count is not None:
            controls.append(Control(f"number of {title}", count, len(found), "rows"))
    day, remarks = account.day, list(account.remarks)
    if day is None:
        account.problems.append(BadRow(account.line, f"“{account.day_text}” is in no calendar"))
    elif whole.created is not None and _exchanged(day, whole.created):
        told = f"it is of {day.isoformat()}, but its file was made on {whole.created.isoformat()}"
        remarks.append(BadRow(account.line, told))
    made = StatementRead(
        *("", account.name, "", "", account.currency),
        _balance(account, account.opening),
        _balance(account, account.closing),
        tuple(account.lines),
        tuple(account.problems),
        account.interim,
        controls=tuple(controls),
        remarks=tuple(remarks),
    )
    if refused and all(control.holds for control in controls):
        return replace(
            made, problems=(*made.problems, BadRow(account.line, f"its totals do not hold: {refused}"))
        )
    return made


def _exchanged(day: date, made_on: date) -> bool:
    """Say whether a report's day and the day it was made lie apart only as day and month exchanged would."""

    def near(first: date | None, second: date | None) -> bool:
        return first is not None and second is not None and -1 <= (second - first).days <= _SOON

    def turned(one: date) -> date | None:
        return calendar_day(one.year, one.day, one.month)

    return not near(day, made_on) and (near(turned(day), made_on) or near(day, turned(made_on)))


def _balance(account: _Account, pence: int | None) -> Balance | None:
    if pence is None or account.day is None:
        return None
    return Balance(pence, account.day, account.currency)
