"""A table model for a million rows: pages by key, a sparse index of keys to jump with, few pages in memory.

`rowCount` is the true total, so the scroll bar does not lie and End works. Memory does not grow with rows:
at most 50 pages of 200 rows, and one key for each page of the whole list.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from ui.widgets.items import NOWHERE, Column, Index, Row, cell_data, heading_data

PAGE = 200
KEPT = 50


class PageQuery(Protocol):
    """What a service offers for a long list. A key is whatever orders the list and is unique in it."""

    def count(self) -> int:
        """How many rows in all."""

    def page(self, after: Any | None, limit: int) -> Sequence[tuple[Any, Row]]:
        """The rows behind a key (None: from the start), each with its own key, at most `limit`."""

    def keys(self, step: int) -> Sequence[Any]:
        """The keys of rows number step, 2 x step, ... counted from 1: the last row of each full page."""


class PagedItems(QAbstractTableModel):
    """Rows of a PageQuery. The index of keys is read when a jump first needs it, not before."""

    def __init__(self, query: PageQuery, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._query = query
        self._total = 0
        self._ends: dict[int, Any] = {}  # page number -> key of its last row
        self._indexed = False
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self.reload()

    def reload(self, query: PageQuery | None = None) -> None:
        """Counts and reads again, with another query where one is given (a filter, an order)."""
        self.beginResetModel()
        self._query = query or self._query
        self._pages.clear()
        self._ends.clear()
        self._indexed = False
        self._total = self._query.count()
        self.endResetModel()

    def row_at(self, number: int) -> Row | None:
        """One row, read with its page where it is not in memory; None past the end."""
        if not 0 <= number < self._total:
            return None
        rows = self._page(number // PAGE)
        offset = number % PAGE
        return rows[offset] if offset < len(rows) else None

    def row_of(self, record_id: str) -> int:
        """The number of a record's row among the pages in memory; -1 otherwise."""
        for page, rows in self._pages.items():
            for offset, row in enumerate(rows):
                if row.id == record_id:
                    return page * PAGE + offset
        return -1

    def _page(self, number: int) -> list[Row]:
        rows = self._pages.get(number)
        if rows is not None:
            self._pages.move_to_end(number)
            return rows
        found = self._query.page(self._start(number), PAGE)
        rows = [row for _, row in found]
        if len(found) == PAGE:
            self._ends[number] = found[-1][0]
        self._pages[number] = rows
        if len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        return rows

    def _start(self, number: int) -> Any | None:
        """The key behind which a page begins."""
        if number == 0:
            return None
        if number - 1 not in self._ends and not self._indexed:
            self._indexed = True
            self._ends = dict(enumerate(self._query.keys(PAGE)))
        return self._ends.get(number - 1)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """The true total."""
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, alignment, spoken words, id and row of a cell."""
        if not index.isValid():
            return None
        return cell_data(self.columns, self.row_at(index.row()), index.column(), role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        return heading_data(self.columns, section, orientation, role)

    @property
    def pages_in_memory(self) -> int:
        """How many pages are held."""
        return len(self._pages)
