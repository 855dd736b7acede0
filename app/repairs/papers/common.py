"""What the papers of repairs share: their hue and frame, and finding the repair that is meant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import NotFound
from app.report import Block, Document, Text
from app.report.text import differs
from models.ids import is_id
from models.repairs import OPEN, Repair

HUE = "#8A5200"
BOXES = "A box stands for each letter that this paper cannot show. Holdall shows it on the screen."


def paper(context: Context, title: str, subtitle: str, reference: str, blocks: Sequence[Block]) -> Document:
    """A document in the frame of the repairs papers."""
    return Document(
        title=title,
        subtitle=subtitle,
        council=context.council.name,
        telephone=context.council.repairs_telephone,
        reference=reference,
        made_on=context.today(),
        hue=HUE,
        blocks=tuple(blocks),
    )


def boxes_note(words: str) -> list[Block]:
    """A sentence about boxes, where words hold letters that the font of papers does not have."""
    return [Text(BOXES, tone="muted", small=True)] if differs(words) else []


def find_repair(session: Session, wanted: str, what: str) -> str:
    """The id of the repair with this id or reference; of the newest promised one for "".

    `what` names the paper in a sentence: "slip". Raises NotFound when there is none.
    """
    named = wanted[:60].encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()
    statement = select(Repair.id).where(Repair.deleted.is_(False))
    if is_id(named):
        statement = statement.where(Repair.id == named)
    elif wanted:
        statement = statement.where(Repair.reference == named.upper()[:20])
    else:
        statement = statement.where(Repair.state.in_(OPEN)).order_by(Repair.reported_at.desc(), Repair.id)
    repair_id = session.scalars(statement.limit(1)).first()
    if repair_id is not None:
        return repair_id
    if wanted:
        raise NotFound(f"There is no repair “{named}” here.", "Name its reference, like AV-20417.")
    raise NotFound(f"There is no repair to print a {what} for.", "Save a repair first.")
