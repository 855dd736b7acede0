"""The bar of hours behind a 24-hour promise: nights shaded, changes of the clocks marked, both readings."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.repairs.hours import Change, change_in, marks, nights
from app.repairs.rules import Deadline
from app.wording import clock_time, long_day
from ui.theme import theme
from ui.widgets.paint import panel

BAR = 40  # px at 100 %


class HourStrip(QWidget):
    """One elapsed time as a bar from its start to its end; the later reading follows it, hatched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._deadline: Deadline | None = None
        self._outer: Deadline | None = None
        self._end = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_deadline(
        self, deadline: Deadline | None, end: str = "By", outer: Deadline | None = None
    ) -> None:
        """Shows a time of hours; `end` is what its end is for. Hides for days."""
        fits = deadline is not None and deadline.count is None
        self._deadline = deadline if fits else None
        self._outer, self._end = outer, end
        self.setAccessibleName("The hours of the promise")
        self.setAccessibleDescription(self._spoken())
        self.setVisible(fits)
        self.updateGeometry()
        self.update()

    @property
    def change(self) -> Change | None:
        """The change of the clocks inside what is shown."""
        return change_in(self._deadline.starts_at, self._last) if self._deadline else None

    @property
    def _last(self) -> datetime:
        assert self._deadline is not None  # noqa: S101  asked while a time is on show
        return self._outer.due_at if self._outer else self._deadline.due_at

    def _spoken(self) -> str:
        found = self._deadline
        if found is None:
            return ""
        parts = [f"From {clock_time(found.starts_at)} on {long_day(found.day0)}"]
        parts.append(f"{self._end} {clock_time(found.due_at)} on {long_day(found.due_on)}")
        if self._outer is not None:
            outer = self._outer
            parts.append(f"Outer reading {clock_time(outer.due_at)} on {long_day(outer.due_on)}")
        if (change := self.change) is not None:
            parts.append(change.words.rstrip("."))
        return "; ".join(parts)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Marks above, the bar, words below; a line more where the clocks change."""
        hint = theme().line_height("hint")
        lines = 3 if self.change is not None else 2
        return QSize(theme().wide(600), theme().tall(BAR, "section") + lines * (hint + 5))

    def minimumSizeHint(self) -> QSize:
        """Narrow."""
        return QSize(theme().wide(200), self.sizeHint().height())

    def _at(self, moment: datetime) -> int:
        """Where a moment lies, in pixels."""
        assert self._deadline is not None  # noqa: S101  asked while a time is on show
        whole = self._last - self._deadline.starts_at
        return round((moment - self._deadline.starts_at) / whole * (self.width() - 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar with its nights, marks, change of the clocks and words."""
        if self._deadline is None:
            return
        t, painter = theme(), QPainter(self)
        hint = t.line_height("hint")
        bar = QRect(0, hint + 4, self.width(), t.tall(BAR, "section"))
        self._paint_bar(painter, bar)
        self._paint_marks(painter, bar)
        self._paint_words(painter, bar)

    def _paint_bar(self, painter: QPainter, bar: QRect) -> None:
        t, found = theme(), self._deadline
        assert found is not None  # noqa: S101  painted while a time is on show
        line = t.colour("edge" if t.contrast else "line")
        panel(painter, bar, t.colour("surface"), t.colour("edge"), max(1, t.stroke))
        inner = bar.adjusted(2, 2, -2, -2)
        for first, last in nights(found.starts_at, self._last):
            left = max(inner.left(), self._at(first))
            night = QRect(left, inner.top(), min(inner.right(), self._at(last)) - left, inner.height())
            painter.fillRect(night, t.colour("soft"))
            if night.width() > round(t.metrics("hint").horizontalAdvance("night")) + 10:
                painter.setFont(t.font("hint"))
                painter.setPen(t.colour("muted"))
                painter.drawText(night, Qt.AlignmentFlag.AlignCenter, "night")
        if self._outer is not None:
            left = self._at(found.due_at)
            rest = QRect(left, inner.top(), inner.right() - left, inner.height())
            painter.fillRect(rest, QBrush(line, Qt.BrushStyle.BDiagPattern))
            self._rule(painter, self._at(self._outer.due_at), bar, t.colour("muted"), 2)
        self._rule(painter, 0, bar, t.colour("primary"), 3)
        self._rule(painter, self._at(found.due_at), bar, t.colour("primary"), 5)

    def _rule(self, painter: QPainter, x: int, bar: QRect, ink: QColor, width: int) -> None:
        left = max(0, min(x - width // 2, self.width() - width))
        painter.fillRect(QRect(left, bar.top(), width, bar.height()), ink)

    def _paint_marks(self, painter: QPainter, bar: QRect) -> None:
        t, found = theme(), self._deadline
        assert found is not None  # noqa: S101  painted while a time is on show
        free = 0
        painter.setFont(t.font("hint"))
        for moment, words in marks(found.starts_at, self._last):
            x = self._at(moment)
            painter.setPen(QPen(t.colour("edge"), 1))
            painter.drawLine(x, bar.top() - 3, x, bar.top())
            width = round(t.metrics("hint").horizontalAdvance(words)) + 4
            left = x - width // 2
            if left >= free and left + width <= self.width():
                painter.setPen(t.colour("muted"))
                place = QRect(left, 0, width, bar.top() - 3)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
                free = left + width + 6
        if (change := self.change) is not None:
            x = self._at(change.at)
            painter.setPen(QPen(t.colour("warn"), 2, Qt.PenStyle.DashLine))
            painter.drawLine(x, bar.top() + 1, x, bar.bottom() + 4)

    def _paint_words(self, painter: QPainter, bar: QRect) -> None:
        """Start, target and outer reading in words below the bar; the change of the clocks below them."""
        t, found = theme(), self._deadline
        assert found is not None  # noqa: S101  painted while a time is on show
        below, height = bar.bottom() + 4, t.line_height("hint")
        told = f"Told us {clock_time(found.starts_at)}"
        used = self._words(painter, 0, told, below, 0, "hint_strong", "text")
        target = f"{self._end} {clock_time(found.due_at)} {found.due_on:%A}"
        used = self._words(painter, self._at(found.due_at), target, below, used, "hint_strong", "text")
        if self._outer is not None:
            at, name = self._at(self._outer.due_at), "Outer reading"
            whole = f"{name} {clock_time(self._outer.due_at)} {self._outer.due_on:%A}"
            if self._words(painter, at, whole, below, used, "hint", "muted") == used:
                self._words(painter, at, name, below, used, "hint", "muted")
        if (change := self.change) is not None:
            words = "Clocks go back, an hour comes twice" if change.hours < 0 else "Clocks go forward an hour"
            self._words(painter, self._at(change.at), words, below + height + 2, 0, "hint_strong", "warn")

    def _words(self, painter: QPainter, x: int, words: str, top: int, free: int, role: str, tone: str) -> int:
        """Writes words centred under a place, inside the width; returns where the next may begin. Words that
        would lie on others are left to the rows below the bar."""
        t = theme()
        width = round(t.metrics(role).horizontalAdvance(words)) + 2
        left = max(0, min(x - width // 2, self.width() - width))
        if left < free:
            return free
        painter.setFont(t.font(role))
        painter.setPen(t.colour(tone))
        painter.drawText(QRect(left, top, width, t.line_height("hint")), Qt.AlignmentFlag.AlignLeft, words)
        return left + width + 12
