"""How quick a date is with all its reasons, and how many dates go wrong by bank holidays that ended."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.repairs import hazard_law, rules
from app.repairs.dated_tables import tables_at
from app.repairs.days import Calendar, Unit, count_days
from app.repairs.rules import Situation
from app.repairs.tables import tables
from models.store import Store

RUNS = 2_000
CHRISTMAS = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)
ENDED = date(2022, 12, 27)  # where the best public sibling's list of bank holidays ends


def rows() -> Iterator[tuple[str, str, str]]:
    """What is measured, what was asked, what came out."""
    known = tables()
    look = known.rules["AW-SIG-INV"]
    yield (
        "a date 10 working days on, over Christmas, with every skipped day named",
        "<= 1 ms",
        _timed(lambda: rules.deadline(look, CHRISTMAS, known.calendar)),
    )
    long = known.rules["AW-SUP-LONGSTOP"]
    yield (
        "a date 12 weeks on",
        "<= 1 ms",
        _timed(lambda: rules.deadline(long, CHRISTMAS, known.calendar)),
    )
    situation = Situation(known.tree.outcomes["heat-none"], "tenant", True, frozenset({"baby"}), CHRISTMAS)
    yield (
        "every date of a repair: hazard law, Right to Repair, band with its uplifts",
        "",
        _timed(lambda: rules.promise(situation, known)),
    )
    yield (
        "every clock of a hazard, 9 dates",
        "",
        _timed(lambda: hazard_law.clocks("damp_mould", CHRISTMAS, known, CHRISTMAS, CHRISTMAS)),
    )
    yield "the tables of a store, kept in memory", "", _from_a_store()
    yield (
        f"10-working-day dates of 2025 to 2027 that a list ending on {ENDED.day} {ENDED:%B %Y} gets wrong",
        "",
        _wrong(known.calendar),
    )


def _timed(work: Callable[[], object]) -> str:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return f"median {times[len(times) // 2]:.3f} ms, p95 {times[int(len(times) * 0.95)]:.3f} ms"


def _from_a_store() -> str:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "holdall.db", bytes(32))
        try:
            with store.read() as session:
                tables_at(session)
                return _timed(lambda: tables_at(session))
        finally:
            store.close()


def _wrong(calendar: Calendar) -> str:
    """How many dates differ when no bank holiday after the day a list ended is known: here, none at all."""
    ended = replace(calendar, holidays={d: h for d, h in calendar.holidays.items() if d <= ENDED})
    first, last = date(2025, 1, 1), date(2027, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def due(day: date, by: Calendar) -> date:
        return count_days(day, 10, Unit.WORKING_DAYS, by).due

    wrong = sum(due(day, calendar) != due(day, ended) for day in days)
    return f"{wrong:,} of {len(days):,} ({wrong / len(days):.0%}), measured against ours"
