"""An eReturn while it is written: the cash sheet or the cheques, the lines, and the running difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.income.office.cash import coin_bags, counts, name_of
from app.income.office.ereturn_views import ChequeRow, EReturnView, LineRow, difference_words, faults
from app.wording import date_year, listed, money
from models.errors import HoldallError
from models.income import EReturnKind
from ui.deck import DeckView, acts
from ui.income.cash_sheet import CashSheet, total_words
from ui.income.rows_editor import Box, RowsEditor, Values
from ui.income.verdicts import Verdicts
from ui.shell import Autosave
from ui.theme import theme
from ui.widgets import Button, ErrorSummary, Field, IconLabel, Label, LineEdit

LINE_BOXES = (
    Box("fund", "Fund", "fund", 152),
    Box("reference", "Account reference", "text", 118),
    Box("words", "What for", "text", 84, stretch=True),
    Box("vat", "VAT", "text", 42),
    Box("pence", "Amount", "money", 92),
)
CHEQUE_BOXES = (
    Box("name", "Whose cheque", "text", 200, stretch=True),
    Box("pence", "Amount", "money", 110),
)
Content = tuple[str, tuple[tuple[int, int], ...], tuple[LineRow, ...], tuple[ChequeRow, ...]]


def content_of(view: EReturnView) -> Content:
    """What of an eReturn the form writes: slip, cash, lines, cheques."""
    cash = tuple(sorted((value, pence) for value, pence in view.denominations.items() if pence))
    return view.slip, cash, view.lines, view.cheques


class EReturnForm(DeckView):
    """The form of an eReturn in progress. It saves as one types; submitting says what is missing."""

    save_asked = Signal(object)  # EReturnView as it is written
    submit_asked = Signal(str)
    void_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("eReturn", parent)
        self.view: EReturnView | None = None
        self.funds: Sequence[tuple[str, str]] = ()
        self.verdicts = Verdicts()
        self._sending = 0  # saves on their way to the store
        self.errors = ErrorSummary()
        self.facts = Label("", "body", "muted", wrap=True)
        self.slip = LineEdit()
        self.slip.setObjectName("ereturn-slip")
        self.slip_field = Field("Bag number", self.slip)
        self.sheet = CashSheet()
        self.cheques = RowsEditor(CHEQUE_BOXES, "Cheque")
        self.lines = RowsEditor(LINE_BOXES, "Line", self._judge)
        self.counted = Label("What was counted", "strong")
        self.bags = Label("", "hint", "muted", wrap=True)
        self.side_column = QWidget()
        beside = QVBoxLayout(self.side_column)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(12)
        beside.addWidget(self.slip_field)
        beside.addWidget(self.bags)
        self._counting = QHBoxLayout()
        self._counting.setSpacing(20)
        self._counting.addWidget(self.sheet, 0, Qt.AlignmentFlag.AlignTop)
        self._counting.addWidget(self.side_column, 1, Qt.AlignmentFlag.AlignTop)
        for widget in (self.errors, self.facts, self.counted):
            self.rows.addWidget(widget)
        self.rows.addLayout(self._counting)
        self.rows.addWidget(self.cheques)
        self.rows.addWidget(Label("What it was taken for", "strong"))
        self.rows.addWidget(self.lines)
        self.rows.addStretch(1)
        self.agree = IconLabel("check", "good", 18)
        self.difference = Label("", "strong", wrap=True)
        self.difference.setObjectName("ereturn-difference")
        told = QHBoxLayout()
        told.setSpacing(8)
        told.addWidget(self.agree)
        told.addWidget(self.difference, 1)
        self.foot.addLayout(told)
        self.submit = Button("Submit the eReturn", "primary", "send", "Ctrl Enter", self._submit)
        self.submit.setObjectName("ereturn-submit")
        self.void = Button("Give it up…", "danger", on_click=self._void)
        self.void.setObjectName("ereturn-void")
        self.foot.addWidget(acts(self.submit, self.void))
        self.restyle()
        self.autosave = Autosave(self._save, self)
        self.slip.textChanged.connect(self._touched)
        for part in (self.sheet, self.cheques, self.lines):
            part.changed.connect(self._touched)

    def restyle(self) -> None:
        """Keeps what stands beside the sheet as wide as its words."""
        self.side_column.setMaximumWidth(theme().wide(400))
        self._beside()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sets the bag's number below the sheet where it does not fit beside it."""
        super().resizeEvent(event)
        self._beside()

    def _beside(self) -> None:
        room = self.width() - 24 - self._counting.spacing() - theme().wide(176)
        ways = QBoxLayout.Direction
        alone = self.sheet.isHidden()
        side = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft if alone else Qt.AlignmentFlag.AlignTop
        self._counting.setAlignment(self.side_column, side)
        fits = alone or self.sheet.sizeHint().width() <= room
        self._counting.setDirection(ways.LeftToRight if fits else ways.TopToBottom)

    # Showing

    def set_verdicts(self, verdicts: Verdicts) -> None:
        """Judges the lines by the council's checks from now on."""
        self.verdicts = verdicts
        self.lines.judge_all()

    def show_view(self, view: EReturnView, funds: Sequence[tuple[str, str]], fresh: bool) -> None:
        """Shows an eReturn. What is being typed stays, unless the eReturn was changed elsewhere."""
        same = self.view is not None and self.view.id == view.id
        stored = content_of(view)
        own = self.autosave.waiting or self._sending
        if self.view is not None and same and not fresh and (own or stored == content_of(self.view)):
            self.view = view
            self._tell()
            return
        self.autosave.forget()
        self.view, self.funds = view, tuple(funds)
        self._load(view)
        self._tell()

    def _load(self, view: EReturnView) -> None:
        cash = view.kind == EReturnKind.CASH
        self.title, self.side = view.site, view.number
        kind = "Cash" if cash else "Cheques"
        told = f"{kind} taken on {date_year(view.taken_on)}, for the {view.account_name}."
        if view.note:
            told += f" Sent back: {view.note}"
        self.facts.setText(told)
        self.slip_field.label.setText("Bag number" if cash else "Paying-in slip")
        self.slip.setAccessibleName(self.slip_field.label.text())
        self.slip_field.set_hint("As printed on the bag" if cash else "As printed on the slip")
        self.slip_field.set_error(None)
        self.errors.show_errors([])
        self.counted.setText("Cash counted" if cash else "Cheques")
        self.sheet.setVisible(cash)
        self.cheques.setVisible(not cash)
        self._beside()
        self.slip.blockSignals(True)
        self.slip.setText(view.slip)
        self.slip.blockSignals(False)
        self.sheet.set_values(view.denominations)
        self.cheques.set_values([{"name": one.name, "pence": one.pence} for one in view.cheques])
        self.lines.set_funds(self.funds)
        self.lines.set_values([_values(line) for line in view.lines])

    def written(self) -> EReturnView:
        """The eReturn as it is written now."""
        assert self.view is not None  # noqa: S101 - a form on show has one
        cash = self.view.kind == EReturnKind.CASH
        return replace(
            self.view,
            slip=self.slip.text().strip(),
            denominations=self.sheet.values() if cash else {},
            lines=tuple(_line(row) for row in self.lines.values()),
            cheques=() if cash else tuple(_cheque(row) for row in self.cheques.values()),
        )

    def _judge(self, row: Values) -> tuple[str, str]:
        mop = "1" if self.view is not None and self.view.kind == EReturnKind.CASH else "2"
        return self.verdicts.of_line(row, mop)

    def _touched(self) -> None:
        self._tell()
        self.autosave.touch("content", True)

    def _tell(self) -> None:
        """The running difference, and what the bag should weigh."""
        if self.view is None:
            return
        seen = self.written()
        if not seen.counted_pence and not seen.lines_pence:
            words, tone, icon = "Nothing is counted and no line is written yet.", "muted", "circle"
        elif seen.difference:
            sides = f"Counted {money(seen.counted_pence)}, lines {money(seen.lines_pence)}."
            words, tone, icon = f"{sides} {difference_words(seen)}", "warn", "triangle-alert"
        else:
            both = money(seen.counted_pence)
            words, tone, icon = f"{both} counted and {both} in lines: they agree.", "good", "check"
        self.difference.setText(words)
        self.difference.set_tone(tone)
        self.agree.set_icon(icon, tone)
        self.bags.setText(self._bag_words(seen))
        self.bags.setVisible(seen.kind == EReturnKind.CASH)

    def _bag_words(self, seen: EReturnView) -> str:
        if self.sheet.faults() or not seen.counted_pence:
            return "The bag’s weight is worked out once the coins are counted."
        told = f"{total_words(seen.denominations)}; {seen.weight}."
        if not seen.weight.startswith("no"):
            told = f"{total_words(seen.denominations)}. The coins should weigh {seen.weight}."
        full = [
            f"{bags.full:,} of {name_of(bags.denomination)}"
            for bags in coin_bags(counts(seen.denominations))
            if bags.full
        ]
        return f"{told} Full coin bags: {listed(full)}." if full else told

    # Saving

    def sound(self) -> bool:
        """Whether all that is written can be kept."""
        seen = self.written()
        return not (self.sheet.isVisibleTo(self) and self.sheet.faults()) and all(
            row.pence > 0 for row in seen.cheques
        )

    def _save(self, _values: dict[str, Any]) -> None:
        if self.view is None or not self.sound():
            return
        seen = self.written()
        if self._sending or content_of(seen) != content_of(self.view):
            self._sending += 1
            self.save_asked.emit(seen)

    def saved(self) -> None:
        """Told once for every save that came to an end."""
        self._sending -= 1

    def _submit(self) -> None:
        """Hands it over, or says everything that has to be put right."""
        if self.view is None:
            return
        wrong = [*self.sheet.faults()] if self.view.kind == EReturnKind.CASH else self.cheques.unreadable()
        wrong += self.lines.unreadable()
        if not wrong:
            codes = frozenset(code for code, _name in self.funds)
            wrong = [(words, self._spoken_of(words)) for words in faults(self.written(), codes)]
        slip = next((words for words, widget in wrong if widget is self.slip), None)
        self.slip_field.set_error(slip)
        self.errors.show_errors(wrong)
        if not wrong:
            self.autosave.flush()
            self.submit_asked.emit(self.view.id)
            return
        self.scroller.verticalScrollBar().setValue(0)

    def _spoken_of(self, words: str) -> QWidget:
        if "bag’s number" in words:
            return self.slip
        if "cash is counted" in words:
            return next(iter(self.sheet.rows.values())).count
        if "no cheque" in words:
            return self.cheques.rows[0].editors["name"]
        return self.lines.rows[0].editors["fund"]

    def refuse(self, error: HoldallError) -> None:
        """Shows at the top what the store did not take."""
        self.errors.show_errors([(str(error), self.slip)])
        self.scroller.verticalScrollBar().setValue(0)

    def _void(self) -> None:
        if self.view is not None:
            self.autosave.flush()
            self.void_asked.emit(self.view.id)

    def focus_first(self) -> None:
        """Goes to the first thing to count, or to the slip's number."""
        if self.view is not None and self.view.kind == EReturnKind.CASH:
            self.sheet.focus_first()
        else:
            self.slip.setFocus(Qt.FocusReason.OtherFocusReason)


def _values(line: LineRow) -> Values:
    return {
        "fund": line.fund,
        "reference": line.reference,
        "words": line.description,
        "vat": line.vat_code,
        "pence": line.pence,
    }


def _line(row: Values) -> LineRow:
    pence = row["pence"] if isinstance(row["pence"], int) else 0
    return LineRow(str(row["fund"]), str(row["reference"]), str(row["words"]), str(row["vat"]), pence)


def _cheque(row: Values) -> ChequeRow:
    return ChequeRow(str(row["name"]), row["pence"] if isinstance(row["pence"], int) else 0)
