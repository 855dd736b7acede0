"""The section Hazard cases: what is due first at the left, the case with its acts and forms at the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from sqlalchemy.orm import Session

from app.repairs.cases import telling
from app.repairs.cases.opening import Opened
from app.repairs.cases.reading import report_of
from app.repairs.cases.views import CaseCard, CaseView, case_cards, case_view
from app.repairs.files import TakenPhoto, take_photo
from app.repairs.photos import keeping
from app.repairs.report import REPORTS
from app.repairs.rules import ClockState
from app.wording import plural
from models.changes import Changed
from models.errors import HoldallError
from models.repairs import ReportState
from ui.deck import Deck, ListCard, refuse_in
from ui.repairs.cases.findings import FindingsForm
from ui.repairs.cases.forms import AttemptForm, DelayForm, TellForm, WorkForm
from ui.repairs.cases.further_forms import CloseForm, ElsewhereForm, FurtherForm, NewCaseForm
from ui.repairs.cases.look_forms import ConcludeForm, PlanForm
from ui.repairs.cases.page import CasePage, MorePage
from ui.repairs.cases.rows import groups
from ui.repairs.cases.wizard import Wizard
from ui.repairs.photo_taker import FILTER
from ui.repairs.sections import Section, TwoCards
from ui.shell import Shell
from ui.widgets import Button, EmptyPage

EVIDENCE, SUMMARY = "hazard-evidence", "hazard-summary"


def _taken(path: Path) -> TakenPhoto:
    """A photo drawn anew from a file; raises HoldallError for one that cannot be read or is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HoldallError(f"{path.name} could not be read.", "Check that it is still there.") from error
    return take_photo(data, path.name)


class SectionPage(Section):
    """Cases by the date that comes first. N: a new one, Ctrl+Enter: what comes next, M: all acts."""

    name = "cases"
    tables = (
        "repairs_hazard_report",
        "repairs_investigation",
        "repairs_investigation_hazard",
        "repairs_hazard_work",
        "repairs_access_attempt",
        "repairs_escalation",
        "repairs_case_notice",
        "repairs_clock",
        "repairs_photo",
        "blob",
    )

    def __init__(self, shell: Shell) -> None:
        self.new_button = Button("New case", icon="plus", key="N", on_click=self.begin)
        self.new_button.setObjectName("cases-new")
        self.paper = Button("Evidence pack", icon="file-text", on_click=self._evidence)
        self.paper.setObjectName("cases-evidence")
        super().__init__(shell, "Hazard cases", [self.paper, self.new_button])
        self.cards: dict[str, CaseCard] = {}
        self.case_id = ""
        self.list_card = ListCard("Cases", "Hazard cases")
        self.empty_new = Button("New case", "primary", "plus", on_click=self.begin)
        self.empty_new.setObjectName("cases-empty-new")
        self.none = EmptyPage(
            "shield-check",
            "No hazard case is open",
            "A case opens from the promise page of a repair that names a hazard, or here, when a sensor, a "
            "check or a colleague finds one. From then on its dates run and explain themselves.",
            self.empty_new,
        )
        choose = EmptyPage("shield-check", "Choose a case", "Arrows move through the list, Enter opens one.")
        self.deck = Deck(choose)
        self.page, self.more = CasePage(shell), MorePage(shell)
        self.findings, self.new_form = FindingsForm(shell), NewCaseForm(shell)
        self.forms: dict[str, Wizard] = {
            "plan": PlanForm(shell),
            "conclude": ConcludeForm(shell),
            "findings": self.findings,
            "work": WorkForm(shell),
            "attempt": AttemptForm(shell),
            "tell": TellForm(shell),
            "delay": DelayForm(shell),
            "elsewhere": ElsewhereForm(shell),
            "further": FurtherForm(shell),
            "close": CloseForm(shell),
        }
        self.at_once: dict[str, Callable[[CaseView], object]] = {
            "reopen": self._ask_reopen,
            "evidence": lambda _view: self._evidence(),
            "photo": self._ask_photo,
        }
        for view in (self.page, self.more, self.new_form, *self.forms.values()):
            self.deck.add(view)
        self.panes = TwoCards(self.list_card, self.deck, (4, 7))
        self.column.addWidget(self.none, 1)
        self.column.addWidget(self.panes, 1)
        self._wire()

    def _wire(self) -> None:
        self.join_list(self.list_card, self.deck)
        self.page.asked.connect(self.act)
        self.page.repair_asked.connect(lambda repair_id: self.shell.open("repairs_repair", repair_id))
        self.more.chosen.connect(self.act)
        self.findings.paper_asked.connect(self._summary)
        self.new_form.saved.connect(self._open_new)
        for form in self.forms.values():
            form.saved.connect(self._save)
        for form in (*self.forms.values(), self.more, self.new_form):
            form.left.connect(self.back)
        self.deck.words.cancelled.connect(self.back)

    # Reading

    def read_again(self) -> None:
        """Reads the list, and shows again what is chosen; a form that is being written stays."""
        now = self.shell.context.now()
        found = self.shell.read(lambda session: case_cards(session, now))
        self.cards = {card.id: card for card in found}
        self.list_card.list.set_groups(groups(found, self.shell.context.today()))
        if self.case_id not in self.cards:
            self.case_id = ""
        open_ = [card for card in found if card.state is not ReportState.CLOSED]
        late = sum(1 for card in open_ if card.next.duty and card.next.duty.state is ClockState.OVERDUE)
        self.list_card.foot.set_total(plural(len(open_), "open case"), f"{late} late" if late else "")
        told = [f"{plural(late, 'case')} late"] if late else []
        told += [f"{plural(len(found) - len(open_), 'case')} closed"] if len(found) > len(open_) else []
        self.head.set_facts(", ".join(told))
        if self.deck.current in (self.deck.empty, self.page):
            self._show()
        self._arrange()

    def _arrange(self) -> None:
        asking = self.deck.current is self.new_form
        empty = not self.cards and not asking
        self.none.setVisible(empty)
        self.panes.setVisible(not empty)
        self.list_card.setVisible(not (self.compact and self.panes.detail) and bool(self.cards))
        self.new_button.setVisible(not empty and not asking)
        self.paper.setVisible(bool(self.case_id))
        self.head.setVisible(empty or not (self.compact and self.panes.detail))

    def _view(self) -> CaseView | None:
        case_id, now = self.case_id, self.shell.context.now()
        if not case_id:
            return None
        return self.shell.read(lambda session: case_view(session, case_id, now))

    def _show(self) -> None:
        view = self._view()
        if view is None:
            self.deck.show_view(self.deck.empty)
            return
        self.page.show_case(view)
        self.deck.show_view(self.page)

    # Moving about

    def choose(self, case_id: str) -> None:
        """Shows a case."""
        self.case_id = case_id
        self._show()
        self._arrange()

    def open(self, record_id: str) -> None:
        """Shows a case and goes to its next act."""
        self.list_card.list.choose(record_id)
        self.choose(record_id)
        self._detail(True)
        self.page.focus_first()

    def back(self) -> None:
        """Shows the case again, or the list where none is chosen."""
        self._show()
        if not self.case_id:
            self._detail(False)
        self._arrange()
        if self.case_id:
            self.page.focus_first()
        else:
            self.focus_first()

    def _detail(self, shown: bool) -> None:
        self.panes.show_detail(shown)
        self._arrange()

    def _to_list(self) -> None:
        self._show()
        self._detail(False)
        self.list_card.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # Acts

    def begin(self) -> None:
        """Asks for a new case that did not come by a repair."""
        self.new_form.ask()
        self.deck.show_view(self.new_form, focus=True)
        self._detail(True)
        self.new_form.focus_first()

    def act(self, key: str) -> None:
        """Opens the form of an act."""
        view = self._view()
        if view is None:
            return
        if key in self.at_once:
            if self.deck.current is self.more:
                self.back()
            self.at_once[key](view)
            return
        form = self.more if key == "more" else self.forms[key]
        form.ask(view)  # type: ignore[attr-defined]
        self.deck.show_view(form, focus=True)
        self._detail(True)

    def _ask_reopen(self, view: CaseView) -> None:
        case_id = view.report.id
        self.deck.words.ask(
            "Open it again",
            f"{view.report.title}, {view.report.reference}.",
            "Why",
            "As: the mould came back",
            "Open the case again",
            lambda words: self._save(
                "Open the case again",
                lambda session: telling.reopen(session, case_id, words),
                "The case is open again.",
            ),
        )
        self.deck.show_view(self.deck.words, focus=True)

    def _ask_photo(self, view: CaseView) -> None:
        path = self.shell.ask_open_file("Add a photo", FILTER)
        if path is None:
            return
        case_id = view.report.id
        self.shell.fetch(
            lambda _job: _taken(path),
            lambda taken: self._save(
                "Add a photo",
                lambda session: keeping.add_photo(session, "", taken, "", case_id),
                "The photo is kept, with the place data taken out.",
            ),
            self.refuse,
            f"Reading {path.name}",
        )

    def _save(self, label: str, work: Callable[[Session], Changed], toast: str) -> None:
        self.notice.hide()
        self.shell.write(label, work, lambda _changed: self.back(), self._refused, toast)

    def _open_new(self, label: str, work: Callable[[Session], Opened], toast: str) -> None:
        def opened(done: Opened) -> None:
            self.case_id = done.case_id
            self.deck.show_view(self.page)
            self.read_again()
            self.open(done.case_id)

        self.shell.write(label, work, opened, self._refused, toast)

    def _refused(self, error: HoldallError) -> None:
        current = self.deck.current
        if isinstance(current, Wizard):
            current.refuse(error)
        elif not refuse_in(self.deck, error):
            self.refuse(error)

    def _evidence(self) -> None:
        self._preview(EVIDENCE, {"case": self.case_id})

    def _summary(self, look_id: str) -> None:
        self._preview(SUMMARY, {"case": self.case_id, "look": look_id})

    def _preview(self, name: str, options: dict[str, str]) -> None:
        for report in REPORTS:
            if report.name == name:
                self.shell.preview(report, options)

    # What the tab asks

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a case, also one that is not in the list; False when it is not here."""
        try:
            self.shell.read(lambda session: report_of(session, record_id))
        except HoldallError:
            return False
        self.open(record_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The case that is open."""
        return ("repairs_hazard_report", self.case_id) if self.case_id else None

    def focus_first(self) -> None:
        """Goes to the list, on the case due first."""
        if not self.cards:
            self.empty_new.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.list_card.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.list_card.list.value() is None:
            self.list_card.list.choose(next(iter(self.cards)))
