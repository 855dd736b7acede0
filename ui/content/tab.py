"""The Content tab: a page written, checked, sent, read, approved and handed on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from app.content import files, report, rules, service
from app.content.blocks import TITLE, Block, Picture
from app.content.found import Fix, Place
from app.wording import file_words
from models import blobs
from models.changes import Changed
from models.content import BlockKind, Kind, State
from models.errors import HoldallError
from models.ids import new_id
from sync.desk import Choice, resolve_conflict
from ui.content.writing import Writing, mark_of
from ui.shell import Shell


class Tab(Writing):
    """Pages at the left, the sheet in the middle, checks at the right; the state's acts in the head."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
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
        editor.read_image = self._picture_of
        head = self.head
        head.act_asked.connect(self._act)

    def _picture_of(self, sha256: str) -> tuple[bytes | None, str]:
        """The bytes of a picture, or the words for why they are not here; then they are asked for."""
        data, where = self.shell.read(lambda s: blobs.look(s, sha256))
        if not where.here:
            self.shell.want_files([sha256])
        return data, file_words(where, "Picture")

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
            self.editor.use_words(mark_of(where, "mark"), fix.text)
        else:
            changed = rules.with_fix(page, fix)[2]
            if changed is not None and changed.kind is BlockKind.IMAGE:
                self.editor.replace_object(changed)
            elif changed is not None and fix.kind is None and fix.text is not None:
                self.editor.use_words(mark_of(where, "mark"), fix.text)
            elif changed is not None:
                self.editor.use_block(changed)
        self.check_now()

    def _beyond_undo(self, redo: bool) -> None:
        """Ctrl+Z with nothing more to take back in the text takes back the last act of all."""
        self.autosave.flush()
        act = getattr(self.shell.window, "redo" if redo else "undo", None)
        if act is not None:
            act()
