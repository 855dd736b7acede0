"""The register of one session: search, who is here, the tally pad, and the forms that stand beside it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.inclusion import people, reading, rules, service
from app.inclusion.report import REPORTS
from app.wording import clock_time, local_date
from models.errors import HoldallError
from models.inclusion import AgeBand, SessionState
from ui.inclusion import items
from ui.inclusion.acts import NOTE, WORK, Acts
from ui.inclusion.door import CloseForm, HereForm, NewPerson, PersonForm, ReasonForm
from ui.inclusion.form import Form
from ui.inclusion.here import HereTable
from ui.inclusion.offers import OfferList, RegisterSearch
from ui.inclusion.tally import TallyPad
from ui.inclusion.time_left import TimeLeft
from ui.shell import Autosave, Shell
from ui.theme import theme
from ui.widgets import Banner, Button, Card, Chip, Label, PageHead, WrapRow

CLOCK_SECONDS = 20
F = TypeVar("F", bound=Form)


class RegisterView(QWidget):
    """One session: marked, counted, closed. Every act is one write; `left` asks for the landing page."""

    left = Signal()

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.acts = Acts(shell)
        self.session_id = ""
        self.found: reading.Register | None = None
        self._state: SessionState | None = None  # what the chip says
        self._last: str | None = None  # who was marked last, whose row carries Undo
        self._compact = self._pad_shown = False
        self._build_head()
        self._build_list()
        self.left_side = QStackedWidget()
        self.left_side.addWidget(self.list)
        self._cards: dict[Form, Card] = {}
        self._place()
        self._wire()
        self._clock = QTimer(self, interval=CLOCK_SECONDS * 1000)
        self._clock.timeout.connect(self._tell_time)
        self._typed = Autosave(self._save_typed, self)

    # Building

    def _build_head(self) -> None:
        self.head = PageHead()
        self.time_left = TimeLeft()
        self.back = Button("All sessions", icon="arrow-left", on_click=self.left.emit)
        self.back.setObjectName("inclusion-all-sessions")
        self.close_button = Button("Close the session…", on_click=self.ask_close)
        self.close_button.setObjectName("inclusion-close-open")
        self.reopen_button = Button("Reopen…", on_click=self.ask_reopen)
        self.reopen_button.setObjectName("inclusion-reopen-open")
        self.head.set_actions([self.time_left, self.back, self.close_button, self.reopen_button])

    def _build_list(self) -> None:
        self.search, self.offers, self.table = RegisterSearch(), OfferList(), HereTable()
        self.locked = Banner("", "info", "lock")
        self.locked.hide()
        self.count = Label("", "body", "muted")
        self.sheet = Button("Print the sheet", "word", on_click=self._print_sheet)
        self.nobody = Label(
            "Nobody is marked present yet. Type two letters of a name.", "body", "muted", wrap=True
        )
        self.nobody.setContentsMargins(15, 14, 15, 14)
        card = self.here_card = Card(flush=True)
        top = QHBoxLayout()
        top.setContentsMargins(15, 8, 15, 8)
        top.setSpacing(10)
        self.here_title = Label("Here now", "section")
        for widget, stretch in ((self.here_title, 0), (self.count, 1), (self.sheet, 0)):
            top.addWidget(widget, stretch)
        card.body.addLayout(top)
        card.body.addWidget(self.nobody)
        card.body.addWidget(self.table, 1)
        self.list = QWidget()
        column = QVBoxLayout(self.list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search)
        self._under_search = QVBoxLayout()
        self._under_search.setContentsMargins(4, 6, 4, 0)
        self._under_search.addWidget(self.offers)
        column.addLayout(self._under_search)
        column.addWidget(self.locked)
        column.addSpacing(12)
        column.addWidget(card, 1000)
        column.addStretch(1)

    # Forms that are built when they are first asked for

    @cached_property
    def person(self) -> PersonForm:
        """The form for a new person."""
        made = self._framed(PersonForm())
        made.name_changed.connect(self._look_alike)
        made.added.connect(self._add)
        made.known.connect(self._is_known)
        return made

    @cached_property
    def one(self) -> HereForm:
        """The form of somebody who is here."""
        made = self._framed(HereForm())
        made.left_at.connect(self._leave)
        made.taken_out.connect(self.take_out)
        made.working.connect(lambda who, words: self._typed.touch(f"{WORK}{who}", words))
        return made

    @cached_property
    def closing(self) -> CloseForm:
        """The form that closes the session."""
        made = self._framed(CloseForm())
        made.closing.connect(self._close)
        made.noted.connect(lambda words: self._typed.touch(NOTE, words))
        return made

    @cached_property
    def reopening(self) -> ReasonForm:
        """The form that asks why a closed session is opened again."""
        made = self._framed(ReasonForm("Reopen the session", "Reopen the session", "reopen"))
        made.given.connect(self._reopen)
        return made

    def _framed(self, form: F) -> F:
        card = Card(decision=True)
        card.body.addWidget(form)
        self._cards[form] = card
        self.left_side.addWidget(card)
        form.cancelled.connect(self.show_list)
        return form

    def _place(self) -> None:
        self.pad = TallyPad()
        self.pad_button = Button("Tally pad", icon="hash", on_click=self._turn_pad)
        self.pad_button.setObjectName("inclusion-pad-open")
        self.pinned = WrapRow([self.pad_button], 8)
        self.pinned.hide()
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(self.left_side, 1)
        middle.addWidget(self.pad)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.head)
        column.addLayout(middle, 1)
        column.addWidget(self.pinned)
        self.restyle()

    def _wire(self) -> None:
        self.search.textChanged.connect(self._offer)
        self.search.moved.connect(self._move)
        self.search.confirmed.connect(self._confirm)
        self.search.listening.connect(self.pad.listen)
        self.search.counted.connect(self.pad.press)
        self.search.undo_asked.connect(self.take_back)
        self.search.left.connect(self.left.emit)
        self.offers.taken.connect(self._take)
        self.pad.pressed.connect(lambda band: self.count_one(AgeBand(band)))
        self.pad.undo_asked.connect(self.take_back)
        self.table.row_opened.connect(self.ask_one)
        self.table.row_acted.connect(self._act)
        self.table.typed.connect(self._type_on)
        new_person = QShortcut(QKeySequence("Ctrl+N"), self)
        new_person.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        new_person.activated.connect(self.ask_person)

    def restyle(self) -> None:
        """The pad is as wide as its keys need."""
        self.pad.setFixedWidth(theme().wide(396)) if not self._compact else self.pad.setMaximumWidth(
            16_777_215
        )

    # Showing

    def show_session(self, session_id: str) -> None:
        """Shows a session; raises NotFound when it is gone."""
        if session_id != self.session_id:
            self.leave()
            self._last = None
            self.session_id = session_id
            self.search.clear()
            self.table.choose(None)
            self.left_side.setCurrentWidget(self.list)
        self.reload()
        self._clock.start()

    def reload(self) -> None:
        """Reads the session again and shows it."""
        found = self.shell.read(lambda s: reading.register(s, self.session_id))
        self.found = found
        line = found.session
        self.head.set_title(line.title)
        if line.state is not self._state:
            self._state = line.state
            self.head.set_chips([Chip(*items.STATE_CHIPS[line.state])])
        self.head.set_facts("" if self._compact else items.session_facts(line))
        open_ = line.state in (SessionState.OPEN, SessionState.PLANNED)
        self.search.setVisible(open_)
        if not open_:
            self.offers.hide()
        self.close_button.setVisible(line.state is SessionState.OPEN)
        self.reopen_button.setVisible(line.state is SessionState.CLOSED)
        self.time_left.setVisible(open_ and not self._compact)
        self._show_lock(found)
        self.here_title.setText("Here now" if open_ else "Who came")
        self.count.setText(items.here_words(found))
        self.nobody.setVisible(not found.here)
        self.nobody.setText(
            "Nobody is marked present yet. Type two letters of a name." if open_ else "Nobody came by name."
        )
        self.table.setVisible(bool(found.here))
        firsts = [one.person_id for one in found.here if one.first_time]
        self.table.show_people(items.here_rows(found, self._last), firsts)
        self._show_tally(found)
        self._tell_time()

    def _show_lock(self, found: reading.Register) -> None:
        closed = found.session.state is SessionState.CLOSED
        self.locked.setVisible(closed)
        if closed:
            when = f" at {clock_time(found.closed_at)}" if found.closed_at else ""
            note = f" {found.note}" if found.note else ""
            hours = rules.whole_hours(found.minutes)
            self.locked.set_text(
                f"Closed by {found.closed_by}{when}: {items.here_words(found)}, {hours} hours of learning, "
                f"{found.counted:,} counted without a name.{note}"
            )

    def _show_tally(self, found: reading.Register) -> None:
        said, last = "", None
        if found.last_press is not None:
            last, at = found.last_press
            said = f"{rules.BAND_WORDS.get(last, last)}, counted at {clock_time(at)}"
        open_ = found.session.state in (SessionState.OPEN, SessionState.PLANNED)
        self.pad.show_counts(found.tally, last, said, open_)
        self.pad_button.setText(
            f"Tally pad, {found.counted:,} counted" if not self._pad_shown else "Register"
        )

    def _tell_time(self) -> None:
        if self.found is not None:
            self.time_left.show_time(self.found.session, self.shell.context.now())

    def focus_search(self) -> None:
        """Puts the focus where the register is filled."""
        if self.left_side.currentWidget() is not self.list or not self.list.isVisible():
            return
        for widget in (self.search, self.table, self.back):
            if widget.isVisible():
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def show_list(self) -> None:
        """Back to search and table."""
        self._typed.flush()
        self.left_side.setCurrentWidget(self.list)
        self.focus_search()

    def _show_form(self, form: Form) -> None:
        self._show_offers([], [])
        if self._compact and self._pad_shown:
            self._turn_pad()
        self.left_side.setCurrentWidget(self._cards[form])
        form.focus_first()

    # Searching

    def _offer(self, typed: str) -> None:
        words = rules.typed_words(typed)
        if sum(map(len, words)) < 2 or not self.session_id:
            self._show_offers([], [])
            return
        now = self.shell.context.now()
        known = self.shell.read(lambda s: people.candidates(s, self.session_id, typed, now))
        self._show_offers(items.offers(known, typed, local_date(now)), words)
        self._say_offer()

    def _show_offers(self, offers: list[items.Offer], words: list[str]) -> None:
        self.offers.show_offers(offers, words)
        self.here_card.setVisible(not self._compact or not offers)

    def _say_offer(self) -> None:
        offer = self.offers.current()
        if offer is not None:
            count = len(self.offers.offers)
            self.search.setAccessibleDescription(
                f"{offer.spoken}, {self.offers.currentIndex().row() + 1} of {count}"
            )

    def _move(self, step: int) -> None:
        if self.offers.offers:
            self.offers.move_by(step)
            self._say_offer()
        elif step > 0 and self.table.isVisible():
            self.table.setFocus(Qt.FocusReason.TabFocusReason)
            self.table.choose_row(0)

    def _confirm(self) -> None:
        offer = self.offers.current()
        if offer is not None:
            self._take(offer.person_id)

    def _take(self, person_id: str) -> None:
        if person_id:
            name = next((o.name for o in self.offers.offers if o.person_id == person_id), "")
            self.search.clear()
            self.mark(person_id, name)
        else:
            self.ask_person()

    def _type_on(self, text: str) -> None:
        """What was typed in the table goes on in the search box."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, text)
        QCoreApplication.sendEvent(self.search, key)

    # Acts

    def mark(self, person_id: str, name: str = "") -> None:
        """Marks a person present."""
        self._last = person_id
        self.acts.mark(self.session_id, person_id, name)
        self.focus_search()

    def take_out(self, person_id: str) -> None:
        """Takes a person out of the register again."""
        self._last = None
        self.acts.take_out(self.session_id, person_id, self._name(person_id))
        self.show_list()

    def _name(self, person_id: str) -> str:
        here = self.found.here if self.found else ()
        return next((one.name for one in here if one.person_id == person_id), "This person")

    def _act(self, person_id: str) -> None:
        if person_id == self._last:
            self.take_out(person_id)
        else:
            self.ask_one(person_id)

    def count_one(self, band: AgeBand) -> None:
        """Counts one visit without a name."""
        self.acts.count_one(self.session_id, band)
        self.focus_search()

    def take_back(self) -> None:
        """Takes back the last press of this laptop."""
        self.acts.take_back(self.session_id)
        self.focus_search()

    def ask_person(self) -> None:
        """Opens the form for a new person, with the name typed so far."""
        if self.search.isVisible() and self.found is not None:
            typed = " ".join(self.search.text().split())
            name = "" if any(c.isdigit() for c in typed) else rules.capitalised(typed)
            self.person.ask(name, self.shell.context.today())
            self._show_form(self.person)

    def _look_alike(self, name: str, year: object) -> None:
        known = year if isinstance(year, int) else None
        found = self.shell.read(lambda s: people.alike_to(s, name, known)) if len(name.split()) > 1 else []
        self.person.show_alike(found)

    def _add(self, answers: NewPerson) -> None:
        def added(done: service.Done) -> None:
            self._last = done.id
            self.search.clear()
            self.show_list()
            self.reload()

        self.acts.add(self.session_id, answers, added, self.person.fail)

    def _is_known(self, person_id: str) -> None:
        self.search.clear()
        self.show_list()
        self.mark(person_id)

    def ask_one(self, person_id: str) -> None:
        """Opens the form of somebody who is here."""
        found = next((o for o in self.found.here if o.person_id == person_id), None) if self.found else None
        if found is not None and self.found is not None and self.found.session.state is SessionState.OPEN:
            self.one.ask(found, self.shell.context.now())
            self._show_form(self.one)

    def _leave(self, person_id: str, typed: str) -> None:
        now = self.shell.context.now()
        try:
            at = now if typed.strip() == clock_time(now) else rules.read_clock(typed, self._day())
        except HoldallError as error:
            self.one.fail(error)
            return
        self._typed.flush()
        self.acts.leave(self.session_id, person_id, self._name(person_id), at, self.show_list, self.one.fail)

    def _day(self) -> date:
        line = self.found.session if self.found else None
        return local_date(line.starts_at) if line else self.shell.context.today()

    def ask_close(self) -> None:
        """Opens the form that closes the session."""
        if self.found is not None:
            self.closing.ask(self.found)
            self._show_form(self.closing)

    def _close(self, end: str, note: str, nobody: bool) -> None:
        try:
            ends_at = rules.read_clock(end, self._day())
        except HoldallError as error:
            self.closing.fail(error)
            return
        self._typed.forget()
        self.acts.close(self.session_id, ends_at, note, nobody, self.show_list, self.closing.fail)

    def ask_reopen(self) -> None:
        """Opens the form that asks why a closed session is opened again."""
        self.reopening.ask()
        self._show_form(self.reopening)

    def _reopen(self, reason: str) -> None:
        self.acts.reopen(self.session_id, reason, self.show_list, self.reopening.fail)

    def _save_typed(self, values: dict[str, Any]) -> None:
        for key, words in values.items():
            self.acts.keep_words(self.session_id, key, words)

    def _print_sheet(self) -> None:
        self.shell.preview(REPORTS[1], {"session": self.session_id})

    # The page around it

    def leave(self) -> None:
        """Saves what is being typed."""
        self._typed.flush()

    def _turn_pad(self) -> None:
        self._pad_shown = not self._pad_shown
        self._arrange()
        if self._pad_shown:
            self.pad.keys["5"].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.focus_search()

    def set_compact(self, compact: bool) -> None:
        """One column: the pad goes behind a button."""
        self._compact = compact
        self._arrange()

    def _arrange(self) -> None:
        narrow = self._compact
        self.restyle()
        self.pinned.setVisible(narrow)
        self.pad.setVisible(not narrow or self._pad_shown)
        self.left_side.setVisible(not narrow or not self._pad_shown)
        policy = QSizePolicy.Policy.Expanding if narrow else QSizePolicy.Policy.Preferred
        self.pad.setSizePolicy(policy, QSizePolicy.Policy.Expanding)
        self.pad.set_compact(narrow)
        buttons = (self.back, self.close_button, self.reopen_button)
        for button in buttons:
            (self.pinned if narrow else self.head.acts).add(button)
        self.head.acts.setVisible(not narrow)
        self.here_card.setVisible(not narrow or not self.offers.offers)
        if self.found is not None:
            self.reload()
