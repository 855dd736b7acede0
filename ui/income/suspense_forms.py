"""The forms of the Suspense section: where the money belongs, writing off, who chases an item and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from app.income.office.journal_views import JournalRow
from app.income.office.postings import Posting
from app.income.office.suspense import Item
from app.wording import money
from models.errors import HoldallError
from ui.deck import DeckView, acts
from ui.income.rows_editor import Box, RowsEditor, Values
from ui.income.verdicts import Verdicts
from ui.widgets import (
    Button,
    ComboBox,
    DateBoxes,
    ErrorSummary,
    Field,
    IconLabel,
    Label,
    LineEdit,
    TextArea,
)

ROW_BOXES = (
    Box("fund", "Fund", "fund", 152),
    Box("reference", "Account reference", "text", 122),
    Box("words", "Narrative", "text", 84, stretch=True),
    Box("pence", "Amount", "money", 96),
)
LONGEST_REASON = 4_000


def journal_rows(editor: RowsEditor) -> list[JournalRow]:
    """The rows of an editor as rows of a journal; an amount that cannot be read counts as nothing."""
    return [
        JournalRow(
            str(row["fund"]),
            str(row["reference"]),
            row["pence"] if isinstance(row["pence"], int) else 0,
            str(row["words"]),
        )
        for row in editor.values()
    ]


class AllocateForm(DeckView):
    """Rows of fund, account and amount with what stays in suspense, and the reason a colleague reads."""

    proposed = Signal(object, str)  # rows, reason

    def __init__(self) -> None:
        super().__init__("Place it in a fund")
        self.remaining, self._stays = 0, ""
        self.verdicts = Verdicts()
        self.errors = ErrorSummary()
        self.intro = Label("", "body", "muted", wrap=True)
        self.lines = RowsEditor(ROW_BOXES, "Line", self._judge)
        self.reason = TextArea(lines=2, most=5, longest=LONGEST_REASON)
        self.reason.setObjectName("suspense-reason")
        self.reason_field = Field("Why it belongs there", self.reason, "A colleague reads it and approves")
        for widget in (self.errors, self.intro, self.lines, self.reason_field):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.icon, self.left_over = IconLabel("circle", "muted", 18), Label("", "strong", wrap=True)
        self.left_over.setObjectName("suspense-remainder")
        told = QHBoxLayout()
        told.setSpacing(8)
        told.addWidget(self.icon)
        told.addWidget(self.left_over, 1)
        self.foot.addLayout(told)
        self.propose = Button("Propose the journal", "primary", "check", "Ctrl Enter", self.submit)
        self.propose.setObjectName("suspense-propose")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.foot.addWidget(acts(self.propose, self.cancel))
        self.lines.changed.connect(self._tell)

    def ask(
        self, items: Sequence[Item], funds: Sequence[tuple[str, str]], verdicts: Verdicts, first: Values
    ) -> None:
        """Sets the form up for some suspense items, with `first` in its first row."""
        named = items[0].narrative if len(items) == 1 else f"{len(items)} items"
        remaining = sum(item.remaining_pence for item in items)
        self._stays = "would stay in suspense"
        told = f"{named}: {money(remaining)}. It leaves suspense once a colleague approves the journal."
        self._begin(told, remaining, funds, verdicts, {"words": items[0].narrative[:60], **first})

    def ask_move(self, one: Posting, funds: Sequence[tuple[str, str]], verdicts: Verdicts) -> None:
        """Sets the form up for a posting that belongs to another fund or account."""
        self.title, self._stays = "Move it to another fund", "would stay where it is"
        where = " ".join(filter(None, (f"fund {one.fund}", one.reference)))
        told = f"{one.narrative}: {money(one.left_pence)} in {where}. It moves once a colleague approves."
        self._begin(told, one.left_pence, funds, verdicts, {"words": one.narrative[:60]})

    def _begin(
        self,
        told: str,
        remaining: int,
        funds: Sequence[tuple[str, str]],
        verdicts: Verdicts,
        first: Values,
    ) -> None:
        self.remaining, self.verdicts = remaining, verdicts
        self.side = money(remaining)
        self.intro.setText(told)
        self.errors.show_errors([])
        self.reason_field.set_error(None)
        self.reason.set_text("")
        self.lines.set_funds(funds)
        self.lines.set_values([{"pence": self.remaining, **first}])
        self._tell()

    def set_verdicts(self, verdicts: Verdicts) -> None:
        """Judges the rows by the council's checks from now on."""
        self.verdicts = verdicts
        self.lines.judge_all()

    def _judge(self, row: Values) -> tuple[str, str]:
        return self.verdicts.of_line(row, "")

    def _tell(self) -> None:
        """What stays in suspense, at every letter."""
        placed = self.lines.total()
        rest = self.remaining - placed
        if rest and (rest > 0) != (self.remaining > 0):
            words, tone, icon = f"{money(abs(rest))} more than there is.", "danger", "triangle-alert"
        elif rest:
            words = f"{money(rest)} of {money(self.remaining)} {self._stays}."
            tone, icon = "warn", "circle-question-mark"
        elif any(not row["fund"] for row in self.lines.values()):
            words, tone, icon = "All of it is here; choose its fund.", "muted", "circle-question-mark"
        else:
            words, tone, icon = "All of it is placed.", "good", "check"
        self.left_over.setText(words)
        self.left_over.set_tone(tone)
        self.icon.set_icon(icon, tone)

    def submit(self) -> None:
        """Checks every row and the reason, and hands them over."""
        wrong = self.lines.unreadable()
        for number, row in enumerate(self.lines.rows, 1):
            if row.empty() or row.unreadable():
                continue
            values = row.values()
            if not values["fund"]:
                wrong.append((f"Line {number} has no fund.", row.editors["fund"]))
            if not values["pence"]:
                wrong.append((f"Line {number} has no amount.", row.editors["pence"]))
        if not self.lines.values():
            wrong.append(("Write at least one fund and amount.", self.lines.rows[0].editors["fund"]))
        if not self.reason.text().strip():
            wrong.append(("Write why it belongs there.", self.reason))
        bare = not self.reason.text().strip()
        self.reason_field.set_error("Write why it belongs there" if bare else None)
        self.errors.show_errors(wrong)
        if wrong:
            self.scroller.verticalScrollBar().setValue(0)
            return
        self.proposed.emit(journal_rows(self.lines), self.reason.text())

    def refuse(self, error: HoldallError) -> None:
        """Shows at the top what the books do not take."""
        self.errors.show_errors([(str(error), self.lines.rows[0].editors["fund"])])
        self.scroller.verticalScrollBar().setValue(0)

    def focus_first(self) -> None:
        """Goes to the first fund."""
        self.lines.focus_first()


class WriteOffForm(DeckView):
    """The fund that bears what is written off, and why; a colleague approves it."""

    proposed = Signal(str, str)  # fund, reason

    def __init__(self) -> None:
        super().__init__("Write it off")
        self.intro = Label("", wrap=True)
        self.rows.addWidget(self.intro)
        self.fund = RowsEditor((Box("fund", "Fund that bears it", "fund", 260),), "Write-off", most=1)
        self.fund.more.hide()
        self.reason = TextArea(lines=3, most=6, longest=LONGEST_REASON)
        self.reason.setObjectName("write-off-reason")
        self.reason_field = Field("Reason", self.reason, "Why nobody can be found, and who decided it")
        self.errors = ErrorSummary()
        for widget in (self.errors, self.fund, self.reason_field):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.propose = Button("Propose to write it off", "primary", key="Ctrl Enter", on_click=self.submit)
        self.propose.setObjectName("write-off-propose")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.foot.addWidget(acts(self.propose, self.cancel))

    def ask(self, items: Sequence[Item], funds: Sequence[tuple[str, str]]) -> None:
        """Sets the form up for some items."""
        total = sum(item.remaining_pence for item in items)
        self.side = money(total)
        self.intro.setText(f"{money(total)} leaves suspense once a colleague approves the journal.")
        self.fund.set_funds(funds)
        self.fund.set_values([])
        self.fund.rows[0].remove.hide()
        self.reason.set_text("")
        self.reason_field.set_error(None)
        self.errors.show_errors([])

    def submit(self) -> None:
        """Checks both and hands them over."""
        fund = str(self.fund.rows[0].values()["fund"])
        wrong = [] if fund else [("Choose the fund that bears it.", self.fund.rows[0].editors["fund"])]
        if not self.reason.text().strip():
            wrong.append(("Write why it is written off.", self.reason))
        self.errors.show_errors(wrong)
        if not wrong:
            self.proposed.emit(fund, self.reason.text())

    def refuse(self, error: HoldallError) -> None:
        """Shows at the top what the books do not take."""
        self.errors.show_errors([(str(error), self.fund.rows[0].editors["fund"])])

    def focus_first(self) -> None:
        """Goes to the fund."""
        self.fund.focus_first()


class OwnerForm(DeckView):
    """Who chases an item, and the day to look again."""

    saved = Signal(str, str, object)  # id or "", name, day or None

    def __init__(self) -> None:
        super().__init__("Who chases it")
        self._ids: dict[str, str] = {}
        self.known = ComboBox()
        self.known.setObjectName("suspense-owner-known")
        self.name = LineEdit()
        self.name.setObjectName("suspense-owner")
        self.chase_on = DateBoxes(name="Look again on")
        self.known_field = Field("Colleague", self.known)
        self.name_field = Field("Somebody else", self.name, "As they are called in the office", True)
        self.day_field = Field("Look again on", self.chase_on, optional=True)
        for field in (self.known_field, self.name_field, self.day_field):
            self.rows.addWidget(field)
        self.rows.addStretch(1)
        self.save = Button("Save", "primary", key="Ctrl Enter", on_click=self.submit)
        self.save.setObjectName("suspense-owner-save")
        self.cancel = Button("Cancel", key="Esc", on_click=self.left.emit)
        self.foot.addWidget(acts(self.save, self.cancel))

    def ask(self, item: Item, people: Sequence[tuple[str, str]]) -> None:
        """Sets the form up; `people` are (id, name), the person at the laptop first."""
        self.side = item.narrative[:40]
        self.known.clear()
        self.known.addItem("Nobody", ("", ""))
        for user_id, name in people:
            self.known.addItem(name, (user_id, name))
        names = [name for _, name in people]
        place = names.index(item.owner_name) + 1 if item.owner_name in names else 0 if item.owner_name else 1
        self.known.setCurrentIndex(place)
        self.name.setText("" if item.owner_name in names else item.owner_name)
        self.chase_on.set_value(item.chase_on)
        self.day_field.set_error(None)

    def submit(self) -> None:
        """Checks the day and hands all of it over; a written name goes before a chosen one."""
        if problem := self.chase_on.problem():
            self.day_field.set_error(problem)
            self.day_field.focus_editor()
            return
        written = self.name.text().strip()
        user_id, name = ("", written) if written else self.known.currentData()
        when: date | None = self.chase_on.value()
        self.saved.emit(user_id, name, when)

    def focus_first(self) -> None:
        """Goes to the colleague."""
        self.known.setFocus(Qt.FocusReason.OtherFocusReason)
