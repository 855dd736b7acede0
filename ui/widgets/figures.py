"""Figures on a page: the sum that adds up, the line of steps, progress, a chart with its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QPainter, QPaintEvent, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import mixed, theme
from ui.widgets.button import Button
from ui.widgets.paint import panel, tone_colour
from ui.widgets.text import Label


@dataclass(frozen=True)
class Part:
    """One term of a sum: its heading, its figure in words, and the sign that stands before it."""

    heading: str
    figure: str
    sign: str = ""


class Sum(QLabel):
    """A sum that reads as a sum: bank − book + on its way = left to explain. It wraps when narrow."""

    def __init__(self, parts: Sequence[Part] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_parts(parts)

    def set_parts(self, parts: Sequence[Part | tuple[str, str] | tuple[str, str, str]]) -> None:
        """Replaces the terms; a tuple is heading, figure, sign."""
        self._parts = tuple(part if isinstance(part, Part) else Part(*part) for part in parts)
        words = "; ".join(f"{part.sign} {part.heading} {part.figure}".strip() for part in self._parts)
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def _layout(self, width: int) -> list[tuple[Part, QRect]]:
        t = theme()
        height = t.line_height("hint") + 4 + t.line_height("subfigure")
        placed, x, y = [], 0, 0
        for part in self._parts:
            sign = t.wide(56) if part.sign and x else 0
            room = max(
                t.metrics("hint").horizontalAdvance(part.heading),
                t.metrics("subfigure").horizontalAdvance(part.figure),
            )
            if x and x + sign + room > width:
                x, y = 0, y + height + 8
                sign = t.wide(24) if part.sign else 0
            placed.append((part, QRect(x + sign, y, round(room) + 2, height)))
            x += sign + round(room) + 2
        return placed

    def sizeHint(self) -> QSize:
        """One line."""
        return self._extent(16_000)

    def minimumSizeHint(self) -> QSize:
        """The widest term alone."""
        widest = max((rect.width() for _, rect in self._layout(0)), default=0)
        return QSize(widest + theme().wide(24), self._extent(max(self.width(), 1)).height())

    def hasHeightForWidth(self) -> bool:
        """Narrower means taller."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of its lines at this width."""
        return self._extent(width).height()

    def _extent(self, width: int) -> QSize:
        rects = [rect for _, rect in self._layout(width)]
        return QSize(
            max((rect.right() + 1 for rect in rects), default=0),
            max((rect.bottom() + 1 for rect in rects), default=0),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Headings above figures, signs between them."""
        t, painter = theme(), QPainter(self)
        for part, rect in self._layout(self.width()):
            painter.setFont(t.font("hint"))
            painter.setPen(t.colour("muted"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignTop, part.heading)
            painter.setFont(t.font("subfigure"))
            painter.setPen(t.colour("text"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignBottom, part.figure)
            if part.sign:
                painter.setPen(t.colour("muted"))
                box = QRect(rect.x() - t.wide(40), rect.y(), t.wide(24), rect.height())
                if rect.x() < t.wide(40):
                    box.moveLeft(0)
                painter.drawText(box, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, part.sign)


class Steps(QLabel):
    """A line of numbered steps with the current one filled, and a note at the right."""

    def __init__(
        self, steps: Sequence[str] = (), current: int = 0, note: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._steps: tuple[str, ...] = ()
        self._current, self._note = 0, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_steps(steps, current, note)

    def set_steps(self, steps: Sequence[str], current: int, note: str = "") -> None:
        """Replaces the steps; `current` counts from 0."""
        self._steps, self._current, self._note = tuple(steps), current, note
        if steps:
            said = f"Step {current + 1} of {len(steps)}: {steps[current]}. {note}".strip()
            self.setAccessibleName(said)
        self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def _widths(self) -> list[int]:
        t = theme()
        return [
            t.tall(20, "hint") + 8 + round(t.metrics("strong").horizontalAdvance(step)) + 2
            for step in self._steps
        ]

    def sizeHint(self) -> QSize:
        """One line with its note."""
        width = sum(self._widths()) + 56 * max(0, len(self._steps) - 1)
        width += round(theme().metrics("body").horizontalAdvance(self._note)) + 24
        return QSize(width, theme().tall(26))

    def minimumSizeHint(self) -> QSize:
        """The ring and name of the current step: where room is short the others show their number only."""
        return QSize(theme().wide(140), theme().tall(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Rings, names, lines between them."""
        t, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, middle, widths = t.tall(20, "hint"), self.height() // 2, self._widths()
        note = round(t.metrics("body").horizontalAdvance(self._note))
        gap, named = 56, True
        if sum(widths) + gap * (len(widths) - 1) > self.width():
            named, gap = False, 24
        if self._note and sum(widths) + gap * len(widths) + note < self.width():
            painter.setFont(t.font("body"))
            painter.setPen(t.colour("muted"))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note
            )
        x = 0
        hue = tone_colour("hue", self)
        for number, step in enumerate(self._steps):
            here = number == self._current
            circle = QRectF(x + 1, middle - side / 2, side, side)
            painter.setPen(QPen(hue if here else t.colour("edge"), 1.5))
            painter.setBrush(hue if here else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            painter.setFont(t.font("hint_strong"))
            painter.setPen(t.colour("page" if t.mode == "dark" else "surface") if here else t.colour("muted"))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number + 1))
            x += side + 8
            if named or here:
                painter.setFont(t.font("strong" if here else "body"))
                painter.setPen(t.colour("text" if here else "muted"))
                room = round(t.metrics("strong").horizontalAdvance(step)) + 2
                painter.drawText(QRect(x, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, step)
                x += room
            if number + 1 < len(self._steps):
                painter.fillRect(x + 8, middle, gap - 20, 1, t.colour("edge"))
                x += gap


class Progress(QProgressBar):
    """A thin bar of how far something is, in the page's hue; its words stand beside it, not in it."""

    def __init__(
        self, value: int = 0, total: int = 100, name: str = "Progress", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.tone = "hue"
        self.set_progress(value, total)

    def set_progress(self, value: int, total: int) -> None:
        """How much of how much is done; `total` 0 while that is not known."""
        self.setRange(0, max(total, 0))
        self.setValue(min(value, total) if total else 0)
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, value))
        self.update()

    def sizeHint(self) -> QSize:
        """6 high."""
        return QSize(160, 6)

    def minimumSizeHint(self) -> QSize:
        """Never lower than 6."""
        return QSize(40, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Trough and bar."""
        t, painter = theme(), QPainter(self)
        panel(painter, self.rect(), mixed(t.colour("text"), t.colour("surface"), 0.18), None, radius=3)
        share = self.value() / self.maximum() if self.maximum() else 0.35
        if share > 0:
            bar = QRect(0, 0, max(6, round(self.width() * share)), self.height())
            panel(painter, bar, tone_colour(self.tone, self), None, radius=3)


class _Picture(QLabel):
    """The drawing of a chart, scaled to its width."""

    def __init__(self, draw: Callable[[int], bytes], alt: str) -> None:
        super().__init__()
        self._draw, self._renderer, self._seen = draw, QSvgRenderer(), (0, "")
        self.setAccessibleName(alt)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def restyle(self) -> None:
        """Draws anew in the colours in force."""
        self._seen = (0, "")
        self.update()

    def _load(self, width: int) -> QSvgRenderer:
        key = (width, theme().mode.value)
        if self._seen != key and width > 0:
            self._renderer.load(QByteArray(self._draw(width)))
            self._seen = key
        return self._renderer

    def hasHeightForWidth(self) -> bool:
        """Keeps its proportions."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that keeps the drawing's proportions."""
        size = self._load(max(width, 40)).defaultSize()
        return round(size.height() * width / size.width()) if size.width() else 0

    def sizeHint(self) -> QSize:
        """The drawing's own size."""
        return QSize(560, self.heightForWidth(560))

    def minimumSizeHint(self) -> QSize:
        """Half of it."""
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The drawing."""
        height = self.heightForWidth(self.width())
        self._load(self.width()).render(QPainter(self), QRectF(0, 0, self.width(), height))


class ChartView(QWidget):
    """A chart, its finding in words for those who do not see it, and its numbers as a table one step away.

    `draw` gives the SVG for a width in pixels; `table` is the widget that holds the same numbers.
    """

    def __init__(
        self, draw: Callable[[int], bytes], alt: str, table: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.switch = Button("Show as a table", "word", on_click=self._turn)
        column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignRight)
        self.picture = _Picture(draw, alt)
        self.caption = Label(alt, "hint", "muted", wrap=True)
        self.caption.hide()
        self.table = table
        column.addWidget(self.picture)
        column.addWidget(self.table)
        self.table.hide()

    def redraw(self, alt: str | None = None) -> None:
        """Draws anew after the numbers changed."""
        if alt is not None:
            self.picture.setAccessibleName(alt)
        self.picture.restyle()
        self.picture.updateGeometry()

    def _turn(self) -> None:
        as_table = not self.table.isVisible()
        self.table.setVisible(as_table)
        self.picture.setVisible(not as_table)
        self.switch.setText("Show as a chart" if as_table else "Show as a table")
