"""Visits as files that any calendar reads: the one that is chosen, or all that are booked."""

from __future__ import annotations

from collections.abc import Sequence

from app import calendar_file
from app.repairs.visit_views import VisitCard
from app.repairs.visits import event_of
from app.told import write_file
from app.wording import plural
from models.errors import HoldallError
from ui.jobs import Job
from ui.shell import Shell

FILTER = "Calendar (*.ics)"


class Calendars:
    """Asks where a calendar file goes and writes it off the window's thread."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def save_one(self, card: VisitCard) -> None:
        """One visit; tentative until it is booked."""
        self._save([card], f"visit-{card.reference}.ics")

    def save_all(self, cards: Sequence[VisitCard]) -> None:
        """All that are booked."""
        self._save(cards, "visits-booked.ics")

    def _save(self, cards: Sequence[VisitCard], name: str) -> None:
        context = self.shell.context
        made = [event_of(card, context.council.website) for card in cards]
        events = [event for event in made if event is not None]
        if not events:
            self.shell.tell(
                HoldallError("No day is known for this visit.", "Sync brings the planners’ list.")
            )
            return
        path = self.shell.ask_save_file("Save the calendar file", name, FILTER)
        if path is None:
            return
        target, now = path, context.now()

        def work(_job: Job) -> None:
            write_file(target, calendar_file.write(events, "Repairs", now))

        told = f"{plural(len(events), 'visit')} saved as {target.name}."
        self.shell.fetch(work, lambda _none: self.shell.toast(told, undo=False), title="Calendar file")
