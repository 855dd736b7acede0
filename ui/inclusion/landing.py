"""What the tab opens on: today's sessions, those left open, people who look alike; then lists."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.inclusion.people import Pair
from app.inclusion.reading import Landing, SessionLine
from app.wording import local_date, weekday_day
from models.inclusion import SessionState
from ui.inclusion import items
from ui.widgets import (
    Button,
    Card,
    Chip,
    EmptyPage,
    Label,
    PageHead,
    QuietNote,
    ScrollColumn,
    TwoLineList,
    WrapRow,
    clear_layout,
)


class LandingView(QWidget):
    """The landing page. Signals carry ids: a session to open or to close, a place, a pair of people."""

    opened = Signal(str)
    closing = Signal(str)
    plan_asked = Signal()
    venue_asked = Signal(str)
    month_asked = Signal()
    same = Signal(str, str)
    apart = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.month = Button("Month report", icon="chart-column", on_click=self.month_asked.emit)
        self.venue = Button("New place…", icon="map-pin", on_click=lambda: self.venue_asked.emit(""))
        self.plan = Button("Plan a session…", icon="calendar", key="Ctrl N", on_click=self.plan_asked.emit)
        for button, name in ((self.month, "month"), (self.venue, "venue"), (self.plan, "plan")):
            button.setObjectName(f"inclusion-open-{name}")
        self.lists = Button("Lists", icon="panel-left", on_click=self._turn)
        self.lists.setObjectName("inclusion-open-lists")
        self.lists.hide()
        acts = [self.month, self.venue, self.plan, self.lists]
        self.head = PageHead("Digital inclusion", actions=acts)
        self.needs = ScrollColumn((0, 0, 6, 0))
        self.list = TwoLineList(name="Sessions and places")
        self.list.setObjectName("inclusion-lists")
        self.list.opened.connect(self._open)
        self.list.clicked.connect(lambda _index: self._open(self.list.value() or ""))
        self.list_card = Card(flush=True)
        self.list_card.body.addWidget(self.list)
        self.empty = EmptyPage(
            "users-round",
            "No place and no session yet",
            "Add the place where you hold sessions, then plan one. The register and the tally pad work with "
            "no network.",
            Button("Add a place", "primary", on_click=lambda: self.venue_asked.emit("")),
        )
        self.columns = QHBoxLayout()
        self.columns.setSpacing(20)
        self.columns.addWidget(self.needs, 11)
        self.columns.addWidget(self.list_card, 9)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.head)
        column.addLayout(self.columns, 1)
        column.addWidget(self.empty, 1)
        self._venues: frozenset[str] = frozenset()
        self._compact = self._turned = self._none = False
        self._first: Button | None = None  # what Enter does when the page opens

    def focus_first(self) -> None:
        """Puts the focus on the next step: the open register, else planning."""
        (self._first or self.plan).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_page(self, page: Landing, now: datetime) -> None:
        """Shows what was read."""
        today = local_date(now)
        self._venues = frozenset(venue.id for venue in page.venues)
        self.head.set_facts(items.landing_facts(page))
        self.head.set_chips(
            [Chip(f"{len(page.left_open)} left open", "warn", "clock")] if page.left_open else []
        )
        self._none = page.empty
        self._arrange()
        self.empty.setVisible(page.empty)
        self.list.set_groups(items.landing_groups(page, today))
        clear_layout(self.needs.body)
        self._show_today(page, now)
        for line in page.left_open:
            self.needs.body.addWidget(self._left_open(line))
        for pair in page.pairs:
            self.needs.body.addWidget(self._pair(pair))
        self.needs.body.addStretch(1)

    def _show_today(self, page: Landing, now: datetime) -> None:
        self.needs.body.addWidget(Label(f"Today, {weekday_day(local_date(now))}", "section"))
        if not page.today:
            note = QuietNote("No session today", "Plan one for now, or look at what comes.")
            self.needs.body.addWidget(note)
        self._first = None
        first = True
        for line in page.today:
            going = line.state is not SessionState.CLOSED
            self.needs.body.addWidget(self._today(line, now, first and going))
            first = first and not going

    def _today(self, line: SessionLine, now: datetime, first: bool) -> Card:
        card = Card(hue=first or None, decision=first)
        words, tone, icon = items.STATE_CHIPS[line.state]
        card.body.addWidget(WrapRow([Label(line.title, "section"), Chip(words, tone, icon)], 12))
        left = items.time_left(line, now)[0] if line.state is SessionState.OPEN else ""
        facts = ", ".join(part for part in (items.hours_words(line), left) if part)
        card.body.addWidget(Label(facts, "body", "muted", wrap=True))
        if line.state is not SessionState.PLANNED:
            card.body.addWidget(
                Label(items.came_words(line)[:1].upper() + items.came_words(line)[1:], wrap=True)
            )
        verb = {SessionState.PLANNED: "Open the session", SessionState.OPEN: "Go to the register"}
        button = Button(
            verb.get(line.state, "Look at the register"),
            "primary" if first else "outline",
            on_click=partial(self.opened.emit, line.id),
        )
        button.setAccessibleDescription(line.title)
        if first:
            button.setObjectName("inclusion-register-open")
            self._first = button
        card.body.addWidget(WrapRow([button]))
        return card

    def _left_open(self, line: SessionLine) -> Card:
        card = Card(tone="warn")
        card.body.addWidget(Label(line.title, "strong", wrap=True))
        since = f"Left open since {weekday_day(local_date(line.starts_at))}, {items.came_words(line)}."
        card.body.addWidget(Label(since, "body", "muted", wrap=True))
        close = Button("Close it…", on_click=partial(self.closing.emit, line.id))
        look = Button("Look at the register", "word", on_click=partial(self.opened.emit, line.id))
        for button in (close, look):
            button.setAccessibleDescription(line.title)
        card.body.addWidget(WrapRow([close, look], 16))
        return card

    def _pair(self, pair: Pair) -> Card:
        card = Card(tone="info")
        keep, other = pair.keep, pair.other
        card.body.addWidget(Label("One person or two?", "strong", wrap=True))
        words = f"{keep.name}, {keep.code}, and {other.name}, {other.code}, have {pair.keep.reason}."
        card.body.addWidget(Label(words, "body", "muted", wrap=True))
        one = Button(
            "One person: join them", on_click=partial(self.same.emit, keep.person_id, other.person_id)
        )
        two = Button("Two people", on_click=partial(self.apart.emit, keep.person_id, other.person_id))
        for button in (one, two):
            button.setAccessibleDescription(words)
        card.body.addWidget(WrapRow([one, two], 8))
        return card

    def _open(self, record_id: str) -> None:
        if record_id in self._venues:
            self.venue_asked.emit(record_id)
        elif record_id:
            self.opened.emit(record_id)

    def set_compact(self, compact: bool) -> None:
        """One column: the lists go behind a button."""
        self._compact, self._turned = compact, False
        self._arrange()

    def _turn(self) -> None:
        self._turned = not self._turned
        self._arrange()
        (self.list if self._turned else self.lists).setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        full = not self._none
        self.plan.setVisible(full)
        self.lists.setVisible(full and self._compact)
        self.lists.setText("What needs me" if self._turned else "Lists")
        self.needs.setVisible(full and not (self._compact and self._turned))
        self.list_card.setVisible(full and (not self._compact or self._turned))
