"""The foot of the sync panel: courier files out and in, for days without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.wording import plural
from models.changes import Changed
from ui import desk_commands
from ui.shell import Shell
from ui.widgets.boxes import Line
from ui.widgets.button import Button
from ui.widgets.flow import Row
from ui.widgets.text import Label

FILTER = "Courier files (*.holdall);;All files (*)"


class CourierFoot(QWidget):
    """Writes a courier file with all that waits, brings a colleague's in, and says how many are carried."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(4)
        column.addWidget(Line())
        self.carried = Label("", wrap=True)
        self.carried.hide()
        column.addWidget(self.carried)
        self.words = Label("No network for days? Carry the changes on a stick:", "body", "muted")
        self.save = Button("Save a courier file…", "word", on_click=self._save)
        self.bring = Button("Bring one in…", "word", on_click=self._bring)
        column.addWidget(Row([self.words, self.save, self.bring]))

    def say(self, carried: int) -> None:
        """Shows how many colleagues' files wait here to be handed on."""
        files = plural(carried, "courier file")
        waits = "waits" if carried == 1 else "wait"
        self.carried.setText(f"{files} of colleagues {waits} here and go on with your next sync.")
        self.carried.setVisible(carried > 0)

    def _save(self) -> None:
        path = self._shell.ask_save_file("Save a courier file", self._name(), FILTER)
        if path is None:
            return
        context = self._shell.context
        self._shell.fetch(
            lambda job: desk_commands.courier_export(context, path), self._saved, title="Writing the file"
        )

    def _name(self) -> str:
        context = self._shell.context
        person = "".join(c if c.isalnum() else "-" for c in context.author.name.lower()).strip("-")
        return f"{person} {context.today():%Y-%m-%d}.holdall"

    def _saved(self, told: desk_commands.Told) -> None:
        document, words = told
        more = f" {words[-1]}" if document["left"] else " Only your council can read it."
        name = Path(document["file"]).name
        self._shell.changed.emit(Changed())  # what waits has been numbered: Undo answers it from now on
        self._shell.toast(f"{plural(document['operations'], 'change')} in {name}.{more}", False)

    def _bring(self) -> None:
        path = self._shell.ask_open_file("Bring in a courier file", FILTER)
        if path is None:
            return
        context = self._shell.context
        self._shell.fetch(
            lambda job: desk_commands.bring_in(context, path), self._brought, title="Reading the file"
        )

    def _brought(self, told: tuple[dict[str, Any], list[str], Changed]) -> None:
        _, words, changed = told
        self._shell.changed.emit(changed)
        self._shell.toast(" ".join(words), False)
