"""The Homes section: the council's list to filter by typing, and the page of the home that is chosen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.repairs import service
from app.repairs.homes.alerts import add_alert, end_alert
from app.repairs.homes.contacts import add_contact
from app.repairs.homes.home_view import HomeView, home_view, set_legal_claim
from app.repairs.homes.importing import BroughtIn, Plan
from app.repairs.homes.people import end_consent
from app.repairs.report import REPORTS
from models.changes import Changed
from models.errors import HoldallError
from models.repairs import AlertKind, ChaseReason, ContactKind
from ui.deck import Deck, DeckView, Foot
from ui.repairs.homes.alert_form import AlertForm
from ui.repairs.homes.bringing import ENDINGS, Bringing, done_words
from ui.repairs.homes.chase_form import ChaseForm
from ui.repairs.homes.home_page import HomePage
from ui.repairs.homes.import_page import ImportPage, TenureQuestion
from ui.repairs.homes.items import COLUMNS, HomesQuery, found_words
from ui.repairs.sections import Section, TwoCards
from ui.shell import Shell
from ui.widgets import Button, Card, EmptyPage, Line, PagedItems, SearchField, Table

DEMAND = next(report for report in REPORTS if report.name == "failure-demand")


class HomesList(Card):
    """The list with the box that filters it. Down or Enter leads from the box into the list."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(flush=True)
        self.shell = shell
        self.filter = _Filter("Address, postcode, UPRN, reference or name", key="/", name="Filter the homes")
        self.filter.setObjectName("repairs-homes-filter")
        self.table = Table(COLUMNS, name="Homes")
        self.table.setObjectName("repairs-homes")
        self.items = PagedItems(HomesQuery(shell, ""), COLUMNS, self.table)
        self.table.set_items(self.items)
        self.foot = Foot()
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 8)
        head.addWidget(self.filter, 1)
        self.body.addLayout(head)
        self.body.addWidget(Line())
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.foot)
        self._rest = QTimer(self, singleShot=True, interval=120)
        self._rest.timeout.connect(self.read_again)
        self.filter.textChanged.connect(lambda _text: self._rest.start())
        self.filter.returnPressed.connect(self._enter)
        self.filter.down = self._enter

    def read_again(self) -> None:
        """Reads the rows anew; the chosen one stays chosen where it is on show."""
        self._rest.stop()
        chosen, typed = self.table.chosen(), self.filter.text()[:80]
        self.items.reload(HomesQuery(self.shell, typed))
        if chosen is not None and self.items.row_of(chosen) >= 0:
            self.table.choose(chosen)
        self.foot.set_total(found_words(self.items.rowCount(), typed))

    def _enter(self) -> None:
        if self._rest.isActive():
            self.read_again()
        if self.items.rowCount():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if self.table.chosen() is None:
                self.table.choose_row(0)

    @property
    def count(self) -> int:
        """How many homes are listed now."""
        return self.items.rowCount()


class _Filter(SearchField):
    """A filter from which the down key leads on."""

    down = staticmethod(lambda: None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leads into the list."""
        if event.key() == Qt.Key.Key_Down:
            self.down()
            return
        super().keyPressEvent(event)


class SectionPage(Section):
    """Homes at the left; at the right the chosen home, a form about it, or a list that comes in."""

    name = "homes"
    tables = (
        "repairs_property",
        "repairs_household",
        "repairs_alert",
        "repairs_repair",
        "repairs_contact",
    )

    def __init__(self, shell: Shell) -> None:
        self.bring_button = Button("Bring in the property list", icon="file-input", on_click=self._ask_list)
        self.bring_button.setObjectName("repairs-homes-import")
        self.demand = Button("Failure demand on paper", icon="printer", on_click=self._demand)
        self.demand.setObjectName("repairs-homes-demand")
        super().__init__(shell, "Homes", [self.demand, self.bring_button])
        self.home_id = ""
        self.view: HomeView | None = None
        self._about = ""  # the repair that a contact is about
        self.bringing = Bringing(shell, self)
        self.list = HomesList(shell)
        self.first = Button("Bring in the property list", "primary", "file-input", on_click=self._ask_list)
        self.first.setObjectName("repairs-homes-import-first")
        self.none = EmptyPage(
            "house",
            "No home yet",
            "Bring in the council’s own list, as CSV or as a spreadsheet. First you see what it would do; "
            "nothing is written before you say so. Files can be dropped here.",
            self.first,
        )
        self.deck = Deck(
            EmptyPage("house", "Choose a home", "Here stands what is known of it, and what was mended there.")
        )
        self.page, self.alert, self.chase = HomePage(), AlertForm(), ChaseForm()
        self.importing, self.tenure = ImportPage(), TenureQuestion()
        for view in (self.page, self.alert, self.chase, self.importing, self.tenure):
            self.deck.add(view)
        self.panes = TwoCards(self.list, self.deck, (5, 6))
        self.column.addWidget(self.none, 1)
        self.column.addWidget(self.panes, 1)
        self.setAcceptDrops(True)
        self._wire()

    def _wire(self) -> None:
        self.list.table.row_chosen.connect(self.choose)
        self.list.table.row_opened.connect(self.open)
        self.list.table.clicked.connect(lambda _index: self.pick(self.list.table.chosen() or ""))
        self.deck.list_asked.connect(self._to_list)
        page = self.page
        page.begin_asked.connect(self.begin)
        page.open_asked.connect(lambda repair_id: self.shell.open("repairs_repair", repair_id))
        page.chase_asked.connect(self.ask_chase)
        page.alert_asked.connect(self._ask_alert)
        page.alert_ended.connect(self._end_alert)
        page.consent_ended.connect(self._end_consent)
        page.claim_asked.connect(self._set_claim)
        self.alert.left.connect(self._show_home)
        self.alert.saved.connect(self._save_alert)
        self.chase.left.connect(self._show_home)
        self.chase.saved.connect(self._save_chase)
        self.importing.left.connect(self._leave_import)
        self.importing.apply_asked.connect(self.bringing.write)
        self.importing.proposals_asked.connect(self.bringing.take_proposals)
        self.importing.faults_asked.connect(self.bringing.save_faults)
        self.tenure.left.connect(self._leave_import)
        self.tenure.answered.connect(self.bringing.answer_tenure)
        self.bringing.planned.connect(self._show_plan)
        self.bringing.which_tenure.connect(self._ask_tenure)
        self.bringing.done.connect(self._brought_in)
        self.bringing.refused.connect(self._refused)

    # Reading

    def read_again(self) -> None:
        """Reads the list and the home on show; forms and lists on their way in stay."""
        self.list.read_again()
        if self.home_id and self.deck.current in (self.page, self.deck.empty):
            self._show_home(focus=False)
        self._arrange()

    def _arrange(self) -> None:
        coming = self.deck.current in (self.importing, self.tenure)
        empty = not self.list.count and not self.list.filter.text() and not coming
        self.none.setVisible(empty)
        self.panes.setVisible(not empty)
        self.bring_button.setVisible(not empty and not coming)
        self.demand.setVisible(not empty and not coming)
        self.panes.left.setVisible(not coming and (not self.compact or not self.panes.detail))
        self.panes.right.setVisible(coming or not self.compact or self.panes.detail)
        self.head.setVisible(not (self.compact and self.panes.detail))

    def choose(self, home_id: str) -> None:
        """Shows a home."""
        if home_id:
            self.home_id = home_id
            self._show_home(focus=False)

    def open(self, record_id: str) -> None:
        """Shows a home and goes to its acts."""
        if not record_id:
            return
        self.list.table.choose(record_id)
        self.home_id = record_id
        self.panes.show_detail(True)
        self._show_home()
        self._arrange()

    def _show_home(self, focus: bool = True) -> None:
        today, home_id = self.shell.context.today(), self.home_id
        try:
            self.view = self.shell.read(lambda session: home_view(session, home_id, today))
        except NotFound:
            self.home_id, self.view = "", None
            self.deck.show_view(self.deck.empty)
            return
        self.page.show_home(self.view, today)
        self.deck.show_view(self.page, focus)

    def _to_list(self) -> None:
        if self.deck.current in (self.importing, self.tenure):
            self._leave_import()
            return
        self.panes.show_detail(False)
        self._arrange()
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # Acts on the home

    def begin(self) -> None:
        """Begins a repair at the home on show."""
        home_id = self.home_id
        if home_id:
            self.shell.write(
                "New repair",
                lambda session: service.begin(session, home_id),
                lambda begun: self.shell.open("repairs_repair", begun.repair_id),
            )

    def _turn(self, view: DeckView) -> None:
        self.notice.hide()
        self.panes.show_detail(True)
        self.deck.show_view(view, focus=True)
        self._arrange()

    def _ask_alert(self) -> None:
        if self.view is not None:
            self.alert.ask(self.view.where, self.shell.context.today())
            self._turn(self.alert)

    def _save_alert(self, kind: AlertKind, words: str, until: date | None) -> None:
        if self.view is None:
            return
        key = self.view.place_key

        def work(session: Session) -> Changed:
            return add_alert(session, key, kind, words, until)

        self.shell.write(
            "Add an alert", work, lambda _changed: self._show_home(), self.alert.refuse, "The alert is set."
        )

    def _end_alert(self, alert_id: str) -> None:
        self.shell.write(
            "End an alert", lambda session: end_alert(session, alert_id), undo_toast="The alert has ended."
        )

    def _end_consent(self) -> None:
        if self.view is not None:
            key = self.view.place_key
            self.shell.write(
                "End consent",
                lambda session: end_consent(session, key),
                undo_toast="What was kept of who lives there is taken away.",
            )

    def _set_claim(self, is_open: bool) -> None:
        home_id = self.home_id
        told = "The legal claim is noted." if is_open else "The legal claim has ended."
        self.shell.write(
            "Note a legal claim", lambda s: set_legal_claim(s, home_id, is_open), undo_toast=told
        )

    def ask_chase(self, repair_id: str) -> None:
        """Asks what they ring about, for a repair of the home on show."""
        chosen = self.page.chosen
        if chosen is not None:
            self._about = repair_id
            self.chase.ask(ContactKind.CHASE, f"{chosen.reference}, {chosen.title.lower()}")
            self._turn(self.chase)

    def _save_chase(self, kind: ContactKind, reason: ChaseReason | None, words: str) -> None:
        about = self._about
        self.shell.write(
            "Record a chase",
            lambda session: add_contact(session, about, kind, reason, words),
            lambda _changed: self._show_home(),
            self.refuse,
            "The chase is recorded.",
        )

    def _demand(self) -> None:
        self.shell.preview(DEMAND, {})

    # The list on its way in

    def _ask_list(self) -> None:
        self.notice.hide()
        self.bringing.ask()

    def _show_plan(self, plan: Plan, take: bool) -> None:
        self.importing.show_plan(plan, take)
        self._turn(self.importing)

    def _ask_tenure(self, names: list[str]) -> None:
        self.tenure.ask(names)
        self._turn(self.tenure)

    def _brought_in(self, done: BroughtIn) -> None:
        self._leave_import()
        self.shell.toast(done_words(done), undo=bool(done.changed.ids))

    def _refused(self, error: HoldallError) -> None:
        self._leave_import()
        self.refuse(error)

    def _leave_import(self) -> None:
        self.panes.show_detail(False)
        if self.home_id:
            self._show_home(focus=False)
        else:
            self.deck.show_view(self.deck.empty)
        self._arrange()
        self.focus_first()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes files."""
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Reads the lists that were dropped, as one."""
        paths = _dropped(event)
        if paths:
            event.acceptProposedAction()
            self.notice.hide()
            self.bringing.bring(paths)

    # What the tab asks

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a home that Find or the sync panel names."""
        if type_name != "repairs_property":
            return False
        self.list.filter.clear()
        self.open(record_id)
        return bool(self.home_id)

    def record(self) -> tuple[str, str] | None:
        """The home that is open."""
        return ("repairs_property", self.home_id) if self.home_id else None

    def focus_first(self) -> None:
        """The filter, or the first step where there is no home yet."""
        target: QWidget = self.first if self.none.isVisibleTo(self) else self.list.filter
        target.setFocus(Qt.FocusReason.OtherFocusReason)


def _dropped(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in ENDINGS]
