"""`repairs failure-demand`: how much of what people ring about is a chase, with the figures as CSV."""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app.errors import HoldallError
from app.repairs.homes.demand import WEEKS, Demand, demand_csv, read_demand
from app.told import Told, open_context, write_file
from app.wording import plural


def run(options: argparse.Namespace) -> Told:
    """Count the calls of a period in whole weeks; the last eight where none is named."""
    context = open_context(options)
    try:
        end = _day(options.end, "--to") or context.today()
        start = _day(options.start, "--from") or end - timedelta(days=7 * (WEEKS - 1))
        if start > end:
            raise HoldallError("The period ends before it begins.", "Give --from before --to.")
        demand = context.read(lambda session: read_demand(session, start, end))
    finally:
        context.store.close()
    path: Path | None = options.csv
    if path is not None:
        write_file(path, demand_csv(demand))
    words = [
        f"{plural(demand.chases, 'chase')} of {plural(demand.calls, 'call')}: {demand.share} %.",
        *(f"{each.reference}, {each.title}: {plural(each.chases, 'chase')}." for each in demand.chased),
    ]
    return Told(_document(demand), words)


def _document(demand: Demand) -> dict[str, Any]:
    return {
        "from": demand.start.isoformat(),
        "to": demand.end.isoformat(),
        "calls": demand.calls,
        "reports": demand.reports,
        "chases": demand.chases,
        "share_percent": demand.share,
        "called": demand.called,
        "weeks": [
            {
                "monday": week.monday.isoformat(),
                "reports": week.reports,
                "chases": week.chases,
                "updates": week.updates,
                "no_access": week.no_access,
            }
            for week in demand.weeks
        ],
        "reasons": {reason.value: count for reason, count in demand.reasons},
        "trades": [
            {"trade": each.trade, "reports": each.reports, "chases": each.chases} for each in demand.trades
        ],
        "repairs": [
            {"reference": each.reference, "title": each.title, "chases": each.chases}
            for each in demand.chased
        ],
    }


def _day(text: str | None, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoldallError(f"“{text[:40]}” is not a day for {option}.", "Write it as 2026-11-01.") from None
