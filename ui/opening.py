"""The window as it stands before the store is open: bar and tabs, and a word of what is being done.

It is what a start paints first, so nothing here imports the store, the office or the line to the server.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.look import Look
from ui.tab_bar import TopBar
from ui.tabs import TABS
from ui.theme import compact
from ui.widgets.text import Label


class Opening(QWidget):
    """The frame of the window, at the place where the window itself will be."""

    def __init__(self, words: str, look: Look) -> None:
        super().__init__()
        self.setWindowTitle("Holdall")
        self.resize(1280, 720)
        self.setMinimumSize(480, 360)
        if look.place():
            self.restoreGeometry(QByteArray(look.place()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.top = TopBar(TABS)
        keys = [spec.key for spec in TABS]
        self.top.tabs.setCurrentIndex(keys.index(look.tab) if look.tab in keys else 0)
        self.top.set_short(compact(self))
        self.top.setEnabled(False)
        self.words = Label(words, "lead", "muted", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.top)
        column.addWidget(self.words, 1)

    def say(self, words: str) -> None:
        """Says what is being done, or why it does not open."""
        self.words.setText(words)


class PaintWatch(QObject):
    """Calls back once, right after a widget was painted for the first time."""

    def __init__(self, watched: QWidget, painted: Callable[[], None]) -> None:
        super().__init__(watched)
        self._painted = painted
        self._seen = False
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Looks for the first paint."""
        if event.type() == QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, self._painted)
        return False
