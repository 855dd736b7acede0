"""The left and middle panes: the list of pages with its filter, and the stack of what the middle shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.content.overview import Groups
from ui.content.checks import CameInPane, ChecksPane
from ui.content.form import Form, NewPageForm, NoteForm, PageForm, PictureForm, TableForm
from ui.content.items import list_groups
from ui.content.settling import SettleView
from ui.content.sheet import Sheet
from ui.widgets import Button, Card, EmptyPage, SearchField, TwoLineList, WrapRow

LEFT, MIDDLE, RIGHT = 270, 638, 292


class PagesPane(Card):
    """The pages under headings, a filter over them, and the way to a new one."""

    chosen = Signal(str)
    new_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(flush=True, parent=parent)
        self.filter = SearchField("Filter drafts", "/")
        self.filter.setObjectName("content-filter")
        self.filter.setAccessibleName("Filter drafts")
        self.list = TwoLineList(name="Pages")
        self.list.setObjectName("content-pages")
        self.new = Button("New page", "word", icon="plus", key="Ctrl N", on_click=self.new_asked.emit)
        self.new.setObjectName("content-new")
        top, foot = QVBoxLayout(), QHBoxLayout()
        top.setContentsMargins(10, 10, 10, 10)
        top.addWidget(self.filter)
        foot.setContentsMargins(16, 7, 12, 7)
        foot.addWidget(self.new)
        foot.addStretch(1)
        self.body.addLayout(top)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(foot)
        self.list.chosen.connect(self.chosen)

    def show_groups(self, groups: Groups) -> None:
        """Shows the list; the current page stays current."""
        self.list.set_groups(list_groups(groups))

    def words(self) -> str:
        """What the filter asks for."""
        return self.filter.text().strip()


class Middle(QStackedWidget):
    """The sheet, a conflict in its place, a form, or what the tab is for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet = Sheet()
        self.settle = SettleView()
        self._settle_card = Card(margins=(6, 6, 4, 6))
        self._settle_card.body.addWidget(self.settle)
        self.new_form = NewPageForm()
        self.page_form = PageForm()
        self.note_form = NoteForm()
        self.picture_form = PictureForm()
        self.table_form = TableForm()
        self.begin = Button("New page", "primary", icon="file-plus")
        self.empty = EmptyPage(
            "file-pen-line",
            "No page yet",
            "Write a page for the council’s website here. Holdall checks it as you write, a colleague reads "
            "it, and it is ready to go on the website.",
            self.begin,
        )
        self.forms: Sequence[Form] = (
            self.new_form,
            self.page_form,
            self.note_form,
            self.picture_form,
            self.table_form,
        )
        for widget in (self.empty, self.sheet, self._settle_card, *self.forms):
            self.addWidget(widget)

    def show_settle(self) -> None:
        """Shows the conflicts."""
        self.setCurrentWidget(self._settle_card)

    @property
    def settling(self) -> bool:
        """Whether conflicts are on show."""
        return self.currentWidget() is self._settle_card

    @property
    def form(self) -> Form | None:
        """The form on show."""
        shown = self.currentWidget()
        return shown if isinstance(shown, Form) else None


class Workbench(QWidget):
    """List, middle and checks side by side; in one column the outer two go behind buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages, self.middle = PagesPane(), Middle()
        self.right = QStackedWidget()
        self.checks, self.came_in = ChecksPane(), CameInPane()
        self.right.addWidget(self.checks)
        self.right.addWidget(self.came_in)
        self.to_pages = Button("Pages", icon="list", on_click=lambda: self.show_part("pages"))
        self.to_checks = Button("Checks", icon="clipboard-check", on_click=lambda: self.show_part("checks"))
        self.to_words = Button("Back to the page", icon="arrow-left", on_click=lambda: self.show_part(""))
        self.add = Button("Add a block", icon="plus", on_click=self.middle.sheet.show_menu)
        self.switch = WrapRow([self.to_pages, self.to_checks, self.add, self.to_words])
        row = QHBoxLayout()
        row.setSpacing(16)
        for widget, share in ((self.pages, LEFT), (self.middle, MIDDLE), (self.right, RIGHT)):
            row.addWidget(widget, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row, 1)
        column.addWidget(self.switch)
        self.compact, self.part = False, ""
        self.middle.currentChanged.connect(lambda _n: self.show_part(self.part))
        self.show_part("")

    def set_compact(self, compact: bool) -> None:
        """One column, or three."""
        self.compact = compact
        self.middle.sheet.set_compact(compact)
        self.show_part(self.part if compact else "")

    def show_part(self, part: str) -> None:
        """In one column: the "pages", the "checks", or with "" the page itself."""
        self.part = part if self.compact else ""
        self.pages.setVisible(not self.compact or self.part == "pages")
        self.right.setVisible(not self.compact or self.part == "checks")
        self.middle.setVisible(not self.part)
        self.switch.setVisible(self.compact)
        self.to_pages.setVisible(self.part != "pages")
        self.to_checks.setVisible(self.part != "checks")
        self.to_words.setVisible(bool(self.part))
        self.add.setVisible(not self.part and self.middle.currentWidget() is self.middle.sheet)
