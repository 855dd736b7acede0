"""What the section "Triage and tables" shows: the editions in a list, and one of them with its faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.repairs.dated_tables import tables_at
from app.repairs.mapping import service
from app.repairs.mapping.ends import ends_of
from app.repairs.mapping.service import BUILT_IN
from app.repairs.tables import Tables, tables
from app.repairs.tree import Fault, Tree, read_tree
from app.wording import plural
from models.repairs import Mapping, MappingState, Repair

STATE_WORDS = {
    MappingState.DRAFT: "Draft",
    MappingState.ACTIVE: "Asked by now",
    MappingState.RETIRED: "Asked by before",
}


@dataclass(frozen=True)
class EditionRow:
    """One edition in the list."""

    id: str
    name: str
    edition: str
    state: MappingState
    active_from: datetime | None
    changed_at: datetime | None
    changed_by: str
    repairs: int  # asked by it, as far as they are here
    source: str

    @property
    def built_in(self) -> bool:
        """Whether Holdall came with it."""
        return self.id == BUILT_IN

    @property
    def facts(self) -> str:
        """What is known of it in a line."""
        parts = [self.edition, f"{plural(self.repairs, 'repair')} asked by it" if self.repairs else ""]
        if self.source:
            parts.append(f"read from {self.source}")
        elif self.changed_by:
            parts.append(f"by {self.changed_by}")
        return ", ".join(p for p in parts if p)


@dataclass(frozen=True)
class EditionView:
    """One edition with its tree and everything that is wrong with it."""

    row: EditionRow
    body: dict[str, Any]
    tree: Tree
    faults: tuple[Fault, ...]

    @cached_property
    def leaves(self) -> int:
        """How many ways end with a code or without one."""
        return sum(not e.exit for e in ends_of(self.tree))

    @property
    def draft(self) -> bool:
        """Whether it is still being written."""
        return self.row.state is MappingState.DRAFT and not self.row.built_in

    @property
    def priorities(self) -> dict[str, str]:
        """The priorities of the council's file with their bands, "" for one that has none yet."""
        found: dict[str, str] = self.body.get("priorities", {})
        used = {o.get("priority") for o in self.body["outcomes"].values()}
        return {p: band for p, band in found.items() if p in used}


def editions(session: Session) -> list[EditionRow]:
    """Every edition: drafts first, then the one that is asked by, then those that were, newest first."""
    asked = select(Repair.tree_version, func.count()).where(Repair.deleted.is_(False))
    counts = {row[0]: int(row[1]) for row in session.execute(asked.group_by(Repair.tree_version))}
    columns = (
        Mapping.id,
        Mapping.name,
        Mapping.edition,
        Mapping.state,
        Mapping.active_from,
        Mapping.updated_at,
        Mapping.changed_by_name,
        Mapping.source,
    )
    statement = select(*columns).where(Mapping.deleted.is_(False)).order_by(Mapping.id.desc())
    rows = [
        EditionRow(m.id, m.name, m.edition, m.state, m.active_from, m.updated_at, m.changed_by_name,
                   counts.get(m.edition, 0), m.source)
        for m in session.execute(statement)
    ]  # fmt: skip
    built_in = tables().tree.version
    active = any(r.state is MappingState.ACTIVE for r in rows)
    state = MappingState.RETIRED if active else MappingState.ACTIVE
    rows.append(
        EditionRow(BUILT_IN, "As Holdall came", built_in, state, None, None, "", counts.get(built_in, 0), "")
    )
    order = [MappingState.DRAFT, MappingState.ACTIVE, MappingState.RETIRED]
    return sorted(rows, key=lambda r: order.index(r.state))


def edition_view(session: Session, mapping_id: str) -> EditionView:
    """One edition with its tree and faults; raises NotFound."""
    row = next((r for r in editions(session) if r.id == mapping_id), None)
    body = service.body(session, mapping_id)
    assert row is not None  # noqa: S101  body has raised NotFound otherwise
    return view_of(row, body, tables_at(session))


def view_of(row: EditionRow, body: dict[str, Any], known: Tables) -> EditionView:
    """An edition as it stands in a body that may not be kept yet."""
    tree = tables().tree if row.built_in else read_tree(body)
    return EditionView(row, body, tree, tuple(service.faults_of(tree, known)))
