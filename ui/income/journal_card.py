"""One journal as a second person reads it: what moves where, why, who made it, and what was decided."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from app.income.office.journal_views import JournalView
from app.wording import date_year, money, pounds, when
from models.income import JournalKind, JournalState
from ui.deck import DeckView, acts
from ui.income.proposal import EvidenceList
from ui.theme import theme
from ui.widgets import Button, Column, Label, QuietNote, Row, Table, TotalRow

KINDS = {
    JournalKind.SUSPENSE: "Out of suspense",
    JournalKind.TRANSFER: "Moved to another fund",
    JournalKind.WRITE_OFF: "Written off",
    JournalKind.UNDO: "Turns a journal round",
}
_COLUMNS = (
    Column("Fund", 58),
    Column("Account", 112, muted=True),
    Column("Narrative", 120, stretch=True),
    Column("VAT", 64, figures=True, optional=True),
    Column("Amount", 92, figures=True),
)
_MOST_ROWS = 9


class JournalCard(DeckView):
    """The lines of a journal over their sum, which is nothing, the trail, and what this person can do."""

    asked = Signal(str)  # approve, refuse, undo

    def __init__(self) -> None:
        super().__init__("Journal")
        self.view: JournalView | None = None
        self.total = Label("", "figure")
        self.reason = QuietNote("Why")
        self.table = Table(_COLUMNS, name="Lines of the journal")
        self.table.setObjectName("journal-lines")
        self.sum = TotalRow(self.table)
        self.trail = EvidenceList()
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self.table)
        lines.addWidget(self.sum)
        for widget in (self.total, self.reason):
            self.rows.addWidget(widget)
        self.rows.addLayout(lines)
        for part in (Label("Trail", "strong"), self.trail):
            self.rows.addWidget(part)
        self.rows.addStretch(1)
        self.own = Label("", "body", "muted", wrap=True)
        self.foot.addWidget(self.own)
        self.approve = self._act("Approve", "approve", "A", "primary", "check")
        self.refuse = self._act("Refuse…", "refuse", "R", "danger")
        self.undo = self._act("Turn it round…", "undo", "T")
        self.buttons = acts(self.approve, self.refuse, self.undo)
        self.foot.addWidget(self.buttons)

    def _act(self, text: str, act: str, key: str, kind: str = "outline", icon: str | None = None) -> Button:
        button = Button(text, kind, icon, key, partial(self.asked.emit, act))
        button.setObjectName(f"journal-{act}")
        return button

    def restyle(self) -> None:
        """Keeps the table as high as its rows."""
        rows = min(_MOST_ROWS, max(2, self.table.model().rowCount()))
        self.table.setFixedHeight(theme().tall(28, "hint") + rows * self.table.row_height() + 2)

    def show_journal(self, view: JournalView, me: str, today: date) -> None:
        """Shows a journal to the person with the id `me`."""
        self.view = view
        self.title, self.side = KINDS[JournalKind(view.kind)], view.account_name
        self.total.setText(money(view.total_pence))
        self.reason.set_text(view.reason)
        self.table.set_rows(
            [
                Row(
                    line.id,
                    (
                        line.fund,
                        line.account_reference,
                        line.narrative,
                        pounds(line.vat_pence) if line.vat_pence else "",
                        pounds(line.pence),
                    ),
                )
                for line in view.lines
            ]
        )
        self.sum.set_total("Together", pounds(sum(line.pence for line in view.lines)))
        self.restyle()
        self.trail.show_steps(_trail(view, today), not view.waits)
        self._show_acts(view, view.made_by == me)

    def _show_acts(self, view: JournalView, mine: bool) -> None:
        waits, posted = view.waits, view.state == JournalState.APPROVED
        self.own.setText("You made it, so a colleague approves it. You can withdraw it with a reason.")
        self.own.setVisible(waits and mine)
        self.approve.setVisible(waits and not mine)
        self.refuse.setVisible(waits)
        self.refuse.setText("Withdraw…" if mine else "Refuse…")
        self.undo.setVisible(posted and view.kind != JournalKind.UNDO)
        acting = waits or self.undo.isVisibleTo(self)
        self.buttons.setVisible(acting)
        self.rule.setVisible(acting)

    def focus_first(self) -> None:
        """Goes to the first act there is, else to the lines."""
        first = next((b for b in (self.approve, self.refuse, self.undo) if b.isVisible()), self.table)
        first.setFocus(Qt.FocusReason.OtherFocusReason)


def _trail(view: JournalView, today: date) -> list[str]:
    """What happened to a journal, in sentences; the last one of a waiting journal is what it waits for."""
    told = [f"{view.made_by_name} made it on {date_year(view.made_on)}."]
    at = f" {when(view.decided_at, today)}" if view.decided_at is not None else ""
    if view.state == JournalState.REFUSED:
        why = " ".join(view.notes)
        told.append(f"{view.decided_by_name} refused it{at}: {why}" if why else f"Refused{at}.")
    elif view.decided_by_name:
        told.append(f"{view.decided_by_name} approved it{at}.")
    if view.undone_at is not None:
        told.append(f"It was turned round {when(view.undone_at, today)}; the journal that did it is posted.")
    if view.waits:
        told.append("It waits for a second person.")
    return told
