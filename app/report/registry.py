"""Every report that a team lead hands on, of all slices, for the command line and the screens."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from app.report.blocks import Report
from models import SLICES


@cache
def all_reports() -> tuple[Report, ...]:
    """The reports in the order of the tabs; the slices' report files are imported at the first call."""
    found: list[Report] = []
    for name in SLICES:
        found += import_module(f"app.{name}.report").REPORTS
    return tuple(found)
