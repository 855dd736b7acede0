"""What a lead does with editions of the questions: reads one from a file, writes it, makes it active.

Each function takes a write session and returns what changed. An edition that repairs were asked by is never
changed: a new draft is made from it. Everybody may read; only a lead may write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs.dated_tables import tables_at
from app.repairs.mapping.config import Config, Node, read_config
from app.repairs.mapping.drafting import body_of, edition_name, with_priority
from app.repairs.records import author_of, now_of
from app.repairs.tables import Tables, tables
from app.repairs.tree import Fault, Tree, faults, read_tree
from app.wording import LONDON, plural
from models.base import mark_deleted
from models.changes import Author, Changed
from models.repairs import KEEPERS, Mapping, MappingState

BUILT_IN = "built-in"  # stands for the id of the edition that Holdall came with
MOST_IN_A_LIST = 400
READERS_WORDS = "Only a lead may change the questions and tables. You can read everything here."


@dataclass(frozen=True)
class Made:
    """An edition that was just made."""

    mapping_id: str
    edition: str
    changed: Changed


@dataclass(frozen=True)
class Imported(Made):
    """An edition that was made of a file, with what the file was silent or wrong about."""

    faults: int
    uncoded: int
    unknown_priorities: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What a lead hears after the file was read."""
        told = [f"The draft “{self.edition}” is made."]
        if self.faults:
            told.append(f"The file has {plural(self.faults, 'fault')}: they are listed beside it.")
        if self.uncoded:
            told.append(f"{plural(self.uncoded, 'leaf has', 'leaves have')} no code yet.")
        if self.unknown_priorities:
            named = ", ".join(f"“{p}”" if p else "none given" for p in self.unknown_priorities)
            told.append(f"Choose a band for these priorities: {named}.")
        return " ".join(told)


def may_keep(author: Author) -> bool:
    """Whether a person may change editions and tables."""
    return bool(author.roles & set(KEEPERS))


def must_keep(session: Session) -> None:
    """Raises HoldallError unless a lead writes."""
    if not may_keep(author_of(session)):
        raise HoldallError("Only a lead may change the questions and tables.", "Ask your lead.")


def built_in_body() -> dict[str, Any]:
    """The body of the edition that Holdall came with."""
    text = resources.files("resources").joinpath("repairs", "tree.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return {key: value for key, value in loaded.items() if key not in ("about", "effective_from")}


def body(session: Session, mapping_id: str) -> dict[str, Any]:
    """The body of an edition; BUILT_IN names the one Holdall came with. Raises NotFound."""
    return built_in_body() if mapping_id == BUILT_IN else dict(mapping_of(session, mapping_id).body)


def mapping_of(session: Session, mapping_id: str) -> Mapping:
    """The edition with this id; raises NotFound."""
    found = session.get(Mapping, mapping_id)
    if found is None or found.deleted:
        raise NotFound("This edition is not on this laptop any more.", "Sync, or choose another one.")
    return found


def faults_of(tree: Tree, known: Tables) -> list[Fault]:
    """What keeps an edition from being asked by: its own faults, and names our tables do not know."""
    newest = max(known.band_tables, key=lambda t: t.effective_from)
    bands = frozenset(newest.bands)
    found = faults(tree, bands)
    for outcome in tree.outcomes.values():
        path = f"outcomes.{outcome.id}"
        if outcome.hazard and outcome.hazard not in known.hazards:
            found.append(Fault(path, f"there is no hazard “{outcome.hazard}”", outcome=outcome.id))
        found += [
            Fault(path, f"there is no prescribed defect “{code}”", outcome=outcome.id)
            for code in outcome.right_to_repair
            if code not in known.right_to_repair.defects
        ]
    found += [
        Fault(f"questions.{q}", "every edition asks this question", q)
        for q in ("danger", "kind")
        if q not in tree.questions
    ]
    return found


def import_config(session: Session, data: bytes, name: str, kind: str = "tenant") -> Imported:
    """A draft edition made from a council's mapping; `kind` of home is meant where the file names none.

    It is made over the active edition: openings, ways out and other kinds of home stay as they are there.
    Faults in the file do not stop it, they are named in the draft. Raises BadFile when it cannot be read.
    """
    must_keep(session)
    config = read_config(data, name)
    if not any(config.places.values()):
        first = config.faults[0].message if config.faults else "it has no places"
        raise HoldallError(f"“{name}” has nothing to ask: {first}.", "Choose another file.")
    _must_fit(config, name)
    base = body(session, active_id(session))
    edition = _free_name(session, str(base["council"]))
    made = body_of(config, base, edition, kind)
    record = _new(session, edition, f"Read from {name}"[:120], made, str(base["version"]))
    record.source = name[:200]
    leaves = config.leaves()
    unknown = tuple(p for p, band in made["priorities"].items() if not band and _lacks_band(made, p))
    blank = sum(not n.code for n in leaves)
    return Imported(record.id, edition, Changed.of(record), len(config.faults), blank, unknown)


def _lacks_band(made: Dictionary[str, Any], priority: str) -> bool:
    return any(o.get("priority") == priority and not o["band"] for o in made["outcomes"].values())


def _must_fit(config: Config, name: str) -> None:
    def crowded(nodes: tuple[Node, ...], path: str) -> None:
        if len(nodes) > MOST_IN_A_LIST:
            raise HoldallError(
                f"“{name}” has {len(nodes):,} entries in one list ({path or 'places'}); "
                f"nobody can be asked more than {MOST_IN_A_LIST} at once.",
                "Put them into groups, then read the file again.",
            )
        for each in nodes:
            crowded(each.options, each.path)

    for kind, places in config.places.items():
        crowded(places, kind)


def new_draft(session: Session, mapping_id: str = BUILT_IN) -> Made:
    """A draft made from an edition, to be changed without touching it."""
    must_keep(session)
    base = body(session, mapping_id)
    edition = _free_name(session, str(base["council"]))
    record = _new(session, edition, f"Edition {edition}", {**base, "version": edition}, str(base["version"]))
    return Made(record.id, edition, Changed.of(record))


def _new(session: Session, edition: str, name: str, made: dict[str, Any], based_on: str) -> Mapping:
    record = Mapping(
        name=name,
        edition=edition,
        state=MappingState.DRAFT,
        based_on=based_on,
        body=made,
        changed_by_name=author_of(session).name,
    )
    session.add(record)
    return record


def _free_name(session: Session, council: str) -> str:
    taken = [*session.scalars(select(Mapping.edition)), tables().tree.version]
    day = now_of(session).astimezone(LONDON).date()
    return edition_name(council, day.year, day.month, taken)


def save_body(session: Session, mapping_id: str, made: Dictionary[str, Any]) -> Changed:
    """Keeps a draft as it stands, faults and all; raises HoldallError for an edition that was asked by."""
    record = _draft(session, mapping_id)
    record.body = {**made, "version": record.edition}
    record.changed_by_name = author_of(session).name
    return Changed.of(record)


def set_priority(session: Session, mapping_id: str, priority: str, band: str) -> Changed:
    """Lets a priority of the council's file lead to one of our bands, in every leaf that has it."""
    return save_body(session, mapping_id, with_priority(_draft(session, mapping_id).body, priority, band))


def rename(session: Session, mapping_id: str, name: str) -> Changed:
    """Calls an edition something else; its edition name, which repairs keep, stays."""
    must_keep(session)
    record = mapping_of(session, mapping_id)
    if not name.strip():
        raise HoldallError("An edition needs a name.", "Write one that tells it from the others.")
    record.name = name.strip()
    return Changed.of(record)


def discard(session: Session, mapping_id: str) -> Changed:
    """Throws a draft away; Undo brings it back."""
    record = _draft(session, mapping_id)
    mark_deleted(record)
    return Changed.of(record)


def _draft(session: Session, mapping_id: str) -> Mapping:
    must_keep(session)
    record = mapping_of(session, mapping_id)
    if record.state is not MappingState.DRAFT:
        raise HoldallError(
            f"Edition “{record.edition}” was asked by, so it stays as it is.", "Make a new draft from it."
        )
    return record


def make_active(session: Session, mapping_id: str) -> Changed:
    """Asks by an edition from now on; the one before is retired, and repairs begun keep theirs.

    BUILT_IN goes back to the edition that Holdall came with. Raises HoldallError while it has faults.
    """
    must_keep(session)
    others = [m for m in _active(session) if m.id != mapping_id]
    changed = Changed()
    if mapping_id != BUILT_IN:
        record = mapping_of(session, mapping_id)
        found = faults_of(read_tree(record.body), tables_at(session))
        if found:
            raise HoldallError(
                f"Edition “{record.edition}” has {plural(len(found), 'fault')}, so nobody is asked by it.",
                f"Put them right first: {found[0].path}, {found[0].message}.",
            )
        record.active_from = now_of(session)
        if record.state is not MappingState.ACTIVE:
            record.state = MappingState.ACTIVE
        changed |= Changed.of(record)
    for other in others:
        other.state = MappingState.RETIRED
        changed |= Changed.of(other)
    return changed


def active_id(session: Session) -> str:
    """The id of the edition that is asked by; BUILT_IN while there is none."""
    found = _active(session)
    return found[0].id if found else BUILT_IN


def _active(session: Session) -> list[Mapping]:
    statement = select(Mapping).where(Mapping.state == MappingState.ACTIVE, Mapping.deleted.is_(False))
    return list(session.scalars(statement.order_by(Mapping.active_from.desc(), Mapping.id.desc())))
