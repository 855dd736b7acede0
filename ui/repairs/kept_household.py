"""What an earlier call was told about who lives at a home, offered again once the home is known."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.repairs import service
from app.repairs.views import RepairView
from app.wording import date_year, listed
from ui.shell import Shell
from ui.widgets import Banner, Button


class KeptHousehold(Banner):
    """What an earlier call was told about who lives at this home, with consent, and what to do with it.

    Shown once the home is known and what is kept is not what was answered now.
    """

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        self.still_so = Button("It is still so", "word", on_click=self._still_so)
        self.ended = Button("Not any more", "word", on_click=self._ended)
        super().__init__(
            "", "info", "history", [self.still_so, self.ended], title="Told before", parent=parent
        )
        self.shell = shell
        self.repair_id = ""
        self.still_so.setObjectName("repairs-still-so")
        self.ended.setObjectName("repairs-not-any-more")
        self.ended.setAccessibleDescription("What was told before is not kept any longer")
        self.hide()

    def show_view(self, view: RepairView) -> None:
        """Shows what is kept, or hides."""
        self.repair_id = view.id
        known = [view.tables.risks[code] for code in view.kept_risks if code in view.tables.risks]
        told = view.kept_household or listed([risk.label.lower() for risk in known])
        same = (view.household, view.risks) == (view.kept_household, view.kept_risks)
        self.setVisible(bool(told) and not same and not view.communal)
        until = f" Kept until {date_year(view.kept_until)}." if view.kept_until else ""
        self.set_text(f"{told[:1].upper()}{told[1:].rstrip('.')}.{until}" if told else "")

    def _still_so(self) -> None:
        repair_id = self.repair_id
        self.shell.write(
            "Who lives there, as before", lambda session: service.take_kept_household(session, repair_id)
        )

    def _ended(self) -> None:
        repair_id = self.repair_id
        self.shell.write(
            "Who lives there is not kept any more",
            lambda session: service.end_kept_household(session, repair_id),
            undo_toast="It is not kept any more.",
        )
