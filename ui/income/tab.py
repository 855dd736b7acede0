"""The Income tab: five sections behind one row of links, each built when it is first asked for."""

from __future__ import annotations

from app.income.waiting import waiting
from ui.income.reconcile import Reconcile
from ui.income.sections import SECTIONS
from ui.sections import SectionsTab


class Tab(SectionsTab):
    """The page of the slice, opened on Reconcile."""

    key = "income"
    names = SECTIONS
    prefixes = ("income_",)
    owners = {
        "income_suspense": "suspense",
        "income_ereturn": "ereturns",
        "income_journal": "journals",
        "income_refund": "journals",
        "income_rule": "codes",
    }

    def make_first(self) -> Reconcile:
        """Reconcile, with the statement on top."""
        self.reconcile = Reconcile(self.shell)
        return self.reconcile

    def counts(self) -> dict[str, int]:
        """What waits for this person, by section."""
        user_id = self.shell.context.author.user_id
        return self.shell.read(lambda session: waiting(session, user_id))

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
