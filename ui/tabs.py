"""The one place where a tab is registered. A sixth tab is one more line of TABS."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.shell import Page, Shell


@dataclass(frozen=True)
class TabSpec:
    """One tab: its slice, its name, its icon, its key, and how its page is built when first opened."""

    key: str
    title: str
    icon: str
    shortcut: str
    build: Callable[[Shell], Page]


def _page(module: str) -> Callable[[Shell], Page]:
    """Builds the page of a slice; its modules are imported then and not before."""

    def build(shell: Shell) -> Page:
        page: Page = importlib.import_module(module).Tab(shell)
        return page

    return build


TABS = (
    TabSpec("content", "Content", "file-pen-line", "Ctrl+1", _page("ui.content.tab")),
    TabSpec("wellbeing", "Wellbeing", "heart-pulse", "Ctrl+2", _page("ui.wellbeing.tab")),
    TabSpec("income", "Income", "scale", "Ctrl+3", _page("ui.income.tab")),
    TabSpec("repairs", "Repairs", "wrench", "Ctrl+4", _page("ui.repairs.tab")),
    TabSpec("inclusion", "Inclusion", "users-round", "Ctrl+5", _page("ui.inclusion.tab")),
)


def slice_of(type_name: str) -> str:
    """The slice that owns a record type: "income" for "income_bank_line"."""
    return type_name.partition("_")[0]
