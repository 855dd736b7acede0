"""Qt items of the two panes: open bank lines and open receipts, filtered while one types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from app.income.matching import OpenLine, OpenReceipt
from app.wording import day, pounds
from ui.widgets.items import NOWHERE, Column, Index, Row, cell_data, heading_data

BANK_COLUMNS = (
    Column("Date", 56, muted=True),
    Column("Bank’s words", 120, stretch=True),
    Column("Amount", 92, figures=True),
)
BOOK_COLUMNS = (
    Column("Date", 54, muted=True),
    Column("Receipt", 120, stretch=True),
    Column("Slip or ref", 70, muted=True, optional=True),
    Column("Amount", 85, figures=True),
)

Open = OpenLine | OpenReceipt
_LARGE = 4_000
_SPOKEN = {"link": "has a proposal", "sticky-note": "has a note", "check": "chosen"}


def bank_row(line: OpenLine, proposed: Collection[str], notes: Collection[str]) -> Row:
    """A bank line as a row; a link shows that it has a proposal, a note that somebody wrote on it."""
    icon = "link" if line.id in proposed else "sticky-note" if line.id in notes else None
    return Row(line.id, (day(line.booked_on), line.words or "No words", pounds(line.pence)), icon=icon)


def book_row(receipt: OpenReceipt, notes: Collection[str], chosen: Collection[str] = ()) -> Row:
    """A receipt as a row; a tick shows that it is chosen by hand."""
    icon = "check" if receipt.id in chosen else "sticky-note" if receipt.id in notes else None
    words = receipt.narrative or receipt.reference or "No words"
    return Row(
        receipt.id,
        (day(receipt.posted_on), words, receipt.reference, pounds(receipt.pence)),
        icon=icon,
    )


def haystack(item: Open) -> str:
    """What a filter searches in one line or receipt: words, references, amount with and without commas."""
    return haystacks((item,))[0]


def haystacks(items: Iterable[Open]) -> list[str]:
    """The haystacks of many items, in their order; a day or an amount met before is not written again."""
    days: dict[date, str] = {}
    amounts: dict[int, str] = {}
    made = []
    for item in items:
        pence = item.pence
        amount = amounts.get(pence)
        if amount is None:
            amount = pounds(pence)
            if "," in amount:
                amount = f"{amount} {amount.replace(',', '')}"
            amounts[pence] = amount
        if isinstance(item, OpenLine):
            on, words = item.booked_on, f"{item.words} {' '.join(item.references)}"
        else:
            on, words = item.posted_on, f"{item.narrative} {item.reference} {item.fund}"
        spoken = days.get(on)
        if spoken is None:
            spoken = days[on] = day(on)
        made.append(f"{words} {spoken} {amount}".casefold())
    return made


class PaneItems(QAbstractTableModel):
    """Open lines or receipts of one board. Rows are made when they are painted: 100,000 cost little.

    A filter that only grew looks among the rows it left, and the pence on show are added up as it goes.
    """

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._items: list[Open] = []
        self._shown: list[Open] = []
        self._at: range | list[int] = range(0)  # the places in _items of what is on show
        self._haystacks: Sequence[str] | None = None
        self._ids: list[str] | None = None  # of what is on show, made when a row is first looked for
        self._places: dict[str, int] = {}  # of the few that were looked for
        self._make: Callable[[Any], Row] | None = None
        self._filter = ""
        self.pence = 0

    def set_items(
        self,
        items: Sequence[Open],
        make: Callable[[Any], Row],
        made: Sequence[str] | None = None,
    ) -> None:
        """Replaces the items and how a row is made of one; the filter stays.

        `made` are their haystacks, where they were made beforehand off the window's thread.
        """
        self.beginResetModel()
        self._items, self._make = list(items), make
        self._haystacks = made if made is not None and len(made) == len(self._items) else None
        self._apply(range(len(self._items)), self._filter.split())
        self.endResetModel()

    def remake(self, make: Callable[[Any], Row]) -> None:
        """Makes the rows of the same items in another way."""
        self._make = make
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(self.columns) - 1))

    def set_filter(self, text: str) -> None:
        """Shows the items that hold every word typed."""
        wanted = text.casefold()
        if wanted == self._filter:
            return
        before, self._filter = self._filter, wanted
        words = wanted.split()
        if words == before.split():
            return
        grew = bool(before.strip()) and wanted.startswith(before)
        self.beginResetModel()
        self._apply(self._at if grew else range(len(self._items)), words)
        self.endResetModel()

    def _apply(self, among: range | list[int], words: Sequence[str]) -> None:
        """Keeps the places that hold every word; the longest word, which most rows lack, is tried first."""
        self._ids, self._places = None, {}
        if words:
            if self._haystacks is None:
                self._haystacks = haystacks(self._items)
            texts = self._haystacks
            for word in sorted(words, key=len, reverse=True):
                among = [place for place in among if word in texts[place]]
        self._at = among
        items = self._items
        self._shown = items if len(among) == len(items) else [items[place] for place in among]
        self.pence = sum([item.pence for item in self._shown])

    @property
    def large(self) -> bool:
        """Whether there are so many items that looking into one of them is no work for between two keys."""
        return len(self._items) > _LARGE

    @property
    def shown(self) -> Sequence[Open]:
        """The items on show, in order."""
        return self._shown

    def row_of(self, record_id: str) -> int:
        """The number of a record's row; -1 when it is not on show."""
        found = self._places.get(record_id)
        if found is None:
            if self._ids is None:
                self._ids = [item.id for item in self._shown]
            found = self._ids.index(record_id) if record_id in self._ids else -1
            self._places[record_id] = found
        return found

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, alignment, spoken words, id and row of a cell."""
        if not index.isValid() or self._make is None or index.row() >= len(self._shown):
            return None
        row = self._make(self._shown[index.row()])
        if role == Qt.ItemDataRole.AccessibleTextRole and row.icon and index.column() == 1:
            return f"{row.cells[1]}, {_SPOKEN[row.icon]}"
        return cell_data(self.columns, row, index.column(), role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        return heading_data(self.columns, section, orientation, role)
