"""The Income tab: five sections behind one row of links, each built when it is first asked for."""

from __future__ import annotations

import importlib
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.income.waiting import waiting
from models.changes import Changed
from ui.income.reconcile import Reconcile
from ui.income.sections import SECTIONS, Section, SectionsPage
from ui.shell import Page, Shell

_TABLES = ("income_",)
_MODULES = {
    "suspense": "ui.income.suspense",
    "ereturns": "ui.income.ereturns",
    "journals": "ui.income.journals",
    "codes": "ui.income.codes",
}
_OWNERS = {
    "income_suspense": "suspense",
    "income_ereturn": "ereturns",
    "income_journal": "journals",
    "income_refund": "journals",
    "income_rule": "codes",
}


class Tab(Page):
    """The page of the slice: it hands everything on to the section on show. Alt+1 to Alt+5 lead to them."""

    key = "income"

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.built: dict[str, Section | Reconcile] = {}
        self._stale: set[str] = set()
        self._waiting: dict[str, int] = {}
        self.stack = QStackedWidget()
        self.sections_page = SectionsPage()
        self.sections_page.asked.connect(self.open_section)
        self.stack.addWidget(self.sections_page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.reconcile = Reconcile(shell)
        self._add("reconcile", self.reconcile)
        self.section = "reconcile"
        self.stack.setCurrentWidget(self.reconcile)
        for number, name in enumerate(SECTIONS, 1):
            shortcut = QShortcut(QKeySequence(f"Alt+{number}"), self)
            shortcut.activated.connect(partial(self.open_section, name.key))

    def _add(self, key: str, section: Section | Reconcile) -> None:
        self.built[key] = section
        section.section_asked.connect(self.open_section)
        self.stack.addWidget(section)

    @property
    def current(self) -> Section | Reconcile:
        """The section on show, or the one the page of sections was opened from."""
        return self.built[self.section]

    def open_section(self, key: str) -> Section | Reconcile:
        """Turns to a section, building it the first time; "sections" is the page of all of them."""
        if self.stack.currentWidget() is not self.sections_page:
            self.current.leave()
        if key == "sections":
            self.stack.setCurrentWidget(self.sections_page)
            self.sections_page.focus_first()
            return self.current
        if key not in self.built:
            made: Section = importlib.import_module(_MODULES[key]).SectionPage(self.shell)
            self._add(key, made)
            made.set_compact(self.compact)
            made.head.bar.set_waiting(self._waiting)
            self._stale.add(key)
        self.section = key
        section = self.built[key]
        self.stack.setCurrentWidget(section)
        if key in self._stale:
            self._stale.discard(key)
            section.refresh(None)
        section.focus_first()
        return section

    def refresh(self, changed: Changed | None) -> None:
        """Tells the section on show; the others read again when they are turned to."""
        if changed is not None and not changed.touches(*_TABLES):
            return
        for key, section in self.built.items():
            if key == self.section:
                section.refresh(changed)
            elif changed is None or not isinstance(section, Section) or changed.touches(*section.tables):
                self._stale.add(key)
        user_id = self.shell.context.author.user_id
        self._waiting = self.shell.read(lambda session: waiting(session, user_id))
        for section in self.built.values():
            section.head.bar.set_waiting(self._waiting)

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a record in the section that owns it; False when it is not here."""
        key = _OWNERS.get(type_name, "reconcile")
        return self.open_section(key).open_record(type_name, record_id)

    def record(self) -> tuple[str, str] | None:
        """What is open in the section on show."""
        return self.current.record()

    def leave(self) -> None:
        """Leaves the section on show."""
        self.current.leave()

    def needs_me(self) -> list[str]:
        """What waits here, section by section."""
        waits = list(self.reconcile.needs_me())
        words = {
            "suspense": "in suspense to place",
            "ereturns": "eReturns to authorise",
            "journals": "journals and refunds to approve",
            "codes": "learned rules to look at",
        }
        waits += [f"{count:,} {words[key]}" for key, count in self._waiting.items() if key in words]
        return waits

    def set_compact(self, compact: bool) -> None:
        """Passes it on to every section."""
        super().set_compact(compact)
        for section in self.built.values():
            section.set_compact(compact)
        if not compact and self.stack.currentWidget() is self.sections_page:
            self.stack.setCurrentWidget(self.current)
