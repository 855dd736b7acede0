"""The papers of the slice, by the names the command line and the screen know them by.

Options (`--with name=value`): reconciliation-statement takes `statement`; suspense-ageing `account`;
audit-pack `period` or `statement`, and `at`; paying-in-summary `from`, `to`, `account` and `site`.
"""

from __future__ import annotations

from app.income.papers.ageing import suspense_ageing
from app.income.papers.audit_pack import audit_pack
from app.income.papers.paying_in import paying_in_summary
from app.income.papers.reconciliation import reconciliation_statement
from app.report import Report

REPORTS: tuple[Report, ...] = (
    Report("reconciliation-statement", "Reconciliation statement", reconciliation_statement),
    Report("suspense-ageing", "Suspense ageing", suspense_ageing),
    Report("audit-pack", "Audit pack", audit_pack),
    Report("paying-in-summary", "Paying-in summary", paying_in_summary),
)
