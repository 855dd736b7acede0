"""The roles that people of a council have: a closed list, and what each may do in words.

Which records a role may write stands in the policies beside the tables (`models.policy`); rights count as
they are when an operation reaches the server, not as they were when it was written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from models.errors import HoldallError


class Role(StrEnum):
    """What somebody is to the council's records."""

    OUTREACH = "outreach"
    OFFICER = "officer"
    LEAD = "lead"
    FINANCE = "finance"
    ADMIN = "admin"
    AUDITOR = "auditor"


WORDS: Mapping[Role, str] = {
    Role.OUTREACH: "Runs sessions: writes sessions, who came, counted visits; reads the rest of the team.",
    Role.OFFICER: "Reads and writes what the team works on.",
    Role.LEAD: "As an officer; approves, moves work to another team, settles what only a lead may, exports.",
    Role.FINANCE: "As an officer; reviews, closes and reopens the periods of the income.",
    Role.ADMIN: "Looks after people and laptops. Neither reads nor writes what belongs to one person.",
    Role.AUDITOR: "Reads the team's records, their history and the audit. Writes nothing.",
}

OFFICE = frozenset({Role.OFFICER, Role.LEAD, Role.FINANCE})  # who writes where a policy names nobody
FIELD = OFFICE | {Role.OUTREACH}  # the same and who runs sessions
PEOPLE = frozenset(Role) - {Role.AUDITOR}  # who writes what is their own


def checked_roles(names: Collection[str]) -> list[str]:
    """The names in order; raises HoldallError for one that is no role."""
    unknown = sorted(set(names) - set(Role))
    if unknown:
        raise HoldallError(
            f"“{unknown[0]}” is not a role.", f"The roles are {', '.join(role.value for role in Role)}."
        )
    return sorted(set(names))
