"""An audit of what is on screen: names, roles, tab stops, keys, sizes, words cut off. The slices use it too.

Each function returns sentences; an empty list means that all is well.
"""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTabBar,
    QWidget,
)

TARGET = 24
_OWN = ("qt_scrollarea_viewport", "qt_spinbox_lineedit")


def focusable(root: QWidget) -> list[QWidget]:
    """Every widget on show under `root` that the Tab key should reach, in the order of creation."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.objectName() not in _OWN
    ]


def tab_order(root: QWidget) -> list[QWidget]:
    """The widgets under `root` in the order of the Tab key, found by pressing it."""
    window = root.window()
    before, found = QApplication.focusWidget(), []
    for _ in range(500):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        if here is None or here in found:
            break
        found.append(here)
    if before is not None:
        before.setFocus()
    first = next((n for n, widget in enumerate(found) if widget is _first(found)), 0)
    return [widget for widget in found[first:] + found[:first] if root is widget or root.isAncestorOf(widget)]


def _first(found: list[QWidget]) -> QWidget | None:
    """Where a round of the Tab key begins: what stands highest, then leftmost."""
    return min(found, key=lambda w: (w.mapTo(w.window(), QPoint(0, 0)).y() // 24, w.x()), default=None)


def describe(widget: QWidget) -> str:
    """A widget in a few words, for a finding."""
    words = widget.accessibleName() or getattr(widget, "text", lambda: "")()
    return f"{type(widget).__name__} {str(words)[:60]!r}"


def unnamed(root: QWidget) -> list[str]:
    """Focusable widgets that a screen reader cannot name, or that have no role."""
    found = []
    for widget in focusable(root):
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or not interface.text(QAccessible.Text.Name).strip():
            found.append(f"{describe(widget)} in {type(widget.parent()).__name__} has no name")
        elif interface.role() == QAccessible.Role.NoRole:
            found.append(f"{describe(widget)} has no role")
    return found


def unreachable(root: QWidget) -> list[str]:
    """Focusable widgets that the Tab key never comes to. One radio button stands for its group."""
    reached = set(map(id, tab_order(root)))
    return [
        f"{describe(widget)} is not reached by Tab"
        for widget in focusable(root)
        if id(widget) not in reached and not isinstance(widget, QRadioButton)
    ]


def doubled_keys(root: QWidget) -> list[str]:
    """Keys that two things on show both want: pressing one of them does nothing."""
    wanted: Counter[str] = Counter()
    for shortcut in root.findChildren(QShortcut):
        owner = shortcut.parent()
        if shortcut.isEnabled() and isinstance(owner, QWidget) and owner.isVisible() and owner.isEnabled():
            wanted.update(sequence.toString() for sequence in list(shortcut.keys()))
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.isVisible():
            wanted.update(s.toString() for action in widget.actions() for s in action.shortcuts())
    return [f"{key} is wanted {count} times" for key, count in wanted.items() if count > 1 and key]


def doubled_accelerators(root: QWidget) -> list[str]:
    """Alt accelerators (an underlined letter) that two things on show share."""
    letters: Counter[str] = Counter()
    for widget in root.findChildren(QWidget):
        text = getattr(widget, "text", None)
        if not widget.isVisible() or not isinstance(widget, QPushButton | QCheckBox | QRadioButton):
            continue
        words = str(text()).replace("&&", "") if callable(text) else ""
        if "&" in words:
            letters[words[words.index("&") + 1].lower()] += 1
    return [f"Alt+{letter} is wanted {count} times" for letter, count in letters.items() if count > 1]


def too_small(root: QWidget) -> list[str]:
    """Things to press that are smaller than 24 by 24 px (WCAG 2.5.8)."""
    return [
        f"{describe(widget)} is {widget.width()} by {widget.height()} px"
        for widget in focusable(root)
        if isinstance(widget, QPushButton | QCheckBox | QRadioButton | QTabBar)
        and (widget.width() < TARGET or widget.height() < TARGET)
    ]


def cut_off(root: QWidget) -> list[str]:
    """Labels and buttons whose words do not fit, and what sticks out where nothing can scroll to it."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QPushButton | QCheckBox):
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.text() and widget.heightForWidth(widget.width()) > widget.height() + 1:
                found.append(f"{describe(widget)} is cut: {widget.height()} px high")
        elif widget.text() and widget.minimumSizeHint().width() > widget.width() + 1:
            found.append(f"{describe(widget)} is cut: {widget.width()} px wide")
        elif widget.text() and widget.minimumSizeHint().height() > widget.height() + 2:
            found.append(f"{describe(widget)} is cut: {widget.height()} px high")
        if _outside(widget, root):
            found.append(f"{describe(widget)} sticks out of the window")
    return found


def _outside(widget: QWidget, root: QWidget) -> bool:
    """Whether a widget leaves the window on a side that no scroll bar brings back."""
    node, box = widget, QRect(QPoint(0, 0), widget.size())
    down = across = False
    while node is not root and node.parentWidget() is not None:
        box.translate(node.pos())
        node = node.parentWidget()
        above = node.parentWidget()
        if isinstance(above, QAbstractScrollArea) and above.viewport() is node:
            down = True
            across = not isinstance(above, QScrollArea) or (
                above.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            )
            box = QRect(QPoint(0, 0), box.size()) if across else QRect(box.x(), 0, box.width(), 1)
    wide = box.right() > root.width() + 1 or box.left() < -1
    tall = box.bottom() > root.height() + 1
    return (wide and not across) or (tall and not down)


def stray_windows(window: QWidget) -> list[str]:
    """Parts that became windows of their own because they were shown before they had a parent."""
    return [
        f"{describe(widget)} is a window of its own"
        for widget in QApplication.topLevelWidgets()
        if widget.isVisible() and widget is not window and widget.windowType() == Qt.WindowType.Window
    ]


def problems(root: QWidget) -> list[str]:
    """Everything above, except words cut off, which depends on the size of the window."""
    return [
        *unnamed(root),
        *unreachable(root),
        *doubled_keys(root),
        *doubled_accelerators(root),
        *too_small(root),
    ]
