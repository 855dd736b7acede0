"""What stands between bank and book: the proposal with its evidence in sentences, and the acts on it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.income.amounts import figure
from app.income.board import Board
from app.income.evidence import Sentence, in_words, sentences, why_none
from app.income.matching import OpenLine, OpenReceipt, Proposal
from app.wording import day, day_month, pounds
from models.income import Standing
from ui.theme import theme
from ui.widgets import Button, IconLabel, KeyHint, Label, Line, QuietNote, ScrollColumn, clear_layout
from ui.widgets.paint import panel

_ICONS = {
    "tick": ("check", "good"),
    "look": ("circle-question-mark", "warn"),
    "people": ("users-round", "info"),
}


_APART = (Sentence("look", "Nothing is looked for while the statement is kept apart."),)


class Equation(QFrame):
    """Two sides on selection ground: one bank line = three receipts in the book."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 14, 6)
        row.setSpacing(0)
        self.bank = (Label("", "hint", "muted"), Label("", "subfigure"))
        self.sign = Label("=", "subfigure", "muted")
        self.book = (Label("", "hint", "muted"), Label("", "subfigure"))
        for number, side in enumerate((self.bank, self.book)):
            column = QVBoxLayout()
            column.setSpacing(0)
            for label in side:
                column.addWidget(label)
            row.addLayout(column)
            if number == 0:
                row.addSpacing(26)
                row.addWidget(self.sign)
                row.addSpacing(30)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_sides(self, bank: tuple[str, str], book: tuple[str, str], equal: bool) -> None:
        """Each side is its heading and its figure."""
        for labels, words in ((self.bank, bank), (self.book, book)):
            for label, text in zip(labels, words, strict=True):
                label.setText(text)
        self.sign.setText("=" if equal else "≠")
        self.sign.setAccessibleName("equals" if equal else "does not equal")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Selection ground, or an edge in high contrast."""
        t = theme()
        border = t.colour("edge") if t.contrast else None
        ground = t.colour("surface" if t.contrast else "selection")
        panel(QPainter(self), self.rect(), ground, border, t.stroke)


class LineFacts(QWidget):
    """The line and its receipts one below the other, for a page of one column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_line(
        self, line: OpenLine, total: int, receipts: Sequence[OpenReceipt], taken: int, currency: str
    ) -> None:
        """Show one line of `total`, and the receipts proposed for it with the pence taken."""
        clear_layout(self._column)
        self._pair(Label(line.words, "section", wrap=True), figure(line.pence, currency), "section")
        place = f"{day_month(line.booked_on)}, bank line {line.number:,} of {total:,}"
        self._column.addWidget(Label(place, "body", "muted", wrap=True))
        if not receipts:
            return
        self._column.addWidget(Line())
        noun = "receipt" if len(receipts) == 1 else "receipts"
        heading = Label(f"Proposed: {in_words(len(receipts))} {noun}", "strong", wrap=True)
        self._pair(heading, figure(taken, currency), "strong")
        for receipt in receipts[:30]:
            words = Label(receipt.narrative or receipt.reference, wrap=True)
            self._pair(words, pounds(receipt.pence), "body", day(receipt.posted_on))

    def _pair(self, words: Label, amount: str, role: str, on: str = "") -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        if on:
            date = Label(on, "body", "muted")
            date.setMinimumWidth(round(theme().metrics("body").horizontalAdvance("28 Dec")) + 4)
            row.addWidget(date, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        row.addWidget(Label(amount, role), 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(row)


class EvidenceList(QWidget):
    """Sentences with a tick for what agrees and a question mark for what wants a look."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.told: tuple[Sentence, ...] = ()

    def show_sentences(self, told: Sequence[Sentence]) -> None:
        """Replaces the sentences."""
        if tuple(told) == self.told:
            return
        self.told = tuple(told)
        clear_layout(self._column)
        for sentence in told:
            row = QHBoxLayout()
            row.setSpacing(10)
            icon = IconLabel(*_ICONS[sentence.kind], 16)
            icon.setContentsMargins(0, 2, 0, 0)
            row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Label(sentence.text, wrap=True), 1)
            self._column.addLayout(row)

    def show_doubts(self, told: Sequence[str]) -> None:
        """Sentences that each want a look."""
        self.show_sentences([Sentence("look", words) for words in told])

    def show_steps(self, steps: Sequence[str], done: bool) -> None:
        """Steps that have happened, in order; the last one is still under way unless it is done."""
        last = len(steps) if done else len(steps) - 1
        told = [Sentence("tick" if place < last else "look", words) for place, words in enumerate(steps)]
        self.show_sentences(told)


class Acts(QWidget):
    """The acts on a line: a big primary button above three others, or all in one row when compact."""

    asked = Signal(str)  # accept, reject, split, suspense, note, lists, sections

    def __init__(self, compact: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compact = compact
        self.accept = self._button("Accept" if compact else "Accept match", "accept", "A", "primary", "check")
        self.reject = self._button("Reject", "reject", "R")
        self.split = self._button("Split", "split", "S")
        self.suspense = self._button("Suspense", "suspense", "U")
        self.lists = self._button("Lists", "lists", "L", icon="panel-left") if compact else None
        self.sections = self._button("Sections", "sections", "", icon="list") if compact else None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        if compact:
            row.addWidget(self.accept)
        else:
            policy = self.accept.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
            self.accept.setSizePolicy(policy)
            column.addWidget(self.accept)
        for button in (self.reject, self.split, self.suspense):
            row.addWidget(button, 0 if compact else 1)
        if self.lists is not None and self.sections is not None:
            row.addStretch(1)
            row.addWidget(self.sections)
            row.addWidget(self.lists)
        column.addLayout(row)

    def _button(
        self, text: str, act: str, key: str, kind: str = "outline", icon: str | None = None
    ) -> Button:
        button = Button(text, kind, icon, key or None, lambda: self.asked.emit(act))
        button.setObjectName(f"income-{act}{'-short' if self.compact else ''}")
        return button

    def for_proposal(self, proposed: bool, workable: bool) -> None:
        """Shows what can be done with a proposal, or with a line that has none, or with none at all."""
        self.split.setVisible(workable)
        self.suspense.setVisible(workable)
        self.accept.setVisible(proposed)
        self.reject.setVisible(proposed)
        self.split.setText("Split" if proposed else "Choose receipts")
        if self.compact and not proposed:
            self.split.setText("Choose")
        self.suspense.set_kind("outline" if proposed else "primary")
        self.suspense.setText("Suspense" if proposed or self.compact else "Put to suspense")


class ProposalView(QWidget):
    """One bank line: its proposal and evidence, or why there is none, with the acts pinned below."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.side = "Proposed match", ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.equation = Equation()
        column.addWidget(self.equation)
        self.pinned = ScrollColumn()
        self.pinned.body.setSpacing(6)
        self.facts = LineFacts()
        self.heading = Label("Why these belong together", "strong")
        self.evidence = EvidenceList()
        self.notes = QuietNote("Note")
        self.note = Button("Note", "word", None, "N", lambda: self.asked.emit("note"))
        self.note.setObjectName("income-note")
        self.note.setAccessibleName("Write a note")
        heading = QHBoxLayout()
        heading.addWidget(self.heading)
        heading.addStretch(1)
        heading.addWidget(self.note)
        self.pinned.body.addWidget(self.facts)
        self.pinned.body.addLayout(heading)
        for part in (self.evidence, self.notes):
            self.pinned.body.addWidget(part)
        self.pinned.body.addStretch(1)
        column.addWidget(self.pinned, 1)
        self.wide_acts, self.short_acts = Acts(False), Acts(True)
        self.hints = QWidget()
        hints = QHBoxLayout(self.hints)
        hints.setContentsMargins(0, 0, 0, 0)
        hints.setSpacing(12)
        hints.addStretch(1)
        for keys, words in ((["↑", "↓"], "next line"), (["Tab"], "other pane"), (["Ctrl Z"], "undo")):
            hints.addWidget(KeyHint(keys, words))
        hints.addStretch(1)
        self.rule = Line()
        self.certain = Button("", "word", "check", "Shift A", lambda: self.asked.emit("certain"))
        self.certain.setObjectName("income-certain")
        for widget in (self.rule, self.wide_acts, self.short_acts, self.hints):
            column.addWidget(widget)
        column.addWidget(self.certain, 0, Qt.AlignmentFlag.AlignHCenter)
        self._ready = 0
        self.wide_acts.asked.connect(self.asked)
        self.short_acts.asked.connect(self.asked)
        self._compact = False
        self.set_compact(False)

    @property
    def acts(self) -> Acts:
        """The acts on show."""
        return self.short_acts if self._compact else self.wide_acts

    def set_compact(self, compact: bool) -> None:
        """One row of acts and the line's facts in words, or the equation between the panes."""
        self._compact = compact
        self.wide_acts.setVisible(not compact)
        self._show_certain()
        for widget in (self.short_acts, self.facts, self.rule):
            widget.setVisible(compact)
        self.equation.setVisible(not compact)

    def _show_certain(self) -> None:
        """The act on all that are certain takes the place of the key hints where there are some."""
        self.hints.setVisible(not self._compact and not self._ready)
        self.certain.setVisible(not self._compact and bool(self._ready))
        one = "Accept the one that is certain"
        self.certain.setText(one if self._ready == 1 else f"Accept all {self._ready:,} that are certain")

    def show_line(self, board: Board, line: OpenLine) -> None:
        """Shows a line of a board."""
        self._ready = sum(one.auto for one in board.proposals)
        self._show_certain()
        proposal = board.proposal_by_line.get(line.id)
        currency, total = board.head.currency, len(board.lines)
        if proposal is None:
            self.title = "No proposal yet"
            self.side = f"line {line.number:,} of {total:,}"
            self.equation.show_sides(
                ("One bank line", figure(line.pence, currency)), ("Receipts in the book", "none found"), False
            )
            self.heading.setText("What was looked for")
            apart = board.head.standing == Standing.APART
            told = _APART if apart else why_none(line, board.receipts, currency)
            self.evidence.show_sentences(told)
            self.facts.show_line(line, total, (), 0, currency)
        else:
            self._show_proposal(board, line, proposal)
        words = " ".join(board.notes.get(line.id, ()))
        self.notes.set_text(words)
        self.notes.setVisible(bool(words))
        for acts in (self.wide_acts, self.short_acts):
            acts.for_proposal(proposal is not None, board.head.standing != Standing.APART)
        self.pinned.verticalScrollBar().setValue(0)

    def _show_proposal(self, board: Board, line: OpenLine, proposal: Proposal) -> None:
        receipts, currency = board.receipts_of(proposal), board.head.currency
        place = next(n for n, one in enumerate(board.proposals, 1) if one is proposal)
        self.title = "Proposed match"
        self.side = f"{ordinal(place)} of {len(board.proposals):,} proposals"
        count = len(receipts)
        noun = "receipt" if count == 1 else "receipts"
        total = sum(receipt.pence for receipt in receipts)
        kept = sum(part.pence for part in proposal.write_offs)
        less = f", {figure(kept, currency)}" if kept else " in the book"
        self.equation.show_sides(
            ("One bank line", figure(line.pence, currency)),
            (f"{in_words(count).capitalize()} {noun}{less}", figure(total + kept, currency)),
            total + kept == line.pence,
        )
        self.heading.setText("Why these belong together" if count > 1 else "Why they belong together")
        self.evidence.show_sentences(sentences(board.evidence(proposal), currency))
        self.facts.show_line(line, len(board.lines), receipts, total, currency)


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
