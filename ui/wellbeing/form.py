"""The check, one question at a time: number keys answer, Enter goes on, Esc goes back. Nothing is lost by
stopping: every answer is handed over as it is given."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.context import Council
from app.wellbeing.entries import Check
from app.wellbeing.instrument import LOWEST, Instrument, bundled
from app.wellbeing.rules import SKIPPED
from app.wording import plural
from ui.theme import theme
from ui.wellbeing.parts import HelpNote, named, restyled
from ui.widgets import (
    Answer,
    AnswerList,
    Button,
    Chip,
    Label,
    PageHead,
    Progress,
    QuietNote,
    ScrollColumn,
    WrapRow,
)


class QuestionView(QWidget):
    """One statement and its five answers, and a way not to answer it.

    `answered` carries the number of the statement and the answer's key; `finished` comes after the last one;
    `left` when the person stops for now.
    """

    answered = Signal(int, str)
    finished = Signal()
    left = Signal()
    lock_asked = Signal()

    def __init__(self, council: Council, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.instrument: Instrument = bundled()
        self.number = 1
        self._given: dict[int, str] = {}
        self.later = named(
            Button("Save and come back later", icon="pause", on_click=self.left.emit), "come-back-later"
        )
        self.lock = Button("Lock now", "word", key="Ctrl+L", shortcut=False, on_click=self.lock_asked.emit)
        self.head = PageHead(
            self.instrument.title,
            chips=[Chip("Only you can read this", "wellbeing", "lock")],
            actions=[self.lock, self.later],
        )
        self.progress = Progress(0, len(self.instrument.items), "Questions answered")
        self.count = Label("", "body", "muted")
        self.count.setObjectName("wellbeing-count")
        self.question = Label("", "question", wrap=True)
        self.question.setObjectName("wellbeing-question")
        self.problem = Label("", "hint_strong", "danger", wrap=True)
        self.problem.hide()
        self.answers = AnswerList()
        self.answers.setObjectName("wellbeing-answers")
        self.answers.chosen.connect(self._chosen)
        self.next = named(Button("Continue", "primary", key="Enter", big=True, on_click=self.go_on), "next")
        self.back = named(
            Button("Back", icon="arrow-left", key="Esc", big=True, on_click=self.go_back), "back"
        )
        self.rest = Label("", "body", "muted")
        self.note = QuietNote(
            "Stop whenever you like",
            "Each answer is sealed and kept at once. Nobody is told that you began, or where you stopped.",
        )
        self.help = HelpNote(council)
        self._build()

    def _build(self) -> None:
        self.column = ScrollColumn((0, 0, 6, 0))
        words = QVBoxLayout()
        words.setSpacing(8)
        for part in (self.count, self.question, self.problem):
            words.addWidget(part)
        words.addSpacing(4)
        words.addWidget(self.answers)
        self.side = QWidget()
        beside = QVBoxLayout(self.side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(12)
        beside.addWidget(self.note)
        beside.addWidget(self.help)
        beside.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(44)
        self._grid.setVerticalSpacing(16)
        self._words = words
        self._grid.addLayout(words, 0, 0)
        self._grid.addWidget(self.side, 0, 1)
        self._grid.setColumnStretch(0, 8)
        self._grid.setColumnStretch(2, 1)
        self.acts = QWidget()
        row = QHBoxLayout(self.acts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(WrapRow([self.next, self.back], 10), 1)
        row.addWidget(self.rest)
        words.addSpacing(8)
        words.addWidget(self.acts)
        words.addStretch(1)
        self.column.body.addLayout(self._grid)
        self.column.body.addStretch(1)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(10)
        self._outer.addWidget(self.head)
        self._outer.addWidget(self.progress)
        self._outer.addWidget(self.column, 1)
        self._narrow = False
        self.restyle()

    def restyle(self) -> None:
        """Answers and what belongs to them are 750 wide at most, the notes 340."""
        for part in (self.question, self.acts):
            part.setMaximumWidth(theme().wide(750))
        self.side.setMaximumWidth(theme().wide(750) if self._is_narrow() else theme().wide(340))

    def _is_narrow(self) -> bool:
        return getattr(self, "_narrow", False)

    def set_compact(self, narrow: bool) -> None:
        """One column with the acts pinned to the foot, and back."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._grid.removeWidget(self.side)
        if narrow:
            self._words.removeWidget(self.acts)
            self._outer.addWidget(self.acts)
            self._grid.addWidget(self.side, 1, 0)
        else:
            self._outer.removeWidget(self.acts)
            self._words.insertWidget(self._words.count() - 1, self.acts)
            self._grid.addWidget(self.side, 0, 1)
        restyled(self.acts)
        self.later.setText("Later" if narrow else "Save and come back later")
        self.rest.setVisible(not narrow)
        self.restyle()

    # What is asked

    def show_check(self, check: Check, at: int | None = None) -> None:
        """Goes on with a check, at its first open statement or at the one given."""
        self._given = {number: str(code) for number, code in check.answers.items()}
        left = check.left(self.instrument)
        self.show_question(at or (left[0] if left else len(self.instrument.items)))

    def renew(self, check: Check) -> None:
        """Takes the answers as the store has them, after an undo or a sync, and stays where it is."""
        self._given = {number: str(code) for number, code in check.answers.items()}
        self.answers.set_value(self._given.get(self.number))
        self._tell()

    def show_question(self, number: int) -> None:
        """Asks one statement."""
        self.number = number
        item = self.instrument.item(number)
        total = len(self.instrument.items)
        answers = [Answer(str(code), words) for code, words in self._choices(number)]
        answers.append(Answer(SKIPPED, self.instrument.skip))
        self.count.setText(f"Question {number} of {total}. {self.instrument.ask}")
        self.question.setText(item.text)
        self.problem.hide()
        self.answers.setAccessibleName(item.text)
        self._replace_answers(answers, self._given.get(number))
        self._tell()
        self.column.verticalScrollBar().setValue(0)
        self.answers.focus_first()

    def _replace_answers(self, answers: list[Answer], value: str | None) -> None:
        """Puts the new answers on show at once, so that the focus goes from the old to the new one and to
        nothing between, and the next key already means the new question."""
        focused = self.answers.focusWidget()
        if focused is not None:
            focused.clearFocus()
        self.answers.set_answers(answers, True, value)
        for row in self.answers.rows:
            row.show()

    def _choices(self, number: int) -> list[tuple[int, str]]:
        words = self.instrument.answers[self.instrument.item(number).answers]
        return list(enumerate(words, LOWEST))

    def _tell(self) -> None:
        total = len(self.instrument.items)
        self.progress.set_progress(len(self._given), total)
        open_ones = total - len(self._given)
        self.rest.setText(
            f"{plural(open_ones, 'question')} to go, then your result" if open_ones else "All answered"
        )
        last = self.number == total
        self.next.setText("See my result" if last else "Continue")

    # What the person does

    def _chosen(self, key: str) -> None:
        if self._given.get(self.number) == key:
            return
        self._given[self.number] = key
        self.problem.hide()
        self._tell()
        self.answered.emit(self.number, key)

    def go_on(self) -> None:
        """Goes to the next statement, or ends the check after the last one."""
        if self.number not in self._given:
            self._say(f"Choose an answer, or “{self.instrument.skip}”")
            return
        if self.number < len(self.instrument.items):
            self.show_question(self.number + 1)
            return
        left = [item.number for item in self.instrument.items if item.number not in self._given]
        if left:
            self.show_question(left[0])
            self._say(f"{plural(len(left), 'question')} still open; this is the first")
            return
        self.finished.emit()

    def go_back(self) -> None:
        """Goes to the statement before; from the first one, out of the check."""
        if self.number > 1:
            self.show_question(self.number - 1)
        else:
            self.left.emit()

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.show()
        self.answers.focus_first()
