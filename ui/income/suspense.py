"""The Suspense section: money without an owner by age, whose it could be, and where it goes from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from sqlalchemy.orm import Session

from app.income import accounts
from app.income.office import journals, suspense
from app.income.office.candidates import Candidate, candidates
from app.income.office.journal_views import JournalRow
from app.income.office.suspense import Item
from app.income.report import REPORTS
from app.income.waiting import open_suspense
from app.wording import day, money, plural
from models.changes import Changed
from models.errors import HoldallError
from ui.deck import Deck, ListCard, refuse_in
from ui.income.rows_editor import Values
from ui.income.sections import Section, TwoCards
from ui.income.suspense_card import ItemCard
from ui.income.suspense_forms import AllocateForm, OwnerForm, WriteOffForm
from ui.income.verdicts import Verdicts, fetch_verdicts
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import Button, EmptyPage
from ui.widgets import Item as Entry

_LARGE = 2_000  # items; beyond it they are read off the window's thread
_REST = 120  # milliseconds an item is on show before somebody looks for whose it could be


class SectionPage(Section):
    """Items under their age at the left; the chosen one with its acts and forms at the right.

    Space takes further items along, so that several go in one journal.
    """

    name = "suspense"
    tables = ("income_suspense", "income_journal", "income_note", "income_match", "income_account")

    def __init__(self, shell: Shell) -> None:
        self.paper = Button("Suspense ageing", icon="file-text", on_click=self._paper)
        self.paper.setObjectName("suspense-paper")
        super().__init__(shell, "Suspense", [self.paper])
        self.items: dict[str, Item] = {}
        self.chosen_id = ""
        self.also: list[str] = []
        self._reading: Job | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._look)
        self.cards = ListCard("Held", "Suspense items")
        self.cards.list.installEventFilter(self)
        self.none = EmptyPage(
            "inbox",
            "Nothing is in suspense",
            "Money whose owner is not known comes here from Reconcile (U) or from a ledger row without a "
            "fund. It waits here with its notes until it is placed, and its age is watched.",
        )
        choose = EmptyPage("inbox", "Choose an item", "Arrows move through the list, Enter goes to its acts.")
        self.deck = Deck(choose)
        self.card, self.allocate = ItemCard(), AllocateForm()
        self.write_off, self.owner = WriteOffForm(), OwnerForm()
        for view in (self.card, self.allocate, self.write_off, self.owner):
            self.deck.add(view)
        self.panes = TwoCards(self.cards, self.deck, (4, 7))
        self.column.addWidget(self.none, 1)
        self.column.addWidget(self.panes, 1)
        self._wire()

    def _wire(self) -> None:
        self.join_list(self.cards, self.deck)
        self.card.asked.connect(self.act)
        self.card.candidates.used.connect(self._use)
        self.allocate.proposed.connect(self._propose)
        self.write_off.proposed.connect(self._propose_write_off)
        self.owner.saved.connect(self._save_owner)
        for form in (self.allocate, self.write_off, self.owner):
            form.left.connect(self.back)
        self.deck.words.cancelled.connect(self.back)

    # Reading

    def read_again(self) -> None:
        """Reads the list, and shows again what is chosen; a form that is being written stays."""
        today = self.shell.context.today()

        def read(session: Session) -> list[Item]:
            return suspense.items(session, None, "open", today)

        if self.shell.read(open_suspense) < _LARGE:
            self._show_items(self.shell.read(read))
            return
        if self._reading is not None:
            self._reading.cancel()
        title = "Reading what is in suspense" if not self.items else ""
        self._reading = self.shell.fetch(
            lambda job: self.shell.context.read(read), self._show_items, title=title
        )

    def _show_items(self, found: Sequence[Item]) -> None:
        self.items = {item.id: item for item in found}
        self.also = [one for one in self.also if one in self.items]
        self._fill()
        if self.chosen_id not in self.items:
            self.chosen_id = ""
        if self.deck.current in (self.deck.empty, self.card):
            self._show()
        self._arrange()

    def _fill(self) -> None:
        """The list under its age bands, the oldest first, and what it all comes to."""
        found = list(self.items.values())
        bands = suspense.ageing(found)
        groups = []
        for band in reversed(bands):
            if band.count:
                entries = [_entry(item, item.id in self.also) for item in found if item.band == band.name]
                groups.append((f"{band.name[0].upper()}{band.name[1:]}, {money(band.pence)}", entries))
        self.cards.list.set_groups(groups)
        total = sum(item.held_pence for item in found)
        self.cards.foot.set_total(plural(len(found), "item"), money(total))
        if self.also:
            chosen = self._chosen()
            self.cards.foot.set_total(
                f"{len(chosen)} chosen together", money(sum(item.remaining_pence for item in chosen))
            )
        late = sum(item.overdue for item in found)
        free = sum(not item.owner_name for item in found)
        told = [f"{plural(late, 'item')} to chase now"] if late else []
        told += [f"{free:,} that nobody chases"] if free else []
        self.head.set_facts(", ".join(told))

    def _arrange(self) -> None:
        empty = not self.items
        self.none.setVisible(empty)
        self.panes.setVisible(not empty)
        self.paper.setVisible(not empty and self._report() is not None)
        self.head.setVisible(empty or not (self.compact and self.panes.detail))

    def _chosen(self) -> list[Item]:
        """The item on show, then those taken along."""
        ids = [self.chosen_id, *(one for one in self.also if one != self.chosen_id)]
        return [self.items[one] for one in ids if one in self.items]

    def _show(self) -> None:
        chosen = self._chosen()
        if not chosen:
            self.deck.show_view(self.deck.empty)
            return
        self.card.show_item(chosen[0], chosen[1:])
        self.deck.show_view(self.card)

    def choose(self, item_id: str) -> None:
        """Shows an item; whose it could be is looked for off the window's thread."""
        if item_id == self.chosen_id and self.deck.current is self.card:
            return
        self.chosen_id = item_id
        self._show()
        self.card.candidates.say("Looking for whose it could be…")
        self._rest.start()

    def _look(self) -> None:
        """Looks for whose the item on show could be, once the arrows rest on it."""
        item_id = self.chosen_id
        if not item_id:
            return

        def look(job: Job) -> list[Candidate]:
            job.check()
            return self.shell.context.read(lambda session: candidates(session, item_id))

        def seen(found: Sequence[Candidate]) -> None:
            if self.chosen_id == item_id:
                self.card.candidates.show_candidates(found)

        self.shell.fetch(look, seen, lambda error: self.card.candidates.say(error.title))

    def open(self, item_id: str) -> None:
        """Shows an item and goes to its acts."""
        self.cards.list.choose(item_id)
        self.choose(item_id)
        self._detail(True)
        self.card.focus_first()

    def back(self) -> None:
        """Shows the item again, with the keyboard in the list."""
        self._show()
        self._arrange()
        if not self.compact:
            self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _detail(self, shown: bool) -> None:
        self.panes.show_detail(shown)
        self._arrange()

    def _to_list(self) -> None:
        self._show()
        self._detail(False)
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space takes the current item along, or leaves it out again."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            self.take_along(self.cards.list.value() or "")
            return True
        return super().eventFilter(watched, event)

    def take_along(self, item_id: str) -> None:
        """Takes an item along with the others that were chosen, or leaves it out again."""
        if item_id in self.also:
            self.also.remove(item_id)
        elif item_id in self.items:
            self.also.append(item_id)
        self._fill()
        self._show()

    # Acts

    def act(self, name: str) -> None:
        """Does what a button or its key asks: allocate, write_off, owner or note."""
        chosen = self._chosen()
        if not chosen:
            return
        if name == "allocate":
            self.ask_allocate({})
        elif name == "write_off":
            self.write_off.ask(chosen, self.shell.read(accounts.funds))
            self.deck.show_view(self.write_off, focus=True)
        elif name == "owner":
            self.owner.ask(chosen[0], self._people())
            self.deck.show_view(self.owner, focus=True)
        else:
            self._ask_note(chosen[0])

    def ask_allocate(self, first: Values) -> None:
        """Opens the journal form for what is chosen, with `first` in its first row."""
        names = self.shell.read(accounts.funds)
        self.allocate.ask(self._chosen(), names, Verdicts(names), first)
        self.deck.show_view(self.allocate, focus=True)
        fetch_verdicts(self.shell, self.allocate.set_verdicts)

    def _use(self, candidate: Candidate) -> None:
        if candidate.kind == "account":
            self.ask_allocate({"fund": candidate.fund, "reference": candidate.account_reference})
            self.allocate.reason.set_text(candidate.why)
        else:
            self.shell.open("income_receipt", candidate.receipt_id)

    def _people(self) -> list[tuple[str, str]]:
        """The person at the laptop, then whoever chases something already."""
        me = self.shell.context.author
        known = {me.name: me.user_id}
        for item in self.items.values():
            if item.owner_name:
                known.setdefault(item.owner_name, item.owner_id)
        return [(user_id, name) for name, user_id in known.items()]

    def _propose(self, rows: Sequence[JournalRow], reason: str) -> None:
        ids = [item.id for item in self._chosen()]
        self._write(
            "Place suspense",
            lambda session: journals.from_suspense(session, ids, rows, reason),
            "Proposed. A colleague approves it.",
        )

    def _propose_write_off(self, fund: str, reason: str) -> None:
        ids = [item.id for item in self._chosen()]
        self._write(
            "Write suspense off",
            lambda session: journals.write_off(session, ids, fund, reason),
            "Proposed. A colleague approves it.",
        )

    def _save_owner(self, user_id: str, name: str, chase_on: date | None) -> None:
        item_id = self.chosen_id
        self._write(
            "Say who chases it",
            lambda session: suspense.assign(session, item_id, user_id or None, name, chase_on),
            "Saved.",
        )

    def _ask_note(self, item: Item) -> None:
        self.deck.words.ask(
            "Write a note",
            f"{item.narrative}, {money(item.remaining_pence)}.",
            "Note",
            "What was tried, and what came of it",
            "Save the note",
            lambda words: self._write(
                "Write a note", lambda session: suspense.note(session, item.id, words), "Note saved."
            ),
        )
        self.deck.show_view(self.deck.words, focus=True)

    def _write(self, label: str, work: Callable[[Session], Changed], toast: str) -> None:
        self.notice.hide()

        def done(_changed: Changed) -> None:
            self.also = []
            self._fill()
            self.back()

        self.shell.write(label, work, done, self._refused, toast)

    def _refused(self, error: HoldallError) -> None:
        current = self.deck.current
        if isinstance(current, (AllocateForm, WriteOffForm)):
            current.refuse(error)
        elif not refuse_in(self.deck, error):
            self.refuse(error)

    def _report(self) -> object | None:
        return next((report for report in REPORTS if report.name == "suspense-ageing"), None)

    def _paper(self) -> None:
        for report in REPORTS:
            if report.name == "suspense-ageing":
                self.shell.preview(report)

    # What the tab asks

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows an item; False when it is not in suspense any more."""
        if record_id not in self.items:
            return False
        self.open(record_id)
        return True

    def record(self) -> tuple[str, str] | None:
        """The item that is open."""
        return ("income_suspense", self.chosen_id) if self.chosen_id else None

    def focus_first(self) -> None:
        """Goes to the list, on its oldest item."""
        self.cards.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.cards.list.value() is None and self.items:
            oldest = min(self.items.values(), key=lambda item: (-item.age_days, item.held_on))
            self.cards.list.choose(oldest.id)


def _entry(item: Item, along: bool) -> Entry:
    """An item as the list shows it."""
    facts = [day(item.held_on), f"{item.age_days:,} days" if item.age_days != 1 else "1 day"]
    facts.append(item.owner_name or "nobody chases it")
    if item.chase_on is not None:
        facts.append(f"{'due' if item.overdue else 'chase'} {day(item.chase_on)}")
    if item.waiting_pence:
        facts.append("journal waits")
    tone, icon = ("warn", "clock") if item.overdue else ("muted", None)
    if along:
        tone, icon = "hue", "check"
    return Entry(item.id, item.narrative, ", ".join(facts), tone, icon, money(item.held_pence))
