"""The field for a joining code: eight boxes that are one field."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from ui.theme import theme
from ui.widgets.paint import panel

CODE_LENGTH = 8


class CodeBoxes(QLineEdit):
    """A joining code of eight characters, each in a box of its own; one field for a screen reader.

    Pasting works with or without the dash; small letters become capitals.
    """

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrame(False)
        self.setStyleSheet("background:transparent;border:none;color:transparent")
        self.setAccessibleName("Joining code")
        self.setProperty("bare", True)  # the firm box shows the focus; a ring round all eight would hide it
        self.setAccessibleDescription("Eight characters from your invitation")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.textChanged.connect(self._tidy)
        self.restyle()

    def code(self) -> str:
        """The characters, at most eight."""
        return self.text()

    def restyle(self) -> None:
        """Sizes anew."""
        self.setFixedSize(theme().wide(310), theme().tall(46, "subfigure"))

    def _tidy(self, text: str) -> None:
        clean = "".join(c for c in text.upper() if c.isascii() and c.isalnum())[:CODE_LENGTH]
        if clean != text:
            self.setText(clean)
            return
        self.changed.emit(clean)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The caret stays at the end: boxes are filled from the left."""
        super().keyPressEvent(event)
        self.end(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Eight boxes, a dash in the middle, the caret as the firm box."""
        t, painter = theme(), QPainter(self)
        gap, dash = 3, t.wide(24)
        width = (self.width() - 7 * gap - dash) // CODE_LENGTH
        x, text = 0, self.text()
        for number in range(CODE_LENGTH):
            if number == CODE_LENGTH // 2:
                painter.fillRect(x + dash // 2 - 7, self.height() // 2, 14, 1, t.colour("muted"))
                x += dash
            here = self.hasFocus() and number == min(len(text), CODE_LENGTH - 1)
            box = self.rect().adjusted(0, 0, 0, 0)
            box.setLeft(x)
            box.setWidth(width)
            edge = t.colour("primary" if here else "edge")
            panel(painter, box, t.colour("surface"), edge, 2 if here else t.stroke)
            painter.setFont(t.font("section"))
            painter.setPen(t.colour("text"))
            if number < len(text):
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text[number])
            elif here:
                painter.fillRect(box.center().x(), box.y() + 12, 1, box.height() - 24, t.colour("text"))
            x += width + gap
