"""The trees this store asks by: the one Holdall came with, and the editions the council has made of it.

One edition is active at a time. A repair keeps the edition it was begun by (`Repair.tree_version`), however
many become active after it, so an answer never meets a question that was not asked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.repairs.tables import tables
from app.repairs.tree import Tree, TreeExit, TreeQuestion, read_tree
from models.repairs import Mapping, MappingState, Repair

KIND_QUESTION = "kind"
_MISSING = "edition-missing"
_KEPT = 16  # trees of this many editions stay in memory


class EditionMissing(NotFound):
    """The edition a repair was asked by is not on this laptop; what was answered is kept."""


def active_tree(session: Session, kind: str = "") -> Tree:
    """The tree that new repairs are asked by; the built-in one while no edition is active.

    With a kind of home ("tenant", "leasehold", "communal") only the ways for that kind are in it. Two
    editions made active on two laptops: the one made active last is asked by.
    """
    statement = select(type_coerce(Mapping.body, Text)).where(
        Mapping.state == MappingState.ACTIVE, Mapping.deleted.is_(False)
    )
    text = session.scalar(statement.order_by(Mapping.active_from.desc(), Mapping.id.desc()).limit(1))
    if text is None:
        tree = tables().tree
        return _narrowed_built_in(kind) if kind else tree
    return _read(text, kind)


def tree_of(session: Session, repair: Repair) -> Tree:
    """The tree a repair was begun by. Raises EditionMissing, a sentence for the page, when it is not here."""
    tree = edition_tree(session, repair.tree_version)
    if tree is None:
        raise EditionMissing(
            f"Repair {repair.reference} was asked by the questions of edition “{repair.tree_version}”, "
            "which are not on this laptop.",
            "Sync, then open it again: every answer is kept.",
        )
    return tree


def tree_to_show(session: Session, repair: Repair) -> Tree:
    """The tree a repair was begun by; for an edition that is not here, one page that says so."""
    return edition_tree(session, repair.tree_version) or _stand_in(repair.tree_version)


def edition_tree(session: Session, edition: str) -> Tree | None:
    """The tree of an edition by its name, or None when it is not on this laptop."""
    if edition == tables().tree.version:
        return tables().tree
    statement = select(type_coerce(Mapping.body, Text)).where(
        Mapping.edition == edition, Mapping.deleted.is_(False)
    )
    text = session.scalar(statement.order_by(Mapping.active_from.desc(), Mapping.id.desc()).limit(1))
    return None if text is None else _read(text, "")


def exit_of(tree: Tree, exit_id: str) -> TreeExit | None:
    """A way out by its id: the edition's own, else the built-in one, so that no emergency lacks a number."""
    return tree.exits.get(exit_id) or tables().tree.exits.get(exit_id)


def is_missing(tree: Tree) -> bool:
    """Whether this is only the page that says that an edition is not here."""
    return tree.start == _MISSING


@lru_cache(maxsize=_KEPT)
def _read(text: str, kind: str) -> Tree:
    tree = read_tree(json.loads(text))
    tree = replace(tree, exits={**tables().tree.exits, **tree.exits})  # no danger lacks a number
    return tree.narrowed(KIND_QUESTION, kind) if kind else tree


@lru_cache(maxsize=_KEPT)
def _narrowed_built_in(kind: str) -> Tree:
    return tables().tree.narrowed(KIND_QUESTION, kind)


def _stand_in(edition: str) -> Tree:
    question = TreeQuestion(
        _MISSING,
        "Edition",
        "The questions of this repair are not on this laptop",
        f"It was asked by edition “{edition}”. Sync, then open it again.",
        "Every answer is kept. Nothing can be changed until the edition is here.",
        (),
    )
    return Tree(edition, "", _MISSING, {_MISSING: question}, {}, {})
