"""Visits: up to three wishes in order, from the places as they stood at the last sync. What is promised comes
first; a day after it is asked for only once the tenant has agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.repairs import flow, visits
from app.repairs.views import RepairView
from app.repairs.visit_views import SlotView, free_slots
from app.repairs.visit_week import grid
from app.wording import clock_time, local_date, weekday_day, when
from models.repairs import HOLDING, VisitState
from ui.repairs.steps import Done, Step
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, CheckBox, Label, clear_layout

MOST_DAYS = 6  # inside what is promised
LATE_DAYS = 4  # after it
MOST_KEYS = 9
KEYS_DRAWN = 1.25  # the largest text at which the keys fit into the buttons
RANKS = ("first", "second", "third")
SHORT_RANKS = ("1st", "2nd", "3rd")


class SlotGrid(QWidget):
    """Slots as buttons: a row for each day, a column for each window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.columns = 0
        self.cells = QGridLayout(self)
        self.cells.setContentsMargins(0, 0, 0, 0)
        self.cells.setHorizontalSpacing(10)
        self.cells.setVerticalSpacing(8)

    def lay_out(self, slots: Sequence[SlotView], buttons: dict[str, Button]) -> None:
        """Puts the buttons into their places; days and windows come from the slots."""
        clear_layout(self.cells)
        weeks = grid(slots, {})
        for row, day in enumerate(weeks.days):
            self.cells.addWidget(Label(weekday_day(day.day)), row, 0)
            for column, place in enumerate(day.places, 1):
                chosen = [] if place is None else [s for s in place.slots if s.id in buttons]
                for slot in chosen[:1]:
                    button = buttons[slot.id]
                    self.cells.addWidget(button, row, column, Qt.AlignmentFlag.AlignLeft)
        self.columns = len(weeks.windows)
        self.cells.setColumnStretch(self.columns + 1, 1)
        self.restyle()

    def restyle(self) -> None:
        """Two of these, one above the other, have their columns under each other."""
        keys = theme().factor <= KEYS_DRAWN
        self.cells.setColumnMinimumWidth(0, theme().wide(160))
        for column in range(1, self.columns):
            self.cells.setColumnMinimumWidth(column, theme().wide(180 if keys else 150))


class VisitsStep(Step):
    """Which visits they would like; nothing is booked here. 1 to 9 choose one of the first places."""

    id = flow.VISITS
    ask = "Which visits would suit them?"
    help = "Choose up to three, the best one first. Nothing is booked until it is confirmed."
    why = "Sync asks for the first wish that still has a place, and tells you if all three have gone."

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.chosen: list[str] = []
        self.due: date | None = None
        self._slots: dict[str, SlotView] = {}
        self.buttons: dict[str, Button] = {}
        self.booked = Label("", tone="warn", wrap=True)
        self.wishes = Label("", "strong", wrap=True)
        self.inside, self.later = SlotGrid(), SlotGrid()
        self.more = Button("Later days", "word", "chevron-right", on_click=self._show_later)
        self.more.setObjectName("repairs-later-days")
        self.more.setAccessibleName("Show days after what is promised")
        self.late_box = QWidget()
        late = QVBoxLayout(self.late_box)
        late.setContentsMargins(0, 6, 0, 0)
        late.setSpacing(8)
        self.late_head = Label("", "strong", "muted", wrap=True)
        self.agreed = CheckBox("They agree to a later day")
        self.agreed.setObjectName("repairs-agreed-late")
        self.error = Label("", "strong", "danger", wrap=True)
        for part in (self.late_head, self.later, self.agreed, self.error):
            late.addWidget(part)
        self.seen = Label("", "hint", "muted", wrap=True)
        for widget in (self.booked, self.wishes, self.inside):
            self.column.addWidget(widget)
        self.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.late_box)
        self.column.addWidget(self.seen)
        self.column.addStretch(1)
        self.agreed.toggled.connect(self._agree)
        self.restyle()

    # What it shows

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Reads the slots anew when the page is opened."""
        super().show_view(view, fresh)
        self._say_booked(view)
        if not fresh:
            return
        today = self.shell.context.today()
        free = self.shell.read(lambda session: free_slots(session, today, 120))
        own = [slot for slot in free if slot.trade in ("", view.trade)]
        visit = view.visit
        mine = visit.choices if visit is not None and visit.state.value in HOLDING else ()
        self._slots = {slot.id: slot for slot in (*mine, *(own or free))}
        self.due = local_date(view.target_at) if view.target_at else None
        self.chosen = [slot.id for slot in mine]
        self.agreed.blockSignals(True)
        self.agreed.setChecked(any(self._late(slot_id) for slot_id in self.chosen))
        self.agreed.blockSignals(False)
        self.error.hide()
        self._lay_out()

    def _say_booked(self, view: RepairView) -> None:
        visit = view.visit
        kept = visit is not None and visit.state in (VisitState.CONFIRMED, VisitState.GRANTED)
        if kept and visit is not None and visit.slot is not None:
            held = "Booked" if visit.booked else "Held"
            self.booked.setText(f"{held}: {visit.slot.words}. Choosing other days gives that place back.")
        self.booked.setVisible(kept)

    def _late(self, slot_id: str) -> bool:
        """Whether a slot is after what is promised."""
        slot = self._slots.get(slot_id)
        return slot is not None and self.due is not None and slot.day > self.due

    def _lay_out(self) -> None:
        ordered = sorted(self._slots.values(), key=lambda s: (s.day, s.ends - s.starts, s.starts, s.label))
        inside = _first_days([s for s in ordered if not self._late(s.id)], MOST_DAYS, self.chosen)
        late = _first_days([s for s in ordered if self._late(s.id)], LATE_DAYS, self.chosen)
        self.buttons = {}
        keys = iter(range(1, MOST_KEYS + 1))
        for slot in (*inside, *late):
            key = next(keys, None) if slot in inside or not inside else None
            button = Button("", key=str(key) if key else None, on_click=partial(self._toggle, slot.id))
            part = slot.label.split(",")[0].split()[0].lower()
            button.setObjectName(f"repairs-slot-{slot.day.isoformat()}-{part}")
            self.buttons[slot.id] = button
        self._keys = {slot_id: button.key_name for slot_id, button in self.buttons.items()}
        self.inside.lay_out(inside, self.buttons)
        self.later.lay_out(late, self.buttons)
        self.inside.setVisible(bool(inside))
        shown = bool(late) and (not inside or any(self._late(i) for i in self.chosen))
        self.late_box.setVisible(shown)
        self.more.setVisible(bool(late) and not shown)
        day = weekday_day(self.due) if self.due is not None else ""
        self.late_head.setText(f"After the promised day, {day}: only if they agree")
        self.agreed.setText(f"They agree to a day after {day}")
        self._mark()

    def _mark(self) -> None:
        drawn = theme().factor <= KEYS_DRAWN
        for slot_id, button in self.buttons.items():
            slot = self._slots[slot_id]
            chosen = slot_id in self.chosen
            rank = self.chosen.index(slot_id) if chosen else 0
            button.key_name = self._keys[slot_id] if drawn else None
            before = SHORT_RANKS[rank] if drawn else str(rank + 1)
            button.setText(f"{before}   {slot.label}" if chosen else slot.label)
            button.set_kind("primary" if chosen else "outline")
            words = f", {RANKS[rank]} wish" if chosen else f", {slot.left} places left"
            late = ", after what is promised" if self._late(slot_id) else ""
            button.setAccessibleName(f"{weekday_day(slot.day)}, {slot.label}{late}{words}")
        count = len(self.chosen)
        wished = f"{count} of 3 wishes{'. The later day counts once they agree' if self._waits else ''}"
        self.wishes.setText(wished if count else "Nothing asked for yet. We ring them instead.")
        self.agreed.setVisible(any(self._late(slot_id) for slot_id in self.chosen))
        self.seen.setText(self._seen_words())

    def _seen_words(self) -> str:
        if not self._slots:
            return "No places are known here. Sync brings them; we ring the tenant meanwhile."
        context = self.shell.context
        seen, today = max(s.seen_at for s in self._slots.values()), context.today()
        moment = f"{clock_time(seen)} today" if local_date(seen) == today else when(seen, today)
        if any(slot.stale(context.now()) for slot in self._slots.values()):
            return f"The list is from {moment} and may be out of date: these are wishes only."
        return f"The places shown are from {moment}. Sync decides which one they get."

    def restyle(self) -> None:
        """Draws the keys where they fit."""
        super().restyle()
        if getattr(self, "buttons", None):
            self._mark()

    @property
    def promised(self) -> list[Button]:
        """The places inside what is promised, soonest first."""
        return [button for slot_id, button in self.buttons.items() if not self._late(slot_id)]

    # What a person does

    def _show_later(self) -> None:
        self.more.hide()
        self.late_box.show()
        first = next((b for slot_id, b in self.buttons.items() if self._late(slot_id)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _toggle(self, slot_id: str) -> None:
        if slot_id in self.chosen:
            self.chosen.remove(slot_id)
        elif len(self.chosen) < visits.MOST_CHOICES:
            self.chosen.append(slot_id)
        else:
            self.chosen[-1] = slot_id
        self.error.hide()
        self._mark()
        self._write()

    def _agree(self, agreed: bool) -> None:
        """Without their agreement the later days are no wishes any more."""
        self.error.hide()
        if not agreed:
            self.chosen = [slot_id for slot_id in self.chosen if not self._late(slot_id)]
        self._mark()
        self._write()

    @property
    def _waits(self) -> bool:
        """Whether a later day is chosen that they have not agreed to."""
        return not self.agreed.isChecked() and any(self._late(slot_id) for slot_id in self.chosen)

    def _write(self) -> None:
        repair_id, agreed = self._repair_id, self.agreed.isChecked()
        wishes = [slot_id for slot_id in self.chosen if agreed or not self._late(slot_id)]
        if wishes:
            self.shell.write(
                "Ask for visits", lambda session: visits.ask_visits(session, repair_id, wishes, agreed)
            )
        else:
            self.shell.write("Ask for no visit", lambda session: visits.withdraw_visit(session, repair_id))

    def finish(self, done: Done) -> None:
        """Goes on, unless a later day is chosen that they have not agreed to."""
        if self._waits:
            self.error.setText("Tick the box if they agree, or choose a day that is promised.")
            self.error.show()
            self.agreed.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().finish(done)

    def focus_first(self) -> None:
        """The first slot."""
        first = next(iter(self.buttons.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)


def _first_days(slots: Sequence[SlotView], most: int, mine: Sequence[str]) -> list[SlotView]:
    """The slots of the first days and of the days of their wishes (`mine`), one for each window of a day:
    the wish, or else the first that has a place left."""
    found: dict[tuple[date, str], SlotView] = {}
    for slot in slots:
        kept = found.get((slot.day, slot.label))
        if kept is None or slot.id in mine or (kept.left <= 0 < slot.left and kept.id not in mine):
            found[slot.day, slot.label] = slot
    wished = {slot.day for slot in slots if slot.id in mine}
    days = {*sorted({day for day, _ in found})[:most], *wished}
    return [slot for (day, _), slot in found.items() if day in days]
