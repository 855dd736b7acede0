"""A layout that sets its items in lines like words, and a scrolling column for pages and forms."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)


class Flow(QLayout):
    """Items side by side, wrapped to a new line where the width ends; each line centred on its height,
    but for items with the alignment AlignTop."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8, line_gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Appends an item."""
        self._items.append(item)

    def count(self) -> int:
        """How many items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One item, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Takes one item out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Takes no more room than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Narrower means taller."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines at this width."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Places the items."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """All items in one line."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self._gap * max(0, len(shown) - 1)
        return self._with_margins(QSize(width, max((size.height() for size in shown), default=0)))

    def minimumSize(self) -> QSize:
        """The widest item alone."""
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return self._with_margins(size)

    def _with_margins(self, size: QSize) -> QSize:
        m = self.contentsMargins()
        return size + QSize(m.left() + m.right(), m.top() + m.bottom())

    def _arrange(self, rect: QRect, move: bool) -> int:
        margins: QMargins = self.contentsMargins()
        room = rect.marginsRemoved(margins)
        y, line, used = room.y(), list[tuple[QLayoutItem, QSize]](), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().boundedTo(QSize(max(1, room.width()), 16_777_215))
            if item.hasHeightForWidth() and size.width() < item.sizeHint().width():
                size.setHeight(item.heightForWidth(size.width()))
            if line and used + self._gap + size.width() > room.width():
                y += self._place(line, room.x(), y, move) + self._line_gap
                line, used = [], 0
            used += size.width() + (self._gap if line else 0)
            line.append((item, size))
        y += self._place(line, room.x(), y, move)
        return y - rect.y() + margins.bottom()

    def _place(self, line: list[tuple[QLayoutItem, QSize]], x: int, y: int, move: bool) -> int:
        height = max((size.height() for _, size in line), default=0)
        for item, size in line if move else ():
            top = bool(item.alignment() & Qt.AlignmentFlag.AlignTop)
            item.setGeometry(QRect(QPoint(x, y + (0 if top else (height - size.height()) // 2)), size))
            x += size.width() + self._gap
        return height


class Row(QWidget):
    """Widgets side by side that wrap where the width ends: buttons under a decision, chips, links."""

    def __init__(
        self, widgets: list[QWidget] | None = None, gap: int = 8, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.flow = Flow(self, gap)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for widget in widgets or []:
            self.add(widget)

    def add(self, widget: QWidget) -> None:
        """Appends a widget."""
        self.flow.addWidget(widget)

    def clear(self) -> None:
        """Removes and deletes every widget."""
        while (item := self.flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def hasHeightForWidth(self) -> bool:
        """Narrower means taller."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines at this width."""
        return self.flow.heightForWidth(width)


class _Inner(QWidget):
    """What stands in a scrolling column: as high as its width makes it, and no higher.

    The minimum of a layout counts wrapped labels at their narrowest, which would leave an empty end.
    """

    def minimumSizeHint(self) -> QSize:
        """The layout's own, its height left to heightForWidth where there is such a thing."""
        layout, size = self.layout(), super().minimumSizeHint()
        return QSize(size.width(), 0) if layout is not None and layout.hasHeightForWidth() else size


class ScrollColumn(QScrollArea):
    """A column that scrolls when the window is too low for it; `body` takes the widgets.

    It is no tab stop itself: the keyboard scrolls it by moving to what stands in it.
    """

    def __init__(
        self, margins: tuple[int, int, int, int] = (0, 0, 0, 0), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        inner = _Inner()
        self._inner = inner
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(*margins)
        self.body.setSpacing(12)
        self.setWidget(inner)
        inner.setAutoFillBackground(False)  # setWidget turned it on; the ground of the card shows through

    def minimumSizeHint(self) -> QSize:
        """As wide as what stands in it: it never scrolls sideways."""
        inner = self._inner.minimumSizeHint()
        return QSize(inner.width() + self.verticalScrollBar().sizeHint().width(), 60)


def clear_layout(layout: QLayout) -> None:
    """Removes and deletes every widget and layout in a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear_layout(inner)


def side_by_side(*widgets: QWidget, gap: int = 8, stretch_after: int | None = None) -> QHBoxLayout:
    """A horizontal layout of widgets; `stretch_after` counts those that stand left of the free room."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(gap)
    for number, widget in enumerate(widgets, 1):
        row.addWidget(widget)
        if number == stretch_after:
            row.addStretch(1)
    return row


def hide_unless(widget: QWidget, shown: bool) -> None:
    """Hides a widget that has no parent yet where it is not wanted. Showing it would make it a window."""
    if not shown:
        widget.hide()
