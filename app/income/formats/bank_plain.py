"""Plain rows of a bank's CSV read many at once: what reading one by one gives, in half the time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from operator import eq
from typing import Any

from app.income.formats.bank_columns import Columns
from app.income.formats.columnwise import longest, plain_pence, plain_words
from app.income.formats.csv_rows import Rows
from app.income.formats.plain_rows import at_once, columns_of, numbers_of
from app.income.read_columns import Reads
from app.income.reading import LineRead

LONGEST_TYPE, LONGEST_REFERENCE = 8, 35  # characters that the store keeps of them
_BALANCE_WORDS = re.compile("balance|forward|/f", re.IGNORECASE)


def odd_rows(
    lines: Reads[LineRead],
    rows: Rows,
    columns: Columns,
    known: Mapping[str, date],
    currency: str,
    tick: Callable[[int, int], None] | None,
    total: int,
) -> Iterator[tuple[int, list[str]]]:
    """Add the lines of rows to `lines`, two thousand at once where all are plain; yield the other rows.

    Whoever takes a row that is yielded adds its line before taking the next, so that lines keep their order.
    """
    for some in at_once(rows):
        if tick is not None:
            tick(some[0][0], total)
        plain = plain_lines(some, columns, known, currency)
        if plain is None:
            yield from some
        else:
            lines.extend(plain)


def plain_lines(
    rows: Rows, columns: Columns, known: Mapping[str, date], currency: str
) -> list[Sequence[Any]] | None:
    """Return the columns of a LineRead for plain rows; None where one is odd, to be read one by one.

    `known` are the days of the file by their text, `currency` is the cell that most rows have for theirs.
    """
    table = columns_of(rows)
    at_date, at_amount, at_words = columns.date, columns.amount, columns.narrative
    if not table or at_date is None or at_amount is None or columns.sign is not None or len(at_words) != 1:
        return None
    blank, none = [""] * len(rows), [None] * len(rows)

    def words_of(at: int | None) -> list[str] | None:
        return blank if at is None else plain_words(table[at])

    try:
        days = [*map(known.__getitem__, table[at_date])]
        values = [*map(known.get, table[columns.value_date])] if columns.value_date is not None else none
        if columns.currency is not None and set(table[columns.currency]) != {currency}:
            return None
        pence, words = plain_pence(table[at_amount]), words_of(at_words[0])
        kinds, references, banks = map(words_of, (columns.type, columns.reference, columns.bank_reference))
        balances = plain_pence(table[columns.balance]) if columns.balance is not None else blank
    except (KeyError, IndexError):
        return None
    if pence is None or words is None or kinds is None or references is None or banks is None:
        return None
    if balances is None or longest(references) > LONGEST_REFERENCE or "E+" in "".join(references):
        return None
    if balances is blank:
        if _BALANCE_WORDS.search(" ".join(chain.from_iterable(cells for _, cells in rows))):
            return None
    elif not all(pence) or any(map(eq, pence, balances)):
        return None  # perhaps a balance and no movement
    if longest(kinds) > LONGEST_TYPE or longest(banks) > LONGEST_REFERENCE:
        kinds, banks = [cell[:LONGEST_TYPE] for cell in kinds], [cell[:LONGEST_REFERENCE] for cell in banks]
    marks = ["D" if one < 0 else "C" for one in pence]
    levels = none if balances is blank else balances
    numbers, parts = numbers_of(rows), [()] * len(rows)
    return [numbers, days, values, pence, marks, kinds, references, banks, words, levels, parts]
