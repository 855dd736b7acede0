"""The forms of a case beside its looks: work, attempts to get in, a word to the tenant, a delay."""

from __future__ import annotations

from app.repairs.cases import acts, telling, words
from app.repairs.cases.acts import Asked
from app.repairs.cases.views import CaseView, DutyView
from app.wording import date_year
from models.repairs import HazardWork, Method, NotificationKind, WorkKind
from ui.repairs.cases.wizard import (
    METHODS,
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
from ui.widgets import Answer, AnswerList, DateBoxes, Field

ADD, AT_ONCE = "add", "at_once"
DONE, BEGUN, ORDERED, DATED = "done", "begun", "ordered", "dated"
KINDS = (
    Answer(WorkKind.SAFETY.value, "Work that makes it safe"),
    Answer(WorkKind.SUPPLEMENTARY.value, "Work that keeps it from coming back"),
)
TOLD = (
    Answer(NotificationKind.SCHEDULED.value, "When somebody comes to look"),
    Answer(NotificationKind.ADVICE.value, "What to do meanwhile, or that work is done"),
    Answer(NotificationKind.ESCALATION.value, "That it goes further, or how they can complain"),
)


class WorkForm(Wizard):
    """What became of a piece of work: ordered, begun, done; or work that is not in the list yet."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Work", "Write it down", "work")
        self.shell = shell
        self.works: dict[str, HazardWork] = {}
        self.which = AnswerList(name="Which work?")
        self.what = AnswerList(name="What happened?")
        self.kind = AnswerList(KINDS, or_last=False, name="Which kind of work?")
        self.words_field, self.words = ask_words("What has to be done", lines=2)
        self.done_field, self.done = ask_words("What was done", "As: the circuit is dead, the socket off", 2)
        self.when_field, self.when = ask_moment("When")
        self.day = DateBoxes(name="By when")
        self.day_field = Field("By when", self.day)
        self.which.chosen.connect(self._offer)
        self.set_steps(
            [
                Step("Which work is it?", [self.which], lambda: need_answer(self.which)),
                Step("What happened?", [self.what], lambda: need_answer(self.what), self._known),
                Step(
                    "Which kind of work is it?",
                    [self.kind],
                    lambda: need_answer(self.kind),
                    lambda: self.which.value() == ADD,
                ),
                Step(
                    "What has to be done?",
                    [self.words_field],
                    lambda: need_words(self.words, self.words_field, "Write what has to be done"),
                    lambda: self.which.value() == ADD,
                ),
                Step(
                    "What was done at once?",
                    [self.done_field],
                    lambda: need_words(self.done, self.done_field, "Write what was done"),
                    lambda: self.which.value() == AT_ONCE,
                ),
                Step(
                    "When was that?",
                    [self.when_field],
                    lambda: need(self.when.problem(), self.when_field),
                    lambda: not self._by_day(),
                ),
                Step("By when?", [self.day_field], self._need_day, self._by_day),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up for a case: the work that is not done comes first."""
        self.works = {one.id: one for one in view.records.works if one.done_at is None}
        order = sorted(self.works.values(), key=lambda one: one.kind is not WorkKind.SAFETY)
        answers = [Answer(one.id, one.words, _stand(one)) for one in order[:7]]
        answers.append(Answer(AT_ONCE, "Something else was done at once to make it safe"))
        answers.append(Answer(ADD, "A piece of work that is not in this list"))
        self.which.set_answers(answers, or_last=False, value=answers[0].key if self.works else None)
        self._offer(self.which.value() or "")
        self.when.set_value(self.shell.context.now())
        for area in (self.words, self.done):
            area.set_text("")
        self.kind.set_value(None)
        self.day.set_value(None)
        self.begin(view)

    def _offer(self, work_id: str) -> None:
        """What can have happened to the chosen work."""
        work = self.works.get(work_id)
        if work is None:
            return
        answers = [Answer(DONE, "It is done")]
        if work.begun_at is None:
            answers.append(Answer(BEGUN, "It has begun on site"))
        if work.kind is WorkKind.SUPPLEMENTARY and work.steps_at is None and work.begun_at is None:
            answers.append(Answer(ORDERED, "Steps were taken to begin", "It is ordered, or consent is asked"))
        answers.append(Answer(DATED, "A day is set for it"))
        self.what.set_answers(answers, or_last=False)

    def _known(self) -> bool:
        return (self.which.value() or "") in self.works

    def _by_day(self) -> bool:
        return self.which.value() == ADD or (self._known() and self.what.value() == DATED)

    def _need_day(self) -> Wrong:
        problem = self.day.problem()
        if self.which.value() != ADD and self.day.value() is None:
            problem = problem or "Write a real date, like 17 12 2026"
        return need(problem, self.day_field)

    def finish(self) -> None:
        """Writes down what happened."""
        case_id, which = self.case_id, self.which.value() or ""
        when, day = self.when.value(), self.day.value()
        if which == ADD:
            asked = Asked(WorkKind(self.kind.value() or ""), self.words.text(), day)
            look_id = self.view.ended[-1].id if self.view and self.view.ended else None
            self.saved.emit(
                "Add work",
                lambda session: acts.add_work(session, case_id, asked, look_id),
                "The work is added.",
            )
        elif which == AT_ONCE and when is not None:
            told = self.done.text()
            self.saved.emit(
                "Made safe at once",
                lambda session: acts.emergency_action(session, case_id, when, told),
                "Written down.",
            )
        else:
            self._happened(which, self.what.value() or "")

    def _happened(self, work_id: str, what: str) -> None:
        when, day = self.when.value(), self.day.value()
        if what == DATED and day is not None:
            self.saved.emit(
                "Set a day for the work",
                lambda session: acts.plan_work(session, work_id, day),
                "The day is set.",
            )
            return
        act = {DONE: acts.finish_work, BEGUN: acts.begin_work, ORDERED: acts.steps_taken}[what]
        label = {DONE: "The work is done", BEGUN: "The work has begun", ORDERED: "Steps were taken"}[what]
        self.saved.emit(label, lambda session: act(session, work_id, when), f"{label}.")


def _stand(work: HazardWork) -> str:
    """How a piece of work stands, under its words."""
    kind = "Makes it safe" if work.kind is WorkKind.SAFETY else "Keeps it from coming back"
    if work.begun_at is not None:
        return f"{kind}, begun"
    if work.steps_at is not None:
        return f"{kind}, steps taken"
    return f"{kind}, planned for {date_year(work.planned_on)}" if work.planned_on else f"{kind}, no day yet"


class AttemptForm(Wizard):
    """Somebody tried to get in, or to find a specialist: what came of it, when, in words."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Attempt to get in", "Write it down", "attempt")
        self.shell = shell
        answers = [Answer(code, words.ATTEMPTS[code]) for code in acts.OUTCOMES]
        self.outcome = AnswerList(answers, or_last=False, name="What came of it?")
        self.when_field, self.when = ask_moment("When")
        self.who_field, self.who = ask_line("Who tried", optional=True)
        self.words_field, self.words = ask_words(
            "In words", "What was tried, and what was left or said", optional=True
        )
        self.set_steps(
            [
                Step(
                    "What came of it?",
                    [self.outcome],
                    lambda: need_answer(self.outcome),
                    hint="Every attempt is evidence that all reasonable was done.",
                ),
                Step(
                    "When, and in which words?",
                    [self.when_field, self.who_field, self.words_field],
                    lambda: need(self.when.problem(), self.when_field),
                ),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up for a case."""
        self.outcome.set_value(None)
        self.when.set_value(self.shell.context.now())
        self.who.setText("")
        self.words.set_text("")
        self.begin(view)

    def finish(self) -> None:
        """Keeps the attempt."""
        case_id, outcome, when = self.case_id, self.outcome.value() or "", self.when.value()
        told, who = self.words.text(), self.who.text()
        if when is not None:
            self.saved.emit(
                "Write an attempt down",
                lambda session: acts.record_attempt(session, case_id, when, outcome, told, who),
                "The attempt is on record.",
            )


class TellForm(Wizard):
    """What the tenant was told: of what kind, how, in which words. It sends nothing by itself."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Tell the tenant", "Write it down", "tell")
        self.shell = shell
        self.kind = AnswerList(TOLD, or_last=False, name="What were they told?")
        self.words_field, self.words = ask_words("In which words", lines=4, longest=4_000)
        self.method = AnswerList(METHODS, or_last=False, name="How?")
        self.when_field, self.when = ask_moment("When it was sent")
        self.set_steps(
            [
                Step(
                    "What were they told?",
                    [self.kind],
                    lambda: need_answer(self.kind),
                    hint="This keeps what you sent. It sends nothing by itself.",
                ),
                Step(
                    "In which words?",
                    [self.words_field],
                    lambda: need_words(self.words, self.words_field, "Write what they were told"),
                ),
                Step(
                    "How, and when?",
                    [self.method, self.when_field],
                    lambda: need_answer(self.method) + need(self.when.problem(), self.when_field),
                ),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up for a case."""
        self.kind.set_value(None)
        self.method.set_value(None)
        self.words.set_text("")
        self.when.set_value(self.shell.context.now())
        self.begin(view)

    def finish(self) -> None:
        """Keeps what was told."""
        case_id, when, told = self.case_id, self.when.value(), self.words.text()
        kind, method = NotificationKind(self.kind.value() or ""), Method(self.method.value() or "")
        self.saved.emit(
            "Tell the tenant",
            lambda session: telling.tell(session, case_id, kind, method, told, when),
            "It is on record that the tenant was told.",
        )


class DelayForm(Wizard):
    """A duty that is late: which, why, and how the tenant was told. Its date does not move."""

    def __init__(self, shell: Shell) -> None:
        super().__init__("Explain a delay", "Write it down", "delay")
        self.shell = shell
        self.which = AnswerList(name="Which duty?")
        self.reason_field, self.reason = ask_words("Why it is late", "What stands in the way, what was tried")
        self.method = AnswerList(METHODS, or_last=False, name="How was the tenant told?")
        self.set_steps(
            [
                Step(
                    "Which date cannot be kept?",
                    [self.which],
                    lambda: need_answer(self.which),
                    hint="The reason is kept and told. The date itself does not move.",
                ),
                Step(
                    "Why?",
                    [self.reason_field],
                    lambda: need_words(self.reason, self.reason_field, "Write why it is late"),
                ),
                Step("How was the tenant told?", [self.method], lambda: need_answer(self.method)),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Sets the form up with the duties that are open."""
        answers = [Answer(one.clock_id, one.title, one.line) for one in open_duties(view)][:9]
        only = answers[0].key if len(answers) == 1 else None
        self.which.set_answers(answers, or_last=False, value=only)
        self.reason.set_text("")
        self.method.set_value(None)
        self.begin(view)

    def finish(self) -> None:
        """Keeps the reason, and that the tenant was told."""
        clock_id, reason = self.which.value() or "", self.reason.text()
        method = Method(self.method.value() or "")
        self.saved.emit(
            "Explain a delay",
            lambda session: telling.delay(session, clock_id, reason, method),
            "The reason is kept. The date has not moved.",
        )


def open_duties(view: CaseView) -> list[DutyView]:
    """The duties of a case that are still to be done and have a row of their own."""
    return [one for one in view.duties if one.duty.open and not one.duty.waits and one.clock_id]
