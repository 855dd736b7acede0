"""The two-line list: records under group headings, title above, a line of facts below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.theme import theme
from ui.widgets.items import ID_ROLE, NOWHERE, Index
from ui.widgets.paint import tone_colour

_VERTICAL = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Item:
    """One record in a two-line list: title, the line below with its tone and icon, a word at the right."""

    id: str
    title: str
    detail: str = ""
    tone: str = "muted"
    icon: str | None = None
    right: str = ""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return ", ".join(part for part in (self.title, self.detail, self.right) if part)


@dataclass(frozen=True)
class Heading:
    """The heading of a group, and how many stand under it."""

    text: str
    count: int


Group = tuple[str, Sequence[Item]]


class _Entries(QAbstractListModel):
    """Headings and items in the order of the screen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Heading | Item] = []

    def set_groups(self, groups: Sequence[Group]) -> None:
        self.beginResetModel()
        self.entries = []
        for heading, items in groups:
            if heading:
                self.entries.append(Heading(heading, len(items)))
            self.entries.extend(items)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self.entries[index.row()], Heading):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if isinstance(entry, Heading):
            words = f"{entry.text}, {entry.count}"
            return {Qt.ItemDataRole.DisplayRole: entry.text, Qt.ItemDataRole.AccessibleTextRole: words}.get(
                Qt.ItemDataRole(role) if role < Qt.ItemDataRole.UserRole else Qt.ItemDataRole.UserRole
            )
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken
        return entry.id if role == ID_ROLE else None


class _TwoLines(QStyledItemDelegate):
    """Paints headings and items."""

    def __init__(self, view: TwoLineList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry, t = self._view.entry(index.row()), theme()
        if isinstance(entry, Heading):
            return QSize(100, t.tall(28, "hint"))
        second = t.line_height("hint") - round(t.line_height("hint") / t.factor)
        bare = 56 if isinstance(entry, Item) and (entry.detail or entry.right) else 40
        return QSize(100, t.tall(bare) + (second if bare == 56 else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        place: QRect = option.rect
        entry = self._view.entry(index.row())
        if isinstance(entry, Heading):
            self._heading(painter, place, entry)
        elif entry is not None:
            current = self._view.currentIndex()
            self._item(painter, place, entry, current.isValid() and current.row() == index.row())

    def _heading(self, painter: QPainter, place: QRect, heading: Heading) -> None:
        t = theme()
        painter.fillRect(place, t.colour("soft"))
        if t.contrast:
            painter.fillRect(place.x(), place.bottom(), place.width(), 1, t.colour("edge"))
        painter.setFont(t.font("hint_strong"))
        painter.setPen(t.colour("muted"))
        room = place.adjusted(15, 0, -14, 0)
        painter.drawText(room, _VERTICAL | Qt.AlignmentFlag.AlignLeft, heading.text)
        painter.drawText(room, _VERTICAL | Qt.AlignmentFlag.AlignRight, str(heading.count))

    def _item(self, painter: QPainter, place: QRect, item: Item, chosen: bool) -> None:
        t = theme()
        if chosen:
            painter.fillRect(place, t.colour("selection"))
            painter.fillRect(QRect(place.x(), place.y(), 3, place.height()), tone_colour("hue", self._view))
        line = t.colour("edge" if t.contrast else "line")
        painter.fillRect(place.x(), place.bottom(), place.width(), 1, line)
        turned = t.colour("on_selection") if chosen and t.contrast else None
        room = place.adjusted(16, 0, -14, -1)
        first, second = t.line_height("strong"), t.line_height("hint")
        lines = bool(item.detail or item.right)
        top = room.y() + (room.height() - first - (second + 2 if lines else 0)) // 2
        painter.setFont(t.font("strong"))
        painter.setPen(turned or t.colour("text"))
        words = painter.fontMetrics().elidedText(item.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRect(room.x(), top, room.width(), first), _VERTICAL, words)
        if lines:
            self._facts(painter, QRect(room.x(), top + first + 2, room.width(), second), item, turned)

    def _facts(self, painter: QPainter, room: QRect, item: Item, turned: Any) -> None:
        t = theme()
        if item.right:
            painter.setFont(t.font("hint"))
            painter.setPen(turned or t.colour("muted"))
            painter.drawText(room, _VERTICAL | Qt.AlignmentFlag.AlignRight, item.right)
            room = room.adjusted(0, 0, -round(t.metrics("hint").horizontalAdvance(item.right)) - 10, 0)
        ink = turned or tone_colour(item.tone, self._view)
        if item.icon:
            side = t.icon_size(14)
            painter.drawPixmap(
                room.x(), room.center().y() - side // 2 + 1, t.pixmap(item.icon, size=14, colour=ink)
            )
            room = room.adjusted(side + 5, 0, 0, 0)
        painter.setFont(t.font("hint" if item.tone == "muted" else "hint_strong"))
        painter.setPen(ink)
        words = painter.fontMetrics().elidedText(item.detail, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _VERTICAL, words)


class TwoLineList(QListView):
    """Records under group headings. Arrows move and choose, Enter opens.

    `chosen` carries the id of the current record, `opened` that of one opened by Enter or double click.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(
        self, groups: Sequence[Group] = (), name: str = "List", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entries = _Entries(self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_TwoLines(self))
        self.setModel(self._entries)
        self.selectionModel().currentChanged.connect(self._moved)
        self.doubleClicked.connect(self._open)
        self.restyle()
        self.set_groups(groups)

    def set_groups(self, groups: Sequence[Group]) -> None:
        """Replaces everything; the current record stays current where it is still there, without a signal."""
        kept, selection = self.value(), self.selectionModel()
        place = self.verticalScrollBar().value()
        selection.blockSignals(True)
        self._entries.set_groups(groups)
        if kept is not None and (number := self._number(kept)) >= 0:
            self.setCurrentIndex(self._entries.index(number, 0))
        selection.blockSignals(False)
        self.verticalScrollBar().setValue(place)

    def restyle(self) -> None:
        """Takes fonts and heights from the theme."""
        self.setFont(theme().font("body"))
        self.scheduleDelayedItemsLayout()

    def entry(self, number: int) -> Heading | Item | None:
        """What stands in a line."""
        entries = self._entries.entries
        return entries[number] if 0 <= number < len(entries) else None

    def _number(self, record_id: str) -> int:
        return next(
            (n for n, e in enumerate(self._entries.entries) if isinstance(e, Item) and e.id == record_id), -1
        )

    def value(self) -> str | None:
        """The id of the current record."""
        found = self.currentIndex().data(ID_ROLE) if self.currentIndex().isValid() else None
        return None if found is None else str(found)

    def choose(self, record_id: str | None) -> bool:
        """Moves to a record, with its signal; False when it is not in the list. None leaves none current."""
        number = -1 if record_id is None else self._number(record_id)
        if number < 0:
            if record_id is None:
                self.setCurrentIndex(QModelIndex())
            return False
        self.setCurrentIndex(self._entries.index(number, 0))
        return True

    def _moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        self.viewport().update()
        found = current.data(ID_ROLE) if current.isValid() else None
        if found is not None:
            self.chosen.emit(str(found))

    def _open(self, index: QModelIndex) -> None:
        found = index.data(ID_ROLE)
        if found is not None:
            self.opened.emit(str(found))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current record."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Room for some records."""
        return QSize(theme().wide(260), theme().tall(56) * 5)

    def minimumSizeHint(self) -> QSize:
        """Room for two."""
        return QSize(theme().wide(160), theme().tall(56) * 2)
