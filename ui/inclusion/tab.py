"""The Inclusion tab: landing page, register, month report and the forms that plan and keep places."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.inclusion import reading, register, service
from models.changes import Changed
from models.errors import HoldallError
from models.inclusion import SessionKind, SessionState
from ui.inclusion import items
from ui.inclusion.form import Form, PersonCardForm, PlanForm, VenueForm
from ui.inclusion.landing import LandingView
from ui.inclusion.month import MonthView
from ui.inclusion.register import RegisterView
from ui.shell import Autosave, Page, Shell
from ui.theme import theme

F = TypeVar("F", bound=Form)


class Tab(Page):
    """The page of the tab. It opens on what needs the officer; a session's register is one step away."""

    key = "inclusion"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.stack = QStackedWidget()
        self.landing = LandingView()
        self.register = RegisterView(shell)
        for view in (self.landing, self.register):
            self.stack.addWidget(view)
        self._frames: dict[Form, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self._typed = Autosave(self._save_typed, self)
        self._wire()

    def _wire(self) -> None:
        self.landing.opened.connect(self.open_register)
        self.landing.closing.connect(self._ask_close)
        self.landing.plan_asked.connect(lambda: self.ask_plan(""))
        self.landing.venue_asked.connect(self.ask_venue)
        self.landing.month_asked.connect(self.open_month)
        self.landing.same.connect(self._join)
        self.landing.apart.connect(self._keep_apart)
        self.register.left.connect(self.show_landing)

    # Views that are built when they are first asked for

    @cached_property
    def month(self) -> MonthView:
        """The month report."""
        made = MonthView(self.shell)
        made.left.connect(self.show_landing)
        self.stack.addWidget(made)
        return made

    @cached_property
    def plan(self) -> PlanForm:
        """The form that plans a session."""
        made = self._framed(PlanForm())
        made.planned.connect(self._plan)
        return made

    @cached_property
    def venue(self) -> VenueForm:
        """The form of a place."""
        made = self._framed(VenueForm())
        made.added.connect(self._add_venue)
        made.plan_asked.connect(self.ask_plan)
        made.edited.connect(lambda key, text: self._touch("venue", made.venue_id, key, text))
        return made

    @cached_property
    def card(self) -> PersonCardForm:
        """The form of a person on record."""
        made = self._framed(PersonCardForm())
        made.edited.connect(lambda key, text: self._touch("person", made.person_id, key, text))
        return made

    def _framed(self, form: F) -> F:
        self._frames[form] = _Frame(form)
        self.stack.addWidget(self._frames[form])
        form.cancelled.connect(self.show_landing)
        return form

    # Where to

    def show_landing(self) -> None:
        """The landing page, read anew."""
        self.leave()
        self.landing.show_page(*self._landing())
        self.stack.setCurrentWidget(self.landing)
        self.landing.focus_first()

    def _landing(self) -> tuple[reading.Landing, Any]:
        now = self.shell.context.now()
        return self.shell.read(lambda s: reading.landing(s, now)), now

    def open_register(self, session_id: str) -> None:
        """The register of a session; a planned one of today is opened by its first arrival."""
        self.leave()
        self.register.show_session(session_id)
        self.stack.setCurrentWidget(self.register)
        self.register.focus_search()

    def _ask_close(self, session_id: str) -> None:
        self.open_register(session_id)
        self.register.ask_close()

    def open_month(self) -> None:
        """The month report."""
        self.leave()
        self.month.open_months()
        self.stack.setCurrentWidget(self.month)
        self.month.choice.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_plan(self, venue_id: str) -> None:
        """The form that plans a session; without a place the form for one comes first."""
        now = self.shell.context.now()
        venues = self.shell.read(lambda s: reading.venues(s, now))
        if not venues:
            self.ask_venue("")
            return
        self.plan.ask(venues, now, venue_id)
        self._show(self.plan)

    def ask_venue(self, venue_id: str) -> None:
        """The form of a place, or of a new one for an empty id."""
        self.venue.ask(self.shell.read(lambda s: reading.venue(s, venue_id)) if venue_id else None)
        self._show(self.venue)

    def _show(self, form: Form) -> None:
        self.leave()
        self.stack.setCurrentWidget(self._frames[form])
        form.focus_first()

    # Acts

    def _write(
        self,
        label: str,
        work: Callable[[Any], service.Done],
        done: Callable[[service.Done], None] | None = None,
        failed: Callable[[HoldallError], None] | None = None,
    ) -> None:
        self.shell.write(label, work, done, failed)

    def _join(self, keep: str, other: str) -> None:
        self._write("Join two records", lambda s: register.join_people(s, keep, other))

    def _keep_apart(self, one: str, other: str) -> None:
        self._write("Keep two people apart", lambda s: register.keep_apart(s, one, other))

    def _plan(
        self, venue_id: str, kind: str, starts: Any, ends: Any, volunteers: int, open_now: bool
    ) -> None:
        def planned(done: service.Done) -> None:
            if open_now:
                self.open_register(done.id)
            else:
                self.show_landing()

        self._write(
            "Plan a session",
            lambda s: service.plan_session(
                s, venue_id, SessionKind(kind), starts, ends, volunteers, open_now
            ),
            planned,
            self.plan.fail,
        )

    def _add_venue(self, name: str, address: str, postcode: str, note: str) -> None:
        self._write(
            "Add a place",
            lambda s: service.add_venue(s, name, address, postcode, note),
            lambda done: self.ask_plan(done.id),
            self.venue.fail,
        )

    def _touch(self, what: str, record_id: str, key: str, text: str) -> None:
        self._typed.touch(f"{what}/{record_id}/{key}", text)

    def _save_typed(self, values: dict[str, Any]) -> None:
        for path, text in values.items():
            what, record_id, field = path.split("/")
            self._save_one(what, record_id, {field: text})

    def _save_one(self, what: str, record_id: str, fields: dict[str, Any]) -> None:
        if what == "venue":
            self._write("Change a place", lambda s: service.change_venue(s, record_id, **fields))
        else:
            self._write("Change a person", lambda s: register.change_person(s, record_id, **fields))

    # What the window asks

    def refresh(self, changed: Changed | None) -> None:
        """Reads again what is on show."""
        if changed is not None and not changed.touches("inclusion_"):
            return
        showing = self.stack.currentWidget()
        if showing is self.register and self.register.session_id:
            try:
                self.register.reload()
            except HoldallError as error:
                self.shell.tell(error)
                self.show_landing()
        elif isinstance(showing, MonthView):
            showing.reload()
        elif showing is self.landing:
            self.landing.show_page(*self._landing())

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a session's register, a place or a person."""
        try:
            if type_name == "inclusion_session":
                self.open_register(record_id)
            elif type_name == "inclusion_venue":
                self.ask_venue(record_id)
            elif type_name == "inclusion_person":
                found = self.shell.read(lambda s: reading.person(s, record_id))
                self.card.ask(found, self.shell.context.today())
                self._show(self.card)
            else:
                return False
        except HoldallError:
            return False
        return True

    def leave(self) -> None:
        """Saves what is being typed."""
        self._typed.flush()
        self.register.leave()

    def set_compact(self, compact: bool) -> None:
        """One column where it is narrow."""
        super().set_compact(compact)
        self.landing.set_compact(compact)
        self.register.set_compact(compact)

    def record(self) -> tuple[str, str] | None:
        """The session whose register is open."""
        session_id = self.register.session_id
        return ("inclusion_session", session_id) if session_id else None

    def needs_me(self) -> list[str]:
        """Sessions left open, an open one of today, records that may be one person."""
        page, _ = self._landing()
        going = [f"{line.title} is open" for line in page.today if line.state is SessionState.OPEN]
        return [*going, *items.needs(page)]


class _Frame(QWidget):
    """A form at the left of the page, no wider than a form may be."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 0, 0)
        row.addWidget(form, 1000)
        row.addStretch(1)
        self.restyle()

    def restyle(self) -> None:
        """As wide as a form may be, and a scroll bar."""
        self.form.setMaximumWidth(theme().wide(580))
