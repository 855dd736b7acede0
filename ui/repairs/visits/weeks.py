"""The next two weeks as a calm grid: days down, windows across, how many places are left in each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.repairs.visit_week import Day, Place, Weeks
from app.wording import weekday_day
from ui.theme import theme
from ui.widgets.paint import keycap, keycap_size, panel, tone_tint

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
PLACE_ROLE = Qt.ItemDataRole.UserRole + 1
DAY_WIDTH, WINDOW_WIDTH, ROW = 92, 84, 34  # at 100 %
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_CONTROL = Qt.KeyboardModifier.ControlModifier
HERE = "here"
SPOKEN = {HERE: "the visit that is chosen"}


class _Places(QAbstractTableModel):
    """The grid; the first column names the day."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.weeks = Weeks((), ())
        self.marks: Mapping[str, str] = {}
        self.due: date | None = None

    def show_weeks(self, weeks: Weeks, marks: Mapping[str, str], due: date | None) -> None:
        self.beginResetModel()
        self.weeks, self.marks, self.due = weeks, marks, due
        self.endResetModel()

    def is_late(self, day: Day) -> bool:
        return self.due is not None and day.day > self.due

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.weeks.days)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.weeks.windows) + 1

    def day_at(self, number: int) -> Day:
        return self.weeks.days[number]

    def place_at(self, index: Index) -> Place | None:
        if not index.isValid() or not index.column():
            return None
        return self.weeks.days[index.row()].places[index.column() - 1]

    def mark_of(self, place: Place) -> str:
        return next((self.marks[slot.id] for slot in place.slots if slot.id in self.marks), "")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        day, place = self.weeks.days[index.row()], self.place_at(index)
        if role == PLACE_ROLE:
            return place
        if role == Qt.ItemDataRole.DisplayRole:
            if not index.column():
                return f"{day.day:%a} {day.day.day} {day.day:%b}"
            return _short(place) if place is not None else ""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if place is not None:
                mark = self.mark_of(place)
                return f"{place.words}, {SPOKEN.get(mark, f'offered as {mark}')}" if mark else place.words
            late = ", after what is promised" if self.is_late(day) else ""
            return f"{weekday_day(day.day)}{f', {day.closed}' if day.closed else ''}{late}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.weeks.windows[section - 1].label if section else "Day"
        return None


def _short(place: Place) -> str:
    return f"{place.left} left" if place.left else "full"


class _Cells(QStyledItemDelegate):
    """Paints days and places: what is left in semibold, what is full in grey, the chosen visit on a tint."""

    def __init__(self, table: WeekTable) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().wide(WINDOW_WIDTH), theme().tall(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, box = self._table, option.rect
        day = table.day_at(index.row())
        if not index.column():
            self._day(painter, box, day)
        elif (place := index.data(PLACE_ROLE)) is not None:
            self._place(painter, box, place, index)
        elif day.closed and index.column() == 1:
            wide = table.viewport().width() - box.x()
            painter.setFont(theme().font("hint"))
            painter.setPen(theme().colour("muted"))
            room = QRect(box.x() + 10, box.y(), wide - 14, box.height())
            words = painter.fontMetrics().elidedText(day.closed, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, _MIDDLE, words)

    def _day(self, painter: QPainter, box: QRect, day: Day) -> None:
        t = theme()
        quiet = bool(day.closed) or self._table.is_late(day)
        painter.setFont(t.font("hint" if quiet else "hint_strong"))
        painter.setPen(t.colour("muted" if quiet else "text"))
        painter.drawText(box.adjusted(12, 0, 0, 0), _MIDDLE, f"{day.day:%a} {day.day.day} {day.day:%b}")

    def _place(self, painter: QPainter, box: QRect, place: Place, index: Index) -> None:
        t, table = theme(), self._table
        mark = table.mark_of(place)
        current = table.is_current(index)
        cell = box.adjusted(2, 2, -2, -2)
        filled = bool(mark) or current
        if filled:
            fill = t.colour("selection") if current else tone_tint("hue", "surface", table)
            edge = t.colour("edge") if t.contrast else None
            panel(painter, cell, None if t.contrast and not current else fill, edge)
        turned = t.colour("on_selection") if current and t.contrast else None
        painter.setFont(t.font("strong" if place.left else "body"))
        painter.setPen(turned or t.colour("text" if place.left else "muted"))
        room = cell.adjusted(8, 0, -6, 0)
        painter.drawText(room, _MIDDLE, str(place.left) if place.left else "full")
        if place.left:
            across = round(t.metrics("strong").horizontalAdvance(str(place.left))) + 5
            painter.setFont(t.font("hint"))
            painter.setPen(turned or t.colour("muted"))
            painter.drawText(room.adjusted(across, 0, 0, 0), _MIDDLE, f"of {place.places}")
        if mark and mark != HERE:
            width = keycap_size(mark)[0]
            ink = turned or t.colour("text")
            keycap(painter, room.right() - width, cell.center().y(), mark, ink, turned or t.colour("edge"))
        elif mark:
            side = t.icon_size(16)
            ink = turned or t.colour("repairs" if not t.contrast else "text")
            picture = t.pixmap("map-pin", size=16, colour=ink)
            painter.drawPixmap(room.right() - side, cell.center().y() - side // 2 + 1, picture)


class _Heads(QHeaderView):
    """Headings in small grey type, the part of the day above its hours; no ground, no lines."""

    def __init__(self, table: WeekTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSectionSize(24)

    def sizeHint(self) -> QSize:
        """Two lines of small type."""
        return QSize(super().sizeHint().width(), 2 * theme().line_height("hint") + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of the card, to the end of the line."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme().colour("surface"))
        painter.end()
        super().paintEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, index: int) -> None:
        """One heading."""
        t = theme()
        painter.fillRect(rect, t.colour("surface"))
        if not index:
            return
        name, _, hours = str(self.model().headerData(index, Qt.Orientation.Horizontal) or "").partition(", ")
        line, room = t.line_height("hint"), rect.adjusted(10, 4, 0, 0)
        for number, (words, role) in enumerate(((name, "hint_strong"), (hours, "hint"))):
            painter.setFont(t.font(role))
            painter.setPen(t.colour("muted"))
            box = QRect(room.x(), room.y() + number * line, room.width(), line)
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, _MIDDLE, shown)


class WeekTable(QTableView):
    """Days down, windows across. Arrows move from place to place, Enter takes one; Tab leaves it.

    `moved` carries the place the keyboard is on (None on none), `taken` the one that was taken.
    """

    moved = Signal(object)
    taken = Signal(object)

    def __init__(self, name: str = "The next two weeks", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places = _Places(self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # the current place is enough
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.setHorizontalHeader(_Heads(self))
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setMinimumSectionSize(1)
        self.setItemDelegate(_Cells(self))
        self.setModel(self._places)
        self.selectionModel().currentChanged.connect(self._moved)
        self.restyle()

    # What it shows

    def show_weeks(
        self, weeks: Weeks, marks: Mapping[str, str] | None = None, due: date | None = None
    ) -> None:
        """Replaces the grid. `marks`: by slot id, HERE for the chosen visit or the number of an offer; days
        after `due`, the promised day of that visit, are set in quieter type."""
        kept = self.place()
        selection = self.selectionModel()
        selection.blockSignals(True)
        self._places.show_weeks(weeks, marks or {}, due)
        if kept is not None:
            self.choose(kept.day, kept.window.label)
        selection.blockSignals(False)
        self._set_widths()

    def day_at(self, number: int) -> Day:
        """A day by its row."""
        return self._places.day_at(number)

    def is_late(self, day: Day) -> bool:
        """Whether a day is after what is promised to the visit that is chosen."""
        return self._places.is_late(day)

    def mark_of(self, place: Place) -> str:
        """The mark of a place; "" without one."""
        return self._places.mark_of(place)

    def place(self) -> Place | None:
        """The place the keyboard is on."""
        return self._places.place_at(self.currentIndex())

    def choose(self, day: date, label: str) -> bool:
        """Goes to a place; False when it is not in the grid."""
        weeks = self._places.weeks
        row = next((n for n, each in enumerate(weeks.days) if each.day == day), -1)
        column = next((n for n, window in enumerate(weeks.windows, 1) if window.label == label), 0)
        if row < 0 or not column:
            return False
        self.setCurrentIndex(self._places.index(row, column))
        return True

    def choose_first(self) -> None:
        """Goes to the first place that has one left, unless the keyboard is on a place already."""
        if self.place() is not None:
            return
        free = (
            (row, column)
            for row, day in enumerate(self._places.weeks.days)
            for column, place in enumerate(day.places, 1)
            if place is not None and place.left
        )
        found = next(free, None)
        if found is not None:
            self.setCurrentIndex(self._places.index(*found))

    def is_current(self, index: Index) -> bool:
        """Whether the keyboard is on this place."""
        here = self.currentIndex()
        on = here.isValid() and (here.row(), here.column()) == (index.row(), index.column())
        return on and self.hasFocus()

    # How it looks

    def restyle(self) -> None:
        """Takes fonts and sizes from the theme."""
        self.setFont(theme().font("body"))
        self.verticalHeader().setDefaultSectionSize(theme().tall(ROW))
        self.horizontalHeader().setFixedHeight(self.horizontalHeader().sizeHint().height())
        self._set_widths()

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        count = header.count()
        if count < 2:
            return
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, theme().wide(DAY_WIDTH))
        room = self.viewport().width() - theme().wide(DAY_WIDTH)
        each = max(theme().wide(WINDOW_WIDTH), room // (count - 1))
        for column in range(1, count):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, each)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the width out anew."""
        super().resizeEvent(event)
        self._set_widths()

    def sizeHint(self) -> QSize:
        """All of it."""
        rows = max(4, self._places.rowCount())
        columns = max(1, self._places.columnCount() - 1)
        width = theme().wide(DAY_WIDTH + columns * WINDOW_WIDTH) + 2
        return QSize(width, self.horizontalHeader().sizeHint().height() + rows * theme().tall(ROW) + 2)

    def minimumSizeHint(self) -> QSize:
        """A day column, one window, three days; the rest scrolls."""
        height = self.horizontalHeader().sizeHint().height() + 3 * theme().tall(ROW)
        return QSize(theme().wide(DAY_WIDTH + WINDOW_WIDTH), height)

    # What a person does

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on a place from the beginning."""
        super().focusInEvent(event)
        self.choose_first()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Paints without the ring."""
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pass over what is no place; Enter takes the place."""
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        step = steps.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _CONTROL:
            if (place := self.place()) is not None:
                self.taken.emit(place)
        elif step is not None and self.currentIndex().isValid():
            self._step(*step)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, across: int) -> None:
        here = self.currentIndex()
        row, column = here.row() + down, here.column() + across
        while 0 <= row < self._places.rowCount() and 1 <= column < self._places.columnCount():
            index = self._places.index(row, column)
            if self._places.place_at(index) is not None:
                self.setCurrentIndex(index)
                return
            row, column = row + down, column + across

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click takes the place."""
        super().mouseReleaseEvent(event)
        place = self._places.place_at(self.indexAt(event.position().toPoint()))
        if place is not None:
            self.taken.emit(place)

    def _moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        self.viewport().update()
        self.moved.emit(self._places.place_at(current))
