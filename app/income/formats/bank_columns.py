"""The columns of one bank CSV: where its layout puts them in the rows, and how its signs are to be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.income.amounts import BadAmount, pence_from_text, quick_pence
from app.income.formats.bank_layouts import Layout, find_headings, known_bank, plain_heading
from app.income.formats.csv_rows import Rows
from app.income.reading import NeedsColumns

DECIMAL_COMMA = re.compile(r"[-+]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{2}")
_DECIMAL_POINT = re.compile(r"\.[0-9]{1,2}$")
_FLAGS = {"C": 1, "CR": 1, "CREDIT": 1, "CRDT": 1, "D": -1, "DR": -1, "DEBIT": -1, "DBIT": -1}
_FLAGS |= {"+": 1, "-": -1}


@dataclass
class Columns:
    """The places of a layout's columns in the rows of one file; None for those that it lacks."""

    date: int | None
    amount: int | None
    debit: int | None
    credit: int | None
    sign: int | None
    balance: int | None
    type: int | None
    reference: int | None
    bank_reference: int | None
    account: int | None
    sort_code: int | None
    currency: int | None
    value_date: int | None
    narrative: tuple[int, ...]
    debits_signed: bool = False


_SINGLE = (
    *("date", "amount", "debit", "credit", "sign", "balance", "type", "reference", "bank_reference"),
    *("account", "sort_code", "currency", "value_date"),
)


def layout_of(name: str, rows: Rows, given: Mapping[str, Any]) -> tuple[int, Layout]:
    """Return where the lines begin (a place in `rows`) and the layout: as given, else as the file tells."""
    headed = find_headings(rows)
    wanted = {key: value for key, value in given.items() if value is not None}
    if "date" in wanted and ("amount" in wanted or "debit" in wanted):
        row = given.get("header_row", 1)
        if headed is not None and all(
            not isinstance(wanted.get(key), str) or wanted[key] in rows[headed[0]][1]
            for key in ("date", "amount", "debit", "credit", "balance")
        ):
            row = rows[headed[0]][0]  # banks put a row more or less before the headings
        place = next((i for i, (line, _) in enumerate(rows) if line == row), -1) if row else -1
        return place + 1, {**wanted, "header_row": row}
    known = known_bank(rows) if headed is None else None
    if headed is not None:
        return headed[0] + 1, {**headed[1], **wanted, "header_row": rows[headed[0]][0]}
    if known is not None:
        return known[0], {**known[1], **wanted}
    first = tuple(cell.strip() for cell in rows[0][1]) if rows else ()
    raise NeedsColumns(name, "has columns that cannot be told apart by their headings.", first)


def columns_of(name: str, rows: Rows, layout: Layout) -> Columns:
    """Return the places of a layout's columns; raises NeedsColumns when the file lacks one that is needed."""
    row = layout.get("header_row")
    headings = next((cells for line, cells in rows if line == row), []) if row else []
    plain = [plain_heading(cell) for cell in headings]

    def place(key: str) -> int | None:
        column = layout.get(key)
        if isinstance(column, int):
            return column
        if not isinstance(column, str) or plain_heading(column) not in plain:
            return None
        return plain.index(plain_heading(column))

    words = [c if isinstance(c, int) else plain.index(plain_heading(c)) for c in _listed(layout, plain)]
    places: dict[str, Any] = {key: place(key) for key in _SINGLE}
    columns = Columns(**places, narrative=tuple(words))
    lacking = (columns.date is None and "dated" not in layout) or (
        columns.amount is None and (columns.debit is None or columns.credit is None)
    )
    if lacking:
        raise NeedsColumns(name, "has no column for the date or the amount.", tuple(headings))
    _settle_signs(columns, lambda: (cells for line, cells in rows if line != row or not row))
    return columns


def _listed(layout: Layout, plain: Sequence[str]) -> list[Any]:
    listed = layout.get("narrative") or []
    listed = listed if isinstance(listed, list) else [listed]
    return [c for c in listed if isinstance(c, int) or plain_heading(str(c)) in plain]


def _settle_signs(columns: Columns, body: Callable[[], Iterator[list[str]]]) -> None:
    """Find whether debits carry their own minus, and whether a type column is the flag of a bare amount.

    `body` walks over the rows without their headings.
    """
    if columns.debit is not None:
        at = columns.debit
        minus = sum(1 for cells in body() if len(cells) > at and cells[at].strip()[:1] in {"-", "(", "−"})
        any_of = sum(1 for cells in body() if len(cells) > at and re.search(r"[1-9]", cells[at]))
        columns.debits_signed = minus * 2 > any_of
    elif columns.sign is None and columns.type is not None and columns.amount is not None:
        at, amount = columns.type, columns.amount
        some = islice(body(), 500)
        flags = {cells[at].strip().upper() for cells in some if len(cells) > max(at, amount)} - {""}
        if not flags or not flags <= _FLAGS.keys():
            return
        if not any(cells[amount].strip()[:1] in {"-", "("} for cells in body() if len(cells) > amount):
            columns.sign = at


def with_points(rows: Rows, columns: Columns) -> Rows:
    """Return rows whose amounts have a decimal point, where every amount of the file has a decimal comma.

    1.234,50 and 80,68 tell themselves from 1,234.50 and 1,234 by two figures after the comma.
    """
    places = [columns.amount, columns.debit, columns.credit, columns.balance]
    at = [place for place in places if place is not None]
    told = {cells[place].strip() for _, cells in rows[:500] for place in at if place < len(cells)}
    commas = sum(1 for text in told if DECIMAL_COMMA.fullmatch(text))
    if not commas or any(_DECIMAL_POINT.search(text) for text in told):
        return rows
    turned = []
    for line, cells in rows:
        cells = list(cells)
        for place in at:
            if place < len(cells) and DECIMAL_COMMA.fullmatch(cells[place].strip()):
                cells[place] = point_for_comma(cells[place])
        turned.append((line, cells))
    return turned


def point_for_comma(text: str) -> str:
    """Return 1.234,50 as 1234.50."""
    return text.replace(".", "").replace(",", ".")


def amount_reader(columns: Columns) -> Callable[[Sequence[str]], int]:
    """Return what reads a row's signed pence; it raises BadAmount or IndexError."""
    amount, sign, debit, credit = columns.amount, columns.sign, columns.debit, columns.credit
    if amount is not None and sign is None:

        def plain(cells: Sequence[str]) -> int:
            text = cells[amount]
            if text[-3:-2] == "." and text.isascii() and len(text) < 16:  # as quick_pence, one call less
                whole = text[:-3] + text[-2:]
                if whole.isdigit() or (whole[0] == "-" and whole[1:].isdigit()):
                    return int(whole)
            return pence_from_text(text)

        return plain
    if amount is not None and sign is not None:

        def flagged(cells: Sequence[str]) -> int:
            pence = quick_pence(cells[amount])
            factor = _FLAGS.get(cells[sign].strip().upper())
            if factor is None:
                raise BadAmount(f"“{cells[sign].strip()[:12]}” says neither credit nor debit")
            return pence if pence < 0 else factor * pence

        return flagged
    assert debit is not None and credit is not None  # noqa: S101, PT018 - the layout was checked
    turn = 1 if columns.debits_signed else -1

    def two_columns(cells: Sequence[str]) -> int:
        out, into = cells[debit].strip(), cells[credit].strip()
        if not out and not into:
            raise BadAmount("the amount is empty")
        paid = turn * quick_pence(out) if out else 0
        received = quick_pence(into) if into else 0
        if paid and received:
            raise BadAmount("it has both a debit and a credit")
        return paid or received

    return two_columns
