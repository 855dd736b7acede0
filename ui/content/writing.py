"""The page in hand: read from the store, kept while it is typed, checked, shown anew when it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.content import overview, rules, service
from app.content.blocks import Page
from app.content.found import Level, Place
from app.content.settle import ToSettle
from app.errors import NotFound
from models.changes import Changed
from models.content import State
from models.errors import HoldallError
from ui.content.head import Head
from ui.content.items import needs
from ui.content.mapping import Written
from ui.content.marks import Mark
from ui.content.panes import Workbench
from ui.shell import Autosave, Shell
from ui.shell import Page as TabPage

T = TypeVar("T")
CHECK_AFTER = 300  # milliseconds after the last key
LIST_AFTER = 400  # milliseconds after a save until the list counts again


class Writing(TabPage):
    """List, sheet and checks with the open page between them and the store; `Tab` adds what people do."""

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
        self._check = QTimer(self, singleShot=True, interval=CHECK_AFTER)
        self._check.timeout.connect(self.check_now)
        self._list_later = QTimer(self, singleShot=True, interval=LIST_AFTER)
        self._list_later.timeout.connect(self._show_list)

    # The page protocol

    def refresh(self, changed: Changed | None) -> None:
        """Reads the list, and the open page where it changed elsewhere."""
        if changed is not None and changed.touches("blob"):
            self.editor.look_again()
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

    def record(self) -> tuple[str, str] | None:
        """The page that is open."""
        return ("content_draft", self.page.id) if self.page is not None else None

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
        self._check.start()

    def _save(self, values: object) -> None:
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
            marks.append(mark_of(checked.costly.place, "mark"))
        for finding in checked.findings:
            if finding.where is not None and finding.level is Level.ERROR:
                marks.append(mark_of(finding.where, "danger"))
        self.editor.set_marks(marks)
        self.head.set_title(page.title.strip() or service.NO_TITLE)
        return checked


def mark_of(place: Place, tone: str) -> Mark:
    """A place that a check found, as the sheet marks it."""
    return Mark(place.block_id, place.start, place.end, tone)


def written_of(page: Page) -> Written:
    """A stored page as the sheet holds it."""
    return Written(page.title, page.summary, page.blocks)


def same_words(stored: Written, shown: Written) -> bool:
    """Whether the sheet shows what is stored; spaces that the store tidies away do not count."""

    def flat(written: Written) -> tuple[str, str]:
        return " ".join(written.title.split()), " ".join(written.summary.split())

    return flat(stored) == flat(shown) and stored.blocks == shown.blocks
