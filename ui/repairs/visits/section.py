"""The section Visits: what needs a call first at the left, the visit chosen, and the two weeks beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.repairs import flow, visits
from app.repairs.homes.contacts import contacts_of
from app.repairs.visit_views import alternatives, visit_board
from app.repairs.visit_week import weeks_of
from app.wording import plural
from models.changes import Changed
from models.errors import HoldallError
from models.repairs import PLANNERS, ContactKind, Notice, Slot, Visit
from ui.deck import Deck, ListCard, refuse_in
from ui.repairs.sections import GAP, Section, TwoCards
from ui.repairs.visits.calendars import Calendars
from ui.repairs.visits.move_form import MoveForm
from ui.repairs.visits.page import AWAY, CALENDAR, CONFIRM, MISSED, MOVE, OTHER, PLANNED, REPAIR, VisitPage
from ui.repairs.visits.rows import BOOKED, RING, Shown, groups, shown
from ui.repairs.visits.weeks import HERE, WeekTable
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, Card, EmptyPage, Label

OWN = "repairs_visit"
LIST_AND_VISIT = 640  # what the list and a visit need at 100 %
WEEKS_MARGIN = 12


class WeeksCard(Card):
    """The two weeks with a heading, and how many places are left."""

    def __init__(self) -> None:
        super().__init__(margins=(4, 9, WEEKS_MARGIN - 4, 11))
        head = QHBoxLayout()
        head.setContentsMargins(13, 0, 0, 0)
        self.left = Label("", "body", "muted")
        head.addWidget(Label("The next two weeks", "section"), 1)
        head.addWidget(self.left)
        self.to_visit = Button("Back", icon="panel-left", key="Esc")
        self.to_visit.setObjectName("visits-weeks-back")
        self.to_visit.setAccessibleName("Back from the two weeks")
        self.to_visit.hide()
        head.addWidget(self.to_visit)
        self.table = WeekTable()
        self.table.setObjectName("visits-weeks")
        self.none = Label(
            "No places are known here. Sync brings the planners’ list.", tone="muted", wrap=True
        )
        self.none.setContentsMargins(13, 0, 8, 0)
        self.body.addLayout(head)
        self.body.addWidget(self.none)
        self.body.addWidget(self.table, 1)


class SectionPage(Section):
    """Visits by what they need. 1 to 3 take a place that is offered, W: the two weeks, C: calendar file."""

    name = "visits"
    tables = ("repairs_visit", "repairs_slot", "repairs_notice", "repairs_contact", "repairs_repair")

    def __init__(self, shell: Shell) -> None:
        self.weeks_button = Button("Two weeks", icon="calendar-days", key="W", on_click=self.show_weeks)
        self.weeks_button.setObjectName("visits-to-weeks")
        self.all_booked = Button("Calendar of all booked", icon="download", on_click=self._all_booked)
        self.all_booked.setObjectName("visits-all-booked")
        super().__init__(shell, "Visits", [self.weeks_button, self.all_booked])
        self.found: dict[str, Shown] = {}
        self.visit_id = ""
        self._weeks_asked = False
        self.calendars = Calendars(shell)
        self.list_card = ListCard("Visits", "Visits by what they need")
        self.to_repairs = Button("Go to repairs", "primary", "wrench", on_click=self._to_repairs)
        self.to_repairs.setObjectName("visits-empty-repairs")
        self.none = EmptyPage(
            "calendar-days",
            "No visit is asked for",
            "Visits are asked for on the last page of a repair, inside the date that is promised. From then "
            "on they stand here: whom to ring, what is held, what is booked.",
            self.to_repairs,
        )
        self.deck = Deck(EmptyPage("calendar-days", "Choose a visit", "Arrows move through the list."))
        self.page, self.move_form = VisitPage(), MoveForm()
        for view in (self.page, self.move_form):
            self.deck.add(view)
        self.weeks = WeeksCard()
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.deck, 6)
        row.addWidget(self.weeks, 5)
        self.panes = TwoCards(self.list_card, right, (4, 9))
        self.column.addWidget(self.none, 1)
        self.column.addWidget(self.panes, 1)
        self._wire()

    def _wire(self) -> None:
        self.join_list(self.list_card, self.deck)
        self.page.asked.connect(self.act)
        self.page.offered.connect(self._take_offer)
        self.move_form.chosen.connect(self._move)
        self.move_form.left.connect(self.back)
        self.deck.words.cancelled.connect(self.back)
        self.weeks.to_visit.clicked.connect(self.back)
        self.weeks.table.taken.connect(self._look_at_place)
        self.acts: dict[str, Callable[[Shown], object]] = {
            CONFIRM: self._confirm,
            MOVE: self._ask_move,
            AWAY: self._ask_why,
            OTHER: self._other_days,
            MISSED: self._ask_note,
            CALENDAR: lambda one: self.calendars.save_one(one.card),
            REPAIR: lambda one: self.shell.open("repairs_repair", one.card.repair_id),
        }

    # Reading

    def read_again(self) -> None:
        """Reads the board; a form that is being written stays."""
        now = self.shell.context.now()
        self.found = shown(self.shell.read(lambda session: visit_board(session, now)))
        self.list_card.list.set_groups(groups(self.found.values(), now))
        if self.visit_id not in self.found:
            self.visit_id = ""
        ring = sum(1 for one in self.found.values() if one.group == RING)
        booked = sum(1 for one in self.found.values() if one.group == BOOKED)
        self.list_card.foot.set_total(plural(len(self.found), "visit"), f"{booked} booked")
        self.head.set_facts(f"{plural(ring, 'tenant')} to ring" if ring else "")
        if self.deck.current in (self.deck.empty, self.page):
            self._show()
        self._read_weeks()
        self._arrange()

    def _read_weeks(self) -> None:
        today = self.shell.context.today()
        weeks = self.shell.read(lambda session: weeks_of(session, today))
        self.weeks.left.setText(f"{plural(weeks.left, 'place')} left" if weeks.days else "")
        self.weeks.none.setVisible(not weeks.days)
        self.weeks.table.setVisible(bool(weeks.days))
        one = self.found.get(self.visit_id)
        self.weeks.table.show_weeks(weeks, self._marks(), one.card.target_on if one is not None else None)

    def _marks(self) -> dict[str, str]:
        one = self.found.get(self.visit_id)
        if one is None:
            return {}
        if one.group == RING:
            return {slot.id: str(n) for n, slot in enumerate(alternatives(one.card.visit)[:3], 1)}
        return {one.card.slot.id: HERE} if one.card.slot is not None else {}

    def _arrange(self) -> None:
        empty = not self.found
        detail = self.panes.detail
        moving = self.deck.current is self.move_form
        self.none.setVisible(empty)
        self.panes.setVisible(not empty)
        self.deck.set_compact(self.compact)
        self.list_card.setVisible(not (self.compact and detail))
        beside = self._beside()
        self.weeks.setVisible(not moving and (beside or self._weeks_asked))
        self.weeks.to_visit.setVisible(not beside)
        self.deck.setVisible(beside or moving or not self._weeks_asked)
        self.all_booked.setVisible(any(one.group == BOOKED for one in self.found.values()))
        self.weeks_button.setVisible(not empty and not moving)
        self.head.setVisible(empty or not (self.compact and detail))

    def _beside(self) -> bool:
        """Whether the two weeks fit beside the list and the visit; else they take the place of the visit."""
        weeks = self.weeks.table.sizeHint().width() + WEEKS_MARGIN
        return not self.compact and self.width() >= theme().wide(LIST_AND_VISIT) + weeks + 2 * GAP

    def restyle(self) -> None:
        """Larger text may leave the two weeks no place beside the visit."""
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Finds the two weeks their place."""
        super().resizeEvent(event)
        self._arrange()

    def _show(self) -> None:
        one = self.found.get(self.visit_id)
        if one is None:
            self.deck.show_view(self.deck.empty)
            return
        contacts = self.shell.read(lambda session: contacts_of(session, one.card.repair_id))
        calls = [contact for contact in contacts if contact.kind is ContactKind.CALLED]
        self.page.show_visit(one, calls, self.shell.context.now(), self.planner)
        self.deck.show_view(self.page)

    @property
    def planner(self) -> bool:
        """Whether the person who is signed in confirms and moves visits."""
        return bool(self.shell.context.author.roles.intersection(PLANNERS))

    # Moving about

    def choose(self, visit_id: str) -> None:
        """Shows a visit, and where it stands in the two weeks."""
        self.visit_id = visit_id
        self.notice.hide()
        self._show()
        self._read_weeks()
        self._arrange()

    def open(self, record_id: str) -> None:
        """Shows a visit and goes to its next act."""
        self.list_card.list.choose(record_id)
        self._weeks_asked = False
        self.choose(record_id)
        self._detail(True)
        self.page.focus_first()

    def back(self) -> None:
        """Shows the visit again, or the list where none is chosen."""
        self._weeks_asked = False
        self._show()
        if not self.visit_id:
            self._detail(False)
            self.focus_first()
            return
        self._detail(True)
        self.page.focus_first()

    def show_weeks(self) -> None:
        """Goes to the two weeks, which have the page to themselves in one column."""
        self._weeks_asked = True
        self._detail(True)
        self.weeks.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _look_at_place(self, place: object) -> None:
        """Shows the first visit that stands in a place."""
        slots = {slot.id for slot in getattr(place, "slots", ())}
        there = next((i for i, one in self.found.items() if one.card.visit.asking in slots), "")
        if there and self.compact:
            self.open(there)
        elif there:
            self.list_card.list.choose(there)

    def _detail(self, on: bool) -> None:
        self.panes.show_detail(on)
        self._arrange()

    def _to_list(self) -> None:
        self._weeks_asked = False
        self._show()
        self._detail(False)
        self.list_card.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_repairs(self) -> None:
        self.section_asked.emit("triage")

    # Acts

    def act(self, key: str) -> None:
        """Does an act of the visit that is chosen, or says who can."""
        one = self.found.get(self.visit_id)
        if one is None:
            return
        if key in PLANNED and not self.planner:
            self.refuse(
                HoldallError(
                    "A planner does this: somebody with the role lead.",
                    "The visit waits in their list too. Ask them, or choose other days with the tenant.",
                )
            )
            return
        self.notice.hide()
        self._weeks_asked = False
        self.acts[key](one)

    def _confirm(self, one: Shown) -> None:
        repair_id = one.card.repair_id
        self._save(
            "Confirm a visit",
            lambda session: visits.confirm_visit(session, repair_id),
            "Booked. The tenant is told once it has been sent.",
        )

    def _take_offer(self, slot_id: str) -> None:
        visit_id = self.visit_id
        self._save(
            "Ask for another visit",
            lambda session: visits.choose_instead(session, visit_id, slot_id),
            "Asked for. It is not booked yet.",
        )

    def _ask_move(self, one: Shown) -> None:
        today, slot = self.shell.context.today(), one.card.slot
        trade = slot.trade if slot is not None else ""
        weeks = self.shell.read(lambda session: weeks_of(session, today, trade or None))
        self.move_form.ask(one.card, weeks)
        self.deck.show_view(self.move_form, focus=True)
        self._detail(True)
        self.move_form.focus_first()

    def _move(self, slot_id: str) -> None:
        visit_id = self.visit_id
        self._save(
            "Move a visit",
            lambda session: visits.move_visit(session, visit_id, slot_id),
            "Moved. The tenant is told once it has been sent.",
        )

    def _ask_why(self, one: Shown) -> None:
        visit_id, slot = one.card.visit.id, one.card.slot
        self._ask_words(
            "Take the visit away",
            f"{slot.words if slot is not None else 'The visit'}. Somebody then rings the tenant.",
            "Why",
            "As: the plumber is ill. The tenant hears this.",
            "Take it away",
            lambda words: self._save(
                "Take a visit away",
                lambda session: visits.take_away(session, visit_id, words),
                "Taken away. It stands under To ring.",
            ),
        )

    def _ask_note(self, one: Shown) -> None:
        visit_id = one.card.visit.id
        self._ask_words(
            "Could not reach them",
            "It stays in the list until somebody has spoken with them.",
            "What happened (optional)",
            "As: no answer, left a message",
            "Keep the note",
            lambda words: self._save(
                "Could not reach the tenant",
                lambda session: visits.could_not_reach(session, visit_id, words),
                "Noted. It stays under To ring.",
            ),
        )

    def _ask_words(
        self, title: str, intro: str, label: str, hint: str, verb: str, act: Callable[[str], object]
    ) -> None:
        self.deck.words.ask(title, intro, label, hint, verb, act)
        self.deck.show_view(self.deck.words, focus=True)
        self._detail(True)

    def _other_days(self, one: Shown) -> None:
        self.shell.open("repairs_repair", one.card.repair_id, flow.VISITS)

    def _all_booked(self) -> None:
        self.calendars.save_all([one.card for one in self.found.values() if one.group == BOOKED])

    def _save(self, label: str, work: Callable[[Session], Changed], toast: str) -> None:
        self.shell.write(label, work, lambda _changed: self.back(), self._refused, toast)

    def _refused(self, error: HoldallError) -> None:
        if self.deck.current is self.move_form:
            self.move_form.refuse(error)
        elif not refuse_in(self.deck, error):
            self.refuse(error)

    # What the tab asks

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a visit, the visit a message is about, or the two weeks of a slot; False when not here."""
        kinds = {"repairs_visit": Visit, "repairs_notice": Notice, "repairs_slot": Slot}
        record = self.shell.read(lambda session: session.get(kinds[type_name], record_id))
        if record is None or record.deleted:
            return False
        if isinstance(record, Slot):
            self.show_weeks()
            self.weeks.table.choose(record.day, record.label)
            return True
        if isinstance(record, Visit | Notice):
            visit_id = record.visit_id if isinstance(record, Notice) else record.id
            if visit_id in self.found:
                self.open(visit_id)
            else:
                self.shell.open("repairs_repair", record.repair_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The visit that is open."""
        return (OWN, self.visit_id) if self.visit_id else None

    def focus_first(self) -> None:
        """Goes to the list, on whom to ring first."""
        if not self.found:
            self.to_repairs.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.list_card.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.list_card.list.value() is None:
            self.list_card.list.choose(next(iter(self.found)))
