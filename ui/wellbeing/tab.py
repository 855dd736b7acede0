"""The Wellbeing page at work: answering, looking, noting, sharing, all inside the open vault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.wellbeing import entries, files, service, sharing
from app.wellbeing.entries import PrivateLife
from app.wellbeing.instrument import bundled
from app.wellbeing.rules import SKIPPED, Answer
from app.wellbeing.vault import ACT, Ring, VaultShut
from app.wording import plural
from models.changes import Changed
from models.errors import HoldallError
from ui.shell import Shell
from ui.wellbeing import paper
from ui.wellbeing.doors import Doors
from ui.wellbeing.form import QuestionView
from ui.wellbeing.pages import ListView
from ui.wellbeing.parts import HelpNote, LockLine, named
from ui.wellbeing.result import ResultView
from ui.wellbeing.sharing import ShareView
from ui.widgets import Banner, Button, EmptyPage, PageHead, ScrollColumn

T = TypeVar("T")


class BeginView(QWidget):
    """The open vault without a finished check: what the check is, and the first step."""

    def __init__(self, tab: Tab) -> None:
        super().__init__()
        council = tab.shell.context.council
        self.begin = named(
            Button("Begin the check", "primary", "play", big=True, on_click=tab.begin), "begin"
        )
        self.notes = named(Button("Checks and notes", big=True, on_click=tab.show_list), "begin-notes")
        self.page = EmptyPage(
            "heart-pulse",
            "How is work for you?",
            "35 short statements on seven areas of work. It takes about six minutes, and you can stop at any "
            "point and come back. Then you see your own figures, and what to talk about first.",
            self.begin,
            self.notes,
        )
        column = ScrollColumn()
        column.body.addWidget(PageHead(bundled().title))
        column.body.addWidget(LockLine(tab.lock, tab.show_who))
        column.body.addWidget(self.page, 1)
        column.body.addWidget(HelpNote(council))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)

    def show_open_check(self, answered: int) -> None:
        """Says where a check waits."""
        total = len(bundled().items)
        self.page.title.setText(f"Your check waits: {answered} of {total} answered")
        self.page.text.setText("Go on where you stopped. Nobody has been told that you began.")
        self.begin.setText("Go on answering")


class Inside:
    """The views of the open vault: made when it opens, thrown away when it locks."""

    def __init__(self, tab: Tab) -> None:
        council = tab.shell.context.council
        self.begin = BeginView(tab)
        self.questions = QuestionView(council)
        self.result = ResultView(council)
        self.share = ShareView()
        self.list = ListView()
        self.all: tuple[QWidget, ...] = (self.begin, self.questions, self.result, self.share, self.list)


class Tab(Doors):
    """How work is for one person. Only that person's passphrase or recovery code opens it."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.life = PrivateLife()
        self.inside: Inside | None = None
        self._check_id = ""
        self._waiting = 0
        self.notice = Banner("", "info", "key-round", [], "")
        self.notice_act = named(Button("Open it", "word", on_click=self.open_other_part), "other-part")
        self.notice.acts.add(self.notice_act)
        self.notice.acts.show()
        self.notice.hide()
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(0, self.notice)
        self.who.copy_asked.connect(self.save_copy)

    # The vault opens and shuts

    def opened(self) -> None:
        """Makes the views and shows what needs me."""
        if self.inside is None:
            self.inside = Inside(self)
            for view in self.inside.all:
                self.views.addWidget(view)
            self._wire(self.inside)
            self.set_compact(self.compact)
        self._read()
        self.home()

    def _wire(self, inside: Inside) -> None:
        questions, result, listed = inside.questions, inside.result, inside.list
        questions.answered.connect(self.answer)
        questions.finished.connect(self.finish)
        questions.left.connect(self.home)
        result.share_asked.connect(self.show_share)
        result.again_asked.connect(self.begin)
        result.list_asked.connect(self.show_list)
        result.who_asked.connect(self.show_who)
        result.note_asked.connect(self.keep_note)
        result.put_off_asked.connect(self.put_off)
        inside.share.paper_asked.connect(self.make_paper)
        inside.share.left.connect(self.home)
        listed.left.connect(self.home)
        listed.result_asked.connect(self.show_result)
        listed.continue_asked.connect(self.go_on)
        listed.remove_asked.connect(self.remove)
        listed.note_saved.connect(self.save_note)
        listed.new_check_asked.connect(self.begin)
        for view in (questions, result, listed):
            view.lock_asked.connect(self.lock)

    def closed(self) -> None:
        """Throws the views away with all they showed."""
        inside, self.inside = self.inside, None
        if inside is not None:
            inside.list.flush()
            for view in inside.all:
                self.views.removeWidget(view)
                view.hide()
                view.deleteLater()
        self.life, self._check_id = PrivateLife(), ""
        self.notice.hide()

    def home(self) -> None:
        """Goes to what needs me: the result of the newest check, a check that waits, or the first step."""
        inside = self.inside
        if self.ring is None or inside is None:
            super().home()
            return
        finished, waiting = self.life.finished(), self.life.open_check()
        inside.result.again.setText("Go on answering" if waiting else "Answer again")
        if finished:
            self.show_result(finished[0].id)
            return
        if waiting:
            inside.begin.show_open_check(len(waiting.answers))
        self.views.setCurrentWidget(inside.begin)
        inside.begin.begin.setFocus()

    # Reading

    def refresh(self, changed: Changed | None) -> None:
        """Reads again when something private changed here or came in."""
        if changed is not None and not changed.touches("wellbeing_"):
            return
        if self.ring is None:
            on_door = self.views.currentWidget() in (self.locked, self.setup)
            if on_door and self._has_vault() is (self.views.currentWidget() is self.setup):
                self._show_door()
            return
        if self._keys_changed(changed):
            self.look_at_keys()
        self._read()
        self._show_again()

    def _read(self) -> None:
        ring = self.ring
        if ring is not None:
            author = self.shell.context.author
            self.life = self.shell.read(lambda s: entries.read(s, ring, author))
            self._tell_rest(ring)

    def _tell_rest(self, ring: Ring) -> None:
        """Says what did not open: a part of another laptop's, or entries that were changed on their way."""
        self.notice_act.setVisible(bool(ring.shut))
        self.notice.setVisible(bool(ring.shut or self.life.broken))
        if ring.shut:
            self.notice.set_text(
                "It was set up on another laptop with a passphrase of its own.", "Part of your vault is shut."
            )
        elif self.life.broken:
            self.notice.set_text(
                "They were changed on their way, or sealed with a key that is not here. The rest is whole.",
                f"{plural(self.life.broken, 'private entry', 'private entries')} did not open.",
            )

    def _show_again(self) -> None:
        inside = self.inside
        if inside is None:
            return
        current = self.views.currentWidget()
        if current is inside.result and inside.result.shown is not None:
            check = self.life.check(inside.result.shown.check.id)
            if check is None or check.finished is None:
                self.home()
            else:
                inside.result.show_result(service.result(self.life, check))
        elif current is inside.list:
            inside.list.show_life(self.life)
        elif current is inside.begin:
            self.home()
        elif current is inside.questions and not self._waiting:
            check = self.life.check(self._check_id)
            if check is None:
                self.home()
            else:
                inside.questions.renew(check)

    def needs_me(self) -> list[str]:
        """A check that waits; nothing while the vault is locked, for nobody can know then."""
        waiting = self.life.open_check()
        if waiting is None:
            return []
        left = len(waiting.left(bundled()))
        return [f"Your check waits with {plural(left, 'question')} to go."]

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Private records are opened by their owner alone, from here."""
        return type_name.startswith("wellbeing_")

    def set_compact(self, compact: bool) -> None:
        """One column, and back."""
        super().set_compact(compact)
        for view in (self.setup, self.code, self.locked, self.who):
            view.set_compact(compact)
        if self.inside is not None:
            for narrow in (self.inside.questions, self.inside.result, self.inside.share, self.inside.list):
                narrow.set_compact(compact)

    def leave(self) -> None:
        """Hands over what is being typed."""
        if self.inside is not None:
            self.inside.list.flush()
        super().leave()

    # Acts

    def _act(
        self,
        work: Callable[[Session, Ring], T],
        done: Callable[[T], object] | None = None,
        toast: str | None = None,
    ) -> None:
        """Writes one act in the open vault. All acts have one name, so that history tells nothing."""
        ring = self.ring
        if ring is None:
            self.shell.tell(VaultShut())
            return
        opened = ring
        self._waiting += 1

        def finished(result: T) -> None:
            self._waiting -= 1
            if done is not None and self.ring is not None:
                done(result)

        def failed(error: HoldallError) -> None:
            self._waiting -= 1
            self.shell.tell(error)
            self._show_again()

        self.shell.write(ACT, lambda s: work(s, opened), finished, failed, toast)

    def begin(self) -> None:
        """Goes on with the check that waits, or begins one."""
        waiting = self.life.open_check()
        if waiting is not None:
            self.go_on(waiting.id)
            return
        self._act(service.start, lambda result: self.go_on(result[1]))

    def go_on(self, check_id: str) -> None:
        """Asks the first statement of a check that has no answer yet."""
        check = self.life.check(check_id)
        if check is not None and self.inside is not None:
            self._check_id = check_id
            self.views.setCurrentWidget(self.inside.questions)
            self.inside.questions.show_check(check)

    def answer(self, number: int, key: str) -> None:
        """Keeps one answer at once; `key` is a code as text, or SKIPPED."""
        check_id = self._check_id
        code: Answer = key if key == SKIPPED else int(key)
        checks = tuple(
            entries.put_together(c, number, code) if c.id == check_id else c for c in self.life.checks
        )
        self.life = replace(self.life, checks=checks)
        self._act(lambda s, ring: service.answer(s, ring, check_id, number, code))

    def finish(self) -> None:
        """Ends the check and shows its result."""
        check_id = self._check_id
        self._act(
            lambda s, ring: service.finish(s, ring, check_id), lambda _changed: self.show_result(check_id)
        )

    def show_result(self, check_id: str) -> None:
        """Shows the result of a finished check."""
        check = self.life.check(check_id)
        if check is not None and self.inside is not None:
            self.inside.result.show_result(service.result(self.life, check))
            self.views.setCurrentWidget(self.inside.result)
            self.inside.result.take_focus()

    def keep_note(self, words: str, about: str) -> None:
        """Keeps words for a talk as a sealed note."""
        self._act(
            lambda s, ring: service.keep_note(s, ring, words, about),
            toast="Kept as a note, sealed like the rest.",
        )

    def save_note(self, note_id: str, words: str, about: str) -> None:
        """Keeps what was typed into a note."""
        self._act(lambda s, ring: service.keep_note(s, ring, words, about, note_id))

    def put_off(self) -> None:
        """Puts the one thing to talk about away."""
        if self.inside is not None and self.inside.result.shown is not None:
            check_id = self.inside.result.shown.check.id
            self.inside.result.put_away()
            self._act(lambda s, ring: service.put_off(s, ring, check_id))

    def remove(self, thing_id: str) -> None:
        """Removes a check or a note, with Undo."""
        self._act(lambda s, ring: service.remove(s, ring, thing_id), toast="Removed from your vault.")

    def show_list(self) -> None:
        """Shows earlier checks and notes."""
        if self.inside is not None:
            self.inside.list.show_life(self.life)
            self.views.setCurrentWidget(self.inside.list)
            self.inside.list.list.setFocus()

    def show_share(self) -> None:
        """Shows every line that could be shared, none ticked."""
        inside = self.inside
        if inside is not None and inside.result.shown is not None:
            inside.share.show_lines(sharing.lines_of(self.life, inside.result.shown))
            self.views.setCurrentWidget(inside.share)

    def make_paper(self, chosen: list[str]) -> None:
        """Shows the paper of the chosen lines."""
        inside = self.inside
        if inside is None or inside.result.shown is None:
            return
        try:
            document = sharing.document(self.shell.context, self.life, inside.result.shown, chosen)
        except HoldallError as error:
            self.shell.tell(error)
            return
        paper.show_paper(self.shell, self, document, "how-work-is-for-me.pdf", self._previewed)

    def save_copy(self) -> None:
        """Saves everything in the vault for its owner, readable, where they say."""
        filters = "JSON (*.json);;Table (*.csv)"
        path = self.shell.ask_save_file("Save a copy of everything", "my-private-copy.json", filters)
        if path is None or self.ring is None:
            return
        as_table = path.suffix.lower() == ".csv"
        data = (files.as_csv if as_table else files.as_json)(self.life, bundled())
        try:
            path.write_bytes(data)
        except OSError:
            self.shell.tell(
                HoldallError(f"{path.name} could not be written there.", "Choose another folder.")
            )
            return
        self.shell.toast(f"Saved as {path.name}. Whoever has this file can read it.", undo=False)
