"""Visits: up to three wishes in order, from the places as they stood at the last sync."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.repairs import flow, visits
from app.repairs.views import RepairView
from app.repairs.visit_views import SlotView, free_slots
from app.wording import clock_time, local_date, when
from models.repairs import VisitState
from ui.repairs.steps import Step
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import Button, Label, clear_layout

MOST_DAYS = 6
RANKS = ("first", "second", "third")


class VisitsStep(Step):
    """Which visits they would like; nothing is booked here."""

    id = flow.VISITS
    ask = "Which visits would suit them?"
    help = "Choose up to three, the best one first. Nothing is booked until it is confirmed."
    why = "Sync asks for the first wish that still has a place, and tells you if all three have gone."

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.chosen: list[str] = []
        self._slots: tuple[SlotView, ...] = ()
        self.buttons: dict[str, Button] = {}
        self.seen = Label("", "hint", "muted", wrap=True)
        self.wishes = Label("", "strong", wrap=True)
        self.holder = QWidget()
        self.holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.grid = QGridLayout(self.holder)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(10)
        self.grid.setVerticalSpacing(8)
        for widget in (self.wishes, self.holder, self.seen):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.restyle()

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Reads the slots anew when the page is opened."""
        super().show_view(view, fresh)
        if not fresh:
            return
        today = self.shell.context.today()
        free = self.shell.read(lambda session: free_slots(session, today, 60))
        visit = view.visit
        mine = visit.choices if visit is not None and visit.state is not VisitState.LOST else ()
        held = [c for c in mine if c.id not in {s.id for s in free}]
        self._slots = tuple(sorted((*free, *held), key=lambda s: (s.day, s.label != "Any time", s.label)))
        self.chosen = [c.id for c in mine]
        self._lay_out(view)

    def _lay_out(self, view: RepairView) -> None:
        clear_layout(self.grid)
        self.buttons = {}
        days = list(dict.fromkeys(s.day for s in self._slots))
        due = view.first.due_on if view.first else None
        by_law = [d for d in days if due is None or d <= due]
        labels = ["Morning, 8 to 12", "Afternoon, 12 to 5", "Any time"]
        for row, day in enumerate((by_law or days)[:MOST_DAYS]):
            self.grid.addWidget(Label(f"{day:%A} {day.day} {day:%B}"), row, 0)
            for slot in (s for s in self._slots if s.day == day):
                button = Button("", on_click=partial(self._toggle, slot.id))
                button.setObjectName(
                    f"repairs-slot-{day.isoformat()}-{slot.label.split(',')[0].split()[0].lower()}"
                )
                place = labels.index(slot.label) + 1 if slot.label in labels else 4
                self.grid.addWidget(button, row, place, Qt.AlignmentFlag.AlignLeft)
                self.buttons[slot.id] = button
        for column in (1, 2, 3):
            self.grid.setColumnMinimumWidth(column, theme().wide(168 if column < 3 else 110))
        self.grid.setColumnStretch(5, 1)
        self._mark()

    def _mark(self) -> None:
        for slot in self._slots:
            button = self.buttons.get(slot.id)
            if button is None:
                continue
            chosen = slot.id in self.chosen
            rank = self.chosen.index(slot.id) + 1 if chosen else 0
            button.setText(f"{rank}   {slot.label}" if chosen else slot.label)
            button.set_kind("primary" if chosen else "outline")
            words = f", {RANKS[rank - 1]} wish" if chosen else f", {slot.left} places left"
            button.setAccessibleName(f"{slot.day:%A} {slot.day.day} {slot.day:%B}, {slot.label}{words}")
        count = len(self.chosen)
        self.wishes.setText(
            "Nothing asked for yet. We ring them instead." if not count else f"{count} of 3 wishes"
        )
        if self._slots:
            seen = max(s.seen_at for s in self._slots)
            today = self.shell.context.today()
            moment = f"{clock_time(seen)} today" if local_date(seen) == today else when(seen, today)
            self.seen.setText(f"The places shown are from {moment}. Sync decides which one they get.")
        else:
            self.seen.setText("No places are known here. Sync brings them; we ring the tenant meanwhile.")

    def _toggle(self, slot_id: str) -> None:
        if slot_id in self.chosen:
            self.chosen.remove(slot_id)
        elif len(self.chosen) < visits.MOST_CHOICES:
            self.chosen.append(slot_id)
        else:
            self.chosen[-1] = slot_id
        self._mark()
        self._write()

    def _write(self) -> None:
        repair_id, wishes = self._repair_id, list(self.chosen)
        if wishes:
            self.shell.write("Ask for visits", lambda session: visits.ask_visits(session, repair_id, wishes))
        else:
            self.shell.write("Ask for no visit", lambda session: visits.withdraw_visit(session, repair_id))

    def focus_first(self) -> None:
        """The first slot."""
        first = next(iter(self.buttons.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
