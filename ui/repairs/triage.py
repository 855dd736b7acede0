"""The section of repairs: the list, the interview and the promise, with the emergency line always on top."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import HoldallError, NotFound
from app.repairs import flow, service
from app.repairs.views import RepairView, repair_view
from app.repairs.worklist import Worklist, worklist
from app.wording import plural
from models.changes import Changed
from models.repairs import EXITS, State
from ui.repairs.form import ListPage
from ui.repairs.interview import Interview
from ui.repairs.papers import PAPERS, Papers
from ui.repairs.photos import PhotoTaker
from ui.repairs.promise import PromisePage
from ui.shell import Page, Shell
from ui.widgets import Banner

GAS = "0800 111 999"
SLIP, WEEK = PAPERS["repair-slip"], PAPERS["repairs-week"]


class Triage(Page):
    """Repairs by keyboard: N new, number keys answer, Enter goes on, Esc goes back, Ctrl+Enter saves."""

    key = "repairs"
    section_asked = Signal(str)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.repair_id = ""
        self._list: Worklist | None = None
        taker = PhotoTaker(shell)
        self.banner = Banner("", "danger", "siren", title="In danger now?")
        self.list_page = ListPage(shell)
        self.head = self.list_page.head
        self.interview = Interview(shell, taker)
        self.promise = PromisePage(shell, taker)
        self.pages = QStackedWidget()
        for page in (self.list_page, self.interview, self.promise):
            self.pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(10)
        outer.addWidget(self.banner)
        outer.addWidget(self.pages, 1)
        self._wire()
        self._say_danger()

    def _wire(self) -> None:
        listed, interview, promise = self.list_page, self.interview, self.promise
        self.head.bar.asked.connect(self.section_asked)
        listed.new_asked.connect(self.begin)
        listed.open_asked.connect(self.open_repair)
        listed.chosen.connect(self._look)
        listed.week_asked.connect(lambda: self.shell.preview(WEEK, {}))
        interview.left.connect(self.show_list)
        interview.promised.connect(self.show_promise)
        interview.slip_asked.connect(self._slip)
        promise.left.connect(self.show_list)
        promise.slip_asked.connect(self._slip)
        self.papers = Papers(self.shell)
        listed.paper_asked.connect(self.papers.of_list)
        promise.paper_asked.connect(self.papers.of_repair)
        promise.save_asked.connect(self._save)
        promise.change_asked.connect(self.change)
        promise.done_asked.connect(self._done)
        promise.off_asked.connect(self._call_off)
        promise.reopen_asked.connect(self._reopen)
        promise.heard.recorded.connect(self.open_repair)

    def _say_danger(self) -> None:
        number = self.shell.context.council.repairs_telephone
        if self.compact:
            self.banner.set_text(f"Gas: {GAS}. Other danger: {number}.")
            return
        gas = f"Smell of gas: {GAS}, free, day and night."
        self.banner.set_text(f"{gas} Water on electrics or a ceiling coming down: {number}.")

    # Which page

    def show_list(self) -> None:
        """Shows the list, opened on what needs me."""
        self.interview.flush()
        self.repair_id = ""
        self._turn(self.list_page)
        self.refresh(None)
        self.list_page.focus_first()

    def begin(self) -> None:
        """Begins a new repair at its first question."""
        self.shell.write("New repair", service.begin, lambda begun: self.open_repair(begun.repair_id))

    def open_repair(self, repair_id: str) -> None:
        """Shows a repair where it stands: at its open question, at what to do now, or at its promise."""
        try:
            view = self._view(repair_id)
        except NotFound as error:
            self.shell.tell(error)
            return
        self.repair_id = repair_id
        unfinished = view.state is State.DRAFT and view.path.next_page.id != flow.PROMISE
        if unfinished or view.state in EXITS:
            self._turn(self.interview)
            self.interview.open(view)
        else:
            self._turn(self.promise)
            self.promise.show_view(view)
            self.promise.focus_first()

    def show_promise(self, repair_id: str) -> None:
        """Shows the promise of a repair."""
        self.repair_id = repair_id
        self.promise.show_view(self._view(repair_id))
        self._turn(self.promise)
        self.promise.focus_first()

    def _turn(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self.banner.setVisible(page is not self.promise)

    def _view(self, repair_id: str) -> RepairView:
        today = self.shell.context.today()
        return self.shell.read(lambda session: repair_view(session, repair_id, today))

    def _look(self, repair_id: str) -> None:
        try:
            self.list_page.show_look(self._view(repair_id))
        except NotFound:
            self.refresh(None)

    # Reading

    def focus_first(self) -> None:
        """Puts the keyboard on the list, or leaves it in the interview."""
        page = self.pages.currentWidget()
        if page is self.list_page:
            self.list_page.focus_first()
        elif page is self.promise:
            self.promise.focus_first()
        else:
            self.interview.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Begins with the keyboard on the list."""
        super().showEvent(event)
        if not self.isAncestorOf(self.window().focusWidget() or self.window()):
            QTimer.singleShot(0, self, self._take_focus)

    def _take_focus(self) -> None:
        page = self.pages.currentWidget()
        if self.isVisible() and page is self.list_page:
            self.list_page.focus_first()

    def refresh(self, changed: Changed | None) -> None:
        """Reads again what a change touches."""
        if changed is not None and not changed.touches("repairs_", "blob"):
            return
        self._list = None
        page = self.pages.currentWidget()
        if page is self.list_page:
            self.list_page.show_list(self._worklist())
            if (chosen := self.list_page.list.value()) is not None:
                self._look(chosen)
            return
        try:
            if page is self.interview:
                self.interview.reload()
            elif self.repair_id:
                self.promise.show_view(self._view(self.repair_id))
        except NotFound:  # undone, or taken away on another laptop
            self.show_list()

    def _worklist(self) -> Worklist:
        """The list as it stands, read once after each change."""
        if self._list is None:
            now, user = self.shell.context.now(), self.shell.context.author.user_id
            self._list = self.shell.read(lambda session: worklist(session, user, now))
        return self._list

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a repair that Find or the sync panel names."""
        if type_name != "repairs_repair":
            return False
        self.leave()
        self.open_repair(record_id)
        return True

    def leave(self) -> None:
        """Writes what is still being typed."""
        if self.pages.currentWidget() is self.interview:
            self.interview.flush()

    def set_compact(self, compact: bool) -> None:
        """One column."""
        super().set_compact(compact)
        for page in (self.list_page, self.interview, self.promise):
            page.set_compact(compact)
        self.head.set_compact(compact)
        self._say_danger()

    def record(self) -> tuple[str, str] | None:
        """The repair that is open."""
        return ("repairs_repair", self.repair_id) if self.repair_id else None

    def needs_me(self) -> list[str]:
        """What waits here for an officer."""
        seen = self._worklist()
        pairs = (
            (len(seen.emergencies), "emergency to record", "emergencies to record"),
            (len(seen.overdue), "repair overdue", "repairs overdue"),
            (len(seen.due_soon), "repair due soon", "repairs due soon"),
            (len(seen.to_finish), "repair to finish", "repairs to finish"),
        )
        return [plural(count, one, many) for count, one, many in pairs if count]

    # Acts

    def _save(self, repair_id: str) -> None:
        self.shell.write(
            "Save the repair",
            lambda session: service.save_repair(session, repair_id),
            lambda _changed: self.show_list(),
            failed=self._not_saved,
            undo_toast="The repair is saved. Its dates run.",
        )

    def _not_saved(self, error: HoldallError) -> None:
        self.shell.tell(error)
        self.promise.heard.focus_first()

    def _slip(self, repair_id: str) -> None:
        self.shell.preview(SLIP, {"repair": repair_id})

    def change(self, repair_id: str, page_id: str) -> None:
        """Shows a page of the interview of a repair again."""
        self.repair_id = repair_id
        self._turn(self.interview)
        self.interview.open(self._view(repair_id), page_id, changing=True)

    def _done(self, repair_id: str) -> None:
        self.shell.write(
            "Mark the repair mended",
            lambda session: service.complete(session, repair_id),
            undo_toast="The repair is marked as mended.",
        )

    def _call_off(self, repair_id: str) -> None:
        self.shell.write(
            "Call the repair off",
            lambda session: service.cancel(session, repair_id),
            lambda _changed: self.show_list(),
            undo_toast="The repair is called off.",
        )

    def _reopen(self, repair_id: str) -> None:
        self.shell.write(
            "Open the repair for changes",
            lambda session: service.reopen(session, repair_id),
            undo_toast="Its date is worked out anew when you save it.",
        )
