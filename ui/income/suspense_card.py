"""One suspense item: how much of it is left, what is known, whose it could be, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.income.office.candidates import Candidate
from app.income.office.suspense import Item
from app.wording import date_year, day_month, money, plural
from ui.deck import DeckView, acts
from ui.widgets import Button, IconLabel, Label, Line, QuietNote, clear_layout


class Candidates(QWidget):
    """Whose an item could be, the likeliest first, each with why and a word that takes it."""

    used = Signal(object)  # Candidate

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.shown: tuple[Candidate, ...] = ()
        self.say("Looking for whose it could be…")

    def say(self, words: str) -> None:
        """A sentence in the place of the candidates."""
        self.shown = ()
        clear_layout(self._column)
        self._column.addWidget(Label(words, "body", "muted", wrap=True))

    def show_candidates(self, found: Sequence[Candidate]) -> None:
        """Shows them, or that there is none."""
        if not found:
            self.say("No account holder and no open posting fits its words or its amount.")
            return
        self.shown = tuple(found)
        clear_layout(self._column)
        for number, candidate in enumerate(found):
            if number:
                self._column.addWidget(Line())
            self._column.addLayout(self._row(candidate))

    def _row(self, candidate: Candidate) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        icon = IconLabel("user-round" if candidate.kind == "account" else "file-text", "hue", 16)
        icon.setContentsMargins(0, 2, 0, 0)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        name = candidate.name or "A posting that is still open"
        words.addWidget(Label(name, "strong", wrap=True))
        facts = [f"fund {candidate.fund}"] if candidate.fund else []
        facts += [candidate.account_reference] if candidate.account_reference else []
        facts += [money(candidate.pence)] if candidate.pence else []
        facts.append(f"{candidate.score} in 100")
        words.addWidget(Label(", ".join(facts), "hint", "muted", wrap=True))
        words.addWidget(Label(candidate.why, wrap=True))
        row.addLayout(words, 1)
        act = "Use this" if candidate.kind == "account" else "Look at it"
        use = Button(act, "word", on_click=partial(self.used.emit, candidate))
        use.setAccessibleName(f"{act}: {name}, {candidate.account_reference}".rstrip(", "))
        row.addWidget(use, 0, Qt.AlignmentFlag.AlignTop)
        return row


class ItemCard(DeckView):
    """The chosen item with its acts: place it, write it off, say who chases it, write a note."""

    asked = Signal(str)  # allocate, write_off, owner, note

    def __init__(self) -> None:
        super().__init__("Suspense")
        self.item: Item | None = None
        self.amount = Label("", "figure")
        self.beside = Label("", "strong", wrap=True)
        self.narrative = Label("", "section", wrap=True, selectable=True)
        self.facts = Label("", "body", "muted", wrap=True)
        self.owner_icon = IconLabel("user-round", "edge", 16)
        self.owner = Label("", wrap=True)
        self.notes = QuietNote("Notes")
        self.candidates = Candidates()
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.amount)
        head.addWidget(self.beside, 1)
        who = QHBoxLayout()
        who.setSpacing(8)
        who.addWidget(self.owner_icon, 0, Qt.AlignmentFlag.AlignTop)
        who.addWidget(self.owner, 1)
        self.rows.addLayout(head)
        self.rows.addWidget(self.narrative)
        self.rows.addWidget(self.facts)
        self.rows.addLayout(who)
        for widget in (self.notes, Label("Whose it could be", "strong"), self.candidates):
            self.rows.addWidget(widget)
        self.rows.addStretch(1)
        self.allocate = self._act("Place it in a fund", "allocate", "A", "primary", "check")
        self.write_off = self._act("Write off…", "write_off", "W", "danger")
        self.chase = self._act("Who chases it", "owner", "O")
        self.note = self._act("Note", "note", "N")
        self.foot.addWidget(acts(self.allocate, self.chase, self.note, self.write_off))

    def _act(self, text: str, act: str, key: str, kind: str = "outline", icon: str | None = None) -> Button:
        button = Button(text, kind, icon, key, partial(self.asked.emit, act))
        button.setObjectName(f"suspense-{act}")
        return button

    def show_item(self, item: Item, also: Sequence[Item] = ()) -> None:
        """Shows an item, with those that were chosen to go with it."""
        self.item = item
        remaining = item.remaining_pence + sum(one.remaining_pence for one in also)
        self.title = f"{plural(len(also) + 1, 'suspense item')} together" if also else "In suspense"
        self.side = item.account_name
        self.amount.setText(money(remaining))
        told = "to place" if remaining == item.amount_pence and not also else "left to place"
        if not also and item.remaining_pence != item.amount_pence:
            told += f" of {money(item.amount_pence)}"
        if item.waiting_pence and not also:
            told += f"; {money(item.waiting_pence)} waits for a colleague’s approval"
        self.beside.setText(told)
        self.narrative.setText(" + ".join((item.narrative, *(one.narrative for one in also))))
        facts = f"Held since {date_year(item.held_on)}, {plural(item.age_days, 'day')}"
        self.facts.setText(f"{facts}, reference {item.reference}." if item.reference else f"{facts}.")
        self._show_owner(item)
        self.notes.set_text("\n".join(item.notes))
        self.notes.setVisible(bool(item.notes))
        self.allocate.setVisible(bool(remaining))
        self.write_off.setVisible(any(one.remaining_pence for one in (item, *also)))

    def _show_owner(self, item: Item) -> None:
        words = f"{item.owner_name} chases it" if item.owner_name else "Nobody chases it yet"
        if item.chase_on is not None:
            due = "was due on" if item.overdue else "looks again on" if item.owner_name else "look again on"
            words += f", {due} {day_month(item.chase_on)}"
        self.owner.setText(f"{words}.")
        self.owner.set_tone("warn" if item.overdue or not item.owner_name else "text")
        self.owner_icon.set_icon(
            "clock" if item.overdue else "user-round", "warn" if item.overdue else "edge"
        )

    def focus_first(self) -> None:
        """Goes to the first act."""
        first = self.allocate if self.allocate.isVisible() else self.chase
        first.setFocus(Qt.FocusReason.OtherFocusReason)
