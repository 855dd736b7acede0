"""The findings of a look before they go: the letter as it reads, what it lacks, and marking it as sent."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.repairs.cases import letters, telling
from app.repairs.cases.letters import Letter
from app.repairs.cases.views import CaseView
from models.repairs import Investigation, Method
from ui.repairs.cases.wizard import METHODS, Step, Wizard, Wrong, ask_moment, need, need_answer
from ui.shell import Shell
from ui.widgets import AnswerList, Banner, Button, QuietNote, WrapRow

WRITING = METHODS[:2]  # a text message is no written summary


class FindingsForm(Wizard):
    """The letter first, then how and when it went. Marking it as sent meets the duty of that day."""

    paper_asked = Signal(str)  # the look

    def __init__(self, shell: Shell) -> None:
        super().__init__("Findings for the tenant", "Mark as sent", "findings")
        self.shell = shell
        self.look: Investigation | None = None
        self.lacks = Banner("", "warn", "triangle-alert", title="Not ready")
        self.letter = QuietNote("", "")
        self.letter.text.set_tone("text")
        self.paper = Button("See it on paper", icon="file-text", on_click=self._paper)
        self.paper.setObjectName("case-letter-paper")
        self.copy = Button("Copy the words", icon="copy", on_click=self._copy)
        self.copy.setObjectName("case-letter-copy")
        self.papers = WrapRow([self.paper, self.copy], 8)
        self.method = AnswerList(WRITING, or_last=False, name="How did it go?")
        self.when_field, self.when = ask_moment("When it was sent", "The day it is sent counts")
        self.set_steps(
            [
                Step("Is this what the tenant gets?", [self.lacks, self.letter, self.papers], self._ready),
                Step(
                    "How did it go, and when?",
                    [self.method, self.when_field],
                    lambda: need_answer(self.method) + need(self.when.problem(), self.when_field),
                    hint="Holdall does not send it: print it or paste it, then mark it here.",
                ),
            ]
        )

    def ask(self, view: CaseView) -> None:
        """Shows the letter of the look whose findings were not sent, or what it lacks."""
        council, today = self.shell.context.council, self.shell.context.today()
        self.look = view.to_tell[0] if view.to_tell else None
        lacks = letters.missing(view, self.look, council) if self.look else []
        ready = self.look is not None and not lacks
        self.lacks.set_text(letters.lacks_words(lacks))
        self.lacks.setVisible(bool(lacks))
        self.letter.setVisible(ready)
        self.papers.setVisible(ready)
        self.letter.set_text(self._letter(view, today).text if ready else "")
        self.method.set_value(None)
        self.when.set_value(self.shell.context.now())
        self.begin(view)

    def _letter(self, view: CaseView, today: object = None) -> Letter:
        assert self.look is not None  # noqa: S101  asked while there is a look to tell of
        context = self.shell.context
        return letters.letter_of(view, self.look, context.council, context.today())

    def _ready(self) -> Wrong:
        if self.look is None:
            return [("There are no findings to send.", self.back_button)]
        said = self.lacks.text.text()
        return [(f"{said} Write it in the case first.", self.back_button)] if said else []

    def _paper(self) -> None:
        if self.look is not None:
            self.paper_asked.emit(self.look.id)

    def _copy(self) -> None:
        self.shell.copy(self.letter.text.text())
        self.shell.toast("Copied. Paste it into an e-mail.", undo=False)

    def finish(self) -> None:
        """Marks the findings as sent."""
        if self.look is None or self.view is None:
            return
        look_id, when = self.look.id, self.when.value()
        method, told = Method(self.method.value() or ""), self._letter(self.view).text
        self.saved.emit(
            "Mark the findings as sent",
            lambda session: telling.summary_sent(session, look_id, method, told, when),
            "The findings are marked as sent.",
        )
