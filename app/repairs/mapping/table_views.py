"""The dated tables in force, as the section "Triage and tables" lists them: holidays, times, rules of law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs.dated_tables import tables_at
from app.repairs.tables import BandTable, Rule, Tables
from app.repairs.words import unit_words
from app.wording import date_year, day_month, plural
from models.repairs import DataTable, TableKind

TITLES = {
    TableKind.HOLIDAYS: "Bank holidays",
    TableKind.BANDS: "The council’s own times",
    TableKind.RULES: "Rules of law",
}


@dataclass(frozen=True)
class TableRow:
    """One line of a table: what, how long or when, from when, by what source."""

    id: str
    what: str
    value: str
    since: str
    source: str


@dataclass(frozen=True)
class TableView:
    """One dated table as it holds today."""

    kind: TableKind
    facts: str
    warnings: tuple[str, ...]
    rows: tuple[TableRow, ...]
    read_in: tuple[str, ...]  # files that leads have read in, newest first

    @property
    def title(self) -> str:
        """What it is."""
        return TITLES[self.kind]


def table_view(session: Session, kind: TableKind, today: date) -> TableView:
    """A table with its rows, its warnings, and what was read in."""
    known = tables_at(session)
    if kind is TableKind.HOLIDAYS:
        facts, warnings, rows = _holidays(known, today)
    elif kind is TableKind.BANDS:
        facts, warnings, rows = _bands(known, today)
    else:
        facts, warnings, rows = _rules(known)
    statement = select(DataTable.source, DataTable.as_of).where(
        DataTable.kind == kind, DataTable.deleted.is_(False)
    )
    read_in = tuple(
        f"{source}, as of {date_year(as_of)}"
        for source, as_of in session.execute(statement.order_by(DataTable.id.desc()))
    )
    return TableView(kind, facts, (*warnings, *known.notes), tuple(rows), read_in)


def _holidays(known: Tables, today: date) -> tuple[str, list[str], list[TableRow]]:
    calendar = known.calendar
    coming = [(day, holiday) for day, holiday in sorted(calendar.holidays.items()) if day >= today]
    rows = [
        TableRow(
            day.isoformat(),
            holiday.title,
            f"{day:%A} {day_month(day)}",
            f"{day.year}",
            "in place of a weekend" if holiday.substitute else "",
        )
        for day, holiday in coming
    ]
    facts = f"{calendar.title}, known until {date_year(calendar.known_until)}. {calendar.source}."
    return facts, [w for w in (calendar.stale(today),) if w], rows


def _bands(known: Tables, today: date) -> tuple[str, list[str], list[TableRow]]:
    held = known.bands_on(today)
    rows: list[TableRow] = []
    for table in sorted(known.band_tables, key=lambda t: t.effective_from, reverse=True):
        rows += [_band_row(table, code, rule) for code, rule in table.bands.items()]
        rows += [
            TableRow(
                f"{table.id}/{uplift.id}",
                f"Earlier: {uplift.why}",
                table.labels.get(uplift.band, "") if uplift.band else f"{uplift.raise_by} earlier",
                date_year(table.effective_from),
                uplift.id,
            )
            for uplift in table.uplifts
        ]
    count = plural(len(held.bands), "band")
    return f"{held.id}: {count}, {plural(len(held.uplifts), 'rule')} for an earlier time.", [], rows


def _band_row(table: BandTable, code: str, rule: Rule) -> TableRow:
    value = unit_words(rule.amount, rule.unit)
    if steps := table.steps.get(code):
        value = f"{value}; " + ", ".join(f"{s.duty} {unit_words(s.amount, s.unit)}" for s in steps)
    return TableRow(
        f"{table.id}/{code}", table.labels[code], value, date_year(rule.effective_from), rule.source
    )


def _rules(known: Tables) -> tuple[str, list[str], list[TableRow]]:
    versions = known.rule_versions or tuple(known.rules.values())
    rows = [
        TableRow(
            f"{rule.id}/{rule.effective_from}",
            f"{rule.id}: {rule.title}",
            unit_words(rule.amount, rule.unit),
            date_year(rule.effective_from),
            rule.source,
        )
        for rule in versions
    ]
    rows += [
        TableRow(f"hazard/{code}", hazard.title, "hazard", date_year(hazard.effective_from), code)
        for code, hazard in known.hazards.items()
    ]
    law = known.right_to_repair
    rows += [
        TableRow(
            f"{code}", f"{code}: {d.title}", plural(d.amount, "working day"), date_year(law.effective_from),
            law.source,
        )
        for code, d in law.defects.items()
    ]  # fmt: skip
    count = f"{plural(len(versions), 'duty', 'duties')}, {plural(len(known.hazards), 'hazard')}"
    return f"{count}, {plural(len(law.defects), 'prescribed defect')}.", [], rows
