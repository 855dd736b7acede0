"""The period on its way to being closed: its steps and who made them, what is in the way, its papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from PySide6.QtCore import Signal

from app.income.amounts import figure
from app.income.board import Board
from app.wording import plural, when
from models.income import PeriodEvent, PeriodState, Standing
from ui.income.proposal import EvidenceList
from ui.income.views import View
from ui.widgets import Button, Label, QuietNote, ScrollColumn, Steps, WrapRow

_STEPS = ("Open", "Prepared", "Reviewed", "Closed")
_DONE = {
    PeriodState.OPEN: "opened it again",
    PeriodState.PREPARED: "prepared it",
    PeriodState.REVIEWED: "reviewed it",
    PeriodState.CLOSED: "closed it",
    PeriodState.REOPENED: "reopened it",
}
PAPERS = (
    ("reconciliation-statement", "Reconciliation statement", "income-paper"),
    ("audit-pack", "Audit pack", "income-audit-pack"),
    ("paying-in-summary", "Paying-in summary", "income-paying-in"),
)


@dataclass(frozen=True)
class PeriodStep:
    """One step of a period as the trail tells it."""

    state: PeriodState
    made_at: datetime
    by: str
    reason: str
    left_pence: int

    def words(self, today: date, currency: str) -> str:
        """The step in one sentence."""
        told = f"{self.by} {_DONE[self.state]} {when(self.made_at, today)}"
        if self.left_pence and self.state != PeriodState.REOPENED:
            told += f", with {figure(self.left_pence, currency)} left to explain"
        return f"{told}: {self.reason}" if self.reason else f"{told}."


def step_of(event: PeriodEvent) -> PeriodStep:
    """A stored step of a period."""
    return PeriodStep(
        PeriodState(event.state), event.made_at, event.made_by_name, event.reason, event.left_pence
    )


class PeriodView(View):
    """The period with its trail, why it cannot be closed yet, its next step and its papers."""

    step_asked = Signal(str)  # prepare, review, close, reopen
    paper_asked = Signal(str)  # the name of a report

    def __init__(self) -> None:
        super().__init__("Close the period")
        self.steps = Steps()
        self.words = Label("", wrap=True)
        self.doubts = EvidenceList()
        self.reopened = QuietNote("Reopened")
        self.trail_words = Label("Trail", "strong")
        self.trail = EvidenceList()
        scroll = ScrollColumn((0, 0, 6, 0))
        scroll.body.setSpacing(8)
        for widget in (self.words, self.doubts, self.reopened, self.trail_words, self.trail):
            scroll.body.addWidget(widget)
        scroll.body.addStretch(1)
        self.act = Button("", "primary", on_click=self._step)
        self.act.setObjectName("income-period-step")
        self.reopen = Button("Reopen…", on_click=lambda: self.step_asked.emit("reopen"))
        papers = []
        for name, title, object_name in PAPERS:
            button = Button(title, "word", "file-text", on_click=partial(self.paper_asked.emit, name))
            button.setObjectName(object_name)
            papers.append(button)
        self.rows.addWidget(self.steps)
        self.rows.addWidget(scroll, 1)
        self.rows.addWidget(WrapRow([self.act, self.reopen, self.back]))
        self.rows.addWidget(WrapRow(list(papers), 16))
        self._next = "prepare"

    def show_board(
        self, board: Board, waiting: Sequence[str], trail: Sequence[PeriodStep], today: date
    ) -> None:
        """Shows where the period stands; `waiting` is what of it waits for a second officer."""
        head = board.head
        state = PeriodState(head.period_state)
        self.title = "The period is closed" if state is PeriodState.CLOSED else "Close the period"
        place = 0 if state is PeriodState.REOPENED else list(PeriodState).index(state)
        self.steps.set_steps(_STEPS, place)
        self.side = head.span
        in_the_way = _in_the_way(board, waiting) if state is not PeriodState.CLOSED else []
        words, self._next, label = {
            PeriodState.OPEN: ("", "prepare", "Mark as prepared"),
            PeriodState.PREPARED: ("Another officer looks through it now.", "review", "Mark as reviewed"),
            PeriodState.REVIEWED: (
                "Once closed, nothing in it changes.",
                "close",
                "Close the period",
            ),
            PeriodState.CLOSED: ("Nothing in it changes. Reopening needs a reason.", "reopen", "Reopen…"),
        }[PeriodState.OPEN if state is PeriodState.REOPENED else state]
        if not in_the_way and not words:
            words = "Everything left to explain has a note, so it can be prepared."
        elif in_the_way and not words:
            words = "It cannot be closed yet:"
        self.words.setText(words)
        self.doubts.show_doubts(in_the_way)
        self.act.setText(label)
        self.reopen.setVisible(state in (PeriodState.PREPARED, PeriodState.REVIEWED))
        again = [one for one in trail if one.state is PeriodState.REOPENED]
        self.reopened.setVisible(state is PeriodState.REOPENED and bool(again))
        self.reopened.set_text(again[-1].reason if again else "")
        self.trail_words.setVisible(bool(trail))
        self.trail.show_steps([one.words(today, head.currency) for one in trail], True)

    def _step(self) -> None:
        self.step_asked.emit(self._next)


def _in_the_way(board: Board, waiting: Sequence[str]) -> list[str]:
    """Why a period cannot be closed yet, in sentences."""
    if board.head.standing == Standing.APART:
        return ["The statement is kept apart: take it unproved first, or import a proved one."]
    told = []
    if any(part.kind == "gap" for part in board.parts):
        told.append("The balances before the first statement do not agree.")
    bare = [part for part in board.parts if not part.note and part.kind != "gap"]
    if bare:
        noun = plural(len(bare), "item left to explain needs", "items left to explain need")
        told.append(f"{noun} a match, suspense or a note.")
    told += [f"{words[0].upper()}{words[1:]}." for words in waiting]
    return told
