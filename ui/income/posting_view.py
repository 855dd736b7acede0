"""A posting looked for by words or amount, and what can be asked of it: a refund, a move, its card fee."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.income.office.postings import MOST, Posting
from app.wording import day, money, plural, pounds
from models.errors import HoldallError
from ui.deck import DeckView, acts
from ui.widgets import (
    Button,
    Column,
    ErrorSummary,
    Field,
    Label,
    Line,
    MoneyEdit,
    Row,
    SearchField,
    Table,
    TextArea,
)

_COLUMNS = (
    Column("Date", 58, muted=True),
    Column("Posting", 150, stretch=True),
    Column("Fund", 50, muted=True),
    Column("Reference", 110, muted=True, optional=True),
    Column("Left of it", 92, figures=True),
)
_REST = 150  # milliseconds without a letter before the book is looked through


class FindPosting(QWidget):
    """A search over the book, and the acts on the posting that is chosen."""

    asked = Signal(str, object)  # refund, move or fee; Posting
    sought = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.side = "Refund or move a posting", ""
        self.found: dict[str, Posting] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.search = SearchField("Name, reference or amount", key="/", name="Find a posting", slim=False)
        self.search.setObjectName("posting-search")
        self.count = Label("", "hint", "muted")
        self.table = Table(_COLUMNS, name="Postings found")
        self.table.setObjectName("postings")
        self.facts = Label("", "body", "muted", wrap=True)
        for widget in (self.search, self.count):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        for part in (self.facts, Line()):
            column.addWidget(part)
        self.refund = self._act("Refund…", "refund", "R")
        self.move_on = self._act("Move to another fund…", "move", "M")
        self.fee = self._act("Card fee…", "fee", "F")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        column.addWidget(acts(self.refund, self.move_on, self.fee, self.cancel))
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(lambda: self.sought.emit(self.search.text()))
        self.search.textChanged.connect(lambda _text: self._rest.start())
        self.search.returnPressed.connect(self._to_table)
        self.table.row_chosen.connect(self._chosen)
        self.table.row_opened.connect(lambda _id: self.refund.setFocus())
        self._chosen("")

    def _act(self, text: str, act: str, key: str) -> Button:
        button = Button(text, key=key, on_click=partial(self._ask, act))
        button.setObjectName(f"posting-{act}")
        return button

    def _ask(self, act: str) -> None:
        one = self.found.get(self.table.chosen() or "")
        if one is not None:
            self.asked.emit(act, one)

    def show_postings(self, found: Sequence[Posting]) -> None:
        """Shows what was found; the chosen one stays chosen."""
        self.found = {one.id: one for one in found}
        self.table.set_rows(
            [
                Row(
                    one.id,
                    (
                        day(one.posted_on),
                        one.narrative or one.reference,
                        one.fund,
                        one.reference,
                        pounds(one.left_pence),
                    ),
                )
                for one in found
            ]
        )
        more = len(found) == MOST
        self.count.setText(f"The newest {MOST} that fit" if more else plural(len(found), "posting"))
        self._chosen(self.table.chosen() or "")

    def _chosen(self, record_id: str) -> None:
        one = self.found.get(record_id)
        for button in (self.refund, self.move_on, self.fee):
            button.setVisible(one is not None)
        if one is None:
            self.facts.setText("Choose the posting that it is about.")
            return
        told = f"{money(one.pence)} in the {one.account_name}"
        if one.left_pence != one.pence:
            told += f"; {money(one.left_pence)} is left, the rest has gone in refunds or journals"
        self.facts.setText(f"{told}.")
        self.refund.setVisible(one.refundable and one.left_pence > 0)
        self.fee.setVisible(one.incurs_fee and one.pence > 0)

    def _to_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.table.chosen() is None:
            self.table.choose_row(0)

    def focus_first(self) -> None:
        """Goes to the search."""
        self.search.take_focus()


class AmountForm(DeckView):
    """An amount of a posting, and a reason where one is needed: a refund, or what a provider kept."""

    saved = Signal(int, str)  # pence, reason

    def __init__(self) -> None:
        super().__init__("Refund")
        self._reasoned = True
        self.errors = ErrorSummary()
        self.intro = Label("", wrap=True)
        self.amount = MoneyEdit()
        self.amount.setObjectName("posting-amount")
        self.amount_field = Field("Amount", self.amount)
        self.reason = TextArea(lines=3, most=6, longest=4_000)
        self.reason.setObjectName("posting-reason")
        self.reason_field = Field("Reason", self.reason, "A colleague reads it and authorises")
        for widget in (self.errors, self.intro, self.amount_field, self.reason_field):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.save = Button("Ask for the refund", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("posting-save")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.foot.addWidget(acts(self.save, self.cancel))

    def ask(self, one: Posting, fee: bool) -> None:
        """Sets the form up for a refund of a posting, or for its card fee."""
        self._reasoned = not fee
        self.title = "Card fee" if fee else "Refund"
        self.side = money(one.left_pence)
        what = "What the provider kept of" if fee else "Money goes back of"
        self.intro.setText(f"{what} “{one.narrative}”, {money(one.pence)} on {day(one.posted_on)}.")
        self.amount.set_pence(None if fee else one.left_pence)
        self.reason.set_text("")
        self.reason_field.setVisible(not fee)
        self.save.setText("Post the fee" if fee else "Ask for the refund")
        self.errors.show_errors([])
        for field in (self.amount_field, self.reason_field):
            field.set_error(None)

    def submit(self) -> None:
        """Checks both and hands them over."""
        pence, reason = self.amount.pence(), self.reason.text().strip()
        bad = pence is None or pence <= 0
        self.amount_field.set_error("Write an amount above nothing, like 12.50" if bad else None)
        bare = self._reasoned and not reason
        self.reason_field.set_error("Write why the money goes back" if bare else None)
        if bad:
            self.amount.setFocus()
        elif bare:
            self.reason.setFocus()
        else:
            self.saved.emit(pence, reason)

    def refuse(self, error: HoldallError) -> None:
        """Shows at the top what the books do not take."""
        self.errors.show_errors([(str(error), self.amount)])

    def focus_first(self) -> None:
        """Goes to the amount."""
        self.amount.setFocus(Qt.FocusReason.OtherFocusReason)
        self.amount.selectAll()
