"""One refund: what goes back of which posting, why, who asked for it, and how far it has come."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal

from app.income.office.refunds import RefundView
from app.wording import date_year, money, when
from models.errors import HoldallError
from models.income import RefundState
from ui.deck import DeckView, Facts, acts
from ui.income.proposal import EvidenceList
from ui.widgets import Button, DateBoxes, Field, Label, LineEdit, QuietNote


class RefundCard(DeckView):
    """A refund with what this person can do: authorise, refuse, note that it was paid or failed."""

    asked = Signal(str)  # authorise, refuse, paid, failed

    def __init__(self) -> None:
        super().__init__("Refund")
        self.view: RefundView | None = None
        self.total = Label("", "figure")
        self.reason = QuietNote("Why")
        self.facts = Facts()
        self.trail = EvidenceList()
        heading, trail = Label("The posting it goes back on", "strong"), Label("Trail", "strong")
        for widget in (self.total, self.reason, heading, self.facts, trail, self.trail):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.own = Label("", "body", "muted", wrap=True)
        self.foot.addWidget(self.own)
        self.authorise = self._act("Authorise", "authorise", "A", "primary", "check")
        self.refuse = self._act("Refuse…", "refuse", "R", "danger")
        self.paid = self._act("It was paid…", "paid", "P", "primary")
        self.failed = self._act("It failed…", "failed", "F")
        self.buttons = acts(self.authorise, self.refuse, self.paid, self.failed)
        self.foot.addWidget(self.buttons)

    def _act(self, text: str, act: str, key: str, kind: str = "outline", icon: str | None = None) -> Button:
        button = Button(text, kind, icon, key, partial(self.asked.emit, act))
        button.setObjectName(f"refund-{act}")
        return button

    def show_refund(self, view: RefundView, me: str, today: date) -> None:
        """Shows a refund to the person with the id `me`."""
        self.view = view
        self.side = view.account_name
        self.total.setText(money(view.pence))
        self.reason.set_text(view.reason)
        facts = [(view.narrative or "No words", money(view.receipt_pence))]
        if view.posted_on is not None:
            facts.append(("Posted on", date_year(view.posted_on)))
        if view.reference:
            facts.append(("Reference", view.reference))
        self.facts.set_facts(facts)
        self.trail.show_steps(_trail(view, today), view.state in (RefundState.PAID, RefundState.REFUSED))
        mine = view.requested_by == me
        self.own.setText("You asked for it, so a colleague authorises it.")
        self.own.setVisible(view.waits and mine)
        self.authorise.setVisible(view.waits and not mine)
        self.refuse.setVisible(view.waits)
        self.refuse.setText("Withdraw…" if mine else "Refuse…")
        to_pay = view.state == RefundState.AUTHORISED
        self.paid.setVisible(to_pay)
        self.failed.setVisible(to_pay)
        self.buttons.setVisible(view.waits or to_pay)
        self.rule.setVisible(view.waits or to_pay)

    def focus_first(self) -> None:
        """Goes to the first act there is."""
        for button in (self.authorise, self.refuse, self.paid):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.OtherFocusReason)
                return


class PaidForm(DeckView):
    """The provider's reference of a refund that was paid, and the day of it."""

    saved = Signal(str, object)  # reference, day

    def __init__(self) -> None:
        super().__init__("It was paid")
        self.reference, self.day = LineEdit(), DateBoxes(name="Paid on")
        self.reference.setObjectName("refund-reference")
        hint = "As the provider’s refund shows it"
        self.reference_field = Field("Provider’s reference", self.reference, hint)
        self.day_field = Field("Paid on", self.day)
        for field in (self.reference_field, self.day_field):
            self.rows.addWidget(field)
        self.rows.addStretch(1)
        self.save = Button("Post the refund", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("refund-post")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.foot.addWidget(acts(self.save, self.cancel))

    def ask(self, today: date) -> None:
        """Sets the form up anew."""
        self.reference.setText("")
        self.day.set_value(today)
        for field in (self.reference_field, self.day_field):
            field.set_error(None)

    def submit(self) -> None:
        """Checks both and hands them over."""
        reference, on = self.reference.text().strip(), self.day.value()
        self.reference_field.set_error(None if reference else "Copy it from the provider’s refund")
        self.day_field.set_error(None if on else "Write a real date, like 17 12 2026")
        if not reference:
            self.reference.setFocus()
        elif on is None:
            self.day_field.focus_editor()
        else:
            self.saved.emit(reference, on)

    def refuse(self, error: HoldallError) -> None:
        """Shows by the reference what the store does not take."""
        self.reference_field.set_error(str(error))
        self.reference.setFocus()

    def focus_first(self) -> None:
        """Goes to the reference."""
        self.reference.setFocus(Qt.FocusReason.OtherFocusReason)


def _trail(view: RefundView, today: date) -> list[str]:
    told = [f"{view.requested_by_name} asked for it on {date_year(view.requested_on)}."]
    at = f" {when(view.decided_at, today)}" if view.decided_at is not None else ""
    why = " ".join(view.notes)
    if view.state == RefundState.REFUSED:
        return [*told, f"{view.decided_by_name} refused it{at}: {why}"]
    if view.waits:
        return [*told, "It waits for a second person."]
    told.append(f"{view.decided_by_name} authorised it{at}.")
    if view.state == RefundState.PAID:
        return [*told, f"The provider paid it as {view.psp_reference}, and it is posted."]
    if view.state == RefundState.FAILED:
        return [*told, f"The provider could not pay it: {why}"]
    return [*told, "It waits until the provider has paid it."]
