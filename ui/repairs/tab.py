"""The Repairs tab: its sections behind one row of links, opened on the repairs that need somebody."""

from __future__ import annotations

from app.repairs import flow
from app.repairs.waiting import waiting
from app.wording import plural
from ui.repairs.sections import SECTIONS
from ui.repairs.triage import Triage
from ui.sections import SectionsTab


class Tab(SectionsTab):
    """The page of the slice. Within repairs: N new, number keys answer, Enter goes on, Esc goes back."""

    key = "repairs"
    names = SECTIONS
    prefixes = ("repairs_", "blob")
    owners = {
        "repairs_repair": "triage",
        "repairs_hazard_report": "cases",
        "repairs_property": "homes",
        "repairs_visit": "visits",
        "repairs_slot": "visits",
        "repairs_notice": "visits",
        "repairs_mapping": "mapping",
        "repairs_data_table": "mapping",
        "repairs_cold_spell": "mapping",
    }

    def make_first(self) -> Triage:
        """The repairs themselves."""
        self.triage = Triage(self.shell)
        return self.triage

    def counts(self) -> dict[str, int]:
        """What waits for this person, by section."""
        context = self.shell.context
        user_id, now = context.author.user_id, context.now()
        return self.shell.read(lambda session: waiting(session, user_id, now))

    def open_record(self, type_name: str, record_id: str) -> bool:
        """Shows a record in the section that owns it; False for a type that none of them owns."""
        return type_name in self.owners and super().open_record(type_name, record_id)

    def show_field(self, column: str) -> bool:
        """The page of visits of the repair that is open, or a labelled field."""
        if column == flow.VISITS and self.current is self.triage and self.triage.repair_id:
            self.triage.change(self.triage.repair_id, column)
            return True
        return super().show_field(column)

    def needs_me(self) -> list[str]:
        """What waits here for an officer."""
        counts = self.counts()
        told = [
            plural(counts.get("visits", 0), "tenant to ring about a visit", "tenants to ring about a visit"),
            plural(counts.get("cases", 0), "hazard case due"),
        ]
        return [*self.triage.needs_me(), *(words for words in told if not words.startswith("0 "))]
