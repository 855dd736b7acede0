"""The focus ring: one overlay per window, transparent to the mouse, that follows the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

from ui.reading_order import bring_into_view
from ui.theme import theme

REACH = 4  # 1 px gap and 3 px ring
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class _Ring(QWidget):
    """The ring of one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("focus-ring")
        self.cut = QRect()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A ring of 3 px around the gap, only where its target can be seen."""
        painter = QPainter(self)
        painter.setClipRect(self.cut)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("primary"), 3))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)


class FocusRing(QObject):
    """Shows where the keyboard is, in every window of the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._target: QWidget | None = None
        self._ring: _Ring | None = None
        self._watched: list[QWidget] = []
        self._bring = False  # into view, once the page has settled
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._settled)
        app.focusChanged.connect(self._moved)

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
        self._target, self._ring = None, None
        if new is None or new.focusPolicy() == Qt.FocusPolicy.NoFocus or new.isWindow():
            return
        if bool(new.property("bare")):
            return
        self._bring = QApplication.mouseButtons() == Qt.MouseButton.NoButton
        self._target = new
        new.destroyed.connect(self._gone)
        found = new.window().findChild(_Ring, "focus-ring", Qt.FindChildOption.FindDirectChildrenOnly)
        self._ring = found or _Ring(new.window())
        node: QWidget | None = new
        while node is not None:
            node.installEventFilter(self)
            self._watched.append(node)
            node = node.parentWidget()
        self.place()
        self._later.start()

    def _gone(self) -> None:
        self._target, self._watched = None, []
        self._later.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows every move of the target and of what it stands in."""
        if event.type() in _MOVES and self._target is not None:
            self._later.start()
        return False

    def _settled(self) -> None:
        """Brings a new target into view once its page is laid out, then places the ring."""
        if self._bring and self._target is not None:
            bring_into_view(self._target)
        self._bring = False
        self.place()

    def place(self) -> None:
        """Puts the ring round its target."""
        target, ring = self._target, self._ring
        if ring is not None and not isValid(ring):
            return
        if target is None or ring is None or not target.isVisible():
            if ring is not None:
                ring.hide()
            return
        window = target.window()
        box = QRect(target.mapTo(window, target.rect().topLeft()), target.size())
        outer = box.adjusted(-REACH, -REACH, REACH, REACH)
        seen = outer.intersected(window.rect())
        node = target.parentWidget()
        while node is not None and node is not window:
            above = node.parentWidget()
            if isinstance(above, QAbstractScrollArea) and above.viewport() is node:
                port = QRect(node.mapTo(window, node.rect().topLeft()), node.size())
                seen = seen.intersected(port.adjusted(-REACH, -REACH, REACH, REACH))
            node = above
        ring.setGeometry(outer)
        ring.cut = seen.translated(-outer.topLeft())
        ring.setVisible(not seen.isEmpty())
        ring.raise_()
        ring.update()
