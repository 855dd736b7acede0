"""The figures of a check on screen: a row of words and bar for each area, and the same as table rows.

The bars are drawn by the widgets and not from a picture, because each row is a thing to choose: it grows with
the text, takes the keyboard, and says its figures to a screen reader. Paper has the same bars by app.report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.wellbeing import rules
from app.wellbeing.rules import LastTime, Standing, Way
from ui.theme import mixed, theme
from ui.widgets import Column, Row
from ui.widgets.paint import CARD_RADIUS, panel, tone_colour

_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_CUT = Qt.TextElideMode.ElideRight
HATCH = 5


@dataclass(frozen=True)
class _Measures:
    """Where the parts of a row stand, in pixels; `stacked` puts the bar under the words."""

    label: int
    bar: int
    bar_width: int
    now: int
    change: int
    stacked: bool


def measures(width: int, change: int) -> _Measures:
    """The columns for a width: words, bar, figure, change; stacked where they do not fit side by side."""
    t = theme()
    pad, label, now = 12, t.wide(190), t.wide(44)
    bar = pad + label + 6
    room = width - bar - 22 - now - change - pad
    if room < t.wide(110):
        return _Measures(pad, pad, max(60, width - 2 * pad), width - pad - now, pad, True)
    return _Measures(pad, bar, room, bar + room + 22, width - pad - change, False)


def change_width(words: Sequence[str]) -> int:
    """The width that the widest change needs."""
    return max((round(theme().metrics("strong").horizontalAdvance(w)) + 4 for w in words), default=0)


class ScaleRow(QPushButton):
    """One area: its words, its bar with last time's mark, its figure, its change. Choosing it shows what is
    behind it."""

    def __init__(
        self, standing: Standing, last: LastTime | None, bars: ScaleBars, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.standing, self._last, self._bars = standing, last, bars
        self.change = rules.change_words(standing, last)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setObjectName(f"wellbeing-scale-{standing.scale.key}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._spoken())
        self._stacked = False

    def _spoken(self) -> str:
        stood = self.standing
        words = f"{stood.scale.label}, {stood.scale.hint}: "
        words += f"{rules.figure(stood.now)} of 5" if stood.now.mean is not None else "no figure"
        if self._last is not None and stood.before is not None and stood.before.mean is not None:
            words += f", {rules.figure(stood.before)} {self._last.phrase}"
        return f"{words}. {self.change}."

    def restyle(self) -> None:
        """Sizes anew."""
        self._stacked = measures(self.width(), self._bars.change).stacked
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Asks for another height when the bar goes under the words, or back."""
        super().resizeEvent(event)
        if measures(self.width(), self._bars.change).stacked is not self._stacked:
            self.restyle()

    def sizeHint(self) -> QSize:
        """48 high at 100 %; higher where the bar stands under the words."""
        t = theme()
        words = t.line_height("strong") + t.line_height("hint")
        height = words + 11
        if self._stacked:
            height = words + 6 + round(18 * t.factor) + t.line_height("body") + 22
        return QSize(t.wide(240), height)

    def minimumSizeHint(self) -> QSize:
        """Narrower, never lower."""
        return QSize(theme().wide(200), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground of the chosen row, words, bar, figure, change."""
        t, painter = theme(), QPainter(self)
        if self.isChecked():
            border = t.colour("edge") if t.contrast else None
            panel(painter, self.rect(), t.colour("soft"), border, t.stroke, CARD_RADIUS)
        m = measures(self.width(), self._bars.change)
        strong, hint = t.line_height("strong"), t.line_height("hint")
        top = 6 if m.stacked else (self.height() - strong - hint) // 2
        room = (m.now - m.label if m.stacked else m.bar - m.label) - 8
        self._words(painter, QRect(m.label, top, room, strong), self.standing.scale.label, "strong")
        self._words(
            painter, QRect(m.label, top + strong, room, hint), self.standing.scale.hint, "hint", "muted"
        )
        thick = round(18 * t.factor)
        bar_top = top + strong + hint + 8 if m.stacked else (self.height() - thick) // 2
        self._bar(painter, QRect(m.bar, bar_top, m.bar_width, thick))
        line = t.line_height("strong")
        at = top if m.stacked else (self.height() - line) // 2
        now = QRect(m.now, at, t.wide(44), line)
        painter.setFont(t.font("strong"))
        painter.setPen(t.colour("text"))
        side = Qt.AlignmentFlag.AlignRight if m.stacked else Qt.AlignmentFlag.AlignLeft
        painter.drawText(now, _MIDDLE | side, rules.figure(self.standing.now))
        told = self.standing.way in (Way.BETTER, Way.LOWER)
        below = bar_top + thick + 5 if m.stacked else at
        box = QRect(m.change, below, self.width() - m.change - 12, line)
        self._words(painter, box, self.change, "strong" if told else "body", "text" if told else "muted")

    def _words(self, painter: QPainter, box: QRect, words: str, role: str, tone: str = "text") -> None:
        painter.setFont(theme().font(role))
        painter.setPen(theme().colour(tone))
        painter.drawText(box, _MIDDLE, painter.fontMetrics().elidedText(words, _CUT, box.width()))

    def _bar(self, painter: QPainter, place: QRect) -> None:
        """The track, the bar with its hatching, the mark of last time with a halo of ground."""
        t = theme()
        ground = t.colour("soft" if self.isChecked() else "surface")
        track = mixed(t.colour("text"), ground, 0.0 if t.contrast else 0.1)
        panel(painter, place, track, t.colour("edge") if t.contrast else None, 1, 3)
        share = rules.shown_position(self.standing.now)
        if share is not None and share > 0:
            filled = QRect(place)
            filled.setWidth(max(3, round(place.width() * share)))
            hue = tone_colour("hue", self)
            _hatched(painter, filled, mixed(hue, ground, 1.0 if t.contrast else 0.8), ground)
        mark = rules.shown_position(self.standing.before)
        if mark is not None:
            x = place.x() + round(place.width() * mark)
            painter.fillRect(QRect(x - 3, place.y() - 5, 6, place.height() + 10), ground)
            painter.fillRect(QRect(x - 1, place.y() - 5, 2, place.height() + 10), t.colour("text"))


def _hatched(painter: QPainter, place: QRect, fill: QColor, ground: QColor) -> None:
    """A round-cornered bar with fine slanting lines, so that it is told from its track without colour."""
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(place), 3, 3)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(shape)
    painter.fillRect(place, fill)
    painter.setPen(QPen(mixed(ground, fill, 0.2), 1))
    height = place.height()
    for x in range(place.x() - height, place.right() + 1, HATCH):
        painter.drawLine(QPointF(x, place.bottom() + 1), QPointF(x + height, place.y()))
    painter.restore()


class _Heads(QWidget):
    """The words over the columns: the ends of the scale, now, since last time."""

    def __init__(self, bars: ScaleBars) -> None:
        super().__init__()
        self._bars = bars
        self.since = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """One line of hint."""
        return QSize(100, theme().line_height("hint") + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words."""
        t, painter = theme(), QPainter(self)
        m = measures(self.width(), self._bars.change)
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted"))
        bar = QRect(m.bar, 0, m.bar_width, self.height())
        painter.drawText(bar, _MIDDLE, "1, lowest")
        painter.drawText(bar, _MIDDLE | Qt.AlignmentFlag.AlignRight, "5, best")
        if not m.stacked:
            painter.drawText(QRect(m.now, 0, t.wide(44), self.height()), _MIDDLE, "Now")
            painter.drawText(QRect(m.change, 0, self.width() - m.change, self.height()), _MIDDLE, self.since)


class ScaleBars(QWidget):
    """All areas of a check in the questionnaire's order, never ranked. Arrows move, `chosen` tells which."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Areas of work")
        self.rows: list[ScaleRow] = []
        self.change = 0
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._heads = _Heads(self)
        self._column.addWidget(self._heads)

    def show_standings(self, standings: Sequence[Standing], last: LastTime | None) -> None:
        """Replaces the rows."""
        kept = self.value()
        for row in self.rows:
            self._group.removeButton(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._heads.since = f"Since {last.name}" if last else ""
        self.rows = [ScaleRow(standing, last, self) for standing in standings]
        for row in self.rows:
            self._group.addButton(row)
            self._column.addWidget(row)
            row.clicked.connect(lambda _on=False, r=row: self.chosen.emit(r.standing.scale.key))
            row.installEventFilter(self)
        self.restyle()
        self.choose(kept)

    def restyle(self) -> None:
        """Measures the changes again."""
        self.change = change_width([*(row.change for row in self.rows), self._heads.since])
        for row in self.rows:
            row.restyle()

    def value(self) -> str | None:
        """The key of the chosen area."""
        return next((row.standing.scale.key for row in self.rows if row.isChecked()), None)

    def choose(self, key: str | None) -> None:
        """Marks an area without a signal."""
        self._group.setExclusive(key is not None)
        for row in self.rows:
            row.setChecked(row.standing.scale.key == key)
        self._group.setExclusive(True)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Up and Down go to the row above and below and choose it; Enter chooses the one that has focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and watched in self.rows:
            number = self.rows.index(watched)
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.rows[number].click()
                return True
            if step:
                row = self.rows[max(0, min(len(self.rows) - 1, number + step))]
                row.setFocus(Qt.FocusReason.TabFocusReason)
                row.click()
                return True
        return False


def table_columns(last: LastTime | None) -> list[Column]:
    """The columns of the same figures as a table."""
    columns = [Column("Area", 220, stretch=True)]
    if last is not None:
        columns.append(Column(last.name, 110, figures=True))
    columns.append(Column("Now", 80, figures=True))
    if last is not None:
        columns.append(Column(f"Since {last.name}", 200))
    return columns


def table_rows(standings: Sequence[Standing], last: LastTime | None) -> list[Row]:
    """The rows of the same figures as a table."""
    rows = []
    for stood in standings:
        cells = [stood.scale.label]
        if last is not None:
            cells.append(rules.figure(stood.before))
        cells.append(rules.figure(stood.now))
        if last is not None:
            cells.append(rules.change_words(stood, last))
        rows.append(Row(stood.scale.key, cells))
    return rows
