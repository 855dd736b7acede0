"""Papers and files of repairs on screen: a button with the choices, previews, tables and messages saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget
from sqlalchemy.orm import Session

from app.repairs.exports import repairs_csv
from app.repairs.hact.messages import MESSAGES
from app.repairs.orders import read_order
from app.repairs.report import REPORTS
from app.told import write_file
from ui.jobs import Job
from ui.shell import Shell
from ui.widgets import Button

PAPERS = {report.name: report for report in REPORTS}
Choice = tuple[str, str]  # what it is called, and the name it is asked for by


class PapersButton(Button):
    """A button that opens the choices below it; each calls `chosen` with its name."""

    def __init__(
        self,
        choices: Sequence[Choice],
        chosen: Callable[[str], object],
        words: str = "Other papers",
        icon: str | None = "file-text",
        key: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(words, icon=icon, key=key, on_click=self.open_menu, parent=parent)
        self.menu_of_papers = QMenu(self)
        for words, name in choices:
            action = self.menu_of_papers.addAction(words)
            action.setObjectName(name)
            action.triggered.connect(lambda _checked=False, asked=name: chosen(asked))
        self._describe()

    def _describe(self) -> None:
        self.setAccessibleDescription(", ".join(action.text() for action in self.offered))

    def show_only(self, names: Sequence[str]) -> None:
        """Offers only these of its choices; hides itself where there are none."""
        for action in self.menu_of_papers.actions():
            action.setVisible(action.objectName() in names)
        self._describe()
        self.setVisible(bool(names))

    @property
    def offered(self) -> list[QAction]:
        """The choices on offer, from the top."""
        return [action for action in self.menu_of_papers.actions() if action.isVisible()]

    def open_menu(self) -> None:
        """Opens the choices under the button; arrows and Enter choose."""
        menu = self.menu_of_papers
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
        menu.setActiveAction(self.offered[0])


LIST_CHOICES: tuple[Choice, ...] = (
    ("Questions to read aloud", "interview-sheet"),
    ("Failure demand", "failure-demand"),
    ("Repairs as a table (CSV)…", "table"),
)
REPAIR_CHOICES: tuple[Choice, ...] = (
    ("Work order", "work-order"),
    ("HACT message to raise the repair…", "raise-repair"),
    ("HACT message to ask for an appointment…", "request-appointment"),
)


class Papers:
    """What the choices do: shows papers, and saves tables and messages off the window's thread."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def of_list(self, name: str) -> None:
        """A choice of the list of repairs."""
        if name == "table":
            self._save("Save the repairs as a table", "repairs.csv", "CSV (*.csv)", repairs_csv)
        elif name in PAPERS:
            self.shell.preview(PAPERS[name], {})

    def of_repair(self, name: str, repair_id: str, reference: str) -> None:
        """A choice of one repair."""
        if name in PAPERS:
            self.shell.preview(PAPERS[name], {"repair": repair_id})
            return
        council, today = self.shell.context.council.name, self.shell.context.today()

        def message(session: Session) -> bytes:
            made = MESSAGES[name](read_order(session, repair_id, today), council)
            return json.dumps(made, ensure_ascii=False, indent=2).encode("utf-8")

        self._save("Save the message", f"{reference}-{name}.json", "JSON (*.json)", message)

    def _save(self, title: str, name: str, filters: str, make: Callable[[Session], bytes]) -> None:
        path: Path | None = self.shell.ask_save_file(title, name, filters)
        if path is None:
            return
        context, target = self.shell.context, path

        def work(_job: Job) -> None:
            write_file(target, context.read(make))

        self.shell.fetch(
            work, lambda _none: self.shell.toast(f"Saved as {target.name}.", undo=False), title=title
        )
