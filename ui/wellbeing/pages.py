"""Two quiet pages: who can read what, in plain words, and the list of earlier checks and notes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.wellbeing.entries import Check, Note, PrivateLife
from app.wellbeing.instrument import bundled
from app.wording import date_year, local_date, long_day, plural
from models.ids import new_id
from ui.shell import Autosave
from ui.theme import theme
from ui.wellbeing.parts import Sheet, named
from ui.widgets import (
    Button,
    Card,
    Field,
    Item,
    Label,
    Line,
    PageHead,
    QuietNote,
    ScrollColumn,
    TextArea,
    TwoLineList,
    WrapRow,
)

_WHO = (
    ("You", "Everything, with your passphrase or your recovery code, on any laptop that is yours."),
    ("Your manager and your colleagues", "Nothing. They read what you put on paper and hand to them."),
    (
        "IT and the people who run the server",
        "That you have a vault, and when it changed. What stands in it is sealed bytes to them.",
    ),
    ("The people who made Holdall", "Nothing. There is no second key."),
    ("Somebody who finds this laptop", "Nothing, while the vault is locked. Lock it before you walk away."),
    (
        "You, without passphrase and recovery code",
        "Nothing, for good. No one can open it then, so keep the code on paper at home.",
    ),
)


class WhoView(Sheet):
    """Who can read it: only you. And what one can do about one's own keys."""

    left = Signal()
    passphrase_asked = Signal()
    code_asked = Signal()
    copy_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Who can read what?", "Who can read your check, your answers and your notes", parent=parent
        )
        self.title = Label("Only you can read this", "question", wrap=True)
        self.body.addWidget(self.title)
        for number, (who, what) in enumerate(_WHO):
            if number:
                self.body.addWidget(Line())
            column = QVBoxLayout()
            column.setSpacing(2)
            for label in (Label(who, "strong", wrap=True), Label(what, wrap=True)):
                column.addWidget(label)
            self.body.addLayout(column)
        self.back = named(
            Button("Back", icon="arrow-left", key="Esc", big=True, on_click=self.left.emit), "who-back"
        )
        self.passphrase = named(
            Button("Change the passphrase…", on_click=self.passphrase_asked.emit),
            "passphrase-change",
        )
        self.code = named(Button("Make a new recovery code…", on_click=self.code_asked.emit), "new-code")
        self.copy = named(Button("Save a copy of everything…", on_click=self.copy_asked.emit), "own-copy")
        self.acts.add(self.back)
        self.own = QuietNote("Your keys", "What you can do about them, now that the vault is open.")
        for button in (self.passphrase, self.code, self.copy):
            self.own.body.addSpacing(6)
            self.own.body.addWidget(button)
        self.beside(self.own)

    def set_open(self, opened: bool) -> None:
        """What needs the open vault is offered only while it is open."""
        self.own.setVisible(opened)


class ListView(QWidget):
    """Earlier checks and notes at the left, the chosen one at the right."""

    left = Signal()
    lock_asked = Signal()
    result_asked = Signal(str)
    continue_asked = Signal(str)
    remove_asked = Signal(str)
    note_saved = Signal(str, str, str)  # id, text, area
    new_check_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._life = PrivateLife()
        self._chosen = ""
        self._saves_to = ""
        self.back = named(Button("Back", icon="arrow-left", key="Esc", on_click=self._leave), "list-back")
        self.lock = Button("Lock now", "word", key="Ctrl+L", shortcut=False, on_click=self.lock_asked.emit)
        self.new_note = named(
            Button("Write a note", icon="sticky-note", on_click=self.write_note), "new-note"
        )
        self.new_check = named(
            Button("Answer again", icon="repeat-2", on_click=self.new_check_asked.emit), "list-again"
        )
        self.head = PageHead(
            "Checks and notes",
            "Only you can read this.",
            actions=[self.lock, self.new_note, self.new_check, self.back],
        )
        self.list = TwoLineList(name="Checks and notes")
        self.list.setObjectName("wellbeing-list")
        self.list.chosen.connect(self._show)
        self.autosave = Autosave(self._save, self)
        self._build()

    def _build(self) -> None:
        self.detail = QStackedWidget()
        self.nothing = Label("Choose a check or a note.", "body", "muted", wrap=True)
        self.note = QWidget()
        column = QVBoxLayout(self.note)
        column.setContentsMargins(0, 0, 0, 0)
        self.text = TextArea(name="Note", lines=6, most=14)
        self.text.setObjectName("wellbeing-note")
        self.field = Field("Note", self.text, "Sealed as you type. Nobody else can read it.")
        self.remove_note = named(
            Button("Remove the note", "danger", "trash-2", on_click=self._remove), "remove-note"
        )
        column.addWidget(self.field)
        column.addWidget(WrapRow([self.remove_note], 10))
        column.addStretch(1)
        self.text.textChanged.connect(self._typed)
        self.check = QWidget()
        beside = QVBoxLayout(self.check)
        beside.setContentsMargins(0, 0, 0, 0)
        self.check_title = Label("", "section", wrap=True)
        self.check_words = Label("", wrap=True)
        self.look = named(Button("Look at the result", "primary", on_click=self._look), "look")
        self.remove_check = named(
            Button("Remove the check", "danger", "trash-2", on_click=self._remove), "remove-check"
        )
        for part in (self.check_title, self.check_words, WrapRow([self.look, self.remove_check], 10)):
            beside.addWidget(part)
        beside.addStretch(1)
        for page in (self.nothing, self.note, self.check):
            self.detail.addWidget(page)
        self.left_card = Card(flush=True)
        self.left_card.body.addWidget(self.list)
        self.right_card = Card(hue=True, margins=(20, 16, 20, 16))
        self.right_card.body.addWidget(self.detail)
        self._pair = QHBoxLayout()
        self._pair.setSpacing(16)
        self._pair.addWidget(self.left_card, 2)
        self._pair.addWidget(self.right_card, 3)
        self.column = ScrollColumn()
        self.column.body.addLayout(self._pair, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(self.head)
        outer.addWidget(self.column, 1)
        self._narrow = False

    def restyle(self) -> None:
        """Three rows of the list stand over the chosen one where the page is narrow."""
        self.left_card.setMaximumHeight(theme().tall(56) * 4 if self._narrow else 16_777_215)

    def set_compact(self, narrow: bool) -> None:
        """One column, and back."""
        self._narrow = narrow
        self.restyle()
        self._pair.setDirection(
            QHBoxLayout.Direction.TopToBottom if narrow else QHBoxLayout.Direction.LeftToRight
        )

    def show_life(self, life: PrivateLife, choose: str = "") -> None:
        """Shows what is in the vault; what is being typed stays as it is."""
        self._life = life
        total = len(bundled().items)
        open_ones = [
            Item(c.id, f"Begun {date_year(local_date(c.started))}", f"{len(c.answers)} of {total} answered")
            for c in life.checks
            if c.finished is None
        ]
        done = [
            Item(c.id, date_year(local_date(c.at)), plural(len(c.answers), "answer")) for c in life.finished()
        ]
        notes = [Item(n.id, _first_line(n), date_year(local_date(n.at))) for n in life.notes]
        groups = [("Not finished", open_ones), ("Finished checks", done), ("Notes", notes)]
        self.list.set_groups([(heading, items) for heading, items in groups if items])
        if choose and self.list.choose(choose):
            return
        there = {c.id for c in life.checks} | {n.id for n in life.notes}
        if not self._chosen and self._saves_to in there:  # a new note has reached the store
            self._chosen = self._saves_to
            self.remove_note.show()
        elif self._chosen and self._chosen not in there:
            self._chosen, self._saves_to = "", ""
            self.autosave.forget()
            self.detail.setCurrentWidget(self.nothing)

    def _show(self, thing_id: str) -> None:
        self.autosave.flush()
        self._chosen = thing_id
        note = next((n for n in self._life.notes if n.id == thing_id), None)
        if note is not None:
            self._fill(note)
            return
        check = self._life.check(thing_id)
        if check is not None:
            self._tell(check)

    def _fill(self, note: Note) -> None:
        self._saves_to = note.id
        self.text.blockSignals(True)
        self.text.set_text(note.text)
        self.text.blockSignals(False)
        self.field.set_error(None)
        self.remove_note.show()
        self.detail.setCurrentWidget(self.note)

    def _tell(self, check: Check) -> None:
        done = check.finished is not None
        self.check_title.setText(f"Check of {long_day(local_date(check.at))}")
        left = len(check.left(bundled()))
        self.check_words.setText(
            "All questions were met." if done else f"{plural(left, 'question')} still open."
        )
        self.look.setText("Look at the result" if done else "Go on answering")
        self.detail.setCurrentWidget(self.check)

    def write_note(self) -> None:
        """An empty note; it is kept from its first word on."""
        self.autosave.flush()
        self.list.choose(None)
        self._chosen, self._saves_to = "", new_id()
        self.text.blockSignals(True)
        self.text.set_text("")
        self.text.blockSignals(False)
        self.remove_note.hide()
        self.field.set_error(None)
        self.detail.setCurrentWidget(self.note)
        self.text.setFocus()

    def flush(self) -> None:
        """Hands over what is being typed."""
        self.autosave.flush()

    def forget(self) -> None:
        """Takes everything readable out of the widgets."""
        self.autosave.flush()
        self._life, self._chosen, self._saves_to = PrivateLife(), "", ""
        self.list.set_groups([])
        self.text.blockSignals(True)
        self.text.set_text("")
        self.text.document().clearUndoRedoStacks()
        self.text.blockSignals(False)
        self.detail.setCurrentWidget(self.nothing)

    def _typed(self) -> None:
        self.autosave.touch("text", self.text.text())

    def _save(self, values: dict[str, str]) -> None:
        words = values["text"]
        if words.strip():
            area = next((n.about for n in self._life.notes if n.id == self._saves_to), "")
            self.note_saved.emit(self._saves_to, words, area)

    def _look(self) -> None:
        check = self._life.check(self._chosen)
        if check is not None:
            (self.result_asked if check.finished else self.continue_asked).emit(check.id)

    def _remove(self) -> None:
        self.autosave.forget()
        if self._chosen:
            self.remove_asked.emit(self._chosen)

    def _leave(self) -> None:
        self.autosave.flush()
        self.left.emit()


def _first_line(note: Note) -> str:
    line = note.text.strip().splitlines()[0]
    return line if len(line) <= 80 else f"{line[:79]}…"
