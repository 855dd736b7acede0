"""The search box of a register and the lines under it: who may be meant, and the way to add somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.inclusion.items import Offer, marked_name
from ui.theme import theme
from ui.widgets import SearchField
from ui.widgets.items import ID_ROLE, NOWHERE, Index
from ui.widgets.paint import keycap, keycap_size, panel, tone_colour

_VERTICAL = Qt.AlignmentFlag.AlignVCenter
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RegisterSearch(SearchField):
    """The box where a register is filled. Letters search, arrows choose, Enter marks; + then a digit counts.

    Plus and minus act only while the box is empty, so that a name with a hyphen can be typed.
    """

    moved = Signal(int)
    confirmed = Signal()
    listening = Signal(bool)
    counted = Signal(str)
    undo_asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Two letters of a name, or a code", key=None, name="Find a person", big=True, parent=parent
        )
        self.setObjectName("inclusion-search")
        self._listens = False

    def keyPressEvent(self, event: object) -> None:
        """Sends each key where it belongs."""
        if not isinstance(event, QKeyEvent):
            return
        key, text = event.key(), event.text()
        if self._listens:
            self._listen(False)
            if text in "0123456789" and text:
                self.counted.emit(text)
                return
            if text == "+":
                return
        if not self.text() and text == "+":
            self._listen(True)
        elif not self.text() and text in ("-", "−") and text:
            self.undo_asked.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in _ENTER:
            if not event.isAutoRepeat():
                self.confirmed.emit()
        elif key == Qt.Key.Key_Escape and not self.text():
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _listen(self, on: bool) -> None:
        self._listens = on
        self.listening.emit(on)

    def focusOutEvent(self, event: Any) -> None:
        """Stops waiting for a digit."""
        if self._listens:
            self._listen(False)
        super().focusOutEvent(event)


class _Lines(QAbstractListModel):
    """The offers as a Qt model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offers: list[Offer] = []

    def set_offers(self, offers: Sequence[Offer]) -> None:
        self.beginResetModel()
        self.offers = list(offers)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.offers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.offers):
            return None
        offer = self.offers[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return offer.spoken
        return offer.person_id if role == ID_ROLE else None


class _OfferLine(QStyledItemDelegate):
    """Paints one offer."""

    def __init__(self, view: OfferList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, theme().tall(39))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t, place = theme(), QRect(option.rect)
        offer = self._view.offers[index.row()]
        chosen = index.row() == self._view.currentIndex().row()
        if chosen:
            painter.fillRect(place, t.colour("selection"))
            painter.fillRect(QRect(place.x(), place.y(), 4, place.height()), tone_colour("hue", self._view))
        if index.row() < len(self._view.offers) - 1:
            painter.fillRect(
                place.x(), place.bottom(), place.width(), 1, t.colour("edge" if t.contrast else "line")
            )
        turned = chosen and t.contrast
        ink = t.colour("on_selection") if turned else t.colour("text")
        muted = t.colour("on_selection") if turned else t.colour("muted")
        room = place.adjusted(16, 0, -12, -1)
        room = self._right(painter, room, offer, chosen, muted)
        if offer.person_id:
            self._person(painter, room, offer, ink, muted)
        else:
            self._add(
                painter, room, offer, t.colour("on_selection") if turned else t.colour("primary"), muted
            )

    def _right(self, painter: QPainter, room: QRect, offer: Offer, chosen: bool, muted: Any) -> QRect:
        """What a key does with this line, at its right end; gives the room left."""
        t = theme()
        key = "Ctrl N" if not offer.person_id else "Enter" if chosen else ""
        if not key:
            return room
        width = keycap_size(key)[0]
        edge = muted if t.contrast else t.colour("edge")
        keycap(painter, room.right() - width, room.center().y() + 1, key, muted, edge)
        words = "" if not offer.person_id else "back again" if offer.here_now else "mark present"
        painter.setFont(t.font("hint"))
        painter.setPen(muted)
        left = room.adjusted(0, 0, -width - 8, 0)
        painter.drawText(left, _VERTICAL | Qt.AlignmentFlag.AlignRight, words)
        return left.adjusted(0, 0, -round(t.metrics("hint").horizontalAdvance(words)) - 10, 0)

    def _person(self, painter: QPainter, room: QRect, offer: Offer, ink: Any, muted: Any) -> None:
        t, x = theme(), room.x()
        for text, typed in marked_name(offer.name, self._view.words):
            role = "strong" if typed else "body"
            width = round(t.metrics(role).horizontalAdvance(text))
            painter.setFont(t.font(role))
            painter.setPen(ink)
            painter.drawText(QRect(x, room.y(), room.right() - x, room.height()), _VERTICAL, text)
            x += width
        x = max(x + 14, room.x() + t.wide(194))
        painter.setPen(muted)
        painter.setFont(t.font("body"))
        for text in (offer.code, offer.facts):
            left = QRect(x, room.y(), max(0, room.right() - x), room.height())
            words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, left.width())
            painter.drawText(left, _VERTICAL, words)
            x += round(t.metrics("body").horizontalAdvance(text)) + 12

    def _add(self, painter: QPainter, room: QRect, offer: Offer, ink: Any, muted: Any) -> None:
        t, side = theme(), theme().icon_size(16)
        picture = t.pixmap("user-round-plus", size=16, colour=ink)
        painter.drawPixmap(room.x(), room.center().y() - side // 2 + 1, picture)
        words = f"Add “{offer.name}” as a new person" if offer.name else "Add a new person"
        painter.setFont(t.font("strong"))
        painter.setPen(ink)
        left = room.adjusted(side + 8, 0, 0, 0)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, left.width())
        painter.drawText(left, _VERTICAL, words)
        left = left.adjusted(round(t.metrics("strong").horizontalAdvance(words)) + 8, 0, 0, 0)
        painter.setFont(t.font("body"))
        painter.setPen(muted)
        hint = "about 20 seconds, 3 answers"
        if t.metrics("body").horizontalAdvance(hint) <= left.width():
            painter.drawText(left, _VERTICAL, hint)


class OfferList(QListView):
    """The lines under the search box, which keeps the focus and drives them. `taken` carries a person's id,
    empty for "add a new person"."""

    taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = _Lines(self)
        self.words: list[str] = []
        self.setObjectName("inclusion-offers")
        self.setAccessibleName("People who may be meant")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(1, 1, 1, 1)
        self.setItemDelegate(_OfferLine(self))
        self.setModel(self._lines)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda index: self.taken.emit(str(index.data(ID_ROLE))))
        self.hide()

    @property
    def offers(self) -> list[Offer]:
        """The lines on show."""
        return self._lines.offers

    def show_offers(self, offers: Sequence[Offer], words: Sequence[str]) -> None:
        """Shows lines and chooses the first; none hides the list."""
        self.words = list(words)
        self._lines.set_offers(offers)
        self.setVisible(bool(offers))
        if offers:
            self.setCurrentIndex(self._lines.index(0, 0))
        self.updateGeometry()

    def current(self) -> Offer | None:
        """The chosen line."""
        number = self.currentIndex().row()
        return self.offers[number] if 0 <= number < len(self.offers) else None

    def move_by(self, step: int) -> None:
        """Chooses the next or previous line, and stops at the ends."""
        if self.offers:
            number = min(max(self.currentIndex().row() + step, 0), len(self.offers) - 1)
            self.setCurrentIndex(self._lines.index(number, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Paints both lines anew."""
        super().currentChanged(current, previous)
        self.viewport().update()

    def restyle(self) -> None:
        """Takes heights from the theme."""
        self.scheduleDelayedItemsLayout()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """All lines, without scrolling."""
        return QSize(theme().wide(300), len(self.offers) * theme().tall(39) + 2)

    def minimumSizeHint(self) -> QSize:
        """Three lines at least, where there are so many."""
        return QSize(theme().wide(160), min(3, len(self.offers)) * theme().tall(39) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A bordered box with the lines in it."""
        t, painter = theme(), QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), t.colour("surface"))
        painter.end()
        super().paintEvent(event)
        frame = QPainter(self.viewport())
        panel(frame, self.viewport().rect(), None, t.colour("edge"), t.stroke)
