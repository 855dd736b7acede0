"""The page of their words: what they say, the dangers heard in it, the likeliest repairs to choose from."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.errors import HoldallError
from app.repairs import flow, service
from app.repairs.text import choosing
from app.repairs.text.checking import WordsUnsettled, risks_asked
from app.repairs.text.ranking import Leaf
from app.repairs.text.triage import Heard, hear
from app.repairs.views import RepairView
from app.wording import listed
from ui.repairs.answers import WideAnswers
from ui.repairs.heard_cards import HeardCards
from ui.repairs.leaves import BETWEEN, LeafRow
from ui.repairs.steps import DESCRIPTION_LIMIT, Done, Step
from ui.shell import Autosave, Shell
from ui.theme import theme
from ui.widgets import Answer, ErrorSummary, Field, Label, TextArea, WrapRow

LISTEN_MS = 250  # after the last key, before the words are read again
MOST_WORDS = 4  # words that are quoted under a row
NONE = "none-of-these"


class _WideField(Field):
    """A field as wide as the answers under it."""

    def restyle(self) -> None:
        """At most 750 wide at 100 %."""
        super().restyle()
        self.setMaximumWidth(theme().wide(750))


class WordsStep(Step):
    """What they say, in their own words. Tab goes to the likeliest repairs, a number chooses one."""

    id = flow.DESCRIPTION
    ask = "What do they say about it?"
    help = "Write it as they say it. Dangers in it and the likeliest repairs show below."
    why = (
        "Their words are read for danger before anything else, and looked at once more when the repair is "
        "saved. The person who mends it reads them first."
    )
    continue_key = "Ctrl Enter"
    danger_shown = Signal(bool)
    go_on_asked = Signal()

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.heard: Heard | None = None
        self.errors = ErrorSummary()
        self.words = TextArea(lines=2, longest=DESCRIPTION_LIMIT)
        self.words.setObjectName("repairs-description")
        self.field = _WideField("In their words", self.words, optional=True)
        self.cards = HeardCards(shell)
        self.cards.answering.connect(self.flush)
        likely: list[QWidget] = [
            Label("Is it one of these?", "section"),
            Label("Tab, then its number.", tone="muted"),
        ]
        self.likely = WrapRow(likely, 12)
        self.answers = WideAnswers(LeafRow, BETWEEN)
        self.answers.set_columns(1)
        self.autosave = Autosave(self._save, self)
        self.timer = QTimer(self, singleShot=True, interval=LISTEN_MS)
        self.timer.timeout.connect(self.listen)
        self.words.textChanged.connect(self._typed)
        for part in (self.errors, self.field, self.cards, self.likely, self.answers):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self._shown = ""
        self._show_leaves(())
        self.restyle()

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Shows the words when the page is opened; what was answered about them at any time."""
        super().show_view(view, fresh)
        if fresh:
            self.errors.show_errors([])
            self.heard = None
            self.cards.clear()
            self._show_leaves(())
            self._shown = view.description
            self.words.set_text(view.description)
            self.listen()
        elif self.heard is not None:
            self._show_what_was(self.heard)

    def focus_first(self) -> None:
        """The text."""
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def flush(self) -> None:
        """Writes what is still being typed."""
        self.autosave.flush()

    def _typed(self) -> None:
        if self.words.text() != self._shown:
            self._shown = self.words.text()
            self.autosave.touch("description", self._shown)
            self.timer.start()

    def _save(self, values: dict[str, Any]) -> None:
        repair_id = self._repair_id
        self.shell.write("Type their words", lambda session: service.note(session, repair_id, values))

    # Listening

    def listen(self) -> None:
        """Reads the words as they stand, off the window's thread."""
        view, text = self.view, self.words.text()
        if view is None:
            return
        if not text.strip():
            self._show_heard(view.id, text, Heard((), ()))
            return
        risks = risks_asked(view)
        self.shell.fetch(
            lambda _job: hear(text, view.tree, risks, view.answers), partial(self._show_heard, view.id, text)
        )

    def _show_heard(self, repair_id: str, text: str, heard: Heard) -> None:
        if self.view is None or repair_id != self.view.id or text != self.words.text():
            return  # typed on meanwhile, or another repair: its own reading comes
        self.heard = heard
        self._show_what_was(heard)

    def _show_what_was(self, heard: Heard) -> None:
        """Shows the dangers, and the likeliest repairs once no danger waits for an answer."""
        view = self.view
        if view is not None:
            self.cards.show_reasons(view.id, heard.reasons, view.settled)
            self.danger_shown.emit(self.cards.danger)
            self._show_leaves(() if self.cards.danger else heard.leaves)

    def _show_leaves(self, leaves: tuple[Leaf, ...]) -> None:
        chosen = self.answers.value() or self._still_chosen(leaves)
        rows = [Answer(leaf.outcome, leaf.title or leaf.label, _decided(leaf)) for leaf in leaves]
        if rows:
            rows.append(Answer(NONE, "None of these", "Ask the questions"))
        if rows != [row.answer for row in self.answers.rows]:
            self.answers.set_answers(rows, False, chosen)
            beside = [*(_quoted(leaf) for leaf in leaves), ["Ask the questions"]]
            for row, words in zip(self.answers.rows, beside, strict=False):
                row.installEventFilter(self)
                if isinstance(row, LeafRow):
                    row.set_words(words)
        for part in (self.likely, self.answers):
            part.setVisible(bool(rows))

    def _still_chosen(self, leaves: tuple[Leaf, ...]) -> str:
        """What was chosen before, while the answers are still those that it filled in."""
        view = self.view
        if view is None:
            return ""
        kept = next((leaf for leaf in leaves if leaf.outcome == view.chosen), None)
        if kept is None or any(view.answers.get(q) != value for q, value in kept.answers.items()):
            return ""
        return kept.outcome

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on a repair goes on with it."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in enter:
            self.go_on_asked.emit()
            return True
        return super().eventFilter(watched, event)

    # Going on

    def finish(self, done: Done) -> None:
        """Keeps the words and what was chosen; stays while a danger in them is not answered."""
        self.flush()
        self.errors.show_errors([])
        repair_id, value = self._repair_id, self.answers.value()
        outcome = value if value not in (None, NONE) and self.words.text().strip() else ""
        self.shell.write(
            "Their words",
            lambda session: choosing.choose(session, repair_id, outcome or ""),
            lambda _changed: done(),
            failed=self._refused,
        )

    def _refused(self, error: HoldallError) -> None:
        if isinstance(error, WordsUnsettled) and self.view is not None:
            reasons = hear(self.words.text(), self.view.tree, risks_asked(self.view), self.view.answers)
            self._show_heard(self.view.id, self.words.text(), reasons)
            self.cards.focus_first()
        target = self.cards.cards[0].record if self.cards.cards else self.words
        self.errors.show_errors([(f"{error.title} {error.advice}", target)])


def _decided(leaf: Leaf) -> str:
    """The repair's own name, and the words that speak for it."""
    words = listed(_quoted(leaf))
    return f"{leaf.label}. They say {words}." if words else f"{leaf.label}."


def _quoted(leaf: Leaf) -> list[str]:
    return [f"“{word}”" for word in leaf.words[:MOST_WORDS]]
