"""The forms of a look: planning it, and writing down what it found, a question at a time."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs.cases import acts
from app.repairs.cases.acts import Asked, Conclusion, Found
from app.repairs.cases.views import CaseView
from app.repairs.tables import EMERGENCY_HAZARD, Tables
from models.repairs import InvestigationKind, Severity, WorkKind
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
from ui.widgets import (
    Answer,
    AnswerList,
    Button,
    CheckBox,
    ComboBox,
    DateBoxes,
    Field,
    Line,
)

MOST_HAZARDS = 4
ASKED = "asked"  # the tenant asks for a look in person
KINDS = (
    Answer(InvestigationKind.FURTHER.value, "A further look", "As when work is done, or something changed"),
    Answer(ASKED, "The tenant asks for a look in person", "It is due 10 working days from their request"),
)
FINDINGS = (
    Answer("hazard", "A hazard", "It has to be made safe within 5 working days"),
    Answer("emergency", "A hazard, and it is an emergency", "It has to be made safe within 24 hours"),
    Answer("none", "No hazard", "The tenant still gets the findings in writing"),
)
SEVERITIES: tuple[tuple[str, object], ...] = (
    ("Not said", ""),
    ("High", Severity.HIGH.value),
    ("Medium", Severity.MEDIUM.value),
    ("Low", Severity.LOW.value),
)


class PlanForm(Wizard):
    """Plans a look: when, by whom; or notes that the tenant asks for one in person."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Plan a look", "Plan the look", "plan")
        self.shell = shell
        self.kind = AnswerList(KINDS, or_last=False, name="Which look is it?")
        self.when_field, self.when = ask_moment("When is the look?")
        self.who_field, self.who = ask_line("Who looks", "A surveyor, or somebody who may judge it")
        self.in_person = CheckBox("They go there in person", True)
        self.asked_field, self.asked = ask_moment("When did the tenant ask?")
        self.set_steps(
            [
                Step("Which look is it?", [self.kind], self._need_kind, self._has_ended),
                Step(
                    "When did the tenant ask for it?",
                    [self.asked_field],
                    lambda: need(self.asked.problem(), self.asked_field),
                    self._asks,
                ),
                Step(
                    "When, and by whom?",
                    [self.when_field, self.who_field, self.in_person],
                    lambda: need(self.when.problem(), self.when_field),
                    lambda: not self._asks(),
                ),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up for a case; a look that is planned already is moved."""
        self.view = view
        now = self.shell.context.now()
        planned = view.planned[0] if view.planned else None
        self.title = "Move the look" if planned else "Plan a look"
        self.verb = self.title
        self.when.set_value((planned.scheduled_at if planned else None) or now + timedelta(hours=2))
        self.who.setText(planned.investigator_name if planned else "")
        self.in_person.setChecked(planned.in_person if planned else True)
        self.asked.set_value(now)
        self.kind.set_value(None)
        self.begin(view)

    def _has_ended(self) -> bool:
        return self.view is not None and bool(self.view.ended) and not self.view.planned

    def _need_kind(self) -> Wrong:
        return need_answer(self.kind)

    def _asks(self) -> bool:
        return self._has_ended() and self.kind.value() == ASKED

    def finish(self) -> None:
        """Plans it, moves it, or notes the request."""
        case_id, when, who = self.case_id, self.when.value(), self.who.text()
        in_person, asked = self.in_person.isChecked(), self.asked.value()
        planned = self.view.planned[0] if self.view and self.view.planned else None
        if self._asks() and asked is not None:
            self.saved.emit(
                "Ask for a look in person",
                lambda session: acts.ask_again(session, case_id, asked),
                "Noted. Its 10 working days run.",
            )
        elif planned is not None and when is not None:
            look_id = planned.id
            self.saved.emit(
                "Move the look",
                lambda session: acts.move_look(session, look_id, when, who),
                "The look is moved. Tell the tenant.",
            )
        elif when is not None:
            kind = InvestigationKind.FURTHER if self._has_ended() else InvestigationKind.STANDARD
            self.saved.emit(
                "Plan a look",
                lambda session: acts.plan_look(session, case_id, when, who, kind, in_person),
                "The look is planned. Tell the tenant.",
            )


class HazardBoxes(QWidget):
    """One hazard that was found: which, how severe in the surveyor's own word, where."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        which = f" {number}" if number > 1 else ""
        self.hazard = ComboBox(name=f"Hazard{which}")
        self.severity = ComboBox(SEVERITIES, name=f"Severity{which}, the surveyor’s word")
        self.where_field, self.where = ask_line("Where it is", "As: ceiling over the bed")
        self.where.setAccessibleName(f"Where hazard{which} is")
        if number > 1:
            column.addWidget(Line())
        column.addWidget(Field(f"Hazard{which}", self.hazard))
        column.addWidget(
            Field("How severe it is", self.severity, "As the surveyor wrote it. Holdall never works it out")
        )
        column.addWidget(self.where_field)

    def clear(self, known: Tables, code: str = "") -> None:
        """Empties the boxes and offers the hazards that are known here."""
        self.hazard.clear()
        for one in known.hazards.values():
            if one.code != EMERGENCY_HAZARD:
                self.hazard.addItem(one.title, one.code)
        place = self.hazard.findData(code) if code else 0
        self.hazard.setCurrentIndex(max(0, place))
        self.severity.setCurrentIndex(0)
        self.where.setText("")

    def found(self) -> Found:
        """The hazard as it is kept."""
        said = str(self.severity.currentData() or "")
        return Found(
            str(self.hazard.currentData()), Severity(said) if said else None, self.where.text().strip()
        )


class ConcludeForm(Wizard):
    """What a look found: when it ended, hazard or none, which, the work it asks for, the surveyor's words."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("What the look found", "Write it down", "conclude")
        self.shell = shell
        self.when_field, self.when = ask_moment("When it ended", "The later clocks start here")
        self.who_field, self.who = ask_line("Who looked")
        self.in_person = CheckBox("They were in the home", True)
        self.finding = AnswerList(FINDINGS, or_last=False, name="What did the look find?")
        self.hazards = [HazardBoxes(number) for number in range(1, MOST_HAZARDS + 1)]
        self.more = Button("Another hazard", "word", "plus", on_click=self._one_more)
        self.more.setObjectName("case-more-hazards")
        self.why_field, self.why = ask_words(
            "Why is it no hazard?", "The tenant reads this", longest=LONGEST_TEXT
        )
        self.safety_field, self.safety = ask_words(
            "Work that makes it safe", "One piece of work a line. Leave it empty when there is none", 2
        )
        self.safety_by = DateBoxes(name="Safe by")
        self.safety_by_field = Field(
            "By when", self.safety_by, "Empty: the last day the law gives", optional=True
        )
        self.lasting_field, self.lasting = ask_words(
            "Work that keeps it away", "One piece of work a line. Leave it empty when there is none", 2
        )
        self.lasting_by = DateBoxes(name="Lasting work by")
        self.lasting_by_field = Field("By when", self.lasting_by, "The letter to the tenant says this day")
        self.notes_field, self.notes = ask_words(
            "In the surveyor’s words", "It stands in the letter and in the evidence", 4, True, LONGEST_TEXT
        )
        self.set_steps(self._questions())

    def _questions(self) -> list[Step]:
        return [
            Step(
                "When did the look end?",
                [self.when_field, self.who_field, self.in_person],
                lambda: need(self.when.problem(), self.when_field),
            ),
            Step("What did it find?", [self.finding], lambda: need_answer(self.finding)),
            Step(
                "Which hazard is it?",
                [*self.hazards, self.more],
                shown=self._hazard,
                hint="Take the words of whoever looked. A qualified person judges it, not this form.",
            ),
            Step(
                "Why is it no hazard?",
                [self.why_field],
                lambda: need_words(self.why, self.why_field, "Write why it is no hazard"),
                lambda: not self._hazard(),
            ),
            Step(
                "What makes it safe?",
                [self.safety_field, self.safety_by_field],
                self._need_safety,
                self._hazard,
            ),
            Step(
                "What keeps it from coming back?",
                [self.lasting_field, self.lasting_by_field],
                self._need_lasting,
                self._hazard,
            ),
            Step("What did the surveyor write?", [self.notes_field], self._need_notes, self._hazard),
        ]

    def ask(self, view: CaseView) -> None:
        """Sets the form up for a case."""
        planned = view.planned[0] if view.planned else None
        self.when.set_value(self.shell.context.now())
        self.who.setText(planned.investigator_name if planned else "")
        self.in_person.setChecked(planned.in_person if planned else True)
        self.finding.set_value(None)
        for number, boxes in enumerate(self.hazards):
            boxes.clear(view.records.known, view.report.hazard)
            boxes.setVisible(number == 0)
        self.more.show()
        for area in (self.why, self.safety, self.lasting, self.notes):
            area.set_text("")
        self.safety_by.set_value(None)
        self.lasting_by.set_value(None)
        self.begin(view)

    def _hazard(self) -> bool:
        return self.finding.value() in ("emergency", "hazard")

    def _one_more(self) -> None:
        hidden = [boxes for boxes in self.hazards if boxes.isHidden()]
        if hidden and self.view is not None:
            hidden[0].clear(self.view.records.known)
            hidden[0].show()
            hidden[0].hazard.setFocus(Qt.FocusReason.OtherFocusReason)
        self.more.setVisible(len(hidden) > 1)

    def _need_safety(self) -> Wrong:
        wrong = need(self.safety_by.problem(), self.safety_by_field)
        if self.finding.value() == "emergency":
            said = "An emergency needs work that makes it safe within 24 hours"
            wrong = need_words(self.safety, self.safety_field, said) + wrong
        return wrong

    def _need_lasting(self) -> Wrong:
        problem = self.lasting_by.problem()
        if self.lasting.text().strip() and self.lasting_by.value() is None:
            problem = problem or "Write by when: the tenant is told this day"
        return need(problem, self.lasting_by_field)

    def _need_notes(self) -> Wrong:
        if self.safety.text().strip() or self.lasting.text().strip():
            return need(None, self.notes_field)
        return need_words(self.notes, self.notes_field, "Write why no work follows")

    def _works(self) -> list[Asked]:
        made = [
            Asked(WorkKind.SAFETY, line.strip(), self.safety_by.value())
            for line in self.safety.text().splitlines()
            if line.strip()
        ]
        return made + [
            Asked(WorkKind.SUPPLEMENTARY, line.strip(), self.lasting_by.value())
            for line in self.lasting.text().splitlines()
            if line.strip()
        ]

    def finish(self) -> None:
        """Writes down what was found; the clocks follow."""
        ended, hazard = self.when.value(), self._hazard()
        if ended is None:
            return
        what = Conclusion(
            concluded_at=ended,
            confirmed=hazard,
            emergency=self.finding.value() == "emergency",
            found=tuple(boxes.found() for boxes in self.hazards if not boxes.isHidden()) if hazard else (),
            works=tuple(self._works()) if hazard else (),
            notes=self.notes.text() if hazard else self.why.text(),
            investigator=self.who.text(),
            in_person=self.in_person.isChecked(),
        )
        case_id = self.case_id
        look_id = self.view.planned[0].id if self.view and self.view.planned else None
        self.saved.emit(
            "Write down what the look found",
            lambda session: acts.conclude(session, case_id, look_id, what),
            "Written down. The tenant gets the findings in writing within 3 working days.",
        )
