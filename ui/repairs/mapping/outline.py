"""The outline of an edition: its questions and answers under each other, opened and changed by keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from app.repairs.mapping.outline import Outline, OutlineRow, parents
from ui.theme import theme
from ui.widgets import ID_ROLE, ROW_ROLE, Column, Row, Table
from ui.widgets.items import NOWHERE, Index, heading_data
from ui.widgets.paint import tone_colour
from ui.widgets.table import PAD_LEFT, HouseDelegate

COLUMNS = (
    Column("Questions and answers", 240, stretch=True),
    Column("Leads to", 78, muted=True),
    Column("Band", 54, muted=True, optional=True),
)
INDENT = 18
_VERTICAL = Qt.AlignmentFlag.AlignVCenter


class OutlineItems(QAbstractTableModel):
    """The rows of an outline as a table model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = COLUMNS
        self.entries: list[OutlineRow] = []
        self._numbers: dict[str, int] = {}
        self.labels: dict[str, str] = {}  # of bands

    def set_entries(self, rows: Sequence[OutlineRow]) -> None:
        """Replaces the rows; where only words changed the view keeps its place."""
        if [r.id for r in rows] == [r.id for r in self.entries]:
            self.entries = list(rows)
            if rows:
                last = self.index(len(rows) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.entries = list(rows)
        self._numbers = {row.id: number for number, row in enumerate(self.entries)}
        self.endResetModel()

    def row_of(self, row_id: str) -> int:
        """The number of a row; -1 when it is not on show."""
        return self._numbers.get(row_id, -1)

    def entry(self, number: int) -> OutlineRow | None:
        """One row; None when there is no such row."""
        return self.entries[number] if 0 <= number < len(self.entries) else None

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, spoken words, id and row."""
        row = self.entry(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.words, row.leads, self.labels.get(row.band, row.band))[index.column()]
        if role == ID_ROLE:
            return row.id
        if role == ROW_ROLE:
            return Row(row.id, (row.words, row.leads, row.band), strong=not row.answer)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken if index.column() == 0 else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        return heading_data(COLUMNS, section, orientation, role)


class _OutlineDelegate(HouseDelegate):
    """Paints the first column with its indent, the mark of what opens, and of what is wrong."""

    def __init__(self, table: OutlineTable) -> None:
        super().__init__(table)
        self._outline = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._outline.items.entry(index.row())
        if row is None or index.column() != 0:
            super().paint(painter, option, index)
            return
        t, b, place = theme(), self._outline.brushes(), option.rect
        chosen = self._outline.currentIndex().row() == index.row()
        if chosen:
            painter.fillRect(place, b.selection)
            painter.fillRect(QRect(place.x(), place.y(), 3, place.height()), b.hue)
        painter.fillRect(place.x(), place.bottom(), place.width(), 1, b.line)
        turned = b.on_selection if chosen and b.contrast else None
        side = t.icon_size(16)
        room = place.adjusted(PAD_LEFT + t.wide(INDENT) * row.depth, 0, -8, -1)
        if row.opens is not None:
            name = "chevron-down" if row.opens else "chevron-right"
            ink = turned or t.colour("edge")
            y = room.center().y() - side // 2 + 1
            painter.drawPixmap(room.x(), y, t.pixmap(name, size=16, colour=ink))
        if row.answer:
            room = room.adjusted(side + 6, 0, 0, 0)
        if row.faults:
            ink = turned or tone_colour("danger", self._outline)
            y = room.center().y() - side // 2 + 1
            painter.drawPixmap(room.right() - side, y, t.pixmap("circle-alert", size=16, colour=ink))
            room = room.adjusted(0, 0, -side - 6, 0)
        strong = not row.answer
        painter.setFont(b.strong if strong else b.body)
        painter.setPen(turned or b.text)
        metrics = b.strong_metrics if strong else b.body_metrics
        words = metrics.elidedText(row.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _VERTICAL, words)


class OutlineTable(Table):
    """An outline. Right opens and Left closes, Enter edits, Insert adds, Delete takes out, Alt ↑ ↓ move.

    `at` carries the row that is chosen, `edit_asked` that of one to edit, the others what was asked of it.
    """

    at = Signal(object)  # OutlineRow
    edit_asked = Signal(object)
    add_asked = Signal(object)
    remove_asked = Signal(object)
    move_asked = Signal(object, int)

    def __init__(self) -> None:
        self.items = OutlineItems()
        super().__init__(COLUMNS, name="Questions and answers", row=28)
        self.items.setParent(self)
        self.setItemDelegate(_OutlineDelegate(self))
        self.set_items(self.items)
        self.outline: Outline | None = None
        self.opened: set[str] = set()
        self.sought = ""
        self.row_chosen.connect(lambda _id: self.at.emit(self.current()))
        self.row_opened.connect(lambda _id: self.edit_asked.emit(self.current()))

    def show_outline(self, outline: Outline, labels: dict[str, str]) -> None:
        """Shows an edition; what was open stays open, the chosen row stays chosen, without a signal."""
        self.outline, self.items.labels = outline, labels
        self._fill()

    def seek(self, words: str) -> None:
        """Shows what has these words in it; all of the outline when there are none."""
        kept = self.current()
        self.sought = words.strip()
        self._fill()
        if not self.sought and kept is not None:
            self.reveal(kept.id)

    def reveal(self, row_id: str) -> bool:
        """Opens what stands above a row and chooses it, with its signal; False when it is not there."""
        self.opened.update(parents(row_id))
        self._fill()
        return self.choose(row_id)

    def current(self) -> OutlineRow | None:
        """The row that is chosen."""
        return self.items.entry(self.currentIndex().row()) if self.currentIndex().isValid() else None

    def open_row(self, row: OutlineRow, opened: bool) -> None:
        """Opens or closes an answer."""
        if row.opens is None or row.opens == opened or self.sought:
            return
        self.opened = self.opened | {row.id} if opened else self.opened - {row.id}
        self._fill()

    def open_all(self, row_ids: Collection[str]) -> None:
        """Opens these answers at once."""
        self.opened |= set(row_ids)
        self._fill()

    def _fill(self) -> None:
        if self.outline is None:
            return
        kept, place = self.chosen(), self.verticalScrollBar().value()
        rows = self.outline.search(self.sought) if self.sought else self.outline.rows(self.opened)
        selection = self.selectionModel()
        selection.blockSignals(True)
        self.items.set_entries(rows)
        if kept is not None and (number := self.items.row_of(kept)) >= 0:
            self.setCurrentIndex(self.items.index(number, 0))
        selection.blockSignals(False)
        self.verticalScrollBar().setValue(place)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of an outline."""
        row, key = self.current(), event.key()
        if row is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_asked.emit(row, -1 if key == Qt.Key.Key_Up else 1)
        elif event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Right:
            if row.opens:
                self.choose_row(self.currentIndex().row() + 1)
            else:
                self.open_row(row, True)
        elif key == Qt.Key.Key_Left:
            self._back(row)
        elif key == Qt.Key.Key_Insert:
            self.add_asked.emit(row)
        elif key == Qt.Key.Key_Delete:
            self.remove_asked.emit(row)
        else:
            super().keyPressEvent(event)

    def _back(self, row: OutlineRow) -> None:
        if row.opens:
            self.open_row(row, False)
        elif not self.sought and (above := parents(row.id)):
            self.choose(above[-1])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the mark before an answer opens or closes it."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        row = self.items.entry(index.row()) if index.isValid() else None
        if row is None or index.column() != 0 or row.opens is None:
            return
        left = self.visualRect(index).x() + PAD_LEFT + theme().wide(INDENT) * row.depth
        if left - 4 <= event.position().x() <= left + theme().icon_size(16) + 4:
            self.open_row(row, not row.opens)
