"""The tables a store decides by: those Holdall came with, and what leads have read in since, newest first.

A council's table is a synced record (`models.repairs.DataTable`). Bank holidays: the newest list replaces an
older one from its first day. Bands: from the day its first table holds. Rules: each version from its own day;
hazards by code. A record that this Holdall cannot read is left out and named in `Tables.notes`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import BadFile, HoldallError
from app.repairs.records import author_of, now_of
from app.repairs.table_faults import band_faults, holiday_faults, rule_faults
from app.repairs.tables import Tables, built_in, read_tables, tables
from app.repairs.tree import Fault
from app.repairs.trees import active_tree
from app.wording import date_year, local_date
from models.changes import Changed
from models.repairs import KEEPERS, DataTable, Kind, TableKind

MOST_BYTES = 1_000_000
SHOWN = 5  # faults that a sentence names; the rest are counted
NAMES = {
    TableKind.HOLIDAYS: "bank holidays",
    TableKind.BANDS: "the council’s own times",
    TableKind.RULES: "rules of law",
}
Body = Mapping[str, Any]


def tables_at(session: Session) -> Tables:
    """The tables of this store, with what was read in and synced. Cheap: parsed once for each content."""
    columns = (DataTable.id, DataTable.updated_at, DataTable.version)
    statement = select(*columns).where(DataTable.deleted.is_(False))
    key = tuple(map(tuple, session.execute(statement.order_by(DataTable.as_of, DataTable.id))))
    if not key:
        return tables()
    found = _CACHE.get(key)
    if found is None:
        order = select(DataTable).where(DataTable.deleted.is_(False)).order_by(DataTable.as_of, DataTable.id)
        found = joined([(each.kind, each.source, each.body) for each in session.scalars(order)])
        if len(_CACHE) >= 8:
            _CACHE.pop(next(iter(_CACHE)), None)
        _CACHE[key] = found
    return found


_CACHE: dict[tuple[Any, ...], Tables] = {}


def joined(records: Sequence[tuple[TableKind, str, Body]]) -> Tables:
    """The built-in tables with these records over them, oldest first."""
    return with_records(records, {name: built_in(name) for name in ("tree", "bands", "rules", "holidays")})


def with_records(records: Sequence[tuple[TableKind, str, Body]], base: dict[str, Any]) -> Tables:
    """Tables from four bodies in the shapes of resources/repairs, with records over them."""
    tree, bodies = base["tree"], {name: base[name] for name in ("bands", "rules", "holidays")}
    known = read_tables(tree, **bodies)
    notes: list[str] = []
    for kind, source, body in records:
        found = _laid_over(kind, body, bodies, tree)
        if found is None:
            notes.append(
                f"A table of {NAMES[kind]} ({source}) cannot be read by this Holdall and is left out."
            )
        else:
            bodies, known = found
    return replace(known, notes=tuple(notes))


def _laid_over(
    kind: TableKind, body: Body, bodies: dict[str, Any], tree: Body
) -> tuple[dict[str, Any], Tables] | None:
    """The bodies with a record over them and what they come to; None where it cannot be read here, as when
    another version wrote it: one record that is odd never takes the others away."""
    if _faults(kind, body, tree):
        return None
    try:
        newer = {**bodies, kind.value: _OVER[kind](bodies[kind.value], body)}
        return newer, read_tables(dict(tree), **newer)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _bands_over(old: Body, new: Body) -> dict[str, Any]:
    """From the day its first table holds, only the newer tables hold; before it the older ones stay."""
    first = min(t["effective_from"] for t in new["tables"])
    kept = [t for t in old["tables"] if t["effective_from"] < first]
    rest = {k: new[k] for k in ("risk", "consent_months", "division", "jurisdiction") if new.get(k)}
    return {**old, **rest, "tables": [*new["tables"], *kept]}


def _rules_over(old: Body, new: Body) -> dict[str, Any]:
    def key(rule: Body) -> tuple[str, str, str]:
        return rule["id"], rule["jurisdiction"], rule["effective_from"]

    rules = {key(r): r for r in (*old["rules"], *new.get("rules", ()))}
    hazards = {h["code"]: h for h in (*old["hazards"], *new.get("hazards", ()))}
    right = new.get("right_to_repair", old["right_to_repair"])
    return {
        **old,
        "rules": list(rules.values()),
        "hazards": list(hazards.values()),
        "right_to_repair": right,
    }


def _holidays_over(old: Body, new: Body) -> dict[str, Any]:
    """The newer list from its own first day on; days before it stay as they were known."""
    divisions = dict(old["divisions"])
    for name, each in new["divisions"].items():
        before = divisions.get(name)
        if before is not None and before["known_from"] < each["known_from"] <= before["known_until"]:
            earlier = [d for d in before["days"] if d["day"] < each["known_from"]]
            each = {**each, "known_from": before["known_from"], "days": [*earlier, *each["days"]]}
        divisions[name] = each
    return {**old, "source": new["source"], "as_of": new["as_of"], "divisions": divisions}


_OVER: Mapping[TableKind, Callable[[Body, Body], dict[str, Any]]] = {
    TableKind.BANDS: _bands_over,
    TableKind.RULES: _rules_over,
    TableKind.HOLIDAYS: _holidays_over,
}


def _faults(kind: TableKind, body: Any, tree: Body, bands: Iterable[str] = ()) -> list[Fault]:
    known = tables()
    if kind is TableKind.HOLIDAYS:
        return holiday_faults(body, known.calendar.division)
    if kind is TableKind.RULES:
        return rule_faults(body, known.rules)
    wanted = {*bands} or {o["band"] for o in tree["outcomes"].values()}
    places = {rule.jurisdiction for rule in known.rule_versions}
    return band_faults(body, wanted, [k.value for k in Kind], known.risks, known.calendars, sorted(places))


# -- reading a file in -----------------------------------------------------------------------------


def import_table(session: Session, kind: TableKind, data: bytes, name: str) -> Changed:
    """Reads a table in from a file's bytes; it syncs to every laptop and holds from its day on.

    Takes our own shapes and the bank holidays that GOV.UK publishes. Only a lead may (the record's policy).
    Raises BadFile with the faults by path, and for bank holidays that end before those that are known.
    """
    if not author_of(session).roles.intersection(KEEPERS):
        raise HoldallError("Only a lead reads tables in.", "Ask your team lead to do it.")
    body = parsed(data, name)
    today = local_date(now_of(session))
    if kind is TableKind.HOLIDAYS and isinstance(body, Mapping) and "divisions" not in body:
        body = from_gov_uk(body, today)
    tree = active_tree(session)
    found = _faults(kind, body, {}, {o.band for o in tree.outcomes.values()})
    if found:
        shown = "; ".join(f"{f.path}: {f.message}" for f in found[:SHOWN])
        more = f"; and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        raise BadFile(f"{name} is not a table of {NAMES[kind]}: {shown}{more}.", "Nothing was changed.")
    if kind is TableKind.HOLIDAYS:
        _must_reach_as_far(body, name, tables_at(session))
    record = DataTable(kind=kind, as_of=_as_of(body, today), source=name[:200], body=body)
    session.add(record)
    return Changed.of(record)


def _as_of(body: Body, today: date) -> date:
    return min(today, date.fromisoformat(body["as_of"])) if "as_of" in body else today


def _must_reach_as_far(body: Body, name: str, known: Tables) -> None:
    calendar = known.calendar
    last = date.fromisoformat(body["divisions"][calendar.division]["known_until"])
    if last < calendar.known_until:
        known_until = date_year(calendar.known_until)
        raise BadFile(
            f"{name} ends on {date_year(last)}, and bank holidays are known to {known_until}.",
            "Read in a newer file.",
        )


def parsed(data: bytes, name: str) -> Any:
    """The JSON of a file; raises BadFile for one that is too long, is no JSON, or has a name twice."""
    if len(data) > MOST_BYTES:
        raise BadFile(
            f"{name} is {len(data) / 1e6:.1f} MB long.", "A table is at most 1 MB: choose another file."
        )
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except _Twice as error:
        raise BadFile(f"{name} has “{error}” twice in one object.", "Leave one of the two.") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadFile(f"{name} is not a JSON file.", "Choose a table as a JSON file.") from None


class _Twice(Exception):
    """A name that is in one object twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key[:40])
        found[key] = value
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(text)


GOV_UK = "GOV.UK bank holidays, Open Government Licence v3.0"
TITLES = {
    "england-and-wales": "England and Wales",
    "scotland": "Scotland",
    "northern-ireland": "Northern Ireland",
}


def from_gov_uk(raw: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The file of GOV.UK ({"england-and-wales": {"division", "events": [{title, date, notes, bunting}]}, …})
    in our shape, complete for whole years; what does not fit is left for the check to name."""
    divisions = {}
    for name, each in raw.items():
        events = each.get("events") if isinstance(each, Mapping) else None
        if not isinstance(events, list):
            divisions[str(name)] = each
            continue
        days = [_event(event) for event in events]
        years = sorted(str(d["day"])[:4] for d in days if isinstance(d, dict) and isinstance(d["day"], str))
        divisions[str(name)] = {
            "title": TITLES.get(str(name), str(name)),
            "known_from": f"{years[0]}-01-01" if years else "",
            "known_until": f"{years[-1]}-12-31" if years else "",
            "days": days,
        }
    return {"source": GOV_UK, "as_of": today.isoformat(), "divisions": divisions}


def _event(event: Any) -> Any:
    if not isinstance(event, Mapping):
        return event
    notes = event.get("notes", "")
    return {
        "day": event.get("date"),
        "title": event.get("title"),
        "substitute": isinstance(notes, str) and "substitute" in notes.lower(),
    }
