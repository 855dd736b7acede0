"""Rows for tables and lists, as plain data, and the roles under which Qt models hand them to the painters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ID_ROLE = Qt.ItemDataRole.UserRole + 1
ROW_ROLE = Qt.ItemDataRole.UserRole + 2
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """One column: heading, width at 100 % in pixels, and how its cells are set.

    `figures` sets right, `muted` in grey, `stretch` takes the free room; an `optional` column steps aside
    where the table is too narrow for all of them.
    """

    title: str
    width: int = 100
    figures: bool = False
    muted: bool = False
    stretch: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Row:
    """One row: its record's id, the words of its cells; semibold, an icon in the stretching column, a tone.

    `chip` stands after the words of the stretching column; `act` is a word at the right end, clickable.
    """

    id: str
    cells: tuple[str, ...]
    strong: bool = False
    icon: str | None = None
    tone: str | None = None
    chip: str = ""
    act: str = ""

    def __init__(
        self,
        id: str,  # noqa: A002  the record's own word
        cells: Sequence[str],
        strong: bool = False,
        icon: str | None = None,
        tone: str | None = None,
        chip: str = "",
        act: str = "",
    ) -> None:
        for name, value in (
            ("id", id),
            ("cells", tuple(cells)),
            ("strong", strong),
            ("icon", icon),
            ("tone", tone),
            ("chip", chip),
            ("act", act),
        ):
            object.__setattr__(self, name, value)

    def spoken(self, columns: Sequence[Column], column: int) -> str:
        """What a screen reader says for one cell: its words, and what the icon or chip beside them means."""
        words = self.cells[column] if column < len(self.cells) else ""
        return f"{words}, {self.chip}" if self.chip and columns[column].stretch else words


class RowsModel(QAbstractTableModel):
    """Rows held in memory, for tables of some thousands at most; PagedItems holds more."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[Row] = []

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replaces all rows; only those that differ are told to the view when their ids stay in order."""
        new = list(rows)
        if [row.id for row in new] == [row.id for row in self._rows]:
            for number, (old, row) in enumerate(zip(self._rows, new, strict=True)):
                if old != row:
                    self._rows[number] = row
                    self.dataChanged.emit(self.index(number, 0), self.index(number, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def row_at(self, number: int) -> Row | None:
        """One row; None when there is no such row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def row_of(self, record_id: str) -> int:
        """The number of a record's row; -1 when it is not here."""
        return next((n for n, row in enumerate(self._rows) if row.id == record_id), -1)

    def longest(self, column: int) -> str:
        """The longest words of a column."""
        return max((row.cells[column] for row in self._rows if column < len(row.cells)), key=len, default="")

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, alignment, spoken words, id and row of a cell."""
        row = self.row_at(index.row()) if index.isValid() else None
        return cell_data(self.columns, row, index.column(), role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        return heading_data(self.columns, section, orientation, role)


def cell_data(columns: Sequence[Column], row: Row | None, column: int, role: int) -> Any:
    """What a table model answers for one cell; None for roles nobody needs, and for a row not read yet."""
    if row is None or column >= len(columns):
        return None
    if role == Qt.ItemDataRole.DisplayRole:
        return row.cells[column] if column < len(row.cells) else ""
    if role == ROW_ROLE:
        return row
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return _RIGHT if columns[column].figures else _LEFT
    if role == ID_ROLE:
        return row.id
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return row.spoken(columns, column)
    return None


def heading_data(columns: Sequence[Column], section: int, orientation: Qt.Orientation, role: int) -> Any:
    """What a table model answers for a heading."""
    if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(columns):
        return None
    if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
        return columns[section].title
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return _RIGHT if columns[section].figures else _LEFT
    return None
