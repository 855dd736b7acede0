"""The five sections of the Income tab, and what they all begin with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui import sections
from ui.sections import GAP, SectionName, TwoCards

__all__ = ["GAP", "SECTIONS", "Section", "SectionHead", "SectionName", "TwoCards"]

SECTIONS = (
    SectionName("reconcile", "Reconcile", "scale"),
    SectionName("suspense", "Suspense", "inbox", "ui.income.suspense"),
    SectionName("ereturns", "eReturns", "banknote", "ui.income.ereturns"),
    SectionName("journals", "Journals", "repeat-2", "ui.income.journals"),
    SectionName("codes", "Rules and codes", "list-ordered", "ui.income.codes"),
)


class SectionHead(sections.SectionHead):
    """The head of a section of this tab."""

    def __init__(
        self, current: str, title: str = "", facts: str = "", actions: Sequence[QWidget] = ()
    ) -> None:
        super().__init__("income", SECTIONS, current, title, facts, actions)


class Section(sections.Section):
    """One section of this tab."""

    key = "income"
    names = SECTIONS
