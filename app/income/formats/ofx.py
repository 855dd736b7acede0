"""OFX 1 (SGML, leaf tags without an end) and OFX 2 (XML) by one tolerant scanner of tags.

OFX states the balance at the end and none at the beginning, so a file alone is not proved; where the latest
proved statement of the account and these movements make that balance, app.income.importing proves it. A FITID
is kept as the bank's reference. An investment account's transactions are lines with their TOTAL, one that
states none, such as a move of units, is a line of nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from app.income.amounts import BadAmount, quick_pence
from app.income.formats.day_order import calendar_day
from app.income.reading import BadRow, Balance, LineRead, NotAStatement, StatementRead

FORMAT = "OFX"

_TOP = re.compile(r"<OFX[\s>]", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9_.]*)\s*(/?)>((?:<!\[CDATA\[.*?\]\]>|[^<])*)", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{4,6}(?:\.[0-9]+)?)?\s*(?:\[[^\]]*\])?")
_TAGGED = "/"  # the key under which a movement keeps its own tag, which is no leaf's name
_SETS = {"STMTRS", "CCSTMTRS", "INVSTMTRS"}
# What an investment account does besides INVBANKTRAN, which holds a plain STMTTRN
_INVESTED = frozenset(
    {"BUYDEBT", "BUYMF", "BUYOPT", "BUYOTHER", "BUYSTOCK", "CLOSUREOPT", "INCOME", "INVEXPENSE", "JRNLFUND"}
    | {"JRNLSEC", "MARGININTEREST", "REINVEST", "RETOFCAP", "SELLDEBT", "SELLMF", "SELLOPT", "SELLOTHER"}
    | {"SELLSTOCK", "SPLIT", "TRANSFER"}
)
_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]{1,2}")
_MORE_NOUGHTS = re.compile(r"(\.[0-9]{2})0+$")  # some banks write 12.5000, which is no finer than a penny
_TYPE, _REFERENCE, _WORDS = 8, 35, 4_000

Tick = Callable[[int, int], None]


@dataclass
class _Statement:
    """One account's statement while its tags arrive."""

    line: int
    invests: bool = False
    bank: str = ""
    branch: str = ""
    account: str = ""
    currency: str = ""
    starts: date | None = None
    ends: date | None = None
    closing: Balance | None = None
    lines: list[LineRead] = field(default_factory=list)
    problems: list[BadRow] = field(default_factory=list)
    remarks: list[BadRow] = field(default_factory=list)


def looks_like(head: str) -> bool:
    """Say whether a text has the header or the outermost tag of OFX."""
    start = head.lstrip("\ufeff \r\n\t")
    return start.startswith("OFXHEADER") or _TOP.search(start) is not None


def read(name: str, text: str, tick: Tick | None = None) -> tuple[StatementRead, ...]:
    """Return a statement for each bank or card account; raises NotAStatement when there is none."""
    if _DECLARES.search(text):
        raise NotAStatement(
            f"“{name}” declares entities or a document type, which can do harm and which no bank needs.",
            "It was not read. Ask whoever sent it what it is.",
        )
    found: list[_Statement] = []
    current: _Statement | None = None
    movement: dict[str, str] | None = None
    balance: dict[str, str] | None = None
    began = 1
    total = text.count("\n") + 1
    for index, (closes, tag, value, line) in enumerate(_tags(text)):
        if tick is not None and index % 5_000 == 0:
            tick(line, total)
        if closes:
            if current is not None and _begins(tag, current):
                movement, balance = _close(current, movement, balance, began)
            elif tag in _SETS:
                movement, balance = _close(current, movement, balance, began) if current else (None, None)
                current = None
        elif tag in _SETS:
            current = _Statement(line, invests=tag == "INVSTMTRS")
            found.append(current)
            if current.invests:
                told = "it is an investment account: its transactions are read, its holdings are not"
                current.remarks.append(BadRow(line, told))
        elif current is None:
            continue
        elif _begins(tag, current):
            movement, balance = _close(current, movement, balance, began)
            movement, balance = (None, {}) if tag == "LEDGERBAL" else ({_TAGGED: tag}, None)
            began = line
        elif movement is not None:
            movement.setdefault(tag, value)
        elif balance is not None:
            balance.setdefault(tag, value)
        else:
            _head(current, tag, value, line)
    if current is not None:
        _close(current, movement, balance, began)
        current.problems.append(BadRow(total, "the file breaks off before its end"))
    if not found:
        raise NotAStatement(
            f"“{name}” is an OFX file with no statement in it.", "Ask the bank’s site for it again."
        )
    return tuple(_finished(one) for one in found)


def _begins(tag: str, current: _Statement) -> bool:
    """Say whether a tag holds a movement or the balance of a statement."""
    return tag in {"STMTTRN", "LEDGERBAL"} or (current.invests and tag in _INVESTED)


def _tags(text: str) -> Iterator[tuple[bool, str, str, int]]:
    """Yield (whether it closes, tag, the value after it, line in the file)."""
    line, seen = 1, 0
    for match in _TAG.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        value = match[4].strip()
        if value and ("&" in value or "<" in value):
            value = html.unescape(_CDATA.sub(r"\1", value)).strip()
        yield bool(match[1]), match[2].upper(), value, line


def _head(current: _Statement, tag: str, value: str, line: int) -> None:
    """Take what stands beside the movements: account, currency and period."""
    if tag == "CURDEF":
        current.currency = current.currency or value[:3].upper()
    elif tag == "BANKID":
        current.bank = current.bank or value
    elif tag == "BRANCHID":
        current.branch = current.branch or value
    elif tag == "ACCTID":
        current.account = current.account or value
    elif tag in {"DTSTART", "DTEND"} and value:
        day = moment_day(value)
        if day is None:
            current.remarks.append(BadRow(line, f"the period’s date {value[:24]} is in no calendar"))
        elif tag == "DTSTART":
            current.starts = current.starts or day
        else:
            current.ends = current.ends or day


def moment_day(text: str) -> date | None:
    """Return the day of YYYYMMDD[HHMM[SS[.mmm]]][zone] as the bank wrote it; None when it is none.

    The zone is the bank's own, and its day is the day of the booking there, so nothing is shifted.
    """
    found = _MOMENT.fullmatch(text.strip())
    return calendar_day(int(found[1]), int(found[2]), int(found[3])) if found is not None else None


def _close(
    current: _Statement, movement: dict[str, str] | None, balance: dict[str, str] | None, line: int
) -> tuple[None, None]:
    """End the movement or balance that was being read; a leaf-only file may never close it itself."""
    try:
        if movement is not None and movement[_TAGGED] in _INVESTED:
            current.lines.append(_invested(current, movement, line))
        elif movement is not None:
            current.lines.append(_line(current, movement, line))
        elif balance is not None:
            _take_balance(current, balance)
    except BadAmount as error:
        current.problems.append(BadRow(line, str(error)))
    return None, None


def _pence(text: str) -> int:
    """Return pence of an OFX amount, whose decimal mark may be a comma; raises BadAmount."""
    body = text.replace(",", ".") if _COMMA.fullmatch(text) else text.lstrip("+")
    return quick_pence(_MORE_NOUGHTS.sub(r"\1", body))


def _stated(current: _Statement, fields: dict[str, str], key: str) -> int:
    """Return the pence that a movement states; raises BadAmount when it is none of the account's currency."""
    told = fields.get(key, "")
    if "£" in told or "$" in told or "€" in told:
        raise BadAmount(f"“{told[:24]}” is not an amount, for OFX has no currency sign in one")
    other = fields.get("CURSYM", "")[:3].upper() if "CURRENCY" in fields else ""
    if other and current.currency and other != current.currency:
        raise BadAmount(f"it is in {other}, but the account is kept in {current.currency}")
    return _pence(told)


def _booked(fields: dict[str, str], key: str) -> date:
    posted = fields.get(key, "")
    day = moment_day(posted)
    if day is None:
        raise BadAmount(f"the date {posted[:24]} is in no calendar" if posted else "the date is empty")
    return day


def _invested(current: _Statement, fields: dict[str, str], line: int) -> LineRead:
    """Return one transaction of an investment account as a line; raises BadAmount with the reason."""
    tag = fields[_TAGGED]
    pence = _stated(current, fields, "TOTAL") if "TOTAL" in fields else 0
    if "TOTAL" not in fields:
        current.remarks.append(BadRow(line, f"{tag} states no amount of money, so it counts as nothing"))
    words = fields.get("MEMO", "") or fields.get("SECNAME", "") or fields.get("NAME", "") or tag
    return LineRead(
        *(line, _booked(fields, "DTTRADE"), moment_day(fields.get("DTSETTLE", ""))),
        *(pence, "D" if pence < 0 else "C", tag[:_TYPE]),
        *("", fields.get("FITID", "")[:_REFERENCE]),
        " ".join(words.split())[:_WORDS],
    )


def _line(current: _Statement, fields: dict[str, str], line: int) -> LineRead:
    """Return one STMTTRN as a line; raises BadAmount with the reason."""
    pence, day = _stated(current, fields, "TRNAMT"), _booked(fields, "DTPOSTED")
    check = fields.get("CHECKNUM", "").strip("0")
    name, memo = fields.get("NAME", "") or fields.get("PAYEE", ""), fields.get("MEMO", "")
    words = memo if memo.startswith(name) else f"{name} {memo}"
    return LineRead(
        *(line, day, moment_day(fields.get("DTAVAIL", "") or fields.get("DTUSER", ""))),
        *(pence, "D" if pence < 0 else "C", fields.get("TRNTYPE", "")[:_TYPE]),
        (fields.get("CHECKNUM", "") if check else fields.get("REFNUM", ""))[:_REFERENCE],
        fields.get("FITID", "")[:_REFERENCE],
        " ".join(words.split())[:_WORDS],
    )


def _take_balance(current: _Statement, fields: dict[str, str]) -> None:
    day = moment_day(fields.get("DTASOF", ""))
    try:
        pence = _pence(fields.get("BALAMT", ""))
        if day is None:
            raise BadAmount(f"“{fields.get('DTASOF', '')[:24]}” is not a day")
    except BadAmount as error:
        raise BadAmount(f"the closing balance cannot be read, {error}") from error
    current.closing = current.closing or Balance(pence, day, current.currency)


def _finished(current: _Statement) -> StatementRead:
    sort_code = next((c for c in (current.bank, current.branch) if re.fullmatch(r"[0-9]{6}", c)), "")
    account = f"{sort_code} {current.account}".strip() if len(current.account) == 8 else current.account
    covers = (current.starts, current.ends) if current.starts and current.ends else None
    return StatementRead(
        *("", account[:64], "", "", current.currency),
        None,
        current.closing,
        tuple(current.lines),
        tuple(current.problems),
        covers=covers,
        remarks=tuple(current.remarks),
    )
