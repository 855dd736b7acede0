"""The Content tab: a page written, checked, sent, read, approved and handed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.content import files, overview, report, rules, service
from app.content.blocks import TITLE, Block, Page, Picture
from app.content.found import Fix, Level, Place
from app.content.settle import ToSettle
from app.errors import NotFound
from models import blobs
from models.changes import Changed
from models.content import BlockKind, Kind, State
from models.errors import HoldallError
from models.ids import new_id
from sync.desk import Choice, resolve_conflict
from ui.content.editor import Mark
from ui.content.head import Head
from ui.content.items import needs
from ui.content.mapping import Written
from ui.content.panes import Workbench
from ui.shell import Autosave, Shell
from ui.shell import Page as TabPage

T = TypeVar("T")
CHECK_AFTER = 300  # milliseconds after the last key
LIST_AFTER = 400  # milliseconds after a save until the list counts again
LONGEST_UNSAVED = 800  # milliseconds of typing without a pause that may be lost with the power


class Tab(TabPage):
    """Pages at the left, the sheet in the middle, checks at the right; the state's acts in the head."""

    key = "content"

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.head, self.bench = Head(), Workbench()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addWidget(self.bench, 1)
        self.sheet, self.middle = self.bench.middle.sheet, self.bench.middle
        self.editor = self.sheet.editor
        self.page: Page | None = None
        self.groups: overview.Groups = []
        self.conflicts: list[ToSettle] = []
        self._saved = Written("", "", ())
        self._cache: overview.Cache = {}
        self._writes = 0
        self._waiting: list[Callable[[], None]] = []
        self.autosave = Autosave(self._save, self)
        self._unsaved = QTimer(self, singleShot=True, interval=LONGEST_UNSAVED)
        self._unsaved.timeout.connect(self.autosave.flush)
        self._check = QTimer(self, singleShot=True, interval=CHECK_AFTER)
        self._check.timeout.connect(self.check_now)
        self._list_later = QTimer(self, singleShot=True, interval=LIST_AFTER)
        self._list_later.timeout.connect(self._show_list)
        self._wire()

    def _wire(self) -> None:
        bench, middle, editor = self.bench, self.middle, self.editor
        bench.pages.chosen.connect(self.open_page)
        bench.pages.filter.textChanged.connect(lambda _words: self._show_list())
        bench.pages.new_asked.connect(self.ask_new)
        bench.checks.go_asked.connect(self.go_to)
        bench.checks.fix_asked.connect(self.use_fix)
        bench.checks.act_asked.connect(lambda _act: self.ask_about())
        bench.came_in.go_asked.connect(self._show_place)
        middle.begin.clicked.connect(self.ask_new)
        middle.settle.settled.connect(self.settle)
        middle.new_form.chosen.connect(self.new_page)
        middle.page_form.chosen.connect(self._keep_about)
        middle.note_form.chosen.connect(self.send_back)
        middle.picture_form.chosen.connect(self._keep_object)
        middle.table_form.chosen.connect(self._keep_object)
        for form in middle.forms:
            form.closed.connect(self._back_to_words)
        self.sheet.picture_asked.connect(self.ask_picture)
        self.sheet.reviewed.connect(lambda: self._act("reviewed-12"))
        editor.edited.connect(self._edited)
        editor.refused.connect(self.shell.tell)
        editor.noted.connect(lambda notes: self.shell.toast(" ".join(notes), False))
        editor.object_opened.connect(self._open_object)
        editor.picture_offered.connect(self.add_picture)
        editor.beyond_undo.connect(self._beyond_undo)
        editor.read_image = lambda sha256: self.shell.read(lambda s: blobs.get(s, sha256))
        head = self.head
        head.act_asked.connect(self._act)

    # The page protocol

    def refresh(self, changed: Changed | None) -> None:
        """Reads the list, and the open page where it changed elsewhere."""
        if changed is not None and not changed.touches("content_"):
            return
        if changed is not None and self._writes:
            self._list_later.start()  # the sheet's own words: `_written` looks at the page itself
            return
        self._show_list()
        if self.page is not None:
            self._reload()
        elif self.middle.form is None:
            self._open_first()

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Opens a page, or the page of a block with the caret in it."""
        if type_name == "content_draft":
            return self.open_page(record_id)
        draft_id = self.shell.read(lambda s: service.draft_of_block(s, record_id))
        if draft_id is None or not self.open_page(draft_id):
            return False
        self.editor.go_to(record_id)
        return True

    def leave(self) -> None:
        """Hands over what is still being typed."""
        self.autosave.flush()

    def set_compact(self, compact: bool) -> None:
        """One column: the list and the checks behind buttons."""
        super().set_compact(compact)
        self.bench.set_compact(compact)
        self.head.set_compact(compact)

    def needs_me(self) -> list[str]:
        """What waits for this person."""
        return needs(self.groups)

    # Reading

    def _show_list(self) -> None:
        context, words = self.shell.context, self.bench.pages.words()
        self.groups = self.shell.read(
            lambda s: overview.groups(s, context.author, context.today(), self._cache, words)
        )
        self.bench.pages.show_groups(self.groups)

    def _open_first(self) -> None:
        first = next((line.id for _, lines in self.groups for line in lines), None)
        if first is None:
            self.page = None
            self.head.show_nothing()
            self.bench.right.setVisible(False)
            self.middle.setCurrentWidget(self.middle.empty)
        else:
            self.open_page(first)

    def open_page(self, page_id: str) -> bool:
        """Shows a page from the store; False when it is not here."""
        self.autosave.flush()
        if self.page is not None and self.page.id == page_id and self.middle.form is None:
            self.bench.show_part("")
            return True
        try:
            page = self.shell.read(lambda s: service.load(s, page_id))
        except NotFound:
            return False
        self._show(page)
        self.bench.pages.list.choose(page_id)
        self.bench.show_part("")
        return True

    def _show(self, page: Page) -> None:
        fresh = self.page is None or self.page.id != page.id
        self.page = page
        self._saved = written_of(page)
        if fresh or self.editor.written() != self._saved:
            self.editor.show_written(self._saved)
        if fresh:
            self.editor.go_to_start()
            self.sheet.close_link()
        self._around(page)

    def _around(self, page: Page) -> None:
        """Everything beside the words: head, conflicts, checks."""
        context, ids = self.shell.context, [block.id for block in page.blocks]
        self.conflicts = self.shell.read(lambda s: overview.to_settle(s, page.id, context.author, ids))
        self.sheet.set_writable(page.state is State.DRAFT)
        self.editor.setAccessibleName(f"Page: {page.title or service.NO_TITLE}")
        note = page.sent_back_note if page.state is State.DRAFT else ""
        passed = page.review_on is not None and page.review_on <= context.today()
        self.sheet.set_due(page.state is State.PUBLISHED and passed)
        self.sheet.set_note(f"{page.sent_back_by} sent it back", note)
        if self.middle.form is None:
            self._show_middle(page, ids)
        self.check_now()

    def _show_middle(self, page: Page, ids: list[str]) -> None:
        context = self.shell.context
        self.bench.right.setVisible(not self.bench.compact or self.bench.part == "checks")
        if self.conflicts:
            self.middle.settle.show_conflicts(page, self.conflicts, context.today())
            self.middle.show_settle()
            came = self.shell.read(lambda s: overview.came_in(s, page.id, ids))
            first = self.conflicts[0].block_id
            self.bench.came_in.show_came_in(came, len(self.conflicts), first)
            self.bench.right.setCurrentWidget(self.bench.came_in)
        else:
            self.middle.setCurrentWidget(self.sheet)
            self.bench.right.setCurrentWidget(self.bench.checks)
        self.head.show_page(page, context, bool(self.conflicts))

    def _reload(self) -> None:
        """Reads the open page again; words still on their way to the store are left alone."""
        if self.page is None:
            return
        page_id = self.page.id
        try:
            page = self.shell.read(lambda s: service.load(s, page_id))
        except NotFound:
            self.autosave.forget()
            self.page = None
            self._open_first()
            return
        if self.autosave.waiting or self._writes:
            self.page = replace(page, title=self.page.title)
            if self.middle.form is None:
                self.head.show_page(page, self.shell.context, bool(self.conflicts))
        elif same_words(written_of(page), self.editor.written()):
            self.page, self._saved = page, self.editor.written()
            self._around(page)
        else:
            self._show(page)

    # Writing

    def _edited(self) -> None:
        if self.page is None or self.page.state is not State.DRAFT:
            return
        self.autosave.touch("words", True)
        if not self._unsaved.isActive():
            self._unsaved.start()
        self._check.start()

    def _save(self, values: object) -> None:
        self._unsaved.stop()
        page, written, before = self.page, self.editor.written(), self._saved
        if page is None or written == before:
            return
        edit = service.Edit(
            title=written.title if written.title != before.title else None,
            summary=written.summary if written.summary != before.summary else None,
            before=before.blocks,
            after=written.blocks if written.blocks != before.blocks else None,
        )
        self._saved = written

        def failed(error: HoldallError) -> None:
            if self.page is not None and self.page.id == page.id and self._saved == written:
                self._saved = before
            self._written()
            self.shell.tell(error)

        title = written.title.strip() or service.NO_TITLE
        self._writes += 1
        self.shell.write(
            f"Change “{title}”",
            lambda s: service.save(s, page.id, edit),
            lambda _changed: self._written(),
            failed,
        )

    def _written(self) -> None:
        self._writes -= 1
        if self._writes:
            return
        self._reload()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def _when_saved(self, act: Callable[[], None]) -> None:
        """Runs an act once everything typed is in the store."""
        self.autosave.flush()
        if self._writes:
            self._waiting.append(act)
        else:
            act()

    def _do(
        self,
        label: str,
        work: Callable[[Session, str], T],
        toast: str | None = None,
        done: Callable[[T], None] | None = None,
    ) -> None:
        """One act on the open page, after what is typed."""
        if self.page is None:
            return
        page_id = self.page.id
        self.autosave.flush()
        self.shell.write(label, lambda s: work(s, page_id), done, None, toast)

    # Acts

    def _act(self, name: str) -> None:
        acts: dict[str, Callable[[], None]] = {
            "preview": self.preview,
            "send": self.send,
            "approve": self.approve,
            "ask-note": lambda: self._show_form(self.middle.note_form),
            "take-back": lambda: self._do("Take the page back", service.take_back),
            "new-version": lambda: self._do("Start a new version", service.start_new_version),
            "copy": self.copy_html,
            "about": self.ask_about,
            "archive": lambda: self._do("Archive the page", service.archive, "Archived."),
            "delete": self.delete,
        }
        if name.startswith("reviewed-"):
            months = int(name.removeprefix("reviewed-"))
            self._do("Review the page", lambda s, p: service.mark_reviewed(s, p, months), "Review date set.")
        else:
            acts[name]()

    def ask_new(self) -> None:
        """Asks what kind of page to begin."""
        self.autosave.flush()
        self._show_form(self.middle.new_form)

    def new_page(self, kind: str, language: str = "en-GB") -> None:
        """Begins a page and puts the caret in its title."""

        def done(made: tuple[str, Changed]) -> None:
            self._close_form()
            self.open_page(made[0])
            self.editor.go_to(TITLE)

        label = "Begin a page"
        self.shell.write(label, lambda s: service.create(s, Kind(kind), language=language), done)

    def send(self) -> None:
        """Sends the page for review."""
        self._do("Send for review", service.send_for_review, "Sent for review.")

    def approve(self) -> None:
        """Says that the page may go on the website."""
        self._do("Approve the page", service.approve, "Approved. It may go on the website.")

    def send_back(self, note: str) -> None:
        """Sends the page back to its writer with a note."""
        self._close_form()
        self._do("Send the page back", lambda s, p: service.send_back(s, p, note), "Sent back.")

    def delete(self) -> None:
        """Puts the page into the trash."""
        title = self.page.title if self.page and self.page.title else service.NO_TITLE
        self._do("Delete the page", service.delete, f"Deleted “{title}”.")

    def preview(self) -> None:
        """Shows the paper for sign-off."""
        if self.page is not None:
            page_id = self.page.id
            self._when_saved(lambda: self.shell.preview(report.REPORTS[0], {"id": page_id}))

    def copy_html(self) -> None:
        """Puts the page on the clipboard as clean HTML, to paste into the website's editor or its source."""
        page = self.current_page()
        if page is None:
            return
        html, data = files.to_html(page), QMimeData()
        data.setText(html)
        data.setHtml(html)
        QGuiApplication.clipboard().setMimeData(data)
        self.shell.toast("Copied. Paste it into the website’s editor.", False)

    def settle(self, conflict_id: str, choice: str, text: str) -> None:
        """Settles a conflict: "mine", "theirs", or "custom" with its text."""
        conflict = next((c for c in self.conflicts if c.conflict_id == conflict_id), None)
        if conflict is None:
            return
        how: Choice = "custom"
        if choice != "custom":
            how = "keep" if (choice == "mine") == conflict.mine_kept else "take"
        self.shell.write(
            "Settle a sentence",
            lambda s: resolve_conflict(s, conflict_id, how, text or None),
            undo_toast="Settled.",
        )

    # Forms

    def _show_form(self, form: QWidget) -> None:
        self.middle.setCurrentWidget(form)
        self.head.set_acts_visible(False)
        self.bench.show_part("")
        shown = self.middle.form
        if shown is not None:
            shown.focus_first()

    def _close_form(self) -> None:
        self.middle.setCurrentWidget(self.sheet)
        self.head.set_acts_visible(True)

    def _back_to_words(self) -> None:
        self._close_form()
        if self.page is None:
            self._open_first()
        else:
            self._around(self.page)
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_about(self) -> None:
        """Asks who looks after the page, where it will stand, and the day of news."""
        page = self.current_page()
        if page is None:
            return
        self.autosave.flush()
        news = page.kind is Kind.NEWS_ARTICLE
        form = self.middle.page_form
        form.show_page(page.contact_name, page.contact_phone, page.path, page.news_on, news)
        self._show_form(form)

    def _keep_about(self, name: str, phone: str, path: str, day: object) -> None:
        def work(session: Session, page_id: str) -> Changed:
            changed = service.set_contact(session, page_id, name, phone)
            changed |= service.set_path(session, page_id, path)
            return changed | service.set_news_day(session, page_id, day) if day else changed  # type: ignore[arg-type]

        self._close_form()
        self._do("Change what stands about the page", work)

    def _open_object(self, block_id: str) -> None:
        block = self.editor.objects.get(block_id)
        if block is None:
            return
        form = self.middle.table_form if block.kind is BlockKind.TABLE else self.middle.picture_form
        form.show_block(block)
        self._show_form(form)

    def _keep_object(self, block: Block) -> None:
        self._close_form()
        self.editor.replace_object(block)
        self.editor.go_to(block.id)

    def ask_picture(self) -> None:
        """Asks for a picture's file."""
        chosen = self.shell.ask_open_file("Add a picture", "Pictures (*.png *.jpg *.jpeg *.gif *.webp)")
        if chosen is None:
            return
        try:
            data = chosen.read_bytes()
        except OSError:
            self.shell.tell(HoldallError(f"{chosen.name} cannot be read.", "Choose another file."))
            return
        self.add_picture(data, chosen.name)

    def add_picture(self, data: bytes, name: str) -> None:
        """Keeps a picture and asks for its words."""

        def done(picture: Picture) -> None:
            block = Block(new_id(), BlockKind.IMAGE, picture=picture)
            self.editor.add_block(block)
            self._open_object(block.id)

        self.shell.write("Add a picture", lambda s: service.put_picture(s, data, name), done)

    # Checks

    def current_page(self) -> Page | None:
        """The page as it is on the sheet now."""
        if self.page is None:
            return None
        written = self.editor.written()
        return replace(self.page, title=written.title, summary=written.summary, blocks=written.blocks)

    def check_now(self) -> rules.Checked:
        """Checks the page as it stands on the sheet, shows the outcome and gives it."""
        self._check.stop()
        page = self.current_page()
        if page is None:
            return rules.Checked((), 0, None, None, 0)
        checked = rules.check(page)
        draft = page.state is State.DRAFT
        self.bench.checks.show_checked(checked, "Before you send it" if draft else "What Holdall found")
        self.sheet.set_words(checked.words)
        marks = []
        if checked.costly is not None:
            marks.append(_mark(checked.costly.place, "mark"))
        for finding in checked.findings:
            if finding.where is not None and finding.level is Level.ERROR:
                marks.append(_mark(finding.where, "danger"))
        self.editor.set_marks(marks)
        self.head.set_title(page.title.strip() or service.NO_TITLE)
        return checked

    def go_to(self, place: Place) -> None:
        """Shows a place of the text, selected."""
        self.bench.show_part("")
        self.editor.go_to(place.block_id, place.start, place.end)

    def _show_place(self, place: Place) -> None:
        if self.middle.settling:
            self.middle.settle.focus_first()
        else:
            self.go_to(place)

    def use_fix(self, fix: Fix) -> None:
        """Does what a check proposes, as one step of undo."""
        page, where = self.current_page(), fix.where
        if page is None or page.state is not State.DRAFT:
            return
        if fix.text is not None and fix.kind is None and page.block(where.block_id) is None:
            self.editor.use_words(_mark(where, "mark"), fix.text)
        else:
            changed = rules.with_fix(page, fix)[2]
            if changed is not None and changed.kind is BlockKind.IMAGE:
                self.editor.replace_object(changed)
            elif changed is not None and fix.kind is None and fix.text is not None:
                self.editor.use_words(_mark(where, "mark"), fix.text)
            elif changed is not None:
                self.editor.use_block(changed)
        self.check_now()

    def _beyond_undo(self, redo: bool) -> None:
        """Ctrl+Z with nothing more to take back in the text takes back the last act of all."""
        self.autosave.flush()
        act = getattr(self.shell.window, "redo" if redo else "undo", None)
        if act is not None:
            act()


def _mark(place: Place, tone: str) -> Mark:
    return Mark(place.block_id, place.start, place.end, tone)


def written_of(page: Page) -> Written:
    """A stored page as the sheet holds it."""
    return Written(page.title, page.summary, page.blocks)


def same_words(stored: Written, shown: Written) -> bool:
    """Whether the sheet shows what is stored; spaces that the store tidies away do not count."""

    def flat(written: Written) -> tuple[str, str]:
        return " ".join(written.title.split()), " ".join(written.summary.split())

    return flat(stored) == flat(shown) and stored.blocks == shown.blocks
