"""The order of the Tab key: as one reads, whatever was built first.

Qt goes by the order of creation, so a row that is rebuilt would come last. This goes by layouts instead:
what stands first in a layout comes first.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLayout, QScrollArea, QWidget


def reading_order(root: QWidget) -> list[QWidget]:
    """The widgets on show under `root` that the Tab key stops at, in reading order."""
    return [widget for widget in _walk(root) if stops(widget)]


def stops(widget: QWidget) -> bool:
    """Whether the Tab key stops at a widget."""
    return bool(
        widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.isEnabled()
        and widget.isVisible()
    )


def _walk(widget: QWidget) -> Iterator[QWidget]:
    yield widget
    seen: set[int] = set()
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        if inner is not None and inner.isVisible():
            yield from _walk(inner)
        return
    layout = widget.layout()
    if layout is not None:
        for child in _in_layout(layout):
            seen.add(id(child))
            if child.isVisible():
                yield from _walk(child)
    rest = [c for c in widget.findChildren(QWidget, options=_DIRECT) if id(c) not in seen and c.isVisible()]
    for child in sorted(rest, key=lambda c: (c.y(), c.x())):
        if not child.isWindow():
            yield from _walk(child)


_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _in_layout(inner)


def bring_into_view(widget: QWidget) -> None:
    """Scrolls every area the widget stands in, so that it is on show with some room around it."""
    node = widget.parentWidget()
    while node is not None:
        if isinstance(node, QScrollArea) and node.isAncestorOf(widget):
            node.ensureWidgetVisible(widget, 8, 24)
        node = node.parentWidget()


def move_focus(root: QWidget, forward: bool) -> bool:
    """Moves the focus to the next or the previous stop under `root`, round and round."""
    order = reading_order(root)
    if not order:
        return False
    here = QApplication.focusWidget()
    step = 1 if forward else -1
    place = next((n for n, widget in enumerate(order) if widget is here), -1 if forward else 0)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    order[(place + step) % len(order)].setFocus(reason)
    return True


class ReadingOrder(QWidget):
    """A window whose Tab key goes in reading order."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The next or previous stop."""
        return move_focus(self, forward)


class Dialog(QDialog):
    """A dialog whose Tab key goes in reading order."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The next or previous stop."""
        return move_focus(self, forward)
