"""The tally pad: ten bands laid out like the keypad, each with its count, and Undo."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.inclusion import rules
from models.inclusion import AgeBand
from ui.theme import theme
from ui.widgets import Button, Card, IconLabel, Label, Line
from ui.widgets.paint import keycap, keycap_size, panel, tone_colour

# Row and column of each digit on a keypad; 0 is two wide.
PLACES = {
    "7": (0, 0), "8": (0, 1), "9": (0, 2),
    "4": (1, 0), "5": (1, 1), "6": (1, 2),
    "1": (2, 0), "2": (2, 1), "3": (2, 2),
    "0": (3, 0),
}  # fmt: skip


class TallyKey(QPushButton):
    """One key of the pad: its digit, its band, how many were counted. A click counts one."""

    def __init__(self, digit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.digit, self.band = digit, rules.KEY_BANDS[digit]
        self.words, self.count, self.last = rules.BAND_WORDS[self.band], 0, False
        self.setObjectName(f"inclusion-key-{digit}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus in the search box
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAutoDefault(False)
        self.set_count(0, False)

    def set_count(self, count: int, last: bool) -> None:
        """Shows a count; `last` marks the key that was pressed last."""
        self.count, self.last = count, last
        self.setAccessibleName(f"{self.words}, {count} counted")
        self.setAccessibleDescription(f"Plus, then {self.digit}, counts one more")
        self.update()

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for digit and count above the words of the band."""
        t = theme()
        words = round(t.metrics("body").horizontalAdvance(self.words)) + 22
        return QSize(max(t.wide(100), words if self.digit != "0" else 0), t.tall(68) + t.line_height("body"))

    def minimumSizeHint(self) -> QSize:
        """At least 60 high, however large the text is; its words then stand beside the digit."""
        return QSize(self.sizeHint().width(), max(60, theme().line_height("body") + 24))

    def _in_one_line(self) -> bool:
        return self.height() < theme().tall(36) + theme().line_height("body") * 1.2

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, keycap, count, band."""
        t, painter = theme(), QPainter(self)
        chosen = self.last and not t.contrast
        fill = t.colour("selection" if chosen or self.isDown() else "surface")
        if self.isDown() and t.contrast:
            fill = t.colour("surface")
        border = tone_colour("hue", self) if self.last else t.colour("edge" if self.isEnabled() else "line")
        panel(painter, self.rect(), fill, border, t.stroke + (1 if self.last else 0))
        flat = self._in_one_line()
        middle = self.height() // 2 if flat else 10 + keycap_size(self.digit)[1] // 2
        keycap(painter, 10, middle, self.digit, t.colour("muted"), t.colour("edge"))
        painter.setFont(t.font("subfigure"))
        painter.setPen(t.colour("text" if self.count else "muted"))
        tall = self.height() - 16 if flat else t.line_height("subfigure")
        top = QRect(0, 8, self.width() - 12, tall)
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{self.count:,}")
        painter.setFont(t.font("body"))
        painter.setPen(t.colour("text"))
        side = Qt.AlignmentFlag.AlignVCenter if flat else Qt.AlignmentFlag.AlignBottom
        room = self.rect().adjusted(20 + keycap_size(self.digit)[0] if flat else 10, 0, -6, 0 if flat else -8)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | side, self.words)


class TallyPad(Card):
    """Visits without a name, counted at every press. `pressed` carries the band, `undo_asked` nothing."""

    pressed = Signal(str)
    undo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margins=(17, 12, 17, 12), parent=parent)
        self.setObjectName("inclusion-tally")
        head = QHBoxLayout()
        self.title = Label("Counted without a name", "section", wrap=True)
        self.total = Label("0", "subfigure")
        self.total.setObjectName("inclusion-tally-total")
        head.addWidget(self.title, 1)
        head.addWidget(self.total)
        self.hint = Label("", "body", "muted", wrap=True)
        self.body.addLayout(head)
        self.body.addWidget(self.hint)
        grid = QGridLayout()
        grid.setSpacing(8)
        self.keys: dict[str, TallyKey] = {}
        for digit, (row, column) in PLACES.items():
            key = TallyKey(digit)
            key.clicked.connect(lambda _on=False, d=digit: self.press(d))
            grid.addWidget(key, row, column, 1, 2 if digit == "0" else 1)
            self.keys[digit] = key
        self.undo = Button("Undo", icon="undo-2", key="−", shortcut=False, on_click=self.undo_asked.emit)
        self.undo.setObjectName("inclusion-undo-press")
        self.undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.undo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        grid.addWidget(self.undo, 3, 2)
        self.body.addLayout(grid, 1)
        self.body.addSpacing(2)
        self.rule = Line()
        self.body.addWidget(self.rule)
        said = QHBoxLayout()
        self.tick = IconLabel("check", "good", 16)
        self.said = Label("", wrap=True)
        self.said.setObjectName("inclusion-tally-said")
        said.addWidget(self.tick, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.said, 1)
        self.body.addLayout(said)
        words = "Named people and counted visits are reported side by side, never added together."
        self.apart = Label(words, "hint", "muted", wrap=True)
        self.body.addWidget(self.apart)
        self.listen(False)

    def press(self, digit: str) -> None:
        """Counts one visit, as a click on the key or its digit after + does."""
        if self.keys[digit].isEnabled():
            self.listen(False)
            self.pressed.emit(self.keys[digit].band.value)

    def set_compact(self, compact: bool) -> None:
        """Leaves out the small print where room is short: the keys matter."""
        for label in (self.hint, self.apart, self.said, self.tick, self.rule):
            label.setVisible(not compact)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit counts and minus takes back, wherever the focus stands on the pad."""
        text = event.text()
        if text and text in self.keys:
            self.press(text)
        elif text and text in "-−":
            self.undo_asked.emit()
        elif text != "+":
            super().keyPressEvent(event)

    def listen(self, on: bool) -> None:
        """Shows that the next digit is a press (after +), or no longer."""
        self.hint.setText("Now press a number." if on else "Press + then a number. Saved at every press.")
        self.hint.set_tone("primary" if on else "muted")
        self.hint.set_role("strong" if on else "body")

    def show_counts(self, tally: Mapping[AgeBand, int], last: AgeBand | None, said: str, open_: bool) -> None:
        """Shows the counts of a session; keys rest while it is not open."""
        self.total.setText(f"{sum(tally.values()):,}")
        self.total.setAccessibleName(f"{sum(tally.values())} counted without a name")
        for key in self.keys.values():
            key.set_count(tally.get(key.band, 0), open_ and key.band is last)
            key.setEnabled(open_)
        self.undo.setEnabled(open_)
        self.said.setText(said)
        self.tick.setVisible(bool(said) and self.said.isVisibleTo(self))
