"""Find: one box over everything, what it found grouped by tab, Enter opens it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from models.base import policy_of
from models.search import Hit, find
from ui.shell import Shell
from ui.tabs import TabSpec, slice_of
from ui.theme import theme
from ui.widgets.fields import SearchField
from ui.widgets.lists import Item, TwoLineList
from ui.widgets.paint import CARD_RADIUS, panel
from ui.widgets.text import Label

LIMIT = 50
_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class FindPanel(QFrame):
    """What Find found, under its box. The box keeps the focus; arrows move, Enter opens, Escape closes."""

    def __init__(self, field: SearchField, shell: Shell, tabs: Sequence[TabSpec], window: QWidget) -> None:
        super().__init__(window)
        self._field, self._shell, self._tabs = field, shell, tuple(tabs)
        self._hits: dict[str, Hit] = {}
        self._before: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 6, 2, 6)
        column.setSpacing(2)
        self.words = Label("", "body", "muted", wrap=True)
        self.words.setContentsMargins(14, 6, 14, 6)
        self.list = TwoLineList(name="Found")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(lambda _index: self.open_current())
        column.addWidget(self.words)
        column.addWidget(self.list)
        self._later = QTimer(self, singleShot=True, interval=150)
        self._later.timeout.connect(self.look)
        field.textEdited.connect(self._typed)
        field.installEventFilter(self)
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
        self.hide()

    def _typed(self, text: str) -> None:
        if text.strip():
            self._later.start()
        else:
            self.close_panel()

    def look(self) -> None:
        """Looks for the words now in the box."""
        words = self._field.text()
        hits = self._shell.read(lambda session: find(session, words, LIMIT))
        self._hits = {f"{hit.type}/{hit.id}": hit for hit in hits}
        groups = []
        for spec in self._tabs:
            here = [self._item(key, hit) for key, hit in self._hits.items() if slice_of(hit.type) == spec.key]
            if here:
                groups.append((spec.title, here))
        self.list.set_groups(groups)
        self.list.setVisible(bool(groups))
        self.words.setVisible(not groups)
        self.words.setText(f"Nothing found for “{words.strip()}”. Try fewer words, or the start of one.")
        if groups:
            self.list.choose(groups[0][1][0].id)
        self._field.setAccessibleDescription(f"{len(hits)} found. Down arrow moves, Enter opens.")
        self._place()
        self.show()
        self.raise_()

    def _item(self, key: str, hit: Hit) -> Item:
        kind = policy_of(hit.type).title
        return Item(key, hit.title or f"A {kind} without a title", hit.detail, right=kind)

    def open_current(self) -> None:
        """Opens the record the list stands on."""
        hit = self._hits.get(self.list.value() or "")
        if hit is None:
            return
        self.close_panel()
        self._field.clear()
        self._shell.open(hit.type, hit.id)

    def close_panel(self) -> None:
        """Closes, and looks for nothing more."""
        self._later.stop()
        self.hide()

    def _give_back(self) -> None:
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._field.clearFocus()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is self._field and old is not None and old is not self._field:
            self._before = old
            old.destroyed.connect(self._forget)
        elif new is not None and new is not self._field and not self.isAncestorOf(new):
            self.close_panel()

    def _forget(self) -> None:
        self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the keys that move and open; keeps its place when the window changes size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self._field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._later.isActive() or (self._field.text().strip() and not self.isVisible()):
                self._later.stop()
                self.look()
            self.open_current()
            return True
        if event.key() == Qt.Key.Key_Escape:
            self._field.clear()
            self.close_panel()
            self._give_back()
            return True
        if event.key() in _KEYS and self.isVisible():
            QApplication.sendEvent(self.list, event)
            return True
        return False

    def _place(self) -> None:
        over = self.parentWidget()
        if over is None:
            return
        t = theme()
        foot = self._field.mapTo(over, QPoint(self._field.width(), self._field.height() + 6))
        width = min(t.wide(460), over.width() - 24)
        lines = len(self._hits)
        wanted = 16 + t.tall(40) if not lines else 14 + self._list_height()
        height = min(wanted, over.height() - foot.y() - 60)
        self.setGeometry(QRect(foot.x() - width, foot.y(), width, height))

    def _list_height(self) -> int:
        model = self.list.model()
        return sum(self.list.sizeHintForRow(n) for n in range(min(model.rowCount(), 60)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card with a firm edge."""
        t = theme()
        panel(QPainter(self), self.rect(), t.colour("surface"), t.colour("edge"), t.stroke, CARD_RADIUS)
