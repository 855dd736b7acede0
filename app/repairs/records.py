"""Looking up what a write works on: the repair, who writes, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import NotFound
from models.changes import Author
from models.repairs import Repair


def repair_of(session: Session, repair_id: str) -> Repair:
    """The repair with this id; raises NotFound."""
    repair = session.get(Repair, repair_id)
    if repair is None or repair.deleted:
        raise NotFound("This repair is not on this laptop.", "Sync, or look for its address.")
    return repair


def author_of(session: Session) -> Author:
    """Who writes in this session."""
    author: Author = session.info["author"]
    return author


def now_of(session: Session) -> datetime:
    """The moment of this write, in UTC."""
    now: datetime = session.info["now"]
    return now
