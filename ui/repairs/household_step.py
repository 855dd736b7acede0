"""Who lives there, asked right after danger, with consent and the day until which an answer is kept."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.repairs import flow, people, service
from app.repairs.tables import tables
from app.repairs.views import RepairView
from app.wording import date_year
from models.repairs import Disclosure
from ui.repairs.kept_household import KeptHousehold
from ui.repairs.steps import Done, Step
from ui.shell import Autosave, Shell
from ui.widgets import (
    CheckBox,
    ErrorSummary,
    Field,
    Label,
    LineEdit,
    WrapRow,
    clear_layout,
)


class HouseholdStep(Step):
    """Who lives there, asked with consent. "Nobody" and "they did not say" are different answers."""

    id = flow.HOUSEHOLD
    ask = "Who lives there?"
    help = "Say why you ask: some people must be helped sooner. They need not answer."
    why = (
        "With a young child, an older person or an illness at home, the law and the council’s own times "
        "can bring the date forward. Without their consent we keep only that somebody is at risk."
    )

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.errors = ErrorSummary()
        self.risks: dict[str, CheckBox] = {}
        self.nobody = CheckBox("None of these")
        self.withheld = CheckBox("They would rather not say")
        self.words = LineEdit()
        self.words_field = Field(
            "In a few words, like “two adults, one child aged 3”", self.words, optional=True
        )
        self.consent = CheckBox("They agree that we keep this")
        for name, box in (("nobody", self.nobody), ("withheld", self.withheld), ("consent", self.consent)):
            box.setObjectName(f"repairs-{name}")
        self.autosave = Autosave(lambda _values: self._write(finish=False), self)
        self.boxes = QGridLayout()
        self.boxes.setHorizontalSpacing(24)
        self.boxes.setVerticalSpacing(8)
        self.kept = KeptHousehold(shell)
        for widget in (self.errors, self.kept):
            self.column.addWidget(widget)
        self.column.addLayout(self.boxes)
        self.column.addWidget(Label("or", "hint", "muted"))
        self.column.addWidget(WrapRow([self.nobody, self.withheld], 32))
        self.column.addWidget(self.words_field)
        self.column.addWidget(self.consent, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)
        self._offer({code: risk.label for code, risk in tables().risks.items()})
        for box in (self.nobody, self.withheld):
            box.toggled.connect(partial(self._ticked, box))
        self.consent.toggled.connect(lambda _on: self.autosave.touch("household", True))
        self.words.textEdited.connect(lambda _text: self.autosave.touch("household", True))
        self.restyle()

    def _offer(self, labels: dict[str, str]) -> None:
        """One box for each kind of person that the council's table names."""
        if list(self.risks) == list(labels):
            return
        clear_layout(self.boxes)
        self.risks = {code: CheckBox(label) for code, label in labels.items()}
        before: QWidget = self.errors
        for number, (code, box) in enumerate(self.risks.items()):
            box.setObjectName(f"repairs-risk-{code}")
            box.toggled.connect(partial(self._ticked, box))
            self.boxes.addWidget(box, number // 2, number % 2, Qt.AlignmentFlag.AlignLeft)
            QWidget.setTabOrder(before, box)
            before = box
        QWidget.setTabOrder(before, self.nobody)

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Shows what was answered when the page is opened."""
        super().show_view(view, fresh)
        self.kept.show_view(view)
        if not fresh and self.autosave.waiting:
            return
        self._offer({code: risk.label for code, risk in view.tables.risks.items()})
        every = (*self.risks.values(), self.nobody, self.withheld, self.consent)
        for box in every:
            box.blockSignals(True)
        if fresh or (view.disclosure is Disclosure.TOLD and view.risks):
            for code, box in self.risks.items():
                box.setChecked(code in view.risks)
            told = view.disclosure is Disclosure.TOLD
            self.nobody.setChecked(told and not view.at_risk)
            self.withheld.setChecked(view.disclosure is Disclosure.WITHHELD)
            self.consent.setChecked(bool(view.risks or view.household))
        for box in every:
            box.blockSignals(False)
        until = self.shell.read(lambda session: people.kept_until(session, self.shell.context.today()))
        self.consent.setText(f"They agree that we keep this until {date_year(until)}")
        if fresh:
            self.words.setText(view.household)
            self.errors.show_errors([])

    def focus_first(self) -> None:
        """The first box."""
        next(iter(self.risks.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def flush(self) -> None:
        """Writes what was ticked."""
        self.autosave.flush()

    def _ticked(self, box: CheckBox, on: bool) -> None:
        """“None” and “not said” stand alone: ticking one unticks what it contradicts."""
        if on:
            alone = box in (self.nobody, self.withheld)
            others = (
                [*self.risks.values(), self.nobody, self.withheld] if alone else [self.nobody, self.withheld]
            )
            for other in others:
                if other is not box:
                    other.setChecked(False)
        self.autosave.touch("household", True)

    def _answer(self) -> tuple[Disclosure, list[str]] | None:
        ticked = [code for code, box in self.risks.items() if box.isChecked()]
        if self.withheld.isChecked():
            return Disclosure.WITHHELD, []
        if ticked or self.nobody.isChecked():
            return Disclosure.TOLD, ticked
        return None

    def _write(self, finish: bool, done: Done | None = None) -> None:
        found = self._answer() or (Disclosure.NOT_ASKED, [])
        disclosure, ticked = found
        repair_id, words, consent = self._repair_id, self.words.text(), self.consent.isChecked()
        self.shell.write(
            "Who lives there",
            lambda session: service.set_household(
                session, repair_id, disclosure, ticked, words, consent, finish
            ),
            lambda _changed: done() if done else None,
        )

    def finish(self, done: Done) -> None:
        """Needs one answer, if only that they would rather not say."""
        if self._answer() is None:
            first = next(iter(self.risks.values()))
            self.errors.show_errors(
                [("Tick who lives there, “None of these” or “They would rather not say”", first)]
            )
            return
        self.autosave.forget()
        self._write(finish=True, done=done)
