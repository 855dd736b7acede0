"""What the views of the Wellbeing page share: a page of text with its acts, help today, the lock line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.context import Council
from ui.theme import theme
from ui.widgets import Banner, Button, IconLabel, Label, PageHead, QuietNote, ScrollColumn, WrapRow

SAMARITANS = "116 123"
_LOCK_WORDS = (
    "It is sealed with your key on this laptop. Your manager, the council and the server cannot open it."
)


def named(button: Button, name: str) -> Button:
    """A button with the object name that tests and the tour find it by."""
    button.setObjectName(f"wellbeing-{name}")
    return button


class HelpNote(QuietNote):
    """Where to get help today. It stands on every view, locked or open; nothing notes that it was read."""

    def __init__(self, council: Council, parent: QWidget | None = None) -> None:
        super().__init__(
            "Need to talk to somebody today?",
            f"Staff support line: {council.staff_support}. It is confidential. "
            f"Samaritans, free at any hour: {SAMARITANS}.",
            parent=parent,
        )
        self.setObjectName("wellbeing-help")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)


class LockLine(Banner):
    """Who can read this, before anything else on the page, with Lock now."""

    def __init__(
        self, lock: Callable[[], object], who: Callable[[], object], parent: QWidget | None = None
    ) -> None:
        self.who = named(Button("Who can read what?", "word", on_click=who), "who")
        self.lock = named(Button("Lock now", "word", key="Ctrl+L", on_click=lock), "lock")
        super().__init__(_LOCK_WORDS, "hue", "lock", [self.who, self.lock], "Only you can read this.", parent)


class Sheet(QWidget):
    """A page of its own: head, a column that scrolls, and the acts right under what they act on.

    `body` takes what is read and filled in; `acts` stand under it, and are pinned to the foot when narrow.
    """

    def __init__(self, title: str, facts: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        self.head = PageHead(title, facts)
        self.column = ScrollColumn((0, 0, 6, 0))
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.acts = WrapRow(gap=10)
        self._outer = outer
        self.column.body.addLayout(self.body)
        self.column.body.addWidget(self.acts)
        self.column.body.addStretch(1)
        outer.addWidget(self.head)
        outer.addWidget(self.column, 1)
        self._narrow = False

    def set_compact(self, narrow: bool) -> None:
        """Pins the acts to the foot of a narrow page."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self.column.body.removeWidget(self.acts)
            self._outer.addWidget(self.acts)
        else:
            self._outer.removeWidget(self.acts)
            self.column.body.insertWidget(1, self.acts)


class Points(QWidget):
    """A few facts with an icon before each, at the width of a text."""

    def __init__(self, points: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for icon, words in points:
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addWidget(IconLabel(icon, "hue", 20), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(words, wrap=True), 1)
            column.addLayout(row)
        self.restyle()

    def restyle(self) -> None:
        """640 at most at 100 %."""
        self.setMaximumWidth(theme().wide(640))
