"""An eReturn that is sent: what was counted, what for, how far its money came, what a colleague does."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from app.income.office.cash import counts, name_of
from app.income.office.chain import Chain
from app.income.office.ereturn_views import EReturnView, difference_words
from app.wording import date_year, money, pounds
from models.income import EReturnKind, EReturnState
from ui.deck import DeckView, Facts, acts
from ui.income.proposal import EvidenceList
from ui.widgets import Button, Label, Line, QuietNote

STATES = {
    EReturnState.IN_PROGRESS: "In progress",
    EReturnState.SUBMITTED: "Submitted",
    EReturnState.AUTHORISED: "Authorised",
    EReturnState.VOIDED: "Given up",
    EReturnState.DELETED: "Refused",
}


class EReturnCard(DeckView):
    """One eReturn as it was sent. Who submitted it cannot authorise it; everybody sees the whole chain."""

    authorise_asked = Signal(str)
    back_asked = Signal(str)
    delete_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("eReturn")
        self.view: EReturnView | None = None
        self.total = Label("", "figure")
        self.facts = Label("", "body", "muted", wrap=True)
        self.note = QuietNote("Note")
        self.counted_words, self.counted = Label("", "strong"), Facts()
        self.lines = Facts()
        self.agree = Label("", "body", "good", wrap=True)
        self.chain = EvidenceList()
        for widget in (self.total, self.facts, self.note):
            self.rows.addWidget(widget)
        for heading, part in ((self.counted_words, self.counted), (Label("Taken for", "strong"), self.lines)):
            self.rows.addWidget(heading)
            self.rows.addWidget(part)
        self.rows.addWidget(self.agree)
        self.rows.addWidget(Line())
        self.rows.addWidget(Label("How far it has come", "strong"))
        self.rows.addWidget(self.chain)
        self.rows.addStretch(1)
        self.authorise = Button("Authorise", "primary", "check", "A", self._authorise)
        self.authorise.setObjectName("ereturn-authorise")
        self.back = Button("Send back…", key="B", on_click=self._back)
        self.back.setObjectName("ereturn-back")
        self.delete = Button("Refuse it…", "danger", key="X", on_click=self._delete)
        self.delete.setObjectName("ereturn-delete")
        self.own = Label("", "body", "muted", wrap=True)
        self.buttons = acts(self.authorise, self.back, self.delete)
        self.foot.addWidget(self.own)
        self.foot.addWidget(self.buttons)

    def show_chain(self, chain: Chain, me: str) -> None:
        """Shows an eReturn with the chain of its money to the person with the id `me`."""
        view = chain.ereturn
        self.view = view
        self.title, self.side = view.site, view.number
        self.total.setText(money(view.counted_pence))
        kind = "Cash" if view.kind == EReturnKind.CASH else "Cheques"
        slip = f", {'bag' if view.kind == EReturnKind.CASH else 'slip'} {view.slip}" if view.slip else ""
        self.facts.setText(
            f"{kind} taken on {date_year(view.taken_on)}{slip}, for the {view.account_name}. "
            f"{STATES[EReturnState(view.state)]}."
        )
        self.note.set_text(view.note)
        self.note.setVisible(bool(view.note))
        self._show_sides(view)
        self.chain.show_steps(chain.words, chain.on_its_way == 0)
        submitted = view.state == EReturnState.SUBMITTED
        mine = view.submitted_by == me
        self.own.setText("You submitted it, so a colleague authorises it. You can take it back to change it.")
        self.own.setVisible(submitted and mine)
        self.authorise.setVisible(submitted and not mine)
        self.delete.setVisible(submitted and not mine)
        self.back.setVisible(submitted)
        self.back.setText("Take it back…" if mine else "Send back…")
        self.buttons.setVisible(submitted)
        self.rule.setVisible(submitted)

    def _show_sides(self, view: EReturnView) -> None:
        if view.kind == EReturnKind.CASH:
            self.counted_words.setText("Cash counted")
            facts = [
                (f"{number:,} × {name_of(value)}", pounds(value * number))
                for value, number in counts(view.denominations).items()
            ]
        else:
            self.counted_words.setText("Cheques")
            facts = [(cheque.name or "No name", pounds(cheque.pence)) for cheque in view.cheques]
        self.counted.set_facts([*facts, ("Together", money(view.counted_pence))], strong_last=True)
        lines = [
            (
                " ".join(filter(None, (line.fund, line.reference, line.description))),
                pounds(line.pence),
            )
            for line in view.lines
        ]
        self.lines.set_facts([*lines, ("Together", money(view.lines_pence))], strong_last=True)
        told = difference_words(view)
        if view.kind == EReturnKind.CASH and not view.weight.startswith("no"):
            told += f" The coins should weigh {view.weight}."
        self.agree.setText(told)
        self.agree.set_tone("warn" if view.difference else "good")

    def focus_first(self) -> None:
        """Goes to the first act there is."""
        for button in (self.authorise, self.back):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _authorise(self) -> None:
        if self.view is not None:
            self.authorise_asked.emit(self.view.id)

    def _back(self) -> None:
        if self.view is not None:
            self.back_asked.emit(self.view.id)

    def _delete(self) -> None:
        if self.view is not None:
            self.delete_asked.emit(self.view.id)
