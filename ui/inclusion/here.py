"""The table of who is here: tick and name with "First time", code, when they came, what they work on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from ui.inclusion.items import HERE_COLUMNS
from ui.theme import theme
from ui.widgets import ROW_ROLE, Row, Table
from ui.widgets.items import Index
from ui.widgets.paint import panel, tone_tint
from ui.widgets.table import PAD_LEFT, HouseDelegate

_VERTICAL = Qt.AlignmentFlag.AlignVCenter
FIRST_TIME = "First time"


class _Delegate(HouseDelegate):
    """Paints the name column with its tick and chip; the house delegate does the others."""

    def __init__(self, table: HereTable) -> None:
        super().__init__(table)
        self._here = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, rule, tick or name, hairline."""
        if index.column() > 1:
            super().paint(painter, option, index)
            return
        t, b, place = theme(), self._here.brushes(), QRect(option.rect)
        row: Row | None = index.data(ROW_ROLE)
        if row is None:
            return
        chosen = self._here.is_marked(index.row(), row)
        if chosen:
            painter.fillRect(place, b.selection)
        painter.fillRect(place.x(), place.bottom(), place.width(), 1, b.line)
        turned = chosen and b.contrast
        if index.column() == 1:
            self._name(painter, place.adjusted(PAD_LEFT, 0, 0, -1), row, turned)
            return
        if chosen or row.tone == "last":
            painter.fillRect(QRect(place.x(), place.y(), 3, place.height()), b.hue)
        side = t.icon_size(17)
        picture = t.pixmap("check", size=17, colour=b.on_selection if turned else t.colour("good"))
        painter.drawPixmap(place.right() - side, place.center().y() - side // 2, picture)

    def _name(self, painter: QPainter, room: QRect, row: Row, turned: bool) -> None:
        t, b = theme(), self._here.brushes()
        first = row.id in self._here.first_times
        chip = round(t.metrics("hint_strong").horizontalAdvance(FIRST_TIME)) + 18 if first else 0
        left = room.adjusted(0, 0, -(chip + 10) if first else -4, 0)
        painter.setFont(b.strong)
        painter.setPen(b.on_selection if turned else b.text)
        words = b.strong_metrics.elidedText(row.cells[1], Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, _VERTICAL, words)
        if not first:
            return
        at = left.x() + round(b.strong_metrics.horizontalAdvance(words)) + 10
        height = t.tall(24, "hint")
        box = QRect(at, room.center().y() - height // 2 + 1, chip, height)
        fill = None if b.contrast else tone_tint("hue", "surface", self._here)
        ink = b.on_selection if turned else b.text
        panel(painter, box, fill, ink if b.contrast else None)
        painter.setFont(b.small)
        painter.setPen(ink if b.contrast else b.hue)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, FIRST_TIME)


class HereTable(Table):
    """Who is here, the latest arrival first. Letters typed in it go to the search box (`typed`)."""

    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(HERE_COLUMNS, name="Who is here", row=42, parent=parent)
        self.setObjectName("inclusion-here")
        self.first_times: frozenset[str] = frozenset()
        self.setItemDelegate(_Delegate(self))

    def show_people(self, rows: Sequence[Row], first_times: Collection[str]) -> None:
        """Replaces the rows."""
        self.first_times = frozenset(first_times)
        self.set_rows(rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Sends what is typed to the search box; other keys move and open."""
        text = event.text()
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if text and text.isprintable() and not text.isspace() and plain == Qt.KeyboardModifier.NoModifier:
            self.typed.emit(text)
            return
        super().keyPressEvent(event)
