"""The page of one case: what has to happen next with its date first, then clocks, work and what happened."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs import words as sentences
from app.repairs.cases import words
from app.repairs.cases.views import CaseView, DutyView
from app.repairs.days import Unit
from app.repairs.rules import ClockState
from app.repairs.tables import tables
from app.wording import date_year, local_date
from models.repairs import ReportState
from ui.deck import DeckView, acts
from ui.repairs.cases.rows import STATE_TONES, TONES, DutyRows, TimelineRows, WorkRows
from ui.repairs.cases.wizard import Step, Wizard
from ui.repairs.photos import PhotoStrip
from ui.repairs.strip import DayStrip
from ui.shell import Shell
from ui.widgets import Answer, AnswerList, Button, Chip, Label, QuietNote, WrapRow

ACTS = {  # what an act is called on its button, and what the page of all acts says of it
    "plan": ("Plan the look", "When somebody comes, and who"),
    "conclude": ("What the look found", "When it ended, hazard or none, the work it asks for"),
    "findings": ("Send the findings", "The letter, and marking it as sent"),
    "work": ("What was done", "Work ordered, begun or done; work added"),
    "attempt": ("Attempt to get in", "Nobody was in, or no specialist was free"),
    "tell": ("Tell the tenant", "What was said, how, when"),
    "delay": ("Explain a delay", "Why a date cannot be kept; it does not move"),
    "elsewhere": ("Somewhere else to stay", "What is offered, or the answer to it"),
    "further": ("Take it further", "Senior review, compensation, legal action"),
    "photo": ("Add a photo", "Evidence of the case, without place or camera"),
    "close": ("Close the case", "Every duty met, or its reason written"),
    "evidence": ("Evidence pack", "Everything of this case on paper"),
    "reopen": ("Open it again", "With a reason"),
}
QUICK = (("conclude", "F"), ("attempt", "A"), ("tell", "T"))


def possible(view: CaseView) -> list[str]:
    """The acts that make sense in a case as it stands."""
    if view.state is ReportState.CLOSED:
        return ["reopen", "evidence"]
    found = ["plan", "conclude"]
    found += ["findings"] if view.to_tell else []
    found += ["work", "attempt", "tell"]
    found += ["delay"] if any(one.duty.open and not one.duty.waits for one in view.duties) else []
    return [*found, "elsewhere", "further", "close", "photo", "evidence"]


class CasePage(DeckView):
    """One case with its acts. It asks upward which act is wanted."""

    asked = Signal(str)  # a key of ACTS, or "more"
    repair_asked = Signal(str)

    def __init__(self, shell: Shell) -> None:
        super().__init__("Hazard case")
        self.shell = shell
        self.view: CaseView | None = None
        self.chips = WrapRow([], 8)
        self.lead = Label("", tone="muted", wrap=True)
        self.figure = Label("", "figure", wrap=True, selectable=True)
        self.figure.setObjectName("case-next-date")
        self.next = Label("", "section", wrap=True)
        self.next.setObjectName("case-next")
        self.why = Button("Why this date?", "word", "chevron-right", role="strong", on_click=self._turn)
        self.why.setObjectName("case-why")
        self.reason = QWidget()
        column = QVBoxLayout(self.reason)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.counted, self.skipped = Label("", wrap=True), Label("", wrap=True)
        self.strip = DayStrip()
        self.source = Label("", "hint", "muted", wrap=True)
        for widget in (self.counted, self.strip, self.skipped, self.source):
            column.addWidget(widget)
        self.facts = Label("", "body", "muted", wrap=True, selectable=True)
        self.told = Label("", wrap=True, selectable=True)
        self.repair = Button("Open the repair", "word", "wrench", on_click=self._repair)
        self.repair.setObjectName("case-repair")
        self.uncovered = QuietNote("No clock of the law runs here", "")
        self.duties, self.works, self.happened = DutyRows(), WorkRows(), TimelineRows()
        self.photos_title = Label("Photos", "section")
        self.photos = PhotoStrip()
        for part in (self.chips, self.lead, self.figure, self.next, self.why, self.reason, self.facts):
            align = Qt.AlignmentFlag.AlignLeft if part is self.why else Qt.AlignmentFlag(0)
            self.rows.addWidget(part, 0, align)
        self.rows.addWidget(self.told)
        self.rows.addWidget(self.repair, 0, Qt.AlignmentFlag.AlignLeft)
        for below in (self.uncovered, self.duties, self.works, self.photos_title, self.photos, self.happened):
            self.rows.addWidget(below)
        self.rows.addStretch(1)
        self._build_acts()

    def _build_acts(self) -> None:
        self.first = Button("", "primary", key="Ctrl Enter", on_click=self._first)
        self.first.setObjectName("case-first")
        self.quick = {
            key: Button(ACTS[key][0], key=letter, on_click=partial(self.asked.emit, key))
            for key, letter in QUICK
        }
        for key, button in self.quick.items():
            button.setObjectName(f"case-{key}")
        self.more = Button("More…", key="M", on_click=partial(self.asked.emit, "more"))
        self.more.setObjectName("case-more")
        self.more.setAccessibleName("More that can be done in this case")
        self.foot.addWidget(acts(self.first, *self.quick.values(), self.more))

    def show_case(self, view: CaseView) -> None:
        """Shows a case."""
        fresh = self.view is None or self.view.report.id != view.report.id
        self.view = view
        report = view.report
        self.title, self.side = report.title, report.reference
        self._show_chips(view)
        self._show_next(view)
        who = ", ".join(part for part in (report.tenant_name, view.where, report.telephone) if part)
        self.facts.setText(f"{who}. {words.TRIGGERS[report.trigger]} on {words.moment(report.aware_at)}.")
        self.told.setText(f"“{report.description}”" if report.description else "")
        self.told.setVisible(bool(report.description))
        self.repair.setVisible(bool(report.repair_id))
        self.uncovered.setVisible(not view.covered)
        self.uncovered.set_text(_uncovered(view))
        self.duties.show_duties(view.duties, report.unmet)
        self.works.show_works(view.records.works)
        self.photos.show_photos(view.photos)
        self.photos_title.setVisible(bool(view.photos))
        self.shell.want_files([one.thumb_sha256 for one in view.photos if not one.where.here])
        self.happened.show_happenings(view.happenings)
        able = possible(view)
        for key, button in self.quick.items():
            gone = key == "conclude" and view.ended and not view.planned
            button.setVisible(key in able and key != view.next.act and not gone)
        self.more.setVisible(len(able) > 1)
        if fresh:
            self.scroller.verticalScrollBar().setValue(0)

    def _show_chips(self, view: CaseView) -> None:
        self.chips.clear()
        tone, icon = STATE_TONES[view.state]
        self.chips.add(Chip(words.STATES[view.state], tone, icon))
        if view.next.duty is not None:
            tone, icon = TONES[view.next.duty.state]
            self.chips.add(Chip(words.DUTY_STATES[view.next.duty.state], tone, icon))
        late = len(view.breaches)
        if late:
            self.chips.add(Chip(f"{late} late" if late > 1 else "1 duty late", "danger", "triangle-alert"))
        if view.report.at_risk:
            self.chips.add(Chip("Somebody at risk lives there", "plain", "user-round"))
        self.chips.updateGeometry()

    def _show_next(self, view: CaseView) -> None:
        duty, report = view.next.duty, view.report
        self.next.setText(view.next.words if duty is None else duty.title)
        self.why.setVisible(duty is not None)
        if duty is not None:
            self._show_date(duty)
        elif report.closed_at is not None:
            self.lead.setText(f"Closed by {report.closed_by_name} on")
            self.figure.setText(date_year(local_date(report.closed_at)))
            self.next.setText(report.closing_note)
        else:
            self.lead.setText("Next, with no date of the law")
            self.figure.setText(view.next.words)
            self.next.setText("Every duty with a date is met." if view.duties else "As soon as it can be.")
        self._open(False)
        act = "reopen" if view.state is ReportState.CLOSED else view.next.act
        self.first.setText(ACTS[act][0])
        self.first.set_kind("outline" if act == "reopen" else "primary")

    def _show_date(self, view: DutyView) -> None:
        deadline = view.duty.deadline
        hours = deadline.rule.unit is Unit.HOURS
        late = view.state is ClockState.OVERDUE
        self.lead.setText(("Was due" if late else "Next") + (", by" if hours else ", by the end of"))
        self.figure.setText(sentences.due_words(deadline))
        self.figure.set_tone("danger" if late else "text")
        self.counted.setText(_counted(view))
        calendar = self.view.records.known.calendar if self.view else tables().calendar
        self.strip.setVisible(deadline.count is not None)
        if deadline.count is not None:
            self.strip.show_deadline(deadline, "Due")
            self.skipped.setText(sentences.skipped_sentence(deadline.count, calendar))
        self.skipped.setVisible(deadline.count is not None)
        self.source.setText(deadline.source_line)

    def _turn(self) -> None:
        self._open(self.reason.isHidden())

    def _open(self, shown: bool) -> None:
        self.reason.setVisible(shown and self.view is not None and self.view.next.duty is not None)
        self.why.set_icon("chevron-down" if shown else "chevron-right")
        self.why.setAccessibleDescription("Shown below" if shown else "Hidden")

    def _first(self) -> None:
        if self.view is not None:
            closed = self.view.state is ReportState.CLOSED
            self.asked.emit("reopen" if closed else self.view.next.act)

    def _repair(self) -> None:
        if self.view is not None and self.view.report.repair_id:
            self.repair_asked.emit(self.view.report.repair_id)

    def focus_first(self) -> None:
        """Goes to the act that comes next."""
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)


def _counted(view: DutyView) -> str:
    deadline = view.duty.deadline
    amount = sentences.unit_words(deadline.rule.amount, deadline.rule.unit)
    start = {"aware": "the moment we knew", "asked": "the tenant’s request"}.get(
        deadline.rule.starts, "the end of the look"
    )
    tail = ", nights and weekends included" if deadline.rule.unit is Unit.HOURS else ""
    return f"{amount} from {start}, {words.moment(deadline.starts_at)}{tail}."


def _uncovered(view: CaseView) -> str:
    day = date_year(local_date(view.report.aware_at))
    hazard = words.hazard_title(view.report.hazard).lower()
    return (
        f"The dates of hazard law did not cover {hazard} in this home on {day}. Look at it all the same: the "
        "duty to keep a home fit and in repair holds without them."
    )


class MorePage(Wizard):
    """Everything that can be done in a case as it stands, by number key."""

    chosen = Signal(str)

    def __init__(self, shell: Shell) -> None:
        super().__init__("What happened?", "Go on", "acts")
        self.what = AnswerList(name="What happened?")
        self.set_steps([Step("What happened, or what is to be done?", [self.what], self._need)])

    def ask(self, view: CaseView) -> None:
        """Offers what makes sense."""
        answers = [Answer(key, *ACTS[key]) for key in possible(view)]
        self.what.set_answers(answers, or_last=False, value=view.next.act or "reopen")
        self.begin(view)

    def _need(self) -> list[tuple[str, QWidget]]:
        return [] if self.what.value() else [("Choose one.", self.what.rows[0])]

    def finish(self) -> None:
        """Leads to the form of the act."""
        self.chosen.emit(self.what.value() or "")
