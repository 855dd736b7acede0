"""The pages beside the tree: address, who lives there, their words, photos. Each is one form, autosaved."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.repairs import flow, service
from app.repairs.views import RepairView
from ui.shell import Shell
from ui.theme import theme

Done = Callable[[], None]
DESCRIPTION_LIMIT = 4_000  # characters, as models.repairs.Repair keeps them


class Step(QWidget):
    """One page beside the tree. `finish` checks it, writes it as done, then calls back."""

    id = ""
    ask = ""
    help = ""
    why = ""
    continue_key = "Enter"

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.view: RepairView | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 4)
        self.column.setSpacing(12)

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Shows a repair; `fresh` when the page was just opened, else what is being typed stays."""
        self.view = view

    def focus_first(self) -> None:
        """Puts the focus where the answer begins."""

    def flush(self) -> None:
        """Writes what is still being typed."""

    def finish(self, done: Done) -> None:
        """Writes the page as done and calls back; stays on it when something is to be put right."""
        self.flush()
        repair_id = self._repair_id
        self.shell.write(
            flow.LABELS[self.id],
            lambda session: service.finish_step(session, repair_id, self.id),
            lambda _changed: done(),
        )

    @property
    def _repair_id(self) -> str:
        return self.view.id if self.view else ""

    def restyle(self) -> None:
        """Forms are at most 560 wide at 100 %."""
        self.setMaximumWidth(theme().wide(750))
