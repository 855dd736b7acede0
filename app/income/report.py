"""The papers of the slice, as the command line and the screen name them, with the options each takes."""

from __future__ import annotations

from app.income.papers.ageing import suspense_ageing
from app.income.papers.paying_in import paying_in_summary
from app.income.papers.reconciliation import reconciliation_statement
from app.report import Report

REPORTS: tuple[Report, ...] = (
    Report("reconciliation-statement", "Reconciliation statement", reconciliation_statement),
    Report("suspense-ageing", "Suspense ageing", suspense_ageing),
    Report("paying-in-summary", "Paying-in summary", paying_in_summary),
)
