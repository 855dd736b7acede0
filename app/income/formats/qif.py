"""QIF, the oldest of the exports: one field a line, `^` after each movement, no account and no balance.

Its order of day and month is declared nowhere, so it is decided over the whole file or asked for. A first
record called "Opening Balance" is one; nothing states the closing balance, so a QIF file is never proved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from app.income.amounts import BadAmount, quick_pence
from app.income.formats.day_order import Days
from app.income.reading import BadRow, Balance, LineRead, NotAStatement, StatementRead

FORMAT = "QIF"
TAKES_LAYOUT = True

_TYPE = re.compile(r"!Type:(?:Bank|Cash|CCard|Oth [AL])\b", re.IGNORECASE)
_OPENING = re.compile(r"opening balance", re.IGNORECASE)
_REFERENCE, _WORDS = 35, 4_000

Tick = Callable[[int, int], None]
_Fields = tuple[int, dict[str, str]]


def looks_like(head: str) -> bool:
    """Say whether a text has the heading of a bank's QIF list among its first lines."""
    return head.lstrip("\ufeff \r\n").startswith("!") and _TYPE.search(head) is not None


def read(
    name: str, text: str, tick: Tick | None = None, layout: Mapping[str, Any] | None = None
) -> tuple[StatementRead, ...]:
    """Return the one statement of a file; raises NeedsDateOrder unless the dates or `layout` settle it."""
    records = list(_records(text.replace("\r\n", "\n").replace("\r", "\n")))
    if not records:
        raise NotAStatement(
            f"“{name}” is a QIF file with no movement in it.", "Ask the bank’s site for it again."
        )
    texts = [f["D"] for _, f in records if f.get("D")]
    days = Days(name, texts, (layout or {}).get("day_first"), runs=[texts])
    opening: Balance | None = None
    lines: list[LineRead] = []
    problems: list[BadRow] = []
    account = next((f["!"] for _, f in records if f.get("!")), "")
    for index, (line, fields) in enumerate(records):
        if tick is not None and index % 2_000 == 0:
            tick(index, len(records))
        try:
            day, pence = _day(days, fields.get("D", "")), quick_pence(fields.get("T") or fields.get("U", ""))
        except BadAmount as error:
            problems.append(BadRow(line, str(error)))
            continue
        if index == 0 and _OPENING.match(fields.get("P", "")):
            opening = Balance(pence, day, "")
            continue
        words = " ".join(f"{fields.get('P', '')} {fields.get('M', '')}".split())
        number = fields.get("N", "")
        kind, reference = (number, "") if number.isalpha() else ("", number)
        lines.append(
            LineRead(
                *(line, day, None, pence, "D" if pence < 0 else "C", kind[:8], reference[:_REFERENCE]),
                *("", words[:_WORDS]),
            )
        )
    return (
        StatementRead(
            *("", account[:64], "", "", "", opening, None, tuple(lines), tuple(problems)),
            remarks=days.remark(1),
        ),
    )


def _day(days: Days, text: str) -> date:
    day = days.known.get(text)
    if day is None:
        raise BadAmount(days.why.get(text, "the date is empty"))
    return day


def _records(text: str) -> Iterator[_Fields]:
    """Yield each movement's first line and its fields by letter; `!` is the name that an !Account gave."""
    fields: dict[str, str] = {}
    began, account, inside = 1, "", True
    for line, told in enumerate(text.split("\n"), 1):
        row = told.strip()
        if row.startswith("!"):
            inside = _TYPE.match(row) is not None
            fields = {}
        elif row == "^":
            if not inside:
                account = fields.get("N", account)
            elif fields:
                yield began, {**fields, "!": account}
            fields = {}
        elif row:
            if not fields:
                began = line
            fields.setdefault(row[0], row[1:].strip())
    if inside and fields:
        yield began, {**fields, "!": account}
