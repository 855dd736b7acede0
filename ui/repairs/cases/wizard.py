"""A form that asks one thing after the other in the card of a case, and a moment as boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.cases.views import CaseView
from app.wording import LONDON, clock_time, local_date
from models.errors import HoldallError
from models.repairs import Method
from ui.deck import DeckView, acts
from ui.theme import theme
from ui.widgets import (
    Answer,
    AnswerList,
    Button,
    DateBoxes,
    ErrorSummary,
    Field,
    Label,
    LineEdit,
    TextArea,
)

LONGEST = 400  # characters of a line, as records keep it
LONGEST_TEXT = 4_000
METHODS = (
    Answer(Method.LETTER.value, "By letter"),
    Answer(Method.EMAIL.value, "By e-mail"),
    Answer(Method.SMS.value, "By text message"),
)
_TIME = re.compile(r"(\d{1,2})(?:[:. ]?(\d{2}))?")
Wrong = list[tuple[str, QWidget]]


class MomentBoxes(QWidget):
    """A moment as four boxes: day, month, year and the time of day in London."""

    def __init__(self, name: str = "When", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.date = DateBoxes(name=name)
        self.time = LineEdit(name=f"{name}: time")
        self.time.setMaxLength(5)
        label = Label("Time", "hint", "muted")
        label.setBuddy(self.time)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(label)
        column.addWidget(self.time)
        row.addWidget(self.date)
        row.addLayout(column)
        row.addStretch(1)
        self.setFocusProxy(self.date.boxes[0])
        self.restyle()

    def restyle(self) -> None:
        """Widens the box of the time with the text."""
        self.time.setFixedWidth(theme().wide(76))

    def set_value(self, moment: datetime | None) -> None:
        """Shows a moment; None empties the boxes."""
        self.date.set_value(local_date(moment) if moment else None)
        self.time.setText(clock_time(moment) if moment else "")

    def _clock(self) -> time | None:
        found = _TIME.fullmatch(self.time.text().strip())
        if found is None:
            return None
        hour, minute = int(found[1]), int(found[2] or 0)
        return time(hour, minute) if hour < 24 and minute < 60 else None

    def value(self) -> datetime | None:
        """The moment in UTC; None while date or time is none (see `problem`)."""
        day, clock = self.date.value(), self._clock()
        if day is None or clock is None:
            return None
        return datetime.combine(day, clock, LONDON).astimezone(UTC)

    def problem(self) -> str | None:
        """What to put right, as a sentence; None when it is a moment."""
        if self.date.value() is None:
            return "Write a real date, like 17 12 2026"
        return None if self._clock() is not None else "Write the time, like 14:20"


@dataclass
class Step:
    """One question of a form: what is asked, what stands under it, what has to be put right."""

    question: str
    widgets: Sequence[QWidget]
    check: Callable[[], Wrong] = list
    shown: Callable[[], bool] = lambda: True
    hint: str = ""
    body: QWidget = field(default_factory=QWidget)


class Wizard(DeckView):
    """Asks one thing at a time. Enter goes on, Esc goes back a step, and from the first one out of it.

    `saved` carries the label of the act, its work on a session, and what the toast says.
    """

    saved = Signal(str, object, str)

    def __init__(self, title: str, verb: str, name: str) -> None:
        super().__init__(title)
        self.verb, self.name = verb, name
        self.view: CaseView | None = None
        self.steps: list[Step] = []
        self.at = 0
        self.errors = ErrorSummary()
        self.progress = Label("", "hint", "muted")
        self.question = Label("", "subfigure", wrap=True)
        self.hint = Label("", "body", "muted", wrap=True)
        for widget in (self.errors, self.progress, self.question, self.hint):
            self.rows.addWidget(widget)
        self.bodies = QVBoxLayout()
        self.rows.addLayout(self.bodies)
        self.rows.addStretch(1)
        self.go = Button("Continue", "primary", key="Enter", on_click=self.forward)
        self.go.setObjectName(f"case-{name}-go")
        self.back_button = Button("Back", key="Esc", on_click=self.back)
        self.back_button.setObjectName(f"case-{name}-back")
        self.confirm = QShortcut(QKeySequence("Ctrl+Return"), self.go)
        self.confirm.activated.connect(self.go.click)
        self.foot.addWidget(acts(self.go, self.back_button))

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Builds the questions."""
        for step in steps:
            column = QVBoxLayout(step.body)
            column.setContentsMargins(0, 4, 0, 0)
            column.setSpacing(12)
            for widget in step.widgets:
                column.addWidget(widget)
            step.body.hide()
            self.bodies.addWidget(step.body)
        self.steps = list(steps)

    def begin(self, view: CaseView | None = None) -> None:
        """Starts at the first question."""
        self.view = view
        self.side = view.report.reference if view else ""
        self.at = next((n for n, step in enumerate(self.steps) if step.shown()), 0)
        self._show()

    @property
    def case_id(self) -> str:
        """The case that is asked about."""
        return self.view.report.id if self.view else ""

    def _way(self) -> list[int]:
        return [n for n, step in enumerate(self.steps) if step.shown()]

    def _show(self) -> None:
        self.errors.show_errors([])
        way, step = self._way(), self.steps[self.at]
        for number, each in enumerate(self.steps):
            each.body.setVisible(number == self.at)
        place = way.index(self.at) if self.at in way else 0
        self.progress.setText(f"Question {place + 1} of {len(way)}" if len(way) > 1 else "")
        self.progress.setVisible(len(way) > 1)
        self.question.setText(step.question)
        self.hint.setText(step.hint)
        self.hint.setVisible(bool(step.hint))
        last = self.at == way[-1] if way else True
        self.go.setText(self.verb if last else "Continue")
        self.scroller.verticalScrollBar().setValue(0)

    def forward(self) -> None:
        """Goes on to the next question, or saves after the last one."""
        wrong = self.steps[self.at].check()
        self.errors.show_errors(wrong)
        if wrong:
            self.scroller.verticalScrollBar().setValue(0)
            return
        later = [n for n in self._way() if n > self.at]
        if not later:
            self.finish()
            return
        self.at = later[0]
        self._show()
        self.focus_first()

    def back(self) -> None:
        """Goes back a question; what was answered stays."""
        earlier = [n for n in self._way() if n < self.at]
        if not earlier:
            self.left.emit()
            return
        self.at = earlier[-1]
        self._show()
        self.focus_first()

    def finish(self) -> None:
        """Hands over what was answered, by `saved`."""
        raise NotImplementedError

    def refuse(self, error: HoldallError) -> None:
        """Shows what was not taken; every answer stays."""
        self.errors.show_errors([(str(error), self.go)])
        self.scroller.verticalScrollBar().setValue(0)

    def focus_first(self) -> None:
        """Goes to the first thing of the question on show."""
        for widget in self.steps[self.at].widgets:
            if not widget.isVisibleTo(self):
                continue
            if isinstance(widget, AnswerList):
                widget.focus_first()
                return
            fields = [widget] if isinstance(widget, Field) else widget.findChildren(Field)
            if fields:
                fields[0].focus_editor()
                return
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)


def ask_moment(label: str = "When", hint: str = "") -> tuple[Field, MomentBoxes]:
    """A field for a moment, and its boxes."""
    boxes = MomentBoxes(label)
    return Field(label, boxes, hint), boxes


def ask_words(
    label: str, hint: str = "", lines: int = 3, optional: bool = False, longest: int = LONGEST
) -> tuple[Field, TextArea]:
    """A field for some words, and its box."""
    area = TextArea(lines=lines, most=9, longest=longest)
    return Field(label, area, hint, optional), area


def ask_line(label: str, hint: str = "", optional: bool = False) -> tuple[Field, LineEdit]:
    """A field for one line, and its box."""
    edit = LineEdit()
    edit.setMaxLength(100)
    return Field(label, edit, hint, optional), edit


def need(problem: str | None, place: Field) -> Wrong:
    """What is wrong with a field, shown there and in the summary."""
    place.set_error(problem)
    return [(f"{problem}.", place.editor)] if problem else []


def need_words(area: TextArea | LineEdit, place: Field, problem: str) -> Wrong:
    """Words that have to be there."""
    return need(None if area.text().strip() else problem, place)


def need_answer(answers: AnswerList, problem: str = "Choose one") -> Wrong:
    """An answer that has to be given."""
    first: QWidget = answers.rows[0] if answers.rows else answers
    return [] if answers.value() else [(f"{problem}.", first)]
