"""Rows of a case page: duties with how they stand, works, what happened; and cases as the list shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.repairs.cases import words
from app.repairs.cases.timeline import Happening
from app.repairs.cases.views import CaseCard, DutyView
from app.repairs.days import Unit
from app.repairs.rules import ClockState
from app.wording import clock_time, date_year, day, local_date, plural
from models.repairs import HazardWork, ReportState, WorkKind
from ui.widgets import Chip, IconLabel, Item, Label, Line, clear_layout

TONES = {
    ClockState.WAITING: ("plain", "pause"),
    ClockState.NOT_REQUIRED: ("plain", "minus"),
    ClockState.OPEN: ("info", "clock"),
    ClockState.DUE_SOON: ("warn", "clock"),
    ClockState.DUE_TODAY: ("warn", "clock"),
    ClockState.OVERDUE: ("danger", "triangle-alert"),
    ClockState.MET: ("good", "check"),
    ClockState.MET_LATE: ("warn", "triangle-alert"),
}
STATE_TONES = {
    ReportState.OPEN: ("info", "circle-dot"),
    ReportState.UNDER_REVIEW: ("info", "eye"),
    ReportState.MADE_SAFE: ("good", "shield-check"),
    ReportState.CLOSED: ("plain", "check"),
}
MOST_WORDS = 200  # of one happening


class Rows(QWidget):
    """Rows under a heading, a hairline between them; hidden with it while there are none."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 8, 0, 0)
        outer.setSpacing(6)
        outer.addWidget(Label(title, "section"))
        self.column = QVBoxLayout()
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        outer.addLayout(self.column)

    def _begin(self, count: int) -> None:
        clear_layout(self.column)
        self.setVisible(bool(count))

    def _row(self, icon: str, tone: str, title: str, line: str, beside: QWidget | None, first: bool) -> None:
        if not first:
            self.column.addWidget(Line())
        row = QHBoxLayout()
        row.setSpacing(10)
        shown = IconLabel(icon, "edge" if tone == "plain" else tone, 16)
        shown.setContentsMargins(0, 2, 0, 0)
        row.addWidget(shown, 0, Qt.AlignmentFlag.AlignTop)
        text = QVBoxLayout()
        text.setSpacing(1)
        text.addWidget(Label(title, "strong", wrap=True))
        if line:
            text.addWidget(Label(line, "body", "muted", wrap=True))
        row.addLayout(text, 1)
        if beside is not None:
            row.addWidget(beside, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)


class DutyRows(Rows):
    """Every clock of a case: what it asks, its date and what became of it, its state as a chip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Clocks", parent)

    def show_duties(self, duties: Sequence[DutyView], unmet: dict[str, str]) -> None:
        """Replaces the rows."""
        self._begin(len(duties))
        for number, one in enumerate(duties):
            tone, icon = TONES[one.state]
            line = one.line
            if one.delay_reason:
                line += f" Delay: {one.delay_reason} The date did not move."
            if one.duty.key in unmet:
                line += f" Not done, because: {unmet[one.duty.key]}"
            chip = Chip(words.DUTY_STATES[one.state], tone)
            self._row(icon, tone, one.title, line, chip, number == 0)


class WorkRows(Rows):
    """The works of a case: what, by when, how far."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Work", parent)

    def show_works(self, works: Sequence[HazardWork]) -> None:
        """Replaces the rows."""
        self._begin(len(works))
        for number, one in enumerate(works):
            state, tone, icon = _stand(one)
            kind = "Makes it safe" if one.kind is WorkKind.SAFETY else "Keeps it from coming back"
            by = f", by {date_year(one.planned_on)}" if one.planned_on and one.done_at is None else ""
            done = f", done {words.moment(one.done_at)}" if one.done_at else ""
            self._row(icon, tone, one.words, f"{kind}{by}{done}.", Chip(state, tone), number == 0)


def _stand(work: HazardWork) -> tuple[str, str, str]:
    if work.done_at is not None:
        return "Done", "good", "check"
    if work.begun_at is not None:
        return "Begun", "info", "wrench"
    return ("Ordered", "info", "clipboard") if work.steps_at is not None else ("To do", "plain", "circle")


class TimelineRows(Rows):
    """What happened in a case, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What happened", parent)

    def show_happenings(self, found: Sequence[Happening]) -> None:
        """Replaces the rows."""
        self._begin(len(found))
        for number, one in enumerate(reversed(found)):
            told = " ".join(one.more.split())
            told = told if len(told) <= MOST_WORDS else f"{told[: MOST_WORDS - 1]}…"
            who = f", {one.by}" if one.by else ""
            when = f"{words.moment(one.at)}{who}."
            self._row(one.icon, "plain", one.what, f"{when} {told}".strip(), None, number == 0)


# -- the list --------------------------------------------------------------------------------------


def groups(cards: Sequence[CaseCard], today: date) -> list[tuple[str, list[Item]]]:
    """The cases under what needs somebody: late, due soon, later, no clock, closed."""
    made: dict[str, list[Item]] = {
        name: [] for name in ("Late", "Due within two working days", "Later", "To finish", "Closed")
    }
    for card in cards:
        made[_group(card)].append(_item(card, today))
    return [(name, items) for name, items in made.items() if items]


def _group(card: CaseCard) -> str:
    if card.state is ReportState.CLOSED:
        return "Closed"
    if card.next.duty is None:
        return "To finish"
    state = card.next.duty.state
    if state is ClockState.OVERDUE:
        return "Late"
    return "Due within two working days" if state is not ClockState.OPEN else "Later"


def _item(card: CaseCard, today: date) -> Item:
    tone, icon = "muted", None
    if card.next.duty is not None and card.next.duty.state is not ClockState.OPEN:
        tone, icon = TONES[card.next.duty.state]
    detail = (
        f"{due_words(card, today)}{card.next.words}" if card.state is not ReportState.CLOSED else "Closed"
    )
    return Item(card.id, card.title, detail, tone, icon, card.reference)


def due_words(card: CaseCard, today: date) -> str:
    """When the next duty is due, before its words: "Due Monday: ", "2 days late: "; "" without a date."""
    view = card.next.duty
    if view is None:
        return ""
    deadline = view.duty.deadline
    due_on, hours = local_date(deadline.due_at), deadline.rule.unit is Unit.HOURS
    late = (today - due_on).days
    if view.state is ClockState.OVERDUE:
        return f"{plural(late, 'day')} late: " if late else f"Late since {clock_time(deadline.due_at)}: "
    at = f" {clock_time(deadline.due_at)}" if hours else ""
    if late == 0:
        return f"Due today{at}: "
    if late == -1:
        return f"Due tomorrow{at}: "
    return f"Due {due_on:%A}{at}: " if late > -7 else f"Due {day(due_on)}{at}: "
