"""The papers of the slice, by the names the command line and the screen know them by.

Options (`--with name=value`): repair-slip and work-order take `repair` (an id or a reference); repairs-week
`week` (any day of it); interview-sheet `kind` (tenant, leasehold or communal); hazard-evidence and
hazard-summary `case` (an id or a reference); failure-demand `from` and `to` (days). Each paper stands in a
module of its own under `papers`, and has one line here.
"""

from __future__ import annotations

from app.repairs.papers.evidence import evidence
from app.repairs.papers.failure_demand import failure_demand
from app.repairs.papers.interview_sheet import interview_sheet
from app.repairs.papers.slip import slip, slip_of
from app.repairs.papers.summary_letter import summary_letter
from app.repairs.papers.week import week_report
from app.repairs.papers.work_order import work_order
from app.report import Report

__all__ = [
    "REPORTS",
    "evidence",
    "interview_sheet",
    "slip",
    "slip_of",
    "summary_letter",
    "week_report",
    "work_order",
]

REPORTS: tuple[Report, ...] = (
    Report("repair-slip", "Repair slip for the tenant", slip),
    Report("work-order", "Work order", work_order),
    Report("interview-sheet", "Questions to read aloud", interview_sheet),
    Report("repairs-week", "Repairs week", week_report),
    Report("hazard-evidence", "Evidence pack of a hazard case", evidence),
    Report("hazard-summary", "Findings of a look, for the tenant", summary_letter),
    Report("failure-demand", "Failure demand", failure_demand),
)
