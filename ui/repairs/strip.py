"""The strip of days behind a promise: day 0 outlined, counted days numbered, skipped days hatched."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.repairs.days import CountedDay
from app.repairs.rules import Deadline
from app.repairs.words import holiday_short
from app.wording import long_day
from ui.theme import theme
from ui.widgets.paint import panel

GAP = 4
MOST_CELLS = 45
ENDS = 8  # cells kept at each end of a longer count


@dataclass(frozen=True)
class Cell:
    """One cell of the strip; `gap` counts the days that are left out between two cells."""

    day: CountedDay | None
    gap: int = 0


def cells_of(deadline: Deadline | None) -> list[Cell]:
    """The cells of a deadline; a count of more than 45 days keeps its ends only."""
    days = deadline.count.days if deadline and deadline.count else ()
    if len(days) <= MOST_CELLS:
        return [Cell(day) for day in days]
    left_out = len(days) - 2 * ENDS
    return [*(Cell(d) for d in days[:ENDS]), Cell(None, left_out), *(Cell(d) for d in days[-ENDS:])]


class DayStrip(QWidget):
    """The days of one deadline as cells, in as many lines as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: list[Cell] = []
        self._end, self._start = "", ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_deadline(self, deadline: Deadline | None, end: str = "Look by") -> None:
        """Shows the days of a deadline; `end` is what the last day is for."""
        self._cells, self._end = cells_of(deadline), end
        starts = deadline.rule.starts if deadline else "aware"
        self._start = {"asked": "Day 0, asked"}.get(
            starts, "Day 0, told us" if starts == "aware" else "Day 0"
        )
        self.setAccessibleName("The days of the promise")
        self.setAccessibleDescription(self._spoken())
        self.setVisible(bool(self._cells))
        self.updateGeometry()
        self.update()

    def _spoken(self) -> str:
        parts = []
        for cell in self._cells:
            if cell.day is None:
                parts.append(f"{cell.gap} days more")
            elif cell.day.number is None:
                parts.append(f"{long_day(cell.day.day)}: skipped, {cell.day.why}")
            else:
                parts.append(f"{long_day(cell.day.day)}: day {cell.day.number}")
        return "; ".join(parts)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def _per_line(self, width: int) -> int:
        least = theme().wide(44)
        fits = max(1, (width + GAP) // (least + GAP))
        if len(self._cells) <= fits:
            return max(1, len(self._cells))
        lines = -(-len(self._cells) // fits)
        return -(-len(self._cells) // lines)

    @property
    def _line_height(self) -> int:
        hint = theme().line_height("hint")
        return hint + 3 + theme().tall(60, "section") + 3 + hint + 4

    def hasHeightForWidth(self) -> bool:
        """Narrower means more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All lines of cells."""
        per = self._per_line(width)
        return self._line_height * -(-len(self._cells) // per) if self._cells else 0

    def sizeHint(self) -> QSize:
        """One line where there is room."""
        width = max(theme().wide(300), self.width())
        return QSize(theme().wide(600), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Narrow, and then in several lines."""
        return QSize(theme().wide(200), self.heightForWidth(max(self.width(), theme().wide(200))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cells line by line, with the names of bank holidays below theirs."""
        painter, per = QPainter(self), self._per_line(self.width())
        width = min((self.width() - GAP * (per - 1)) / per, theme().wide(74))
        for start in range(0, len(self._cells), per):
            top = self._line_height * (start // per)
            line = self._cells[start : start + per]
            boxes = [self._box(n, width, top) for n in range(len(line))]
            for cell, box in zip(line, boxes, strict=True):
                self._paint_cell(painter, cell, box)
            self._captions(painter, line, boxes)

    def _box(self, number: int, width: float, top: int) -> QRect:
        t = theme()
        x = round(number * (width + GAP))
        return QRect(
            x,
            top + t.line_height("hint") + 3,
            round((number + 1) * (width + GAP)) - GAP - x,
            t.tall(60, "section"),
        )

    def _paint_cell(self, painter: QPainter, cell: Cell, box: QRect) -> None:
        t = theme()
        centre = Qt.AlignmentFlag.AlignCenter
        head = QRect(box.x(), box.y() - t.line_height("hint") - 3, box.width(), t.line_height("hint"))
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted"))
        if cell.day is None:
            painter.drawText(box, centre, f"{cell.gap}\ndays")
            return
        day, last = cell.day, cell is self._cells[-1]
        painter.drawText(head, centre, f"{day.day:%a}")
        skipped = day.number is None
        ink = t.colour("on_primary" if last else "text")
        if skipped:
            self._hatch(painter, box)
        else:
            fill = t.colour("primary" if last else "surface")
            edge, width = ("primary", 2) if last or day.number == 0 else ("edge", 1)
            panel(painter, box, fill, t.colour(edge), max(width, t.stroke))
        upper = QRect(box.x(), box.y() + 5, box.width(), t.line_height("hint") + 2)
        if skipped:
            self._plate(painter, upper, str(day.day.day))
        painter.setPen(t.colour("muted") if not last else ink)
        painter.setFont(t.font("hint"))
        painter.drawText(upper, centre, str(day.day.day))
        if not skipped:
            painter.setPen(ink)
            painter.setFont(t.font("subfigure"))
            lower = QRect(box.x(), upper.bottom(), box.width(), box.bottom() - upper.bottom() - 3)
            painter.drawText(lower, centre, str(day.number))

    def _hatch(self, painter: QPainter, box: QRect) -> None:
        t = theme()
        panel(painter, box, t.colour("soft"), t.colour("line" if not t.contrast else "edge"), 1)
        painter.save()
        brush = QBrush(t.colour("line" if not t.contrast else "edge"), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(box.adjusted(2, 2, -2, -2), brush)
        painter.restore()

    def _plate(self, painter: QPainter, place: QRect, words: str) -> None:
        t = theme()
        width = round(t.metrics("hint").horizontalAdvance(words)) + 8
        plate = QRect(place.center().x() - width // 2, place.y() + 1, width, place.height() - 2)
        panel(painter, plate, t.colour("soft"), None, 1, 3)

    def _captions(self, painter: QPainter, line: list[Cell], boxes: list[QRect]) -> None:
        """Day 0 and the due day in words, bank holidays under the run of days they stand in."""
        t, below = theme(), boxes[0].bottom() + 4
        height = t.line_height("hint")
        painter.setFont(t.font("hint_strong"))
        painter.setPen(t.colour("text"))
        taken_left, taken_right = 0, self.width()
        if line[0].day is not None and line[0].day.number == 0:
            words = self._start
            taken_left = round(t.metrics("hint_strong").horizontalAdvance(words)) + 8
            painter.drawText(QRect(0, below, taken_left, height), Qt.AlignmentFlag.AlignLeft, words)
        if line[-1] is self._cells[-1]:
            width = round(t.metrics("hint_strong").horizontalAdvance(self._end)) + 2
            right = boxes[-1].right() + 1
            left = max(0, min(boxes[-1].center().x() - width // 2, self.width() - width, right - width))
            if left < taken_left:
                return
            taken_right = left - 6
            painter.drawText(QRect(left, below, width, height), Qt.AlignmentFlag.AlignLeft, self._end)
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted"))
        for first, last, words in _holiday_runs(line):
            width = round(t.metrics("hint").horizontalAdvance(words)) + 2
            middle = (boxes[first].left() + boxes[last].right()) // 2
            left = max(taken_left, min(middle - width // 2, taken_right - width))
            if left >= taken_left and left + width <= taken_right:
                painter.drawText(QRect(left, below, width, height), Qt.AlignmentFlag.AlignLeft, words)
                taken_left = left + width + 8


def _holiday_runs(line: list[Cell]) -> list[tuple[int, int, str]]:
    """Runs of skipped days that hold a bank holiday: first and last cell, names of the holidays."""
    runs: list[tuple[int, int, str]] = []
    at = 0
    while at < len(line):
        end = at
        while end < len(line) and (day := line[end].day) is not None and day.number is None:
            end += 1
        names = [
            holiday_short(cell.day.why) for cell in line[at:end] if cell.day and cell.day.day.weekday() < 5
        ]
        if names:
            runs.append((at, end - 1, ", ".join(names)))
        at = max(end, at + 1)
    return runs
