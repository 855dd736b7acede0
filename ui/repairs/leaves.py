"""The likeliest repairs as rows of one line: the way to it, and at its right the words that speak for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from app.wording import listed
from ui.theme import theme
from ui.widgets import AnswerRow
from ui.widgets.paint import keycap, keycap_size, panel

GAP = 16  # px between the way and the words beside it
HEIGHT = 38  # px of a row of one line at 100 %
BETWEEN = 4  # px between rows


class LeafRow(AnswerRow):
    """One likely repair. The words beside it go below where both do not fit in one line."""

    words: tuple[str, ...] = ()  # that speak for it, the strongest first
    ROLE, ROLE_ON, BESIDE = "body", "strong", "hint"

    def set_words(self, words: Sequence[str]) -> None:
        """Changes the words at the right."""
        self.words = tuple(words)
        self.updateGeometry()

    def beside(self, width: int) -> str:
        """As many of the words as fit beside the way; the first alone where none does."""
        t = theme()
        room = self._room(width) - GAP - t.metrics(self.ROLE_ON).horizontalAdvance(self.answer.text)
        for count in range(len(self.words), 1, -1):
            if t.metrics(self.BESIDE).horizontalAdvance(said := listed(list(self.words[:count]))) <= room:
                return said
        return self.words[0] if self.words else ""

    def _left(self) -> int:
        return 14 + theme().icon_size(18) + 12

    def _role(self) -> str:
        return self.ROLE_ON if self.isChecked() else self.ROLE

    def _heights(self, width: int) -> tuple[int, int]:
        t, flags = theme(), Qt.TextFlag.TextWordWrap.value
        said, room = self.beside(width), self._room(width)
        box = QRectF(0, 0, room, 10_000)
        words = round(t.metrics(self.ROLE_ON).boundingRect(box, flags, self.answer.text).height())
        one = t.metrics(self.ROLE_ON).horizontalAdvance(self.answer.text)
        if not said or one + GAP + t.metrics(self.BESIDE).horizontalAdvance(said) <= room:
            return words, 0
        return words, round(t.metrics(self.BESIDE).boundingRect(box, flags, said).height())

    def heightForWidth(self, width: int) -> int:
        """One line, or as many as the words need."""
        words, below = self._heights(width)
        return max(theme().tall(HEIGHT, self.ROLE), words + below + 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Row, ring, the way, the words beside or below it, keycap."""
        t, painter = theme(), QPainter(self)
        on, room = self.isChecked(), self._room(self.width())
        fill = t.colour("selection") if on and not t.contrast else t.colour("surface")
        border, stroke = (t.colour("primary"), 2) if on else (t.colour("edge"), t.stroke)
        panel(painter, self.rect(), fill, border, stroke + (1 if on and t.contrast else 0))
        self._ring(painter, on)
        (words, below), said = self._heights(self.width()), self.beside(self.width())
        top, wrap = round((self.height() - words - below) / 2), Qt.TextFlag.TextWordWrap.value
        painter.setFont(t.font(self._role()))
        painter.setPen(t.colour("text"))
        painter.drawText(QRect(self._left(), top, room, words), wrap, self.answer.text)
        painter.setFont(t.font(self.BESIDE))
        painter.setPen(t.colour("muted"))
        if below:
            painter.drawText(QRect(self._left(), top + words, room, below), wrap, said)
        else:
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(self._left(), 0, room, self.height()), right, said)
        if self.number:
            x = self.width() - keycap_size(self.number)[0] - 15
            keycap(painter, x, self.height() // 2, self.number, t.colour("muted"), t.colour("edge"))

    def _ring(self, painter: QPainter, on: bool) -> None:
        t = theme()
        side = t.icon_size(18)
        centre = QPointF(14 + side / 2, self.height() / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(t.colour("primary" if on else "edge"), 2))
        painter.setBrush(t.colour("surface"))
        painter.drawEllipse(centre, side / 2, side / 2)
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("primary"))
            painter.drawEllipse(centre, side / 4, side / 4)
