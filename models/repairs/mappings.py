"""What triage decides by, as the council keeps it: mappings of answers to its schedule of rates, and tables.

A mapping is never changed once it was used: a new version takes its place, and every repair keeps the
version it was asked by.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, ShortText, UtcDateTime

KEEPERS = ("lead",)


class MappingState(StrEnum):
    """Whether a mapping is being written, is asked by, or was asked by once."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class TableKind(StrEnum):
    """Which of the tables in resources/repairs a record stands in for from its day on."""

    HOLIDAYS = "holidays"
    BANDS = "bands"
    RULES = "rules"


class Mapping(Record):
    """One version of the whole tree of questions: what is asked, and code, trade and band of each leaf."""

    __tablename__ = "repairs_mapping"
    __policy__ = Policy(
        title="triage mapping",
        scope="tenant",
        write_roles=frozenset(KEEPERS),
        merge={"edition": Merge.ONCE, "body": Merge.ASK},
        moves=Moves(
            field="state",
            start=(MappingState.DRAFT,),
            steps=(
                Step(MappingState.DRAFT, MappingState.ACTIVE, roles=KEEPERS),
                Step(MappingState.ACTIVE, MappingState.RETIRED, roles=KEEPERS),
                Step(MappingState.RETIRED, MappingState.ACTIVE, roles=KEEPERS),
                Step(MappingState.ACTIVE, MappingState.DRAFT, roles=KEEPERS),
            ),
        ),
        search=SearchFields(title="name", body=("edition",), detail=("edition",)),
    )
    __table_args__ = (Index("ix_repairs_mapping_edition", "edition"),)

    name: Mapped[str] = mapped_column(ShortText(120))
    edition: Mapped[str] = mapped_column(ShortText(60))  # "averwick-2026-11"; Repair.tree_version names it
    state: Mapped[MappingState] = mapped_column(Choice(MappingState), default=MappingState.DRAFT)
    based_on: Mapped[str] = mapped_column(ShortText(60), default="")  # the edition it was made from
    source: Mapped[str] = mapped_column(ShortText(200), default="")  # the file it was read from
    body: Mapped[dict[str, Any]] = mapped_column(Json)  # app.repairs.tree.read_tree reads it
    active_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by_name: Mapped[str] = mapped_column(ShortText(100), default="")


class DataTable(Record):
    """A dated table that takes the place of the one Holdall came with: bank holidays, bands, rules."""

    __tablename__ = "repairs_data_table"
    __policy__ = Policy(title="table", scope="tenant", write_roles=frozenset(KEEPERS))
    __table_args__ = (Index("ix_repairs_data_table_kind", "kind", "as_of"),)

    kind: Mapped[TableKind] = mapped_column(Choice(TableKind))
    as_of: Mapped[date] = mapped_column(DateOnly)  # the day it was read at its source
    source: Mapped[str] = mapped_column(ShortText(200), default="")
    body: Mapped[dict[str, Any]] = mapped_column(Json)  # the shape of the file in resources/repairs
