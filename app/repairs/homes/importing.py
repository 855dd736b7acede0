"""A property list on its way in: first what it would do, row by row, then in one act or not at all.

A row is the home with its UPRN, else with its reference, else at its address. The list has the last word on
the columns it gives; other columns stay. A home that is not in the list is only ever marked, and only when
somebody says so. When an address is put right, alerts, household and past repairs move with the home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.repairs.homes.columns import LABELS
from app.repairs.homes.property_list import Fault, HomeRow, PropertyList
from app.repairs.records import now_of
from app.sheets import csv_bytes
from app.wording import date_year, local_date
from models.base import Record, table_of
from models.changes import Changed, bulk_create
from models.repairs import Alert, Contact, HazardReport, Household, Kind, Property, Repair

T = TypeVar("T")
GONE = "Not in the property list of"
MUCH_GONE = 5  # more than one home in so many gone: probably not the whole list
CHUNK = 400
_COMPARED = ("place_key", *LABELS)
_AT_PLACES: tuple[type[Record], ...] = (Alert, Household, Repair, Contact, HazardReport)
_COLUMNS = tuple(getattr(Property, name) for name in ("id", *_COMPARED))


@dataclass(frozen=True)
class Change:
    """A home that the list changes: the columns with their value here and in the list."""

    home_id: str
    address: str
    row: int
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class GoneHome:
    """A home of the tenures that the list is about, and not in it."""

    home_id: str
    address: str
    reference: str


@dataclass
class Plan:
    """What a list would do, before anything is written."""

    names: tuple[str, ...]
    read: int = 0  # rows with anything in them
    new: list[HomeRow] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    gone: list[GoneHome] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    proposals: int = 0  # postcodes that could be taken as proposed
    passed_over: tuple[str, ...] = ()

    @property
    def aside(self) -> list[Fault]:
        """The rows that stay aside."""
        return [fault for fault in self.faults if not fault.kept]

    @property
    def nothing(self) -> bool:
        """Whether the list changes nothing here."""
        return not self.new and not self.changed

    @property
    def much_gone(self) -> bool:
        """Whether so many homes are missing that this is probably not the whole list."""
        there = self.same + len(self.changed)
        return len(self.gone) * MUCH_GONE > there + len(self.gone) and len(self.gone) > 1


@dataclass(frozen=True)
class BroughtIn:
    """What a list did."""

    plan: Plan
    marked: int
    changed: Changed


def plan(session: Session, found: PropertyList) -> Plan:
    """What a list would do to the homes that are here."""
    known = _Known(session)
    made = Plan(
        tuple(found.names),
        found.count,
        faults=list(found.faults),
        proposals=found.proposals,
        passed_over=found.passed_over,
    )
    seen: dict[str, HomeRow] = {}
    for row in found.rows:
        home, problem = known.home_of(row)
        if home is not None and (earlier := seen.get(home["id"])) is not None:
            problem = f"is the same home here as row {earlier.row:,}: {home['address']}."
        if problem:
            made.faults.append(Fault(row.file, row.row, "", problem))
            if home is not None:
                seen.setdefault(home["id"], row)
            continue
        if home is None:
            made.new.append(row)
            continue
        seen[home["id"]] = row
        fields = _differences(row.values, home)
        if fields:
            made.changed.append(Change(home["id"], home["address"], row.row, fields))
        else:
            made.same += 1
    for row in found.aside:
        seen.update((home["id"], row) for home in known.every(row))
    made.gone = known.gone(seen.keys(), found.tenures)
    made.faults.sort(key=lambda fault: (fault.kept, fault.file, fault.row))
    return made


class _Known:
    """The homes that are here, by UPRN, reference and place."""

    def __init__(self, session: Session) -> None:
        session.flush()
        order = select(*_COLUMNS).where(Property.deleted.is_(False)).order_by(Property.id)
        self.homes = [dict(home) for home in session.execute(order).mappings()]
        self.by: dict[str, dict[str, dict[str, Any]]] = {
            name: {home[name]: home for home in reversed(self.homes) if home[name]}
            for name in ("uprn", "property_ref", "place_key")
        }

    def every(self, row: HomeRow) -> list[dict[str, Any]]:
        """The homes that any of a row's names could mean, the surest first."""
        names = (("uprn", row.uprn), ("property_ref", row.property_ref), ("place_key", row.place_key))
        return [home for name, value in names if value and (home := self.by[name].get(value)) is not None]

    def home_of(self, row: HomeRow) -> tuple[dict[str, Any] | None, str]:
        """The home that a row is, and why it cannot be told where its names contradict each other."""
        found = self.every(row)
        if not found:
            return None, ""
        home = found[0]
        by_reference = self.by["property_ref"].get(row.property_ref) if row.property_ref else None
        if row.uprn and by_reference is not None and home is not by_reference and home["uprn"] == row.uprn:
            return home, (
                f"has the UPRN of {home['address']} and the reference of {by_reference['address']}, "
                "as they are here."
            )
        if home["uprn"] and row.uprn and home["uprn"] != row.uprn and home is not by_reference:
            return home, f"has another UPRN than {home['address']} has here ({home['uprn']})."
        return home, ""

    def gone(self, seen: Iterable[str], tenures: frozenset[Kind]) -> list[GoneHome]:
        """Homes of these tenures that no row was, and that are not marked already."""
        there = set(seen)
        return [
            GoneHome(home["id"], f"{home['address']} {home['postcode']}", home["property_ref"])
            for home in self.homes
            if home["id"] not in there
            and home["tenure"] in tenures
            and not home["no_repair_reason"].startswith(GONE)
        ]


def _differences(values: Mapping[str, Any], home: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    fields = {name: (home[name], value) for name, value in values.items() if home[name] != value}
    if "no_repair_reason" not in values and home["no_repair_reason"].startswith(GONE):
        fields["no_repair_reason"] = (home["no_repair_reason"], "")  # it is back
    return fields


# -- writing ---------------------------------------------------------------------------------------


def bring_in(session: Session, found: PropertyList, mark_gone: bool = False) -> BroughtIn:
    """Writes what a list says, all in the session's one transaction; rows aside are left out.

    `mark_gone` marks the homes that are not in it with a reason for no repairs; none is ever removed.
    """
    made = plan(session, found)
    touched: list[Record] = []
    moved: dict[str, str] = {}
    done, total = 0, len(made.changed) + (len(made.gone) if mark_gone else 0)
    tick: Callable[[int, int], None] = session.info.get("tick") or (lambda _done, _total: None)
    for part in _chunks(made.changed):
        homes = _homes(session, [change.home_id for change in part])
        for change in part:
            home = homes[change.home_id]
            for name, (_old, new) in change.fields.items():
                setattr(home, name, new)
            if "place_key" in change.fields:
                moved[change.fields["place_key"][0]] = change.fields["place_key"][1]
            touched.append(home)
        session.flush()
        done += len(part)
        tick(done, total)
    touched += _move(session, moved)
    if mark_gone:
        touched += _mark(session, made.gone)
    changed = Changed.of(*touched)
    if made.new:
        changed |= bulk_create(session, Property, [row.values for row in made.new])
    return BroughtIn(made, len(made.gone) if mark_gone else 0, changed)


def _mark(session: Session, gone: Sequence[GoneHome]) -> list[Record]:
    """Says on each home that is gone since when; a reason that stands there already is kept."""
    reason = f"{GONE} {date_year(local_date(now_of(session)))}"
    marked: list[Record] = []
    for part in _chunks(gone):
        for home in _homes(session, [each.home_id for each in part]).values():
            before = home.no_repair_reason
            home.no_repair_reason = f"{reason}; {before}"[:200] if before else reason
            marked.append(home)
        session.flush()
    return marked


def _move(session: Session, moved: Mapping[str, str]) -> list[Record]:
    """Takes what is known at a place to the home's new address; read for all places first, so that two
    homes that changed places do not mix."""
    there: list[tuple[Any, str]] = []
    for part in _chunks([key for key in moved if key]):
        for model in _AT_PLACES:
            column = table_of(model.__tablename__).c.place_key
            records: Iterable[Any] = session.scalars(select(model).where(column.in_(part)))
            there += [(record, moved[record.place_key]) for record in records]
    for record, key in there:
        record.place_key = key
    return [record for record, _key in there]


def _homes(session: Session, ids: Sequence[str]) -> dict[str, Property]:
    return {home.id: home for home in session.scalars(select(Property).where(Property.id.in_(ids)))}


def _chunks(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


# -- words -----------------------------------------------------------------------------------------


def value_words(name: str, value: Any) -> str:
    """A column's value as a person reads it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "warranty_until":
        return date_year(value)
    return str(value)


def change_words(change: Change) -> str:
    """What changes on a home: "Name: Ade Cole, was Marta Lovell"."""
    told = [
        f"{LABELS[name]}: {value_words(name, new)}, was {value_words(name, old)}"
        for name, (old, new) in change.fields.items()
        if name in LABELS
    ]
    return "; ".join(told)


def faults_csv(made: Plan) -> bytes:
    """What is wrong with a list, row by row, for whoever keeps it."""
    rows = [
        (
            fault.file,
            fault.row,
            LABELS.get(fault.column, ""),
            f"{fault.words[:1].upper()}{fault.words[1:]}",
            fault.meant,
            "yes, without that cell" if fault.kept else "no",
        )
        for fault in made.faults
    ]
    return csv_bytes(rows, ("File", "Row", "Column", "What is wrong", "Meant, perhaps", "Came in"))
