"""The sections of the Repairs tab, and what they all begin with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui import sections
from ui.sections import GAP, SectionName, TwoCards

__all__ = ["GAP", "SECTIONS", "Section", "SectionHead", "SectionName", "TwoCards"]

SECTIONS = (  # one line a section, in the order of the links: Alt+1, Alt+2 …
    SectionName("triage", "Repairs", "wrench"),
    SectionName("cases", "Hazard cases", "shield-check", "ui.repairs.cases.section"),
    SectionName("homes", "Homes", "house", "ui.repairs.homes.section"),
    SectionName("visits", "Visits", "calendar-days", "ui.repairs.visits.section"),
    SectionName("mapping", "Triage and tables", "git-branch", "ui.repairs.mapping.section"),
)


class SectionHead(sections.SectionHead):
    """The head of a section of this tab."""

    def __init__(
        self, current: str, title: str = "", facts: str = "", actions: Sequence[QWidget] = ()
    ) -> None:
        super().__init__("repairs", SECTIONS, current, title, facts, actions)
        self.bar.setVisible(len(SECTIONS) > 1)


class Section(sections.Section):
    """One section of this tab."""

    key = "repairs"
    names = SECTIONS
