"""The head of an open page: its title, where it stands, and the acts its state allows."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.content.blocks import Page
from app.content.service import NO_TITLE
from app.content.templates import NAMES, REVIEW_MONTHS, STATE_NAMES
from app.context import Context
from app.wording import clock_time, date_year, local_date, when
from models.content import State
from ui.widgets import Button, PageHead
from ui.widgets.button import sequences

STEPS = [STATE_NAMES[state] for state in State]


class Head(QWidget):
    """Title, facts, steps and acts. `act_asked` carries the name of an act."""

    act_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = PageHead("Content")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.line)
        self.menu = QMenu(self)
        self._acts: tuple[object, ...] = ()
        self._compact = False

    def set_title(self, title: str) -> None:
        """Changes the title while it is typed."""
        if self.line.title.text() != title:
            self.line.set_title(title)

    def set_acts_visible(self, on: bool) -> None:
        """Hides the acts while a form asks for something."""
        self.line.acts.setVisible(on and bool(self._acts))

    def set_compact(self, compact: bool) -> None:
        """Leaves the line of facts out where room is short."""
        self._compact = compact
        self.line.facts.setVisible(not compact and bool(self.line.facts.text()))

    def show_nothing(self) -> None:
        """The head of a tab without a page."""
        self.line.set_title("Content")
        self.line.set_facts("Pages for the council’s website")
        self._set_acts((), None)
        if self.line.steps is not None:
            self.line.steps.hide()

    def show_page(self, page: Page, context: Context, conflict: bool) -> None:
        """Shows a page's facts and acts."""
        self.set_title(page.title.strip() or NO_TITLE)
        self.line.set_facts(_facts(page, context))
        self.set_compact(self._compact)
        note = f"Next review due {date_year(page.review_on)}" if page.review_on else ""
        if conflict:
            note = "Settle the sentence first, then it can go to review"
        self.line.set_steps(STEPS, list(State).index(page.state), note)
        if self.line.steps is not None:
            self.line.steps.show()
        me = context.author
        reads = page.author_id != me.user_id and "lead" in me.roles
        self._set_acts((page.state, conflict, reads, page.id), page)

    def _set_acts(self, acts: tuple[object, ...], page: Page | None) -> None:
        if acts == self._acts and acts:
            self.line.acts.show()
            return
        self._acts = acts
        if page is None:
            self.line.set_actions([])
            return
        conflict, reads = bool(acts[1]), bool(acts[2])
        buttons: list[QWidget] = [self._button("Preview", "preview", "eye")]
        if page.state is State.DRAFT:
            kind = "outline" if conflict else "primary"
            buttons.append(self._button("Send for review", "send", "send", kind, "Ctrl Enter"))
        elif page.state is State.REVIEW and reads:
            buttons.append(self._button("Send back", "ask-note", "undo-2"))
            buttons.append(self._button("Approve", "approve", "check", "primary", "Ctrl Enter"))
        elif page.state is State.REVIEW:
            buttons.append(self._button("Take it back", "take-back", "undo-2"))
        elif page.state is State.PUBLISHED:
            buttons.append(self._button("Start a new version", "new-version", "file-pen-line"))
            buttons.append(self._button("Copy for the website", "copy", "copy", "primary"))
        elif reads or "lead" in self._roles(acts):
            buttons.append(self._button("Bring it back to draft", "new-version", "rotate-ccw"))
        more = Button("", icon="ellipsis", on_click=lambda: self._show_menu(more))
        more.setAccessibleName("More to do with this page")
        more.setToolTip("More")
        more.setObjectName("content-more")
        buttons.insert(0, more)
        self._fill_menu(page)
        self.line.set_actions(buttons)

    @staticmethod
    def _roles(acts: tuple[object, ...]) -> tuple[str, ...]:
        return ("lead",) if acts[2] else ()

    def _button(
        self, words: str, act: str, icon: str, kind: str = "outline", key: str | None = None
    ) -> Button:
        button = Button(words, kind, icon=icon, on_click=partial(self.act_asked.emit, act))
        button.setObjectName(f"content-{act}")
        if key is not None:
            for sequence in sequences(key):
                QShortcut(sequence, button).activated.connect(button.click)
            button.setToolTip(key)
        return button

    def _fill_menu(self, page: Page) -> None:
        self.menu.clear()
        entries = [("About this page…", "about"), ("Copy as clean HTML", "copy")]
        if page.state is State.PUBLISHED:
            entries += [(f"Still right: look again in {n} months", f"reviewed-{n}") for n in REVIEW_MONTHS]
        if page.state is not State.ARCHIVED:
            entries.append(("Archive it", "archive"))
        entries.append(("Delete it", "delete"))
        for words, act in entries:
            self.menu.addAction(words).triggered.connect(
                lambda _on=False, name=act: self.act_asked.emit(name)
            )

    def _show_menu(self, button: QWidget) -> None:
        self.menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))


def _facts(page: Page, context: Context) -> str:
    """Kind, address, when it was saved or by whom it was moved."""
    kind = NAMES[page.kind]
    address = f", {context.council.website}/{page.path}" if page.path else ""
    if page.state is State.DRAFT and page.edited_at is not None:
        today = local_date(page.edited_at) == context.today()
        at = f"at {clock_time(page.edited_at)}" if today else when(page.edited_at, context.today())
        return f"{kind}{address}. Saved on this laptop {at}."
    if page.moved_at is not None:
        moved = when(page.moved_at, context.today())
        words = {State.REVIEW: "Sent", State.PUBLISHED: "Approved", State.ARCHIVED: "Archived"}
        return f"{kind}{address}. {words.get(page.state, 'Moved')} {moved} by {page.moved_by}."
    return f"{kind}{address}."
