"""The way from a repair that names a hazard to its case: opened the first time, shown from then on."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.repairs.cases.opening import Opened, open_from_repair
from app.repairs.views import RepairView
from models.repairs import State
from ui.shell import Shell
from ui.widgets import Banner, Button

NOT_YET = (State.DRAFT, State.CANCELLED)


def names_hazard(view: RepairView) -> bool:
    """Whether a case can be opened from a repair: it is saved, or sent on, and names a hazard."""
    exit_ = view.path.way.exit
    named = view.hazard or (view.outcome.hazard if view.outcome else "") or (exit_.hazard if exit_ else "")
    return bool(named) and view.state not in NOT_YET


class CaseButton(Button):
    """Opens the hazard case of a repair and goes there; hidden where the repair names no hazard."""

    def __init__(self, shell: Shell, big: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(
            "Open the hazard case", icon="shield-check", on_click=self._open, big=big, parent=parent
        )
        self.shell = shell
        self.repair_id = ""

    def show_for(self, view: RepairView, shown: bool = True) -> None:
        """Belongs to this repair from now on."""
        self.repair_id = view.id
        self.setVisible(shown and names_hazard(view))

    def _open(self) -> None:
        repair_id = self.repair_id
        self.shell.write("Open a hazard case", lambda session: open_from_repair(session, repair_id), self._go)

    def _go(self, opened: Opened) -> None:
        self.shell.open("repairs_hazard_report", opened.case_id)


class CaseBanner(Banner):
    """Says on the promise page that a repair names a hazard, and leads to its case."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        self.button = CaseButton(shell)
        self.button.setObjectName("repairs-case")
        words = "Looks, findings, work and letters are kept in its case, each with its date."
        super().__init__(words, "info", "shield-check", [self.button], "It may be a hazard.", parent)

    def show_for(self, view: RepairView) -> None:
        """Belongs to this repair from now on."""
        self.button.show_for(view)
        self.setVisible(names_hazard(view))
