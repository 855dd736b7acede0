"""The promised date as the big figure, why it is that date, and every other date beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.repairs import words
from app.repairs.clock_words import counted_sentence, skew_sentence
from app.repairs.views import RepairView
from app.wording import day_month, local_date
from models.repairs import State
from ui.repairs.clock_rows import ClockRows
from ui.repairs.hour_strip import HourStrip
from ui.repairs.strip import DayStrip
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, Card, Label, Line

REASON_WIDTH = 380
ENDS = {"look at it": "Look by", "mend it": "Mend by", "make it safe": "Safe by", "be there": "There by"}


class DateCard(Card):
    """The card of the promise: one date, its strip of days or hours, its rule, and the other dates."""

    delay_given = Signal(str, str)  # clock, reason
    told_asked = Signal()
    _built = False

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(hue=True, margins=(21, 12, 21, 12), parent=parent)
        self.shell = shell
        self.view: RepairView | None = None
        self._compact = False
        self.promise_words = Label("", tone="muted", wrap=True)
        self.figure = Label("", "figure", wrap=True, selectable=True)
        self.figure.setObjectName("repairs-promise")
        self.why = Button("Why this date?", "word", "chevron-down", role="strong", on_click=self._turn_why)
        self.why.setObjectName("repairs-why")
        self.counted = Label("", tone="muted", wrap=True)
        self.strip, self.hours = DayStrip(), HourStrip()
        self.skipped = Label("", wrap=True)
        self.source = Label("", "hint", "muted", wrap=True)
        self.warning = Label("", "hint_strong", "warn", wrap=True)
        self.rows = ClockRows(shell)
        self.rows.delay_given.connect(self.delay_given)
        self.told = Button("What they told us", "word", "list", key="W", role="strong")
        self.told.setObjectName("repairs-told")
        self.told.clicked.connect(lambda _checked=False: self.told_asked.emit())
        self._arrange()
        self._built = True
        self._measure()

    def _arrange(self) -> None:
        self.body.setSpacing(6)
        self.body.addLayout(self._top())
        self.body.addWidget(Line())
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.why, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.counted, 1)
        row.addWidget(self.told, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.body.addWidget(self.strip)
        self.body.addWidget(self.hours)
        self.below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.below.setSpacing(24)
        for label in (self.skipped, self.source):
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self.below.addWidget(label, 1)
        self.body.addLayout(self.below)
        self.body.addWidget(self.warning)
        self.line = Line()
        self.body.addWidget(self.line)
        self.body.addWidget(self.rows)

    def _top(self) -> QBoxLayout:
        big = QVBoxLayout()
        big.setSpacing(2)
        big.addWidget(self.promise_words)
        big.addWidget(self.figure)
        self.reason = Label("", "strong", wrap=True)
        self.reason_text = Label("", "body", "muted", wrap=True)
        self.reason_box = QWidget()
        beside = QVBoxLayout(self.reason_box)
        beside.setContentsMargins(0, 5, 0, 0)
        beside.setSpacing(2)
        beside.addWidget(self.reason)
        beside.addWidget(self.reason_text)
        beside.addStretch(1)
        self.top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.top.setSpacing(20)
        self.top.addLayout(big, 1)
        self.top.addWidget(self.reason_box)
        return self.top

    def restyle(self) -> None:
        """The reason keeps its measure beside the date."""
        super().restyle()
        if self._built:
            self._measure()

    def _measure(self) -> None:
        if self._compact:
            self.reason_box.setMinimumWidth(0)
            self.reason_box.setMaximumWidth(16_777_215)
        else:
            self.reason_box.setFixedWidth(theme().wide(REASON_WIDTH))

    def set_compact(self, compact: bool) -> None:
        """One column."""
        self._compact = compact
        direction = QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight
        for layout in (self.top, self.below):
            layout.setDirection(direction)
        self.rows.set_compact(compact)
        self._measure()

    def show_view(self, view: RepairView) -> None:
        """Shows the dates of a repair; before the last question it says that there is none yet."""
        self.view = view
        first = view.first
        for part in (self.reason_box, self.why, self.counted, self.told, self.line, self.rows):
            part.setVisible(first is not None)
        if first is None:
            self.promise_words.setText("There is no date yet")
            self.figure.setText("Answer the questions first")
            for part in (self.strip, self.hours, self.skipped, self.source, self.warning):
                part.hide()
            return
        met = view.state is State.COMPLETED and view.completed_at is not None
        self.promise_words.setText(_kept(view) if met else first.rule.promise)
        self.figure.setText(words.due_words(first))
        self.reason.setText(words.reason_heading(first, view.outcome, view.who_at_risk, view.reasons))
        self.reason_text.setText(words.reason_text(first, view.trade))
        self.counted.setText(words.how_counted(first))
        end = ENDS.get(first.rule.duty, "By")
        self.strip.show_deadline(first, end)
        self.hours.show_deadline(first, end, view.outer)
        self.skipped.setText(counted_sentence(first, view.tables.calendar))
        self.source.setText(first.source_line)
        self.rows.show_view(view)
        self.line.setVisible(bool(self.rows.lines))
        self.warning.setText(" ".join(self._warnings(view)))
        self.warning.setVisible(bool(self.warning.text()))
        self._open_why(True)

    def _warnings(self, view: RepairView) -> list[str]:
        """What may still move the date, and what this laptop decides by that is old or cannot be read."""
        first, known = view.first, view.tables
        found = [first.warning if first else "", *known.notes]
        if view.state is State.DRAFT:
            found.append(known.calendar.stale(self.shell.context.today()))
        if view.skew is not None and any(d.count is None for d in view.deadlines):
            found.append(skew_sentence(view.skew))
        found.append(_moved(view))
        return [each for each in found if each]

    def _turn_why(self) -> None:
        self._open_why(not self.source.isVisible())

    def _open_why(self, open_: bool) -> None:
        first = self.view.first if self.view is not None else None
        self.strip.setVisible(open_ and first is not None and first.count is not None)
        self.hours.setVisible(open_ and first is not None and first.count is None)
        self.skipped.setVisible(open_)
        self.source.setVisible(open_)
        self.why.set_icon("chevron-down" if open_ else "chevron-right")
        self.why.setAccessibleDescription("Shown below" if open_ else "Hidden")


def _kept(view: RepairView) -> str:
    at = view.completed_at
    assert at is not None  # noqa: S101  asked for completed repairs only
    late = view.target_at is not None and at > view.target_at
    mended = day_month(local_date(at))
    return (
        f"Mended on {mended}, late. It was promised by" if late else f"Mended on {mended}. It was promised by"
    )


def _moved(view: RepairView) -> str:
    """What a newer list of bank holidays would make of a date that was promised by an older one."""
    first = view.first
    if first is None or first.count is None or view.state is State.DRAFT or view.completed_at is not None:
        return ""
    anew = words.counted_anew(first, view.tables.calendar)
    if anew == first.due_on:
        return ""
    return (
        f"By the bank holidays as they are known now it would be {day_month(anew)}. "
        "The date that was promised still holds."
    )
