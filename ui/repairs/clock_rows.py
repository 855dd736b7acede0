"""The dates that run beside the promised one, a row each, and why one of them is late."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.clock_words import STATES, ClockLine, clock_line, outer_line
from app.repairs.promises import ClockView
from app.repairs.rules import ClockState
from app.repairs.views import RepairView
from app.wording import plural
from models.repairs import State
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, Chip, Field, Label, Line, LineEdit, WrapRow, clear_layout

NAME_WIDTH = 170  # px at 100 %
DUE_WIDTH = 330


class ClockRows(QWidget):
    """Rows of dates: name, date, how it was counted, how it stands. It asks upward to record a delay."""

    delay_given = Signal(str, str)  # clock, reason

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.lines: list[ClockLine] = []
        self.delays: dict[str, Button] = {}
        self._compact = False
        self._view: RepairView | None = None
        self._asked = ""  # the clock whose delay is being written
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(6)
        self.reason = LineEdit()
        self.reason.setObjectName("repairs-delay-reason")
        self.reason.returnPressed.connect(self._save)
        self.field = Field("Why is it late? The date does not move.", self.reason)
        self.keep = Button("Record the delay", "primary", on_click=self._save)
        self.keep.setObjectName("repairs-delay-keep")
        self.drop = Button("Leave it", on_click=self._close)
        self.drop.setObjectName("repairs-delay-leave")
        self.form = QWidget()
        form = QVBoxLayout(self.form)
        form.setContentsMargins(0, 6, 0, 4)
        form.setSpacing(8)
        form.addWidget(self.field)
        form.addWidget(WrapRow([self.keep, self.drop], 10))
        self.form.hide()
        self.column.addLayout(self.rows)
        self.column.addWidget(self.form)

    def show_view(self, view: RepairView) -> None:
        """Shows the dates of a repair beside its first one; the first too when it is late or was."""
        if self._view is None or self._view.id != view.id:
            self._close()
        self._view = view
        self._rebuild()

    def set_compact(self, compact: bool) -> None:
        """Each row as a short column."""
        self._compact = compact
        if self._view is not None:
            self._rebuild()

    def restyle(self) -> None:
        """The columns keep their measure."""
        if self._view is not None:
            self._rebuild()

    def _rebuild(self) -> None:
        view = self._view
        assert view is not None  # noqa: S101  called while a repair is on show
        clear_layout(self.rows)
        self.lines, self.delays = [], {}
        now = self.shell.context.now()
        states = [clock.state(now, view.tables.calendar) for clock in view.clocks]
        for clock, state in zip(view.clocks, states, strict=True):
            if clock.deadline != view.first or self._speaks(clock, state):
                self._row(clock_line(clock), clock, state if view.state is not State.DRAFT else None)
        if view.outer is not None:
            self._row(outer_line(view.outer), None, None)
        self.setVisible(bool(self.lines))

    @staticmethod
    def _speaks(clock: ClockView, state: ClockState) -> bool:
        return bool(clock.delay_reason) or state in (ClockState.OVERDUE, ClockState.MET_LATE)

    def _row(self, line: ClockLine, clock: ClockView | None, state: ClockState | None) -> None:
        if self.lines:
            self.rows.addWidget(Line())
        self.lines.append(line)
        vertical = QBoxLayout.Direction.TopToBottom
        row = QBoxLayout(vertical if self._compact else QBoxLayout.Direction.LeftToRight)
        row.setSpacing(2 if self._compact else 14)
        name = Label(line.name, "strong", wrap=self._compact)
        due = Label(line.due, wrap=True, selectable=True)
        detail = Label(line.detail, "hint", "muted", wrap=True)
        if not self._compact:
            name.setFixedWidth(theme().wide(NAME_WIDTH))
            due.setFixedWidth(theme().wide(DUE_WIDTH))
        top = Qt.AlignmentFlag(0) if self._compact else Qt.AlignmentFlag.AlignTop
        row.addWidget(name, 0, top)
        row.addWidget(due, 0, top)
        row.addWidget(detail, 0 if self._compact else 1)
        end = QHBoxLayout()
        end.setSpacing(12)
        if clock is not None and clock.id and state is ClockState.OVERDUE and not clock.delay_reason:
            end.addWidget(self._delay(clock, line))
        if state is not None:
            end.addWidget(Chip(*STATES[state]), 0, Qt.AlignmentFlag.AlignTop)
        if self._compact:
            end.addStretch(1)
        row.addLayout(end)
        self.rows.addLayout(row)

    def _delay(self, clock: ClockView, line: ClockLine) -> Button:
        late = (self.shell.context.today() - clock.deadline.due_on).days
        button = Button("Say why it is late", "word", on_click=partial(self._open, clock.id))
        button.setObjectName(f"repairs-delay-{clock.deadline.rule.id.lower()}")
        button.setAccessibleName(f"Say why it is late: {line.name}, {plural(max(1, late), 'day')} late")
        self.delays[clock.id] = button
        return button

    def _open(self, clock_id: str) -> None:
        self._asked = clock_id
        self.reason.clear()
        self.field.set_error(None)
        self.form.show()
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        self._asked = ""
        self.form.hide()

    def _save(self) -> None:
        words = " ".join(self.reason.text().split())
        if not words:
            self.field.set_error("Write it in a few words")
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        clock_id = self._asked
        self._close()
        self.delay_given.emit(clock_id, words)
