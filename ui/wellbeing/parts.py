"""What the views of the Wellbeing page share: a page of text with its acts, help today, the lock line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.context import Council
from ui.theme import Themed, theme
from ui.widgets import Banner, Button, IconLabel, Label, PageHead, QuietNote, ScrollColumn, WrapRow

SAMARITANS = "116 123"
_LOCK_WORDS = "It is sealed with your own key. Your manager, the council and the server cannot open it."


def named(button: Button, name: str) -> Button:
    """A button with the object name that tests and the tour find it by."""
    button.setObjectName(f"wellbeing-{name}")
    return button


def whole(number: str) -> str:
    """A telephone number that no line breaks in two."""
    return number.replace(" ", "\u00a0")


class HelpNote(QuietNote):
    """Where to get help today. It stands on every view, locked or open; nothing notes that it was read."""

    def __init__(self, council: Council, parent: QWidget | None = None) -> None:
        super().__init__(
            "Need to talk to somebody today?",
            f"Staff support line: {whole(council.staff_support)}. It is confidential. "
            f"Samaritans, free at any hour: {whole(SAMARITANS)}.",
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
        self.lock = named(Button("Lock now", "word", key="Ctrl+L", shortcut=False, on_click=lock), "lock")
        super().__init__(
            _LOCK_WORDS, "wellbeing", "lock", [self.who, self.lock], "Only you can read this.", parent
        )


class Sheet(QWidget):
    """A page of its own: head, a column that scrolls with a note beside it, and acts under what they act on.

    `body` takes what is read and filled in, at most 640 wide; `side` what stands beside it, under it where
    the page is narrow. The acts are pinned to the foot when the page is narrow, or always with `pinned`.
    """

    def __init__(
        self, title: str, facts: str = "", pinned: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pinned, self._narrow = pinned, False
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(12)
        self.head = PageHead(title, facts)
        self.column = ScrollColumn((0, 2, 6, 2))
        self._main, self._side = QWidget(), QWidget()
        self._stack = QVBoxLayout(self._main)
        self.body, self.side = QVBoxLayout(), QVBoxLayout(self._side)
        for layout in (self._stack, self.side):
            layout.setContentsMargins(0, 0, 0, 0)
        for layout in (self._stack, self.body, self.side):
            layout.setSpacing(12)
        self.acts = WrapRow(gap=10)
        self._stack.addLayout(self.body)
        self._stack.addStretch(1)
        self.side.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(44)
        self._grid.setVerticalSpacing(16)
        self._grid.setColumnStretch(0, 4)
        self._grid.setColumnStretch(2, 1)
        self._grid.addWidget(self._main, 0, 0)
        self._grid.addWidget(self._side, 0, 1)
        self.column.body.addLayout(self._grid)
        self.column.body.addStretch(1)
        self._outer.addWidget(self.head)
        self._outer.addWidget(self.column, 1)
        self._place_acts()
        self.restyle()

    def restyle(self) -> None:
        """A text's width, a note's width."""
        t = theme()
        self._main.setMaximumWidth(t.wide(640))
        if self._narrow:
            self._side.setMinimumWidth(0)
            self._side.setMaximumWidth(t.wide(640))
        else:
            self._side.setFixedWidth(t.wide(330))

    def beside(self, widget: QWidget) -> None:
        """Puts a note beside the body."""
        self.side.insertWidget(self.side.count() - 1, widget)

    def set_compact(self, narrow: bool) -> None:
        """One column with the acts at the foot, and back."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._grid.removeWidget(self._side)
        self._grid.addWidget(self._side, *((1, 0) if narrow else (0, 1)))
        self._place_acts()
        self.restyle()

    def _place_acts(self) -> None:
        self._stack.removeWidget(self.acts)
        self._outer.removeWidget(self.acts)
        if self._pinned or self._narrow:
            self._outer.addWidget(self.acts)
        else:
            self._stack.insertWidget(1, self.acts)
        restyled(self.acts)


def restyled(widget: QWidget) -> None:
    """Dresses a widget that was moved to another parent: Qt gives it back the fonts it was made with."""
    for part in (widget, *widget.findChildren(QWidget)):
        if isinstance(part, Themed):
            part.restyle()


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
            row.addWidget(IconLabel(icon, "wellbeing", 20), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(words, wrap=True), 1)
            column.addLayout(row)
