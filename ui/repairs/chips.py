"""The chips beside the title of a repair that is being taken: whose home it is, and who is at risk there."""

from __future__ import annotations

from app.repairs.views import RepairView
from models.repairs import Disclosure, Kind
from ui.widgets import Chip

KIND_CHIPS = {Kind.TENANT: "Council tenant", Kind.LEASEHOLD: "Leaseholder", Kind.COMMUNAL: "Shared part"}
CHILDREN = ("baby", "under5")


def chips_of(view: RepairView) -> list[Chip]:
    """Kind, the first that is at risk, and what presses in the home."""
    chips = [Chip(KIND_CHIPS[view.kind])] if "kind" in view.answers else []
    for code in [code for code in view.risks if code in view.tables.risks][:1]:
        icon = "baby" if code in CHILDREN else "heart-pulse"
        chips.append(Chip(view.tables.risks[code].chip, "info", icon))
    if not view.risks and view.at_risk:
        withheld = view.disclosure is Disclosure.WITHHELD
        words = "Did not say who lives there" if withheld else "At risk at home"
        chips.append(Chip(words, "info", "heart-pulse"))
    return chips + [Chip(flag.chip, "warn") for flag in view.memory.flags if flag.pressing]
