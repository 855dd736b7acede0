"""One rule: what it does in words, how it would have done, what it would change now, and its switches."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from app.income.office.kept_rules import RuleView
from app.income.office.trying import Trial, Tried
from app.wording import day, plural, pounds
from models.income import RuleState, RuleUse
from ui.deck import DeckView, acts
from ui.income.proposal import EvidenceList
from ui.theme import theme
from ui.widgets import Button, Column, Label, QuietNote, Row, Table

STATES = {RuleState.PROPOSED: "Proposed", RuleState.RUNNING: "Running", RuleState.OFF: "Off"}
_COLUMNS = (
    Column("Date", 58, muted=True),
    Column("Words", 150, stretch=True),
    Column("Would change", 190, muted=True),
    Column("Amount", 88, figures=True),
)
_MOST_ROWS = 8


class RuleCard(DeckView):
    """A rule with its switches. A learned one starts only when its back-test holds today."""

    asked = Signal(str)  # start, no, switch, up, down, try

    def __init__(self) -> None:
        super().__init__("Rule")
        self.view: RuleView | None = None
        self._trials: dict[str, Trial] = {}
        self.words = Label("", "lead", wrap=True)
        self.where = Label("", "body", "muted", wrap=True)
        self.test = EvidenceList()
        self.note = QuietNote("Note")
        self.tried = Label("", "strong", wrap=True)
        self.tried.setObjectName("rule-tried")
        self.table = Table(_COLUMNS, name="What the rule would change")
        self.table.setObjectName("rule-trials")
        self.reasons = EvidenceList()
        for widget in (self.words, self.where, self.test, self.note):
            self.rows.addWidget(widget)
        self.rows.addSpacing(6)
        trial = QVBoxLayout()
        trial.setSpacing(6)
        for part in (self.tried, self.table, self.reasons):
            trial.addWidget(part)
        self.rows.addLayout(trial)
        self.rows.addStretch(1)
        self.start = self._act("Start the rule", "start", "S", "primary", "play")
        self.no = self._act("No, leave it", "no", "X")
        self.switch = self._act("Switch off", "switch", "S")
        self.up = self._act("Earlier", "up", "Alt ↑", icon="arrow-up")
        self.down = self._act("Later", "down", "Alt ↓", icon="arrow-down")
        self.try_out = self._act("Try it out", "try", "T")
        self.foot.addWidget(acts(self.start, self.no, self.switch, self.try_out, self.up, self.down))
        self.table.row_chosen.connect(self._chosen)

    def _act(self, text: str, act: str, key: str, kind: str = "outline", icon: str | None = None) -> Button:
        button = Button(text, kind, icon, key, partial(self.asked.emit, act))
        button.setObjectName(f"rule-{act}")
        return button

    def restyle(self) -> None:
        """Keeps the table as high as its rows."""
        rows = min(_MOST_ROWS, max(3, self.table.model().rowCount()))
        self.table.setFixedHeight(theme().tall(28, "hint") + rows * self.table.row_height() + 2)

    def show_rule(self, view: RuleView) -> None:
        """Shows a rule; what was tried stays while it is the same one."""
        same = self.view is not None and self.view.id == view.id
        self.view = view
        state = RuleState(view.state)
        self.title, self.side = view.name, STATES[state]
        self.words.setText(view.words)
        kind = "ledger and payment rows as they come in" if view.use == RuleUse.IMPORT else "bank lines"
        told = f"It works on {kind}."
        if view.decided_by:
            told += f" Last decided by {view.decided_by}."
        if view.learned:
            told += " Learned from matches made by hand."
        self.where.setText(told)
        self.test.show_steps([back_test_words(view)] if view.learned else [], view.wrong == 0)
        self.note.set_text(view.note)
        self.note.setVisible(bool(view.note))
        proposed = state is RuleState.PROPOSED
        self.start.setVisible(proposed)
        self.no.setVisible(proposed)
        self.switch.setVisible(not proposed)
        self.switch.setText("Switch off" if state is RuleState.RUNNING else "Switch on")
        for button in (self.up, self.down):
            button.setVisible(not proposed)
        if not same:
            self.show_tried(None)

    def show_tried(self, tried: Tried | None) -> None:
        """Shows what a dry run found, or nothing before there was one."""
        self.tried.setVisible(tried is not None)
        self.table.setVisible(tried is not None and bool(tried.trials))
        self.reasons.show_sentences(())
        if tried is None:
            return
        noun = "posting" if self.view is not None and self.view.use == RuleUse.IMPORT else "bank line"
        self._trials = {trial.id: trial for trial in tried.trials}
        changing = sum(bool(trial.changes) for trial in tried.trials)
        newest = f"the newest {plural(tried.of, noun)}"
        if not tried.trials:
            self.tried.setText(f"It fires on none of {newest}.")
            return
        fires = f"It fires on {len(tried.trials):,} of {newest}"
        self.tried.setText(f"{fires} and would change {changing:,}. Nothing has been changed.")
        rows = []
        for trial in tried.trials:
            cells = (day(trial.day), trial.words, ", ".join(trial.changes) or "nothing", pounds(trial.pence))
            rows.append(Row(trial.id, cells))
        self.table.set_rows(rows)
        self.restyle()

    def _chosen(self, record_id: str) -> None:
        trial = self._trials.get(record_id)
        self.reasons.show_steps([*trial.reasons, *trial.changes] if trial is not None else [], True)

    def focus_first(self) -> None:
        """Goes to the first switch."""
        first = self.start if self.start.isVisible() else self.switch
        first.setFocus(Qt.FocusReason.OtherFocusReason)


def back_test_words(view: RuleView) -> str:
    """How a learned rule would have done, in a sentence."""
    return f"It would have been right in {view.right:,} of {plural(view.of, 'past case')}."
