"""The interview: one question a page, the trail of answers above it, what we know beside it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.repairs import flow, service
from app.repairs.flow import PageRef
from app.repairs.tree import TreeQuestion, heard_exit
from app.repairs.views import RepairView, repair_view
from models.repairs import State
from ui.repairs.address_step import AddressStep
from ui.repairs.answers import WideAnswers
from ui.repairs.chips import chips_of
from ui.repairs.exits import ExitPage
from ui.repairs.facts import fact_of
from ui.repairs.homes.again import AgainCard, memory_words
from ui.repairs.household_step import HouseholdStep
from ui.repairs.kept_household import KeptHousehold
from ui.repairs.photos import PhotoTaker
from ui.repairs.photos_step import PhotosStep
from ui.repairs.steps import Step
from ui.repairs.visits_step import VisitsStep
from ui.repairs.words_step import WordsStep
from ui.shell import Autosave, Shell
from ui.theme import theme
from ui.widgets import (
    Answer,
    Button,
    Card,
    FactList,
    IconLabel,
    Label,
    PageHead,
    QuietNote,
    ScrollColumn,
    WrapRow,
)

SIDE_WIDTH = 444
MANY_ANSWERS = 7  # from here on the answers stand in two columns
NOT_KNOWN = frozenset({"danger"})
SHOWN_ABOVE = frozenset({"kind", flow.ADDRESS})  # the head says them already, so they come last in the list


class Interview(QWidget):
    """Asks one repair's questions. `left` when it is put aside, `promised` when the last page is done."""

    left = Signal()
    promised = Signal(str)
    slip_asked = Signal(str)

    def __init__(self, shell: Shell, taker: PhotoTaker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell, self.taker = shell, taker
        self.view: RepairView | None = None
        self.page_id = ""
        self._compact = False
        self._picked: str | None = None
        self._changing = ""  # the one page that is changed from the promise, which comes next
        self.autosave = Autosave(self._save_answer, self)
        self._build()
        self._wire()

    # What stands on it

    def _build(self) -> None:
        self.later = Button("Save and come back later", icon="pause", on_click=self.put_aside)
        self.later.setObjectName("repairs-save-later")
        self.head = PageHead("New repair", actions=[self.later])
        self.trail = WrapRow(gap=8)
        self.ask = Label("", "question", wrap=True)
        self.help = Label("", "lead", "muted", wrap=True)
        self.answers = WideAnswers()
        self.steps: dict[str, Step] = {
            step.id: step
            for step in (
                AddressStep(self.shell),
                HouseholdStep(self.shell),
                WordsStep(self.shell),
                PhotosStep(self.shell, self.taker),
                VisitsStep(self.shell),
            )
        }
        self.kept = KeptHousehold(self.shell)
        self.steps[flow.ADDRESS].column.insertWidget(3, self.kept)
        self.exit_page = ExitPage(self.shell)
        self.parts: list[QWidget] = [self.answers, *self.steps.values(), self.exit_page]
        self.pane = ScrollColumn((0, 0, 14, 0))
        self.pane.body.setSpacing(0)
        for part in self.parts:
            self.pane.body.addWidget(part)
            part.hide()
        self.pane.body.addStretch(1)
        self._build_acts()
        self._build_side()
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self.trail)
        left.addWidget(self.ask)
        left.addWidget(self.help)
        left.addSpacing(4)
        left.addWidget(self.pane, 1)
        left.addSpacing(4)
        left.addWidget(self.exit_page.acts)
        left.addLayout(self.acts)
        self.again = AgainCard(self.shell)
        self.work = QWidget()
        row = QHBoxLayout(self.work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(30)
        row.addLayout(left, 1)
        row.addWidget(self.side)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(10)
        outer.addWidget(self.head)
        outer.addWidget(self.again)
        outer.addWidget(self.work, 1)
        self.restyle()

    def _build_acts(self) -> None:
        self.go_on = Button("Continue", "primary", key="Enter", big=True, on_click=self.go_forward)
        self.go_on_ctrl = Button("Continue", "primary", key="Ctrl Enter", big=True, on_click=self.go_forward)
        self.back = Button("Back", icon="arrow-left", key="Esc", big=True, on_click=self.go_back)
        self.known_button = Button("What we know", big=True, on_click=self._turn_side)
        self.later_short = Button("Save for later", big=True, on_click=self.put_aside)
        for name, button in (
            ("repairs-continue", self.go_on),
            ("repairs-continue-ctrl", self.go_on_ctrl),
            ("repairs-back", self.back),
            ("repairs-known", self.known_button),
            ("repairs-save-later-short", self.later_short),
        ):
            button.setObjectName(name)
        self.left_words = Label("", tone="muted", wrap=True)
        self.left_words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.acts = QHBoxLayout()
        self.acts.setSpacing(10)
        for button in (self.go_on, self.go_on_ctrl, self.back, self.known_button, self.later_short):
            self.acts.addWidget(button)
        self.acts.addWidget(self.left_words, 1)

    def _build_side(self) -> None:
        """The facts scroll, the notes below them stay in sight."""
        self.known_card = Card(margins=(18, 12, 18, 14))
        self.known_card.body.addWidget(Label("What we know so far", "section"))
        self.facts = FactList()
        self.known_card.body.addWidget(self.facts)
        self.known_pane = ScrollColumn()
        self.known_pane.body.addWidget(self.known_card)
        self.past = QuietNote("Here before", "")
        self.why = QuietNote("Why we ask", "")
        self.side = QWidget()
        column = QVBoxLayout(self.side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.known_pane, 100)
        for note in (self.past, self.why):
            column.addWidget(note)
        column.addStretch(1)

    def _wire(self) -> None:
        self.answers.chosen.connect(self._chosen)
        if isinstance(words := self.steps[flow.DESCRIPTION], WordsStep):
            words.go_on_asked.connect(self.go_forward)
            words.danger_shown.connect(
                lambda on: self.go_on_ctrl.set_kind("outline" if on and words.isVisible() else "primary")
            )
        self.again.asking.connect(lambda on: self.work.setVisible(not on))
        self.again.flush_asked.connect(self.flush)
        self.exit_page.closed.connect(self.left.emit)
        self.exit_page.retracted.connect(self.go_back)
        self.exit_page.slip_asked.connect(lambda: self.slip_asked.emit(self.view.id if self.view else ""))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow_focus)

    def restyle(self) -> None:
        """The side column keeps its measure."""
        self.side.setFixedWidth(min(theme().wide(SIDE_WIDTH), max(300, self.width() - 60)))

    def set_compact(self, compact: bool) -> None:
        """One column: what we know stands behind a button, the acts stay in sight."""
        self._compact = compact
        self.exit_page.set_compact(compact)
        self._arrange(False)

    def _arrange(self, show_side: bool) -> None:
        beside = self._side_wanted()
        self.side.setVisible(beside and (not self._compact or show_side))
        self.pane.setVisible(not (self._compact and show_side))
        self.head.setVisible(not self._compact)
        self.known_button.setVisible(self._compact and beside)
        self.later_short.setVisible(self._compact and self.page_id != flow.EXIT)
        self.left_words.setVisible(not self._compact)
        self.known_button.setText("The question" if show_side else "What we know")
        self.answers.set_columns(2 if not self._compact and self._many() else 1)
        self.restyle()

    def _many(self) -> bool:
        return len(self.answers.rows) >= MANY_ANSWERS

    def _side_wanted(self) -> bool:
        return self.page_id not in ("danger", flow.EXIT, "")

    def _turn_side(self) -> None:
        self._arrange(not self.side.isVisible())

    # Which page

    def open(self, view: RepairView, page_id: str = "", changing: bool = False) -> None:
        """Shows a repair at one of its pages, or at the first that is not done.

        With `changing` the page was asked for from the promise: forward and back lead there again.
        """
        self.view = view
        self._changing = page_id if changing else ""
        ids = [p.id for p in view.path.pages]
        self.page_id = page_id if page_id in ids else view.path.next_page.id
        self._show(fresh=True)

    def reload(self) -> None:
        """Reads the repair again after a write; what is being typed stays."""
        if self.view is None:
            return
        repair_id, today = self.view.id, self.shell.context.today()
        self.view = self.shell.read(lambda session: repair_view(session, repair_id, today))
        if self.page_id not in [p.id for p in self.view.path.pages]:
            self.page_id = self.view.path.next_page.id
            self._show(fresh=True)
        else:
            self._show(fresh=False)

    @property
    def question(self) -> TreeQuestion | None:
        """The question on show; None on a page beside the tree."""
        return self.view.tree.questions.get(self.page_id) if self.view is not None else None

    def _show(self, fresh: bool) -> None:
        view, question, step = self.view, self.question, self.steps.get(self.page_id)
        if view is None:
            return
        self._show_head(view)
        self.again.show_view(view, self._side_wanted())
        self._show_trail(view)
        self.kept.show_view(view)
        if question is not None:
            self._words(question.ask, question.help, question.why)
            if fresh:
                self._picked = None
                self._show_answers(question, view)
            part: QWidget = self.answers
        elif step is not None:
            self._words(step.ask, step.help, step.why)
            step.show_view(view, fresh)
            part = step
        else:
            self._words("What to do now", "", "")
            self.exit_page.show_view(view, fresh)
            part = self.exit_page
        for each in self.parts:
            each.setVisible(each is part)
        self._show_acts(view, step)
        self._show_side(view)
        if fresh:
            self._arrange(False)
            self.pane.verticalScrollBar().setValue(0)
            QTimer.singleShot(0, self, self._focus)

    def _words(self, ask: str, help_: str, why: str) -> None:
        self.ask.setText(ask)
        self.help.setText(help_)
        self.help.setVisible(bool(help_))
        self.why.set_text(why)
        self.why.setVisible(bool(why))

    def _show_answers(self, question: TreeQuestion, view: RepairView) -> None:
        rows = [Answer(a.value, a.text, a.hint) for a in question.answers]
        self.answers.setMaximumWidth(theme().wide(1232 if question.id == "danger" else 750))
        apart = bool(rows) and question.answers[-1].last
        self.answers.set_answers(rows, apart, view.answers.get(question.id))

    def _show_head(self, view: RepairView) -> None:
        asked = "kind" in view.answers
        self.head.set_title("New repair" if view.state is State.DRAFT else f"Repair {view.reference}")
        who = f"For {view.tenant}, {view.where}" if view.tenant else view.where
        nobody = "Nobody is in danger now." if asked else "Danger first, then who lives there."
        self.head.set_facts(who or ("" if self.page_id == flow.EXIT else nobody))
        self.head.set_chips(chips_of(view))
        self.later.setVisible(self.page_id != flow.EXIT)

    def _show_trail(self, view: RepairView) -> None:
        self.trail.clear()
        pages = [p for p in view.path.pages if p.id in view.answers and p.id not in ("danger", "kind")]
        ids = [p.id for p in pages]
        before = pages[: ids.index(self.page_id)] if self.page_id in ids else pages
        if self.question is None:
            before = []
        for page in before:
            link = Button(page.answer, "word", role="body", on_click=partial(self.go_to, page.id))
            link.setAccessibleName(f"Back to {page.label.lower()}: {page.answer}")
            self.trail.add(link)
            self.trail.add(IconLabel("chevron-right", "muted", 16))
        if self.question is not None:
            self.trail.add(Label(self.question.label, "strong"))
        self.trail.setVisible(bool(before))
        self.trail.updateGeometry()

    def _show_acts(self, view: RepairView, step: Step | None) -> None:
        leaving = self.page_id == flow.EXIT
        ctrl = step is not None and step.continue_key != "Enter"
        self.exit_page.acts.setVisible(leaving)
        self.go_on.setVisible(not leaving and not ctrl)
        self.go_on_ctrl.setVisible(not leaving and ctrl)
        noticed = leaving and view.emergency is not None
        self.back.setVisible(not noticed)
        self.left_words.setText("" if leaving else self._still_to_come(view))

    def _still_to_come(self, view: RepairView) -> str:
        if self.page_id == self._changing and view.path.next_page.id == flow.PROMISE:
            return "Then back to the promise"
        left, exact = flow.pages_left(view.tree, view.path, self.page_id, view.communal)
        return "" if self.page_id in flow.FIRST_QUESTIONS else flow.left_words(left, exact)

    def _show_side(self, view: RepairView) -> None:
        rows: list[tuple[str, str, Button | None]] = []
        known = [p for p in view.path.pages if p.done and p.id not in NOT_KNOWN and p.id != self.page_id]
        for page in sorted(known, key=lambda p: p.id in SHOWN_ABOVE):
            value = fact_of(page, view)
            if value:
                rows.append((page.label, value, self._change(page, view)))
        self.facts.set_facts(rows)
        self.known_card.setVisible(bool(rows))
        words = memory_words(view.memory, self.again.old is None)
        self.past.setVisible(bool(words))
        self.past.set_text(words)

        QTimer.singleShot(0, self, self._fit_side)

    def _fit_side(self) -> None:
        """The list of facts is as high as it needs, so that the notes follow it."""
        width = self.known_pane.viewport().width()
        self.known_pane.setMaximumHeight(max(60, self.known_card.heightForWidth(width)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits the side column anew."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_side)

    def _change(self, page: PageRef, view: RepairView) -> Button:
        word = "Add" if page.id == flow.PHOTOS else "Change"
        button = Button(word, "word", on_click=partial(self.go_to, page.id))
        button.setObjectName(f"repairs-change-{page.id}")
        button.setMinimumWidth(24)
        return button

    # Going on

    def _chosen(self, value: str) -> None:
        question = self.question
        answer = question.answer(value) if question else None
        self._picked = value
        if question is None or answer is None or answer.exit:
            self.autosave.forget()  # a danger is recorded by Continue, not in passing
            return
        self.autosave.touch(question.id, value)

    def _save_answer(self, values: dict[str, Any]) -> None:
        if self.view is None:
            return
        for question_id, value in values.items():
            self._write_answer(question_id, value)

    def _write_answer(self, question_id: str, value: str, then: Any = None) -> None:
        assert self.view is not None  # noqa: S101  called while a repair is on show
        repair_id = self.view.id
        self.shell.write(
            f"Answer: {self.view.tree.questions[question_id].label.lower()}",
            lambda session: service.answer(session, repair_id, question_id, value),
            lambda _changed: then() if then else None,
        )

    def go_forward(self) -> None:
        """Keeps this page's answer and shows the next one."""
        step, question = self.steps.get(self.page_id), self.question
        if step is not None:
            page_id = self.page_id
            step.finish(lambda: self._next(page_id))
            return
        if question is None or self.view is None:
            return
        value = self.answers.value()
        if value is None:
            self.left_words.setText("Choose an answer first: its number is enough.")
            self.left_words.show()
            self.answers.focus_first()
            return
        self.autosave.forget()
        page_id = question.id
        if self.view.answers.get(page_id) == value and self.page_id != flow.EXIT:
            self._next(page_id)
        else:
            self._write_answer(page_id, value, lambda: self._next(page_id))

    def _next(self, page_id: str) -> None:
        """Goes on from a page that is done: to the next open one, or where Change was pressed from."""
        view = self.view
        if view is None:
            return
        after = view.path.after(page_id)
        if after is not None and after.done:
            after = view.path.next_page
        target = after or view.path.next_page
        if target.id == flow.PROMISE:
            self.promised.emit(view.id)
            return
        self.page_id = target.id
        self._show(fresh=True)

    def go_back(self) -> None:
        """Shows the page before; no answer is lost. From the first page the interview is put aside."""
        view = self.view
        if view is None:
            return
        self.flush()
        before = view.path.before(self.page_id)
        if self.page_id == flow.EXIT and before is not None and view.emergency is not None:
            self._retract(view.path.way.given[-1].question.id)
        elif self.page_id == self._changing and view.path.next_page.id == flow.PROMISE:
            self.promised.emit(view.id)
        elif before is None:
            self.put_aside()
        else:
            self.go_to(before.id)

    def _retract(self, question_id: str) -> None:
        """Back from an emergency: the record stays, the question is asked again."""
        assert self.view is not None  # noqa: S101  called while a repair is on show
        repair_id = self.view.id
        heard = heard_exit(self.view.answers.get(question_id, ""))
        self.shell.write(
            "It is no emergency after all",
            lambda session: service.take_back_answer(session, repair_id, question_id),
            lambda _changed: self.go_to(flow.DESCRIPTION if heard else question_id),
        )

    def go_to(self, page_id: str) -> None:
        """Shows one page of this repair again."""
        self.flush()
        if self.view is not None and page_id in [p.id for p in self.view.path.pages]:
            self.page_id = page_id
            self._show(fresh=True)

    def put_aside(self) -> None:
        """Leaves the repair as it stands; it waits in the list under “To finish”."""
        self.flush()
        view = self.view
        if view is not None and not view.answers and self._picked is None:
            self.shell.write("Leave the new repair", lambda session: service.discard_empty(session, view.id))
        elif view is not None:
            self.shell.toast(f"Repair {view.reference} is saved. Find it under “To finish”.", undo=False)
        self.left.emit()

    def flush(self) -> None:
        """Writes what is still being typed or was just chosen."""
        self.autosave.flush()
        step = self.steps.get(self.page_id)
        if step is not None:
            step.flush()
        elif self.page_id == flow.EXIT:
            self.exit_page.flush()

    def _focus(self) -> None:
        if not self.isVisible():
            return
        step = self.steps.get(self.page_id)
        if self.page_id == flow.PHOTOS:
            self.go_on.setFocus(Qt.FocusReason.OtherFocusReason)  # Enter goes on, A adds
            return
        target = self.answers if self.question else step or self.exit_page
        target.focus_first()

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self.pane.isVisible() and self.pane.isAncestorOf(new):
            self.pane.ensureWidgetVisible(new, 0, 12)
