"""The form that moves a visit: a place chosen in the two weeks, and one act that says where it goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from app.repairs.visit_views import SlotView, VisitCard
from app.repairs.visit_week import Place, Weeks
from app.wording import weekday_day
from models.errors import HoldallError
from ui.deck import DeckView, acts
from ui.repairs.visits.weeks import HERE, WeekTable
from ui.widgets import Button, Label


class MoveForm(DeckView):
    """Asks where a visit goes. `chosen` carries the slot."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__("Move the visit")
        self.card: VisitCard | None = None
        self.intro = Label("", wrap=True)
        self.table = WeekTable("Where the visit goes")
        self.table.setObjectName("visit-move-weeks")
        self.error = Label("", "strong", "danger", wrap=True)
        self.error.hide()
        self.late = Label("", tone="warn", wrap=True)
        self.scroller.hide()  # the grid scrolls by itself
        self.outer.insertWidget(0, self.intro)
        self.outer.insertWidget(1, self.table, 1)
        self.save = Button("Move it", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("visit-move-save")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.cancel.setObjectName("visit-move-cancel")
        self.foot.addWidget(self.error)
        self.foot.addWidget(self.late)
        self.foot.addWidget(acts(self.save, self.cancel))
        self.table.moved.connect(lambda _place: self._say())
        self.table.taken.connect(lambda _place: self._say())

    def ask(self, card: VisitCard, weeks: Weeks) -> None:
        """Sets the form up anew for a visit."""
        self.card, self.side = card, card.reference
        now = f"It stands on {card.slot.words}. " if card.slot is not None else ""
        told = "The tenant is told of the move." if card.visit.booked else "It is not booked yet."
        self.intro.setText(f"{now}{told} Choose another place with the arrows.")
        marks = {card.slot.id: HERE} if card.slot is not None else {}
        self.table.show_weeks(weeks, marks, card.target_on)
        self.table.setCurrentIndex(self.table.rootIndex())
        self._say()

    def focus_first(self) -> None:
        """Goes into the grid, on the first place with one left."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.table.choose_first()
        self._say()

    def slot(self) -> SlotView | None:
        """The slot it would go to; None where nothing is left, or nothing chosen, or it stands there."""
        place = self.table.place()
        if place is None or self.card is None or any(s.id == self.card.visit.asking for s in place.slots):
            return None
        return place.free

    def _say(self) -> None:
        """Says on the act itself where the visit would go, and what is odd about that."""
        self.error.hide()
        place, slot = self.table.place(), self.slot()
        self.save.setText(f"Move it to {slot.day:%a} {slot.day.day} {slot.day:%b}" if slot else "Move it")
        self.save.setAccessibleName(f"Move it to {slot.words}" if slot else "Move it")
        self.late.setText(self._odd(place, slot))
        self.late.setVisible(bool(self.late.text()))

    def _odd(self, place: Place | None, slot: SlotView | None) -> str:
        if place is not None and slot is None and not place.left:
            return "No place is left there."
        due = self.card.target_on if self.card is not None else None
        if slot is not None and due is not None and slot.day > due:
            return f"That is after what is promised, {weekday_day(due)}. Only if the tenant has agreed."
        return ""

    def submit(self) -> None:
        """Hands the slot over, or says what is missing."""
        slot = self.slot()
        if slot is None:
            self.refuse(HoldallError("Choose another place first.", "The arrows move through the two weeks."))
            return
        self.chosen.emit(slot.id)

    def refuse(self, error: HoldallError) -> None:
        """Shows what to put right."""
        self.error.setText(str(error))
        self.error.show()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
