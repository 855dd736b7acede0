"""The house table: header on soft, hairlines, figures right, the selected row with its rule, total below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.theme import theme
from ui.widgets.items import ID_ROLE, ROW_ROLE, Column, Index, Row, RowsModel
from ui.widgets.paint import panel, tone_colour, tone_tint

_VERTICAL = Qt.AlignmentFlag.AlignVCenter
PAD_LEFT, PAD_RIGHT, PAD_WORDS = 12, 14, 2


class _Brushes:
    """What a table paints with, looked up once per theme and not once per cell."""

    def __init__(self, view: QWidget, hue: str) -> None:
        t = theme()
        self.hue = tone_colour(hue, view)
        self.selection, self.line = t.colour("selection"), t.colour("line" if not t.contrast else "edge")
        self.text, self.muted, self.primary = t.colour("text"), t.colour("muted"), t.colour("primary")
        self.on_selection = t.colour("on_selection")
        self.body, self.strong, self.small = t.font("body"), t.font("strong"), t.font("hint_strong")
        self.body_metrics, self.strong_metrics = t.metrics("body"), t.metrics("strong")
        self.contrast = t.contrast


class HouseDelegate(QStyledItemDelegate):
    """Paints the cells of a house table."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The fixed height of a row."""
        return QSize(80, self._table.row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, rule, words, icon, hairline."""
        table, number, place = self._table, index.column(), option.rect
        b, column = table.brushes(), table.columns[number]
        row: Row | None = index.data(ROW_ROLE)
        chosen = table.is_marked(index.row(), row)
        if chosen:
            painter.fillRect(place, b.selection)
            if number == table.first_column():
                painter.fillRect(QRect(place.x(), place.y(), 3, place.height()), b.hue)
        painter.fillRect(place.x(), place.bottom(), place.width(), 1, b.line)
        words = index.data(Qt.ItemDataRole.DisplayRole)
        if words is None:
            painter.setPen(b.muted)
            painter.drawText(place.adjusted(PAD_LEFT, 0, 0, 0), _VERTICAL, "…" if number == 0 else "")
            return
        strong = (chosen or bool(row and row.strong)) and not column.muted
        painter.setFont(b.strong if strong else b.body)
        ink = b.muted if column.muted else b.text
        painter.setPen(b.on_selection if chosen and b.contrast else ink)
        last = column.figures or column.stretch or number == len(table.columns) - 1
        room = place.adjusted(PAD_LEFT, 0, -(PAD_RIGHT if last else PAD_WORDS), -1)
        if column.stretch and row is not None and (row.icon or row.chip or row.act):
            room = self._extras(painter, room, row, str(words), chosen, strong)
        side = Qt.AlignmentFlag.AlignRight if column.figures else Qt.AlignmentFlag.AlignLeft
        metrics = b.strong_metrics if strong else b.body_metrics
        if metrics.horizontalAdvance(str(words)) > room.width():
            words = metrics.elidedText(str(words), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _VERTICAL | side, str(words))

    def _extras(
        self, painter: QPainter, room: QRect, row: Row, words: str, chosen: bool, strong: bool
    ) -> QRect:
        """Icon and act at the right end, chip after the words; gives the room left for the words."""
        t, b = theme(), self._table.brushes()
        painter.save()
        if row.act:
            painter.setFont(b.small)
            painter.setPen(b.on_selection if chosen and b.contrast else b.primary)
            painter.drawText(room, _VERTICAL | Qt.AlignmentFlag.AlignRight, row.act)
            room = room.adjusted(0, 0, -round(t.metrics("hint_strong").horizontalAdvance(row.act)) - 12, 0)
        if row.icon:
            side = t.icon_size(16)
            ink = tone_colour(row.tone or "hue", self._table)
            picture = t.pixmap(row.icon, size=16, colour=b.on_selection if chosen and b.contrast else ink)
            painter.drawPixmap(room.right() - side, room.center().y() - side // 2 + 1, picture)
            room = room.adjusted(0, 0, -side - 10, 0)
        if row.chip:
            metrics = b.strong_metrics if strong else b.body_metrics
            width = round(t.metrics("hint_strong").horizontalAdvance(row.chip)) + 18
            x = room.x() + min(round(metrics.horizontalAdvance(words)) + 10, max(0, room.width() - width))
            box = QRect(x, room.center().y() - t.tall(24, "hint") // 2 + 1, width, t.tall(24, "hint"))
            tone = row.tone or "hue"
            fill = None if b.contrast else tone_tint(tone, "surface", self._table)
            panel(painter, box, fill, b.text if b.contrast else None)
            painter.setFont(b.small)
            painter.setPen(b.on_selection if chosen and b.contrast else tone_colour(tone, self._table))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, row.chip)
            room = room.adjusted(0, 0, -width - 10, 0)
        painter.restore()
        return room


class _Header(QHeaderView):
    """Headings on soft ground."""

    def __init__(self, table: Table) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSectionSize(24)

    def sizeHint(self) -> QSize:
        """28 high at 100 %."""
        return QSize(super().sizeHint().width(), theme().tall(28, "hint"))

    def paintSection(self, painter: QPainter, rect: QRect, index: int) -> None:
        """One heading."""
        t = theme()
        painter.fillRect(rect, t.colour("soft"))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, t.colour("edge" if t.contrast else "line"))
        if index >= len(self._table.columns):
            return
        column = self._table.columns[index]
        painter.setFont(t.font("hint_strong"))
        painter.setPen(t.colour("muted"))
        side = Qt.AlignmentFlag.AlignRight if column.figures else Qt.AlignmentFlag.AlignLeft
        room = rect.adjusted(PAD_LEFT, 0, -PAD_RIGHT if column.figures else 0, 0)
        painter.drawText(room, _VERTICAL | side, column.title)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground behind all headings, to the end of the line."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme().colour("soft"))
        painter.end()
        super().paintEvent(event)


class Table(QTableView):
    """A list of records in columns. Arrows move, Enter opens; Tab leaves it.

    `row_chosen` carries the id of the current row, `row_opened` that of one opened by Enter or double click,
    `row_acted` that of a row whose word at the right was clicked.
    """

    row_chosen = Signal(str)
    row_opened = Signal(str)
    row_acted = Signal(str)

    def __init__(
        self,
        columns: Sequence[Column],
        hue: str = "hue",
        name: str = "Table",
        row: int = 30,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns, self._hue, self._row = tuple(columns), hue, row
        self._marked: frozenset[str] = frozenset()
        self._brushes: _Brushes | None = None
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.setHorizontalHeader(_Header(self))
        vertical = self.verticalHeader()
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(1)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setItemDelegate(HouseDelegate(self))
        self.setModel(RowsModel(self.columns, self))
        self.doubleClicked.connect(self._open)
        self.restyle()

    # What it shows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replaces the rows; the chosen one stays chosen where it is still there, without a signal."""
        model = self.model()
        if not isinstance(model, RowsModel):
            model = RowsModel(self.columns, self)
            self.set_items(model)
        chosen = self.chosen()
        selection = self.selectionModel()
        selection.blockSignals(True)
        model.set_rows(rows)
        if chosen is not None and (number := model.row_of(chosen)) >= 0:
            self.setCurrentIndex(model.index(number, 0))
        selection.blockSignals(False)
        self._set_widths()
        self.viewport().update()

    def set_items(self, model: QAbstractTableModel) -> None:
        """Shows a model of one's own; it answers ID_ROLE, and ROW_ROLE where rows have icons or weight."""
        self.setModel(model)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Sets the model and listens to its selection."""
        super().setModel(model)
        if model is not None:
            model.modelReset.connect(self._set_widths)
        selection = self.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._moved)
        self._set_widths()

    def choose(self, record_id: str | None) -> bool:
        """Moves to a record's row, with its signal; False when it is not among the rows in memory."""
        if record_id is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
            return False
        model: Any = self.model()
        number = model.row_of(record_id) if hasattr(model, "row_of") else -1
        if number < 0:
            return False
        self.setCurrentIndex(model.index(number, 0))
        self.scrollTo(model.index(number, 0))
        return True

    def choose_row(self, number: int) -> None:
        """Moves to a row by its number, with its signal."""
        model = self.model()
        if 0 <= number < model.rowCount():
            self.setCurrentIndex(model.index(number, 0))

    def chosen(self) -> str | None:
        """The id of the current row."""
        found = self.currentIndex().data(ID_ROLE) if self.currentIndex().isValid() else None
        return None if found is None else str(found)

    def set_marked(self, record_ids: Collection[str]) -> None:
        """Shows further rows as chosen, for what belongs to the chosen row of another table."""
        self._marked = frozenset(record_ids)
        self.viewport().update()

    def is_marked(self, number: int, row: Row | None) -> bool:
        """Whether a row is painted as chosen."""
        if row is not None and row.id in self._marked:
            return True
        current = self.currentIndex()
        return current.isValid() and current.row() == number and not self._marked

    def row_middle(self, record_id: str) -> int | None:
        """The middle of a record's row in the table's own pixels; None when it is not in memory or view."""
        model: Any = self.model()
        number = model.row_of(record_id) if hasattr(model, "row_of") else -1
        if number < 0:
            return None
        y = self.rowViewportPosition(number) + self.row_height() // 2
        if not 0 <= y <= self.viewport().height():
            return None
        return y + self.viewport().y()

    # How it looks

    def row_height(self) -> int:
        """Height of a row in pixels."""
        return theme().tall(self._row)

    def brushes(self) -> _Brushes:
        """The colours and fonts of the theme in force."""
        if self._brushes is None:
            self._brushes = _Brushes(self, self._hue)
        return self._brushes

    def first_column(self) -> int:
        """The number of the first column on show."""
        return next((n for n in range(len(self.columns)) if not self.isColumnHidden(n)), 0)

    def restyle(self) -> None:
        """Takes fonts, heights and widths from the theme."""
        self._brushes = None
        self.setFont(theme().font("body"))
        self.verticalHeader().setDefaultSectionSize(self.row_height())
        self.horizontalHeader().setFixedHeight(theme().tall(28, "hint"))
        self._set_widths()

    def showEvent(self, event: object) -> None:
        """Takes the hue of the page it now stands on."""
        self._brushes = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lets optional columns step aside where it is narrow."""
        super().resizeEvent(event)
        self._set_widths()

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        if header.count() < len(self.columns):
            return
        t, room = theme(), self.viewport().width()
        wanted = [max(t.wide(column.width), self._needed(n)) for n, column in enumerate(self.columns)]
        shown = [True] * len(wanted)
        for number in reversed(range(len(wanted))):
            total = sum(w for w, on in zip(wanted, shown, strict=True) if on)
            if total > room and self.columns[number].optional:
                shown[number] = False
        for number, column in enumerate(self.columns):
            self.setColumnHidden(number, not shown[number])
            fits = sum(w for w, on in zip(wanted, shown, strict=True) if on) <= room
            if column.stretch and fits:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
            else:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(number, wanted[number])

    def _needed(self, number: int) -> int:
        """What the words of a column need. Figures are never cut; other words may take a third more than
        their column was given. Only rows in memory are looked at."""
        column = self.columns[number]
        if column.stretch:
            return 0
        role = "body" if column.muted else "strong"
        wanted = round(theme().metrics(role).horizontalAdvance(self._longest(number))) + PAD_LEFT + 1
        if column.figures:
            return wanted + PAD_RIGHT
        last = number == len(self.columns) - 1
        return min(wanted + (PAD_RIGHT if last else PAD_WORDS), theme().wide(column.width * 1.34))

    def _longest(self, number: int) -> str:
        """The longest words of a column among the rows in memory, or the first two hundred."""
        model = self.model()
        if isinstance(model, RowsModel):
            return model.longest(number)
        rows = range(min(model.rowCount(), 200)) if model is not None else range(0)
        return max((str(model.index(n, number).data() or "") for n in rows), key=len, default="")

    def sizeHint(self) -> QSize:
        """Its columns, and some rows."""
        rows = min(8, max(3, self.model().rowCount())) if self.model() is not None else 3
        width = sum(theme().wide(column.width) for column in self.columns)
        return QSize(width, theme().tall(28, "hint") + rows * self.row_height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Three rows."""
        return QSize(theme().wide(180), theme().tall(28, "hint") + 3 * self.row_height())

    # What a person does

    def _moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        self.viewport().update()
        found = current.data(ID_ROLE) if current.isValid() else None
        if found is not None:
            self.row_chosen.emit(str(found))

    def _open(self, index: QModelIndex) -> None:
        found = index.data(ID_ROLE)
        if found is not None:
            self.row_opened.emit(str(found))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; Home and End go to the first and last."""
        model = self.model()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Home and model.rowCount():
            self.setCurrentIndex(model.index(0, 0))
        elif event.key() == Qt.Key.Key_End and model.rowCount():
            self.setCurrentIndex(model.index(model.rowCount() - 1, 0))
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a row's word acts on that row."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        row: Row | None = index.data(ROW_ROLE) if index.isValid() else None
        if row is None or not row.act or not self.columns[index.column()].stretch:
            return
        reach = theme().metrics("hint_strong").horizontalAdvance(row.act) + PAD_RIGHT + 8
        if event.position().x() >= self.visualRect(index).right() - reach:
            self.row_acted.emit(row.id)


class TotalRow(QLabel):
    """The total of a table, outside its scrolling part, its figure exactly under the column."""

    def __init__(
        self, table: Table, words: str = "", figure: str = "", column: int = -1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._table, self._column = table, column
        self._words, self._figure = words, figure
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        table.horizontalHeader().sectionResized.connect(lambda *_: self.update())
        self.set_total(words, figure)

    def set_total(self, words: str, figure: str = "") -> None:
        """Changes the words at the left and the figure under the column."""
        self._words, self._figure = words, figure
        self.setAccessibleName(f"{words}: {figure}" if figure else words)
        self.update()

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """33 high at 100 %."""
        return QSize(200, theme().tall(33))

    def minimumSizeHint(self) -> QSize:
        """The same height."""
        return QSize(80, theme().tall(33))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A firm rule, the words, the figure."""
        t, painter = theme(), QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, t.colour("edge"))
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted"))
        painter.drawText(self.rect().adjusted(PAD_LEFT, 1, 0, 0), _VERTICAL, self._words)
        column = self._column % len(self._table.columns)
        right = self._table.columnViewportPosition(column) + self._table.columnWidth(column)
        right += self._table.x() - self.x()
        painter.setFont(t.font("strong"))
        painter.setPen(t.colour("text"))
        box = QRect(0, 1, right - PAD_RIGHT, self.height() - 1)
        painter.drawText(box, _VERTICAL | Qt.AlignmentFlag.AlignRight, self._figure)
