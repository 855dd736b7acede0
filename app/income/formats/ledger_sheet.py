"""Any headed table of postings, CSV or spreadsheet: which heading is what, guessed or as told."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain, islice, repeat
from typing import Any

from app.income import rules
from app.income.amounts import BadAmount
from app.income.formats.cells import (
    MANGLED,
    Days,
    Row,
    bad_rows_title,
    csv_rows,
    delimiter_of,
    folded,
    pence_of,
    signed,
    sound_reference,
    text_of,
)
from app.income.formats.columnwise import has_figures, longest, plain_pence, plain_words
from app.income.formats.plain_rows import PlainRows, at_once, columns_of, numbers_of
from app.income.formats.stray_days import stray_days
from app.income.read_columns import Reads, column_of
from app.income.reading import BadRow, BadRows, Control, LedgerRead, NotALedger, ReceiptRead
from app.income.vat import vat_remark
from app.sheet_reading import KEPT_DIGITS, Figure

FORMAT = "Ledger table"
LONGEST_PREAMBLE = 20  # rows above the headings: a title, a period, a blank row
ASK = "Ask the ledger for the file again. Nothing was imported."
_TOTALS = ("total", "grand total", "sum of")
Tick = Callable[[int, int], None]
Mapped = Mapping[str, str]  # {our column: the heading it has in the file}

# What councils' systems call our columns, the surest word first; compared by `folded`.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "id": (
        *("id", "ledger id", "transaction reference", "transaction ref", "transaction id", "trans ref"),
        *("trans id", "receipt number", "receipt no", "receipt id", "document number", "document no"),
        *("posting id", "journal line", "entry no", "unique id"),
    ),
    "date": (
        *("date", "entry date", "posting date", "date posted", "posted on", "posted", "receipt date"),
        *("transaction date", "trans date", "payment date", "date received", "date paid"),
    ),
    "amount": (
        *("amount", "amount £", "amount gbp", "gross", "gross amount", "value", "transaction amount"),
        *("amount paid", "payment amount", "total amount"),
    ),
    "money_in": ("money in", "paid in", "received", "receipts", "credit", "credit amount", "cr"),
    "money_out": ("money out", "paid out", "payments", "refunds", "debit", "debit amount", "dr"),
    "reference": (
        *("account reference", "account ref", "reference", "ref", "customer reference", "payer reference"),
        *("account number", "account no", "customer account", "account"),
    ),
    "fund": ("fund", "fund code", "income type", "income code"),
    "mop": ("mop", "mop code", "method of payment", "payment method", "method", "payment type", "pay type"),
    "narrative": ("narrative", "description", "details", "detail", "narration", "payer", "name", "text"),
    "psp_reference": (
        *("psp reference", "psp ref", "provider reference", "gov uk payment id", "payment id"),
        *("gateway reference", "authorisation reference"),
    ),
    "internal_reference": ("internal reference", "internal ref", "basket reference", "basket"),
    "office": ("office", "office code", "site code"),
    "vat_code": ("vat code", "tax code"),
    "vat_rate": ("vat rate", "tax rate"),
    "vat_amount": ("vat amount", "tax amount", "vat value", "vat"),
}
_FURTHER = ("psp_reference", "internal_reference", "office", "vat_code")
# what a posting has after its narrative where its file tells no more
_NO_MORE = ReceiptRead(0, "", date.min, 0, "", "", "", "")[8:]
_CODES = {"office": 2, "vat_code": 2}  # characters; a name in such a column is left out with a warning


def guess_mapping(headings: Sequence[str]) -> dict[str, str]:
    """Return {our column: heading} for the headings that say what they are; each heading is used once.

    A plain "Reference" is the posting's own where an account reference stands beside it.
    """
    left = {folded(heading): heading for heading in reversed(headings) if heading.strip()}
    found: dict[str, str] = {}
    own = any(word in left for word in SYNONYMS["id"])
    if not own and "reference" in left and any(word in left for word in ("account reference", "account ref")):
        found["id"] = left.pop("reference")
    for column, words in SYNONYMS.items():
        word = next((word for word in words if word in left), None)
        if word is not None and column not in found:
            found[column] = left.pop(word)
    return found


def looks_like(head: str) -> bool:
    """Say whether the first lines of a text are headings of a book: a day, an amount, and a fund or method.

    A bank's own CSV has no fund; an `id` beside day and amount is enough as well.
    """
    rows = [line for line in head.removeprefix("\ufeff").splitlines()[:LONGEST_PREAMBLE] if line.strip()]
    return any(is_heading(row) for row in csv.reader(rows, delimiter=_delimiter(rows)))


def looks_like_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether one of the first rows of a sheet is the headings of a book."""
    return any(is_heading(row) for row in rows[:LONGEST_PREAMBLE])


def is_heading(cells: Sequence[str]) -> bool:
    """Say whether these cells are the headings of a book."""
    known = guess_mapping(cells)
    literal = {folded(cell) for cell in cells}
    return (
        "date" in known
        and ("amount" in known or "money_in" in known)
        and ("fund" in known or "mop" in known or "id" in literal)
        and not any("balance" in heading or heading == "sort code" for heading in literal)
    )


def read_book(name: str, text: str, tick: Tick | None = None, *, mapping: Mapped | None = None) -> LedgerRead:
    """Read a headed CSV. Raises NotALedger, or BadRows naming every row that cannot be read."""
    rows = [line for line in text[:20_000].splitlines()[:LONGEST_PREAMBLE] if line.strip()]
    return read_mapped(name, csv_rows(text, _delimiter(rows)), mapping, tick, total=text.count("\n") + 1)


def read_ledger(name: str, text: str, tick: Tick | None = None) -> Sequence[ReceiptRead]:
    """Return the postings of a headed CSV; raises as read_book does."""
    return read_book(name, text, tick).receipts


def read_mapped(
    name: str,
    rows: Iterable[Row],
    mapping: Mapped | None = None,
    tick: Tick | None = None,
    *,
    total: int = 0,
    leave_bad_rows: bool = False,
) -> LedgerRead:
    """Read a table whose headings stand in one of its first rows, by a mapping or by guessing one.

    Rows of a table without an id get one made of what they say, with their occurrence.
    Raises NotALedger without the headings, BadRows naming every bad row unless `leave_bad_rows`.
    """
    line, headings, rest = _headings(name, rows, mapping)
    reader = _Rows(name, headings, mapping or guess_mapping(headings))
    try:
        for chunk in at_once(rest):
            if tick is not None:
                tick(chunk[0][0], total)
            if not reader.take_plain(chunk):
                for row in chunk:
                    reader.take(*row)
    except csv.Error as error:
        raise NotALedger(f"“{name}” breaks off in the middle of a row ({error}).", ASK) from error
    if reader.bad and not leave_bad_rows:
        advice = "Mend them in the ledger and ask for the file again."
        raise BadRows(bad_rows_title(name, reader.bad), advice, tuple(reader.bad))
    if not reader.receipts:
        raise NotALedger(f"“{name}” has headings in line {line} but no rows.", ASK)
    lines, days = column_of(reader.receipts, "file_line"), column_of(reader.receipts, "posted_on")
    alone = 1 in Counter(days).values()  # as one that stands far from the others does
    stray = stray_days([*zip(lines, days, strict=True)]) if alone else []
    problems = (*reader.problems, *stray)
    return LedgerRead(reader.receipts, tuple(reader.controls), problems, "fund" in reader.mapping)


def _headings(
    name: str, rows: Iterable[Row], mapping: Mapped | None
) -> tuple[int, Sequence[str], Iterable[Row]]:
    """Return the line of the headings, the headings, and the rows below them."""
    walk = iter(rows)
    first = list(islice(walk, LONGEST_PREAMBLE))
    best: tuple[str, ...] = ()
    for place, (line, cells) in enumerate(first):
        known = mapping if mapping is not None else guess_mapping(cells)
        has = {folded(cell) for cell in cells}
        needed = ("date",) if "money_in" in known else ("date", "amount")
        missing = tuple(what for what in needed if what not in known)
        absent = [heading for heading in known.values() if folded(heading) not in has]
        if not missing and not absent:
            if isinstance(rows, PlainRows):
                return line, cells, rows[place + 1 :]
            return line, cells, chain(first[place + 1 :], walk)
        if not best and any(cell.strip() for cell in cells):
            best = tuple(absent) if mapping is not None else missing
    told = " or ".join(best) or "date or amount"
    raise NotALedger(
        f"“{name}” is not a ledger extract: it has no column called {told}.",
        "Its headings must name at least the date and the amount. Nothing was imported.",
    )


def _delimiter(lines: Sequence[str]) -> str:
    """Return what parts the cells, seen from the row with the most of them."""
    return delimiter_of(max(lines, key=lambda line: max(map(line.count, ",;\t|")), default=""))


def _any_unsound(references: Sequence[str]) -> bool:
    """Whether a spreadsheet has spoilt one of these, or one is too long to be kept."""
    told = "".join(references)
    spoilt = ("E" in told or "e" in told) and any(map(MANGLED.fullmatch, references))
    return spoilt or longest(references) > 64


class _Rows:
    """The rows of one table on their way to being postings."""

    def __init__(self, name: str, headings: Sequence[str], mapping: Mapped) -> None:
        self.mapping = mapping
        self.receipts = Reads(ReceiptRead)
        self.bad: list[BadRow] = []
        self.problems: list[BadRow] = []
        self.controls: list[Control] = []
        self.width = len(headings)
        self._heads = [folded(heading) for heading in headings]
        places = {heading: place for place, heading in reversed(list(enumerate(self._heads)))}
        self._at = {column: places[folded(heading)] for column, heading in mapping.items()}
        self._further = tuple(column for column in _FURTHER if column in self._at)
        self._vat = "vat_amount" in self._at or "vat_rate" in self._at
        self._id, self._date = self._at.get("id", -1), self._at["date"]
        self._amount = self._at.get("amount", -1)
        self._texts = tuple(self._at.get(c, -1) for c in ("reference", "fund", "mop", "narrative"))
        self._days = Days()
        self._seen: dict[str, int] = {}
        self._made: dict[str, int] = {}
        self._sum = 0
        self._zeros = 0  # how long references with a zero in front are in this table

    def take_plain(self, rows: Sequence[Row]) -> bool:
        """Read many rows at once, column by column; False, with nothing read, where one of them is odd.

        It gives what `take` gives row by row, in a quarter of the time.
        """
        if self._id < 0 or self._amount < 0 or self._further or self._vat:
            return False
        table = columns_of(rows)
        place = self._texts[0]
        if len(table) < self.width or (place >= 0 and has_figures(table[place])):
            return False
        ids, pence = plain_words(table[self._id]), plain_pence(table[self._amount])
        blank = [""] * len(rows)
        texts = [plain_words(table[at]) if at >= 0 else blank for at in self._texts]
        if ids is None or pence is None or None in texts:
            return False
        reference, fund, mop, narrative = [column or blank for column in texts]
        if longest(fund) > 16 or longest(mop) > 16 or longest(narrative) > 200:
            return False
        if not all(ids) or _any_unsound(ids) or _any_unsound(reference):
            return False
        if len(set(ids)) < len(ids) or not self._seen.keys().isdisjoint(ids):
            return False
        try:
            days = [*map(self._days.__getitem__, table[self._date])]
        except BadAmount:
            return False
        lines = numbers_of(rows)
        for zeros in [one for one in reference if one[:1] == "0"][-1:]:
            self._zeros = len(zeros)
        self._seen.update(zip(ids, lines, strict=True))
        self._sum += sum(pence)
        no_more = [repeat(value, len(rows)) for value in _NO_MORE]
        self.receipts.extend([lines, ids, days, pence, reference, fund, mop, narrative, *no_more])
        return True

    def take(self, line: int, cells: Sequence[str]) -> None:
        """Read one row; a bad one is remembered with its reason."""
        if len(cells) < self.width:
            if not any(cells):
                return
            cells = [*cells, *[""] * (self.width - len(cells))]
        try:
            receipt = self._receipt(line, cells)
        except BadAmount as error:
            self._odd(line, cells, str(error))
            return
        before = self._seen.get(receipt.ledger_id)
        if before is not None:
            self.bad.append(BadRow(line, f"id {receipt.ledger_id} is in line {before} already"))
            return
        self._seen[receipt.ledger_id] = line
        self._sum += receipt.pence
        self.receipts.append(receipt)

    def _odd(self, line: int, cells: Sequence[str], reason: str) -> None:
        """Pass over blank rows and headings printed again, read a row of totals, name any other row."""
        words = [text_of(cell) for cell in cells]
        if not any(words) or [folded(word) for word in words] == self._heads:
            return
        if not words[self._date] and any(word.casefold().startswith(_TOTALS) for word in words):
            try:
                stated = self._pence(cells)
            except BadAmount as error:
                self.bad.append(BadRow(line, str(error)))
                return
            self.controls.append(Control(f"total in line {line}", stated, self._sum))
            return
        self.bad.append(BadRow(line, reason))

    def _receipt(self, line: int, cells: Sequence[str]) -> ReceiptRead:
        """Return one posting; raises BadAmount with the reason when a cell cannot be read."""
        place, at_fund, at_mop, at_narrative = self._texts  # written out: this runs 100,000 times
        reference = text_of(cells[place]) if place >= 0 else ""
        fund = text_of(cells[at_fund]) if at_fund >= 0 else ""
        mop = text_of(cells[at_mop]) if at_mop >= 0 else ""
        narrative = text_of(cells[at_narrative]) if at_narrative >= 0 else ""
        ledger_id = text_of(cells[self._id]) if self._id >= 0 else ""
        if self._id >= 0 and not ledger_id:
            raise BadAmount("the id is empty")
        if "E" in ledger_id or "e" in ledger_id or len(ledger_id) > 64:
            sound_reference(ledger_id, "id", 64)
        if "E" in reference or "e" in reference or len(reference) > 64:
            sound_reference(reference, "reference", 64)
        if reference and (reference[0] == "0" or isinstance(cells[place], Figure)):
            self._check_zeros(cells[place], reference)
        day = self._days[cells[self._date]]
        pence = pence_of(cells[self._amount]) if self._amount >= 0 else self._pence(cells)
        if not ledger_id:
            ledger_id = self._made_id(day, pence, reference, fund, mop, narrative)
        made = ReceiptRead(line, ledger_id, day, pence, reference, fund[:16], mop[:16], narrative[:200])
        return self._with_more(made, cells) if self._further or self._vat else made

    def _pence(self, cells: Sequence[str]) -> int:
        if self._amount >= 0:
            return pence_of(cells[self._amount].strip())
        came, went = (cells[self._at[c]] if c in self._at else "" for c in ("money_in", "money_out"))
        if not came.strip() and not went.strip():
            raise BadAmount("both amounts are empty")
        return signed(came) - abs(signed(went))

    def _with_more(self, made: ReceiptRead, cells: Sequence[str]) -> ReceiptRead:
        """Return a posting with its office, VAT and further references; what does not fit is named."""
        more: dict[str, Any] = {}
        for column in self._further:
            text = text_of(cells[self._at[column]])
            if column in _CODES and len(text) > _CODES[column]:
                words = f"“{text[:24]}” is no {column.replace('_', ' ')}, so it is left out"
                self.problems.append(BadRow(made.file_line, words))
                continue
            more[column] = sound_reference(text, column.replace("_", " "), 36)
        rate, vat = (cells[self._at[c]] if c in self._at else "" for c in ("vat_rate", "vat_amount"))
        vat_pence = signed(vat)
        remark = vat_remark(made.pence, text_of(rate), vat_pence)
        if remark:
            self.problems.append(BadRow(made.file_line, remark))
        return made._replace(vat_pence=vat_pence, **more)

    def _check_zeros(self, cell: str, reference: str) -> None:
        """Raise BadAmount for a number among references that begin with zeros: it has lost its own."""
        if not isinstance(cell, Figure):
            self._zeros = len(reference)
        elif self._zeros and len(reference) < self._zeros:
            raise BadAmount(f"the reference {reference} is kept as a number, so its first zeros are lost")
        elif len(reference) > KEPT_DIGITS:
            raise BadAmount(f"the reference {reference} is kept as a number, so its last digits are lost")

    def _made_id(self, day: date, pence: int, *words: str) -> str:
        """Return an id made of what a row says, with its occurrence, so that identical rows stay apart."""
        mark = rules.fingerprint(day.isoformat(), str(pence), *words)[:20]
        self._made[mark] = self._made.get(mark, 0) + 1
        return f"{mark}-{self._made[mark]}"
