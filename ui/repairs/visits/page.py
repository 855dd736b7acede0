"""The page of one visit: whom to ring or when somebody comes, what is left in time, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs.homes.contacts import ContactView
from app.repairs.visit_views import VISIT_CHIPS, SlotView, alternatives, ring_words, visit_note
from app.wording import local_date, weekday_day, when
from ui.deck import DeckView, acts
from ui.repairs.visits.rows import BOOKED, HELD, PASSED, RING, WAITING, Shown, failed, note_words, told_words
from ui.widgets import Button, Chip, Label, WrapRow, clear_layout

MOST_CALLS = 3
CONFIRM, MOVE, AWAY, OTHER, MISSED, CALENDAR, REPAIR = (
    "confirm",
    "move",
    "away",
    "other",
    "missed",
    "calendar",
    "repair",
)
ACTS = {  # words and key of an act; the one that comes next has Ctrl Enter instead
    CONFIRM: ("Confirm", ""),
    OTHER: ("Choose other days", "O"),
    MISSED: ("Could not reach them", "R"),
    MOVE: ("Move…", "M"),
    AWAY: ("Take away…", "T"),
    CALENDAR: ("Calendar file", "C"),
}
ABLE = {  # what can be done in each group; the first comes next
    RING: (OTHER, MISSED),
    WAITING: (CONFIRM, OTHER, AWAY, CALENDAR),
    HELD: (CONFIRM, MOVE, AWAY, CALENDAR),
    BOOKED: (MOVE, AWAY, CALENDAR),
    PASSED: (OTHER, MISSED),
}
PLANNED = frozenset({CONFIRM, MOVE, AWAY})  # what only a planner does
LEADS = {RING: "Ring", WAITING: "Asked for", HELD: "Held for them", BOOKED: "Booked", PASSED: "It was to be"}


class Told(QWidget):
    """A small heading and sentences below it; hidden while there are none."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 8, 0, 0)
        self.column.setSpacing(2)
        self.column.addWidget(Label(title, "strong"))
        self.lines = QVBoxLayout()
        self.lines.setSpacing(2)
        self.column.addLayout(self.lines)

    def set_lines(self, lines: Sequence[str], tone: str = "muted") -> None:
        """Replaces them."""
        clear_layout(self.lines)
        for line in lines:
            self.lines.addWidget(Label(line, tone=tone, wrap=True))
        self.setVisible(bool(lines))


class VisitPage(DeckView):
    """One visit with its acts. It asks upward for an act, or for a slot in place of one that has gone."""

    asked = Signal(str)  # a key of ACTS, or "repair"
    offered = Signal(str)  # slot

    def __init__(self) -> None:
        super().__init__("Visit")
        self.one: Shown | None = None
        self.offers: list[Button] = []
        self.chips = WrapRow([], 8)
        self.lead = Label("", tone="muted", wrap=True)
        self.figure = Label("", "figure", wrap=True, selectable=True)
        self.figure.setObjectName("visit-figure")
        self.window_words = Label("", "section", wrap=True)
        self.note = Label("", wrap=True)
        self.note.setObjectName("visit-note")
        self.offer_rows = QVBoxLayout()
        self.offer_rows.setSpacing(8)
        self.where = Label("", tone="muted", wrap=True, selectable=True)
        self.wishes, self.told, self.calls = (
            Told("Asked for, in this order"),
            Told("What the tenant was told"),
            Told("Calls"),
        )
        self.repair = Button("Open the repair", "word", "wrench", on_click=partial(self.asked.emit, REPAIR))
        self.repair.setObjectName("visit-repair")
        self.rows.addWidget(self.chips)
        for above in (self.lead, self.figure, self.window_words, self.note):
            self.rows.addWidget(above)
        self.rows.addLayout(self.offer_rows)
        self.rows.addWidget(self.where)
        for below in (self.wishes, self.told, self.calls):
            self.rows.addWidget(below)
        self.rows.addWidget(self.repair, 0, Qt.AlignmentFlag.AlignLeft)
        self.rows.addStretch(1)
        self._build_acts()

    def _build_acts(self) -> None:
        self.planners = Label("", "hint", "muted", wrap=True)
        self.first = Button("", "primary", key="Ctrl Enter", on_click=self._first)
        self.first.setObjectName("visit-first")
        self.buttons: dict[str, Button] = {}
        for key, (words, letter) in ACTS.items():
            if letter:
                self.buttons[key] = Button(words, key=letter, on_click=partial(self.asked.emit, key))
                self.buttons[key].setObjectName(f"visit-{key}")
        self.foot.addWidget(self.planners)
        self.foot.addWidget(acts(self.first, *self.buttons.values()))

    # What it shows

    def show_visit(self, one: Shown, calls: Sequence[ContactView], now: datetime, planner: bool) -> None:
        """Shows a visit; `calls` are what was noted of ringing them, newest first."""
        fresh = self.one is None or self.one.card.visit.id != one.card.visit.id
        self.one = one
        card, today = one.card, local_date(now)
        visit, slot = card.visit, card.slot
        self.title, self.side = card.title, card.reference
        self._show_chips(one)
        ring = one.group == RING
        who = card.tenant or "the tenant"
        self.lead.setText(f"Ring {who}" if ring else LEADS[one.group])
        day = weekday_day(slot.day) if slot is not None else "No day is known here"
        self.figure.setText((card.telephone or "No telephone is known") if ring else day)
        self.window_words.setText("" if ring or slot is None else slot.label)
        self.window_words.setVisible(bool(self.window_words.text()))
        self.note.setText(ring_words(card, today) if ring else note_words(one, visit_note(visit, now, today)))
        self._show_offers(alternatives(visit) if ring else ())
        self.where.setText(self._where(one))
        self.wishes.set_lines(_wishes(visit.choices, visit.asking) if one.group == WAITING else [])
        self.told.set_lines([told_words(card, one.group)], "danger" if failed(card) else "muted")
        self.calls.set_lines([_call(call, now) for call in calls[:MOST_CALLS]])
        self._show_acts(one, planner)
        if fresh:
            self.scroller.verticalScrollBar().setValue(0)

    def _show_chips(self, one: Shown) -> None:
        card = one.card
        self.chips.clear()
        late = one.group == PASSED
        state = VISIT_CHIPS[card.visit.state]
        self.chips.add(Chip(*(("The day has passed", "danger", "circle-x") if late else state)))
        if card.target_on is not None:
            self.chips.add(Chip(f"Promised by {weekday_day(card.target_on)}"))
        if not card.visit.sent and one.group not in (RING, PASSED):
            self.chips.add(Chip("Not sent yet", "plain", "cloud-upload"))
        self.chips.updateGeometry()

    def _show_offers(self, slots: Sequence[SlotView]) -> None:
        clear_layout(self.offer_rows)
        self.offers = []
        for number, slot in enumerate(slots[:3], 1):
            words = f"{slot.day:%A} {slot.day.day} {slot.day:%b}, {slot.label[:1].lower()}{slot.label[1:]}"
            act = partial(self.offered.emit, slot.id)
            button = Button(words, "primary" if number == 1 else "outline", key=str(number), on_click=act)
            button.setAccessibleName(f"They take {slot.words}")
            button.setObjectName(f"visit-offer-{number}")
            self.offers.append(button)
            self.offer_rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            button.show()

    @staticmethod
    def _where(one: Shown) -> str:
        card = one.card
        telephone = f" · {card.telephone}" if card.telephone and one.group != RING else ""
        who = f"{card.tenant}{telephone}\n" if card.tenant and one.group != RING else ""
        return f"{who}{card.where}"

    def _show_acts(self, one: Shown, planner: bool) -> None:
        able = ABLE[one.group]
        offers = bool(self.offers)
        first = able[0] if one.group != BOOKED and not offers else ""
        self.first.setVisible(bool(first))
        if first:
            self.first.setText(ACTS[first][0])
            self.first.set_kind("outline" if first in PLANNED and not planner else "primary")
        for key, button in self.buttons.items():
            button.setVisible(key in able and key != first)
        says = bool(PLANNED.intersection(able)) and not planner
        self.planners.setText("Planners (leads) confirm, move and take away visits." if says else "")
        self.planners.setVisible(says)

    def _first(self) -> None:
        if self.one is not None:
            self.asked.emit(ABLE[self.one.group][0])

    def focus_first(self) -> None:
        """Goes to what comes next."""
        shown = [*self.offers, self.first, *self.buttons.values()]
        target = next((button for button in shown if not button.isHidden()), self.repair)
        target.setFocus(Qt.FocusReason.OtherFocusReason)


def _wishes(choices: Sequence[SlotView], asking: str) -> list[str]:
    lines = []
    for number, slot in enumerate(choices, 1):
        taken = (
            "its place is asked for" if slot.id == asking else f"{max(0, slot.left)} of {slot.places} left"
        )
        lines.append(f"{number}  {slot.words}: {taken}")
    return lines if len(lines) > 1 else []


def _call(call: ContactView, now: datetime) -> str:
    who = f", {call.by}" if call.by else ""
    return (
        f"{when(call.at, local_date(now))[:1].upper()}{when(call.at, local_date(now))[1:]}{who}: {call.words}"
    )
