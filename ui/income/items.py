"""Qt items of the two panes: open bank lines and open receipts, filtered while one types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from app.income.matching import OpenLine, OpenReceipt
from app.wording import day, pounds
from ui.widgets.items import NOWHERE, Column, Index, Row, cell_data, heading_data

BANK_COLUMNS = (
    Column("Date", 56, muted=True),
    Column("Bank’s words", 170, stretch=True),
    Column("Amount", 92, figures=True),
)
BOOK_COLUMNS = (
    Column("Date", 54, muted=True),
    Column("Receipt", 150, stretch=True),
    Column("Slip or ref", 70, muted=True, optional=True),
    Column("Amount", 85, figures=True),
)

Open = OpenLine | OpenReceipt
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
    amount = pounds(item.pence)
    if isinstance(item, OpenLine):
        words = (item.words, *item.references, day(item.booked_on))
    else:
        words = (item.narrative, item.reference, item.fund, day(item.posted_on))
    return " ".join((*words, amount, amount.replace(",", ""))).casefold()


class PaneItems(QAbstractTableModel):
    """Open lines or receipts of one board. Rows are made when they are painted: 100,000 cost little."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._items: list[Open] = []
        self._shown: list[Open] = []
        self._haystacks: list[str] | None = None
        self._places: dict[str, int] | None = None
        self._make: Callable[[Any], Row] | None = None
        self._filter = ""

    def set_items(self, items: Sequence[Open], make: Callable[[Any], Row]) -> None:
        """Replaces the items and how a row is made of one; the filter stays."""
        self.beginResetModel()
        self._items, self._make = list(items), make
        self._haystacks = None
        self._apply()
        self.endResetModel()

    def remake(self, make: Callable[[Any], Row]) -> None:
        """Makes the rows of the same items in another way."""
        self._make = make
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(self.columns) - 1))

    def set_filter(self, text: str) -> None:
        """Shows the items that hold every word typed."""
        if text.casefold() == self._filter:
            return
        self.beginResetModel()
        self._filter = text.casefold()
        self._apply()
        self.endResetModel()

    def _apply(self) -> None:
        self._places = None
        words = self._filter.split()
        if not words:
            self._shown = self._items
            return
        if self._haystacks is None:
            self._haystacks = [haystack(item) for item in self._items]
        self._shown = [
            item
            for item, text in zip(self._items, self._haystacks, strict=True)
            if all(word in text for word in words)
        ]

    @property
    def shown(self) -> Sequence[Open]:
        """The items on show, in order."""
        return self._shown

    def row_of(self, record_id: str) -> int:
        """The number of a record's row; -1 when it is not on show."""
        if self._places is None:
            self._places = {item.id: number for number, item in enumerate(self._shown)}
        return self._places.get(record_id, -1)

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
