"""How long a session still lasts."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inclusion.reading import SessionLine
from app.wording import clock_time
from ui.inclusion import items
from ui.theme import theme
from ui.widgets import Label, Progress


class TimeLeft(QWidget):
    """How long the session still lasts, in words and as a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self.words = Label("", "strong")
        self.bar = Progress(0, 1, "Time gone")
        self.hint = Label("", "hint", "muted")
        for label in (self.words, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        column.addWidget(self.hint)
        self.restyle()

    def restyle(self) -> None:
        """As wide as its words need."""
        self.setFixedWidth(theme().wide(200))

    def show_time(self, line: SessionLine, now: datetime) -> None:
        """Shows how far the session is."""
        words, gone, total = items.time_left(line, now)
        self.words.setText(words)
        self.bar.set_progress(gone, total)
        self.hint.setText(f"{items.hours_words(line)}, now {clock_time(now)}")
