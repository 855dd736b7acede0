"""The forms of somewhere else to stay, of taking a case further, of closing one and of a new one."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs.cases import opening, telling, words
from app.repairs.cases.opening import NewCase
from app.repairs.cases.views import CaseView
from app.repairs.dated_tables import tables_at
from models.repairs import EscalationKind, EscalationStage, Trigger
from ui.repairs.cases.wizard import (
    LONGEST_TEXT,
    Step,
    Wizard,
    Wrong,
    ask_line,
    ask_moment,
    ask_words,
    need,
    need_answer,
    need_words,
)
from ui.shell import Shell
from ui.widgets import Answer, AnswerList, CheckBox, ComboBox, Field, MoneyEdit, TextArea, clear_layout

NEW = (
    EscalationKind.SENIOR_REVIEW,
    EscalationKind.COMPENSATION,
    EscalationKind.LEGAL_ACTION,
)
STAGES = (
    Answer(EscalationStage.IN_PROGRESS.value, "It is in progress"),
    Answer(EscalationStage.RESOLVED.value, "It is resolved"),
    Answer(EscalationStage.REJECTED.value, "It was refused"),
)


class ElsewhereForm(Wizard):
    """Somewhere else to stay: what is offered, or what the tenant said to the last offer."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Somewhere else to stay", "Write it down", "elsewhere")
        self.shell = shell
        self.offer_id = ""
        self.answer = AnswerList(
            (
                Answer("yes", "They take it"),
                Answer("no", "They do not want it", "It stays on record that it was offered"),
            ),
            or_last=False,
            name="What did the tenant say?",
        )
        self.said_field, self.said = ask_words("In their words", optional=True, lines=2)
        self.where_field, self.where = ask_words("What is offered", "Where, from when, for whom", lines=2)
        self.who_field, self.who = ask_line("Who arranges it", optional=True)
        self.when_field, self.when = ask_moment("When it was offered")
        self.set_steps(
            [
                Step(
                    "What did the tenant say to the offer?",
                    [self.answer, self.said_field],
                    lambda: need_answer(self.answer),
                    lambda: bool(self.offer_id),
                ),
                Step(
                    "What is offered?",
                    [self.where_field, self.who_field, self.when_field],
                    lambda: (
                        need_words(self.where, self.where_field, "Write what is offered")
                        + need(self.when.problem(), self.when_field)
                    ),
                    lambda: not self.offer_id,
                    "At the landlord’s cost, when it cannot be made safe in time.",
                ),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up: an offer without an answer asks for the answer."""
        waiting = [one for one in view.offers if one.accepted is None]
        self.offer_id = waiting[-1].id if waiting else ""
        self.answer.set_value(None)
        for area in (self.said, self.where):
            area.set_text("")
        self.who.setText("")
        self.when.set_value(self.shell.context.now())
        self.begin(view)

    def finish(self) -> None:
        """Keeps the offer or its answer."""
        offer_id, said, accepted = self.offer_id, self.said.text(), self.answer.value() == "yes"
        case_id, where, who, when = self.case_id, self.where.text(), self.who.text(), self.when.value()
        if offer_id:
            self.saved.emit(
                "Answer to the offer",
                lambda session: telling.answer_offer(session, offer_id, accepted, said),
                "The answer is kept.",
            )
            return
        self.saved.emit(
            "Offer somewhere else to stay",
            lambda session: telling.offer_elsewhere(session, case_id, where, who, when),
            "The offer is on record.",
        )


class FurtherForm(Wizard):
    """Takes a case further, or moves on what was taken further already."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Take it further", "Write it down", "further")
        self.shell = shell
        self.open_ids: set[str] = set()
        self.what = AnswerList(name="What is it?")
        self.to_field, self.to = ask_line("To whom", optional=True)
        self.sum = MoneyEdit(name="How much is offered")
        self.sum_field = Field("How much is offered", self.sum, "In pounds and pence")
        self.words_field, self.words = ask_words("Why, or what was asked for")
        self.stage = AnswerList(STAGES, or_last=False, name="How does it stand?")
        self.did_field, self.did = ask_words("What was done", lines=2)
        self.set_steps(
            [
                Step("What is it?", [self.what], lambda: need_answer(self.what)),
                Step(
                    "What is asked for?",
                    [self.to_field, self.sum_field, self.words_field],
                    self._need_new,
                    lambda: self.what.value() not in self.open_ids,
                ),
                Step(
                    "How does it stand?",
                    [self.stage, self.did_field],
                    lambda: (
                        need_answer(self.stage) + need_words(self.did, self.did_field, "Write what was done")
                    ),
                    lambda: self.what.value() in self.open_ids,
                ),
            ]
        )
        self.what.chosen.connect(self._chosen)

    def ask(self, view: CaseView) -> None:
        """Sets the form up: what is open comes before what can be begun."""
        open_ = [one for one in view.records.escalations if one.stage not in telling.ENDED]
        open_ = [one for one in open_ if one.offered_at is None][:5]
        self.open_ids = {one.id for one in open_}
        answers = [
            Answer(one.id, f"{words.ESCALATIONS[one.kind]}, {words.STAGES[one.stage]}", one.action_taken)
            for one in open_
        ]
        answers += [Answer(kind.value, f"{words.ESCALATIONS[kind]}: begin") for kind in NEW]
        self.what.set_answers(answers, or_last=False)
        self.stage.set_value(None)
        self.to.setText("")
        self.sum.set_pence(None)
        for area in (self.words, self.did):
            area.set_text("")
        self.begin(view)
        self._chosen(self.what.value() or "")

    def _chosen(self, what: str) -> None:
        self.sum_field.setVisible(what == EscalationKind.COMPENSATION.value)

    def _need_new(self) -> Wrong:
        wrong: Wrong = []
        if self.what.value() == EscalationKind.COMPENSATION.value:
            problem = None if self.sum.pence() else "Write a sum in pounds and pence, like 50.00"
            wrong = need(problem, self.sum_field)
        return wrong + need_words(self.words, self.words_field, "Write why it goes further")

    def finish(self) -> None:
        """Begins it, or moves it on."""
        what, case_id = self.what.value() or "", self.case_id
        if what in self.open_ids:
            stage, did = EscalationStage(self.stage.value() or ""), self.did.text()
            self.saved.emit(
                "Move it on",
                lambda session: telling.settle_escalation(session, what, stage, did),
                "Written down.",
            )
            return
        kind, to, told = EscalationKind(what), self.to.text(), self.words.text()
        pence = (self.sum.pence() or 0) if kind is EscalationKind.COMPENSATION else 0
        self.saved.emit(
            "Take it further",
            lambda session: telling.escalate(session, case_id, kind, to, told, pence),
            "It goes further. Tell the tenant.",
        )


class CloseForm(Wizard):
    """Closes a case: a reason for each duty that was not done, and how it ended."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Close the case", "Close the case", "close")
        self.shell = shell
        self.list = QWidget()
        self.reasons = QVBoxLayout(self.list)
        self.reasons.setContentsMargins(0, 0, 0, 0)
        self.reasons.setSpacing(12)
        self.fields: dict[str, tuple[Field, TextArea]] = {}
        self.note_field, self.note = ask_words("How it ended", "One sentence, for whoever reads it later")
        self.set_steps(
            [
                Step(
                    "Why was this not done?",
                    [self.list],
                    self._need_reasons,
                    lambda: bool(self.fields),
                    "A case closes when every duty is met, or the reason why it was not is on record.",
                ),
                Step(
                    "How did it end?",
                    [self.note_field],
                    lambda: need_words(self.note, self.note_field, "Write how it ended"),
                ),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up with what is missing."""
        clear_layout(self.reasons)
        self.fields = {}
        for one in view.to_close:
            place, area = ask_words(one.words, "Leave the form and do it, or write the reason", 2)
            self.fields[one.key] = (place, area)
            self.reasons.addWidget(place)
        self.note.set_text("")
        self.begin(view)

    def _need_reasons(self) -> Wrong:
        wrong: Wrong = []
        for place, area in self.fields.values():
            wrong += need_words(area, place, "Write the reason, or do it first")
        return wrong

    def focus_first(self) -> None:
        """Goes to the first reason."""
        if self.at == 0 and self.fields:
            next(iter(self.fields.values()))[0].focus_editor()
            return
        super().focus_first()

    def finish(self) -> None:
        """Closes it."""
        case_id, note = self.case_id, self.note.text()
        reasons = {key: area.text() for key, (_place, area) in self.fields.items()}
        self.saved.emit(
            "Close the case",
            lambda session: telling.close(session, case_id, note, reasons),
            "The case is closed.",
        )


class NewCaseForm(Wizard):
    """A case that did not come by a repair: how we know, what, where, since when."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("New hazard case", "Open the case", "new")
        self.shell = shell
        answers = [Answer(one.value, words.TRIGGERS[one]) for one in reversed(Trigger)]
        self.trigger = AnswerList(answers, or_last=False, name="How do we know?")
        self.when_field, self.when = ask_moment(
            "When we first knew", "The first of us. The clocks start at this moment"
        )
        self.hazard = ComboBox(name="Which hazard may it be?")
        self.emergency = CheckBox("It may be an emergency: somebody can be hurt today")
        self.told_field, self.told = ask_words("What was seen, measured or told", longest=LONGEST_TEXT)
        self.address_field, self.address = ask_line("House number and street")
        self.postcode_field, self.postcode = ask_line("Postcode")
        self.name_field, self.tenant = ask_line("Name of the tenant", optional=True)
        self.phone_field, self.phone = ask_line("Telephone", optional=True)
        self.set_steps(
            [
                Step("How do we know?", [self.trigger], lambda: need_answer(self.trigger)),
                Step(
                    "Since when do we know?",
                    [self.when_field],
                    lambda: need(self.when.problem(), self.when_field),
                ),
                Step(
                    "What is it?",
                    [Field("Which hazard may it be", self.hazard), self.emergency, self.told_field],
                    lambda: need_words(self.told, self.told_field, "Write what was seen, measured or told"),
                    hint="Take the nearest. A qualified person says later what it is.",
                ),
                Step(
                    "Whose home is it?",
                    [self.address_field, self.postcode_field, self.name_field, self.phone_field],
                    lambda: (
                        need_words(self.address, self.address_field, "Write the house number and street")
                        + need_words(self.postcode, self.postcode_field, "Write the postcode")
                    ),
                ),
            ]
        )

    def ask(self) -> None:
        """Empties the form."""
        self.trigger.set_value(None)
        self.when.set_value(self.shell.context.now())
        self.hazard.clear()
        for one in self.shell.read(tables_at).hazards.values():
            self.hazard.addItem(one.title, one.code)
        self.hazard.setCurrentIndex(max(0, self.hazard.findData("damp_mould")))
        self.emergency.setChecked(False)
        self.told.set_text("")
        for edit in (self.address, self.postcode, self.tenant, self.phone):
            edit.setText("")
        self.begin()

    def finish(self) -> None:
        """Opens the case."""
        when = self.when.value()
        if when is None:
            return
        new = NewCase(
            hazard=str(self.hazard.currentData()),
            trigger=Trigger(self.trigger.value() or ""),
            aware_at=when,
            description=self.told.text(),
            address=self.address.text(),
            postcode=self.postcode.text(),
            tenant_name=self.tenant.text(),
            telephone=self.phone.text(),
            reported_by=self.shell.context.author.name,
            emergency=self.emergency.isChecked(),
        )
        self.saved.emit(
            "Open a hazard case",
            lambda session: opening.open_by_itself(session, new),
            "The case is open. Its clocks run.",
        )
