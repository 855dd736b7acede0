"""The ground under every table: naming convention, the synced Record, and its body in wire form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Column, MetaData, Table, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from models.ids import new_id
from models.policy import Policy
from models.types import ShortText, UtcDateTime, clean_value, from_wire, to_wire

# Columns that sync carries beside the fields of a change, or that each copy works out for itself.
OWN_COLUMNS = frozenset({"id", "scope", "version", "deleted", "updated_at"})


class Base(DeclarativeBase):
    """The declarative base: one metadata, every constraint named."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


_TYPES: dict[str, type[Record]] = {}


class Record(Base):
    """A row that syncs. Its table name is its type on the wire; its policy stands beside its columns.

    - a change through a session leaves its outbox operation in the same transaction (models.changes)
    - it is never removed by code: `mark_deleted` makes it a tombstone
    """

    __abstract__ = True
    __policy__: ClassVar[Policy]

    id: Mapped[str] = mapped_column(ShortText(36), primary_key=True, sort_order=-10)
    scope: Mapped[str] = mapped_column(ShortText(80), sort_order=-9)
    version: Mapped[int] = mapped_column(default=0, sort_order=-8)
    deleted: Mapped[bool] = mapped_column(default=False, sort_order=-7)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=-6)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=-5)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__tablename__" in cls.__dict__:
            _TYPES[cls.__tablename__] = cls

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


def mark_deleted(record: Record) -> None:
    """Makes the record a tombstone; the row stays, and for 90 days the trash can bring it back."""
    record.deleted = True


@event.listens_for(Record, "attribute_instrument", propagate=True)
def _clean_on_assignment(cls: type[Record], key: str, inst: Any) -> None:
    """Cleans each value as it is assigned, so that a person hears of bad text before anything is written.

    `active_history` loads the value that is replaced, which the outbox needs as the base of the change.
    """
    prop = getattr(inst, "property", None)
    columns = getattr(prop, "columns", None)
    if not columns:
        return
    type_ = columns[0].type

    @event.listens_for(inst, "set", retval=True, active_history=True)
    def _set(target: Record, value: Any, old: Any, initiator: Any) -> Any:
        return clean_value(type_, value)


def record_types() -> Mapping[str, type[Record]]:
    """Every declared Record class by its type name (the table's)."""
    import models  # noqa: F401  the slices register themselves by being imported

    return _TYPES


def policy_of(type_name: str) -> Policy:
    """The policy of a type; KeyError when no slice declares it."""
    return record_types()[type_name].__policy__


def table_of(type_name: str) -> Table:
    """The table of a type; KeyError when no slice declares it."""
    table = record_types()[type_name].__table__
    assert isinstance(table, Table)  # noqa: S101  a Record always maps to one table
    return table


def fields_of(type_name: str) -> Mapping[str, Column[Any]]:
    """The columns that travel as fields of a change, by name."""
    return _fields_of(table_of(type_name))


@cache
def _fields_of(table: Table) -> Mapping[str, Column[Any]]:
    return {c.name: c for c in table.columns if c.name not in OWN_COLUMNS}


def wire_body(record: Record) -> dict[str, Any]:
    """The fields of a record in wire form; reads only what is loaded or loadable."""
    return {
        name: to_wire(column.type, getattr(record, name))
        for name, column in fields_of(record.__tablename__).items()
    }


def row_body(type_name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a row read with Core, in wire form."""
    return {name: to_wire(column.type, row[name]) for name, column in fields_of(type_name).items()}


def python_values(type_name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields of a wire body as Python values; fields of a newer Holdall are left out.

    Raises TypeError or ValueError when a value does not fit its column.
    """
    return dict(_python_items(type_name, body))


def _python_items(type_name: str, body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    columns = fields_of(type_name)
    for name, value in body.items():
        if name in columns:
            yield name, from_wire(columns[name].type, value)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
