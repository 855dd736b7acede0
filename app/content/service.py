"""What officers do with pages: begin, write, send, read, approve, send back, archive. Never commits."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.content import order, rules
from app.content.blocks import Block, Page, Picture, Table
from app.content.templates import REVIEW_MONTHS, template_of
from app.errors import HoldallError, NotFound
from app.wording import local_date, plural
from models import blobs
from models.base import mark_deleted
from models.changes import Author, Changed
from models.content import Block as BlockRow
from models.content import Draft, Kind, State
from models.ids import new_id
from models.outbox import Conflict, OpState, OutboxOp
from models.text_merge import replayed_text

FIRST_REVIEW_MONTHS = 12
NO_TITLE = "Page without a title"


@dataclass(frozen=True)
class Edit:
    """What was typed since the last save; None for what was not touched.

    `before` and `after` are the blocks as last saved and as they are now: only what differs between them is
    written, so that a colleague's change to another block stays.
    """

    title: str | None = None
    summary: str | None = None
    before: tuple[Block, ...] = ()
    after: tuple[Block, ...] | None = None


# Reading


def block_of(row: BlockRow) -> Block:
    """The block a row holds."""
    data: dict[str, Any] = row.data or {}
    table = picture = None
    if "rows" in data:
        table = Table.of(data["rows"], data.get("caption", ""))
    if "sha256" in data:
        picture = Picture(
            data["sha256"],
            data.get("name", ""),
            data.get("mime", ""),
            data.get("width", 0),
            data.get("height", 0),
        )
    return Block(row.id, row.kind, row.text, row.alt, table, picture)


def _data(block: Block) -> dict[str, Any] | None:
    if block.table is not None:
        return {"rows": [list(row) for row in block.table.rows], "caption": block.table.caption}
    if block.picture is not None:
        p = block.picture
        return {"sha256": p.sha256, "name": p.name, "mime": p.mime, "width": p.width, "height": p.height}
    return None


def page_of(draft: Draft, blocks: Sequence[BlockRow]) -> Page:
    """The page that a draft and its rows (in order) make."""
    return Page(
        draft.id,
        draft.kind,
        draft.state,
        draft.title,
        draft.summary,
        tuple(block_of(row) for row in blocks),
        draft.language,
        draft.path,
        draft.author_id,
        draft.author_name,
        draft.contact_name,
        draft.contact_phone,
        draft.review_on,
        draft.news_on,
        draft.sent_back_note,
        draft.sent_back_by,
        draft.moved_at,
        draft.moved_by,
        draft.edited_at,
    )


def _rows(session: Session, draft_id: str) -> list[BlockRow]:
    statement = select(BlockRow).where(BlockRow.draft_id == draft_id, BlockRow.deleted.is_(False))
    return list(session.scalars(statement.order_by(BlockRow.position, BlockRow.id)))


def _draft(session: Session, draft_id: str) -> Draft:
    draft = session.get(Draft, draft_id)
    if draft is None or draft.deleted:
        raise NotFound("This page is not here any more.", "It may be in the trash, or on another laptop.")
    return draft


def load(session: Session, draft_id: str) -> Page:
    """A page with its blocks; raises NotFound."""
    return page_of(_draft(session, draft_id), _rows(session, draft_id))


def draft_of_block(session: Session, block_id: str) -> str | None:
    """The page a block belongs to, or None."""
    row = session.get(BlockRow, block_id)
    return None if row is None else row.draft_id


def newest(session: Session) -> str | None:
    """The page that was worked on last, for paper without a choice."""
    states = [State.REVIEW, State.DRAFT, State.PUBLISHED]
    for state in states:
        statement = select(Draft.id).where(Draft.deleted.is_(False), Draft.state == state)
        found = session.scalars(statement.order_by(Draft.edited_at.desc(), Draft.id.desc()).limit(1)).first()
        if found is not None:
            return found
    return None


# Writing


def create(
    session: Session, kind: Kind, title: str = "", language: str = "en-GB", draft_id: str = ""
) -> tuple[str, Changed]:
    """A new draft from the template of its kind; gives its id."""
    author, now = _author(session), session.info["now"]
    draft = Draft(
        id=draft_id or new_id(),
        kind=kind,
        state=State.DRAFT,
        title=title,
        language=language,
        author_id=author.user_id,
        author_name=author.name,
        review_on=months_later(local_date(now), FIRST_REVIEW_MONTHS),
        news_on=local_date(now) if kind is Kind.NEWS_ARTICLE else None,
        edited_at=now,
    )
    session.add(draft)
    start = template_of(kind).blocks
    rows = [
        BlockRow(draft_id=draft.id, kind=block, text=text, position=key)
        for (block, text), key in zip(start, order.spread(len(start)), strict=True)
    ]
    session.add_all(rows)
    return draft.id, Changed.of(draft, *rows)


def save(session: Session, draft_id: str, edit: Edit) -> Changed:
    """Writes what was typed; raises HoldallError when the page is no longer in draft."""
    draft = _draft(session, draft_id)
    if draft.state is not State.DRAFT:
        raise HoldallError(
            f"“{draft.title or NO_TITLE}” is not in draft any more, so its words stay as they were sent.",
            "Take it back to draft to change it.",
        )
    changed = Changed.of(draft)
    if edit.title is not None:
        draft.title = " ".join(edit.title.split())
    if edit.summary is not None:
        draft.summary = " ".join(edit.summary.split())
    if edit.after is not None:
        changed |= _save_blocks(session, draft, edit.before, edit.after)
    draft.edited_at = session.info["now"]
    return changed


def _save_blocks(
    session: Session, draft: Draft, before: tuple[Block, ...], after: tuple[Block, ...]
) -> Changed:
    old = {block.id: block for block in before}
    gone = old.keys() - {block.id for block in after}
    touched: list[BlockRow] = []
    rows: dict[str, BlockRow] = {}
    for block in after:
        row = session.get(BlockRow, block.id)
        if row is None:
            row = BlockRow(id=block.id, draft_id=draft.id, kind=block.kind, position="")
            touched.append(row)
        elif block != old.get(block.id):
            row.deleted = False
            touched.append(row)
        rows[block.id] = row
        if row in touched:
            seen = old[block.id].text if block.id in old else row.text
            row.kind, row.alt = block.kind, block.alt
            row.text = replayed_text(seen, block.text, row.text)  # what came in since the last save stays
            if (data := _data(block)) != row.data:
                row.data = data
    for block_id in gone:
        if (gone_row := session.get(BlockRow, block_id)) is not None:
            mark_deleted(gone_row)
            touched.append(gone_row)
    if [block.id for block in before if block.id in rows] != [block.id for block in after]:
        touched += _reorder([rows[block.id] for block in after])
    session.add_all(touched)
    return Changed.of(*touched)


def _reorder(rows: list[BlockRow]) -> list[BlockRow]:
    """Gives rows keys in their new order, as few as can be; gives back those that changed."""
    moved = []
    for row, key in zip(rows, order.rekeyed([row.position or None for row in rows]), strict=True):
        if row.position != key:
            row.position = key
            moved.append(row)
    return moved


def put_picture(session: Session, data: bytes, name: str) -> Picture:
    """Keeps a picture's file and gives what a block needs to name it.

    Raises HoldallError for an empty file, one over 25 MB and one that is no picture.
    """
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            mime = Image.MIME.get(image.format or "", "")
            width, height = image.size
            if mime not in ("image/png", "image/jpeg", "image/gif", "image/webp"):
                raise UnidentifiedImageError
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise HoldallError(
            f"{name} is not a picture that a website can show.", "Choose a PNG, JPEG, GIF or WebP file."
        ) from None
    return Picture(blobs.put(session, data, mime, name), name, mime, width, height)


def set_contact(session: Session, draft_id: str, name: str, phone: str = "") -> Changed:
    """Names who looks after a page."""
    draft = _draft(session, draft_id)
    draft.contact_name, draft.contact_phone = name.strip(), phone.strip()
    return Changed.of(draft)


def set_news_day(session: Session, draft_id: str, day: date) -> Changed:
    """Gives a news article its day."""
    draft = _draft(session, draft_id)
    draft.news_on = day
    return Changed.of(draft)


def set_path(session: Session, draft_id: str, path: str) -> Changed:
    """Says where on the website the page will stand."""
    draft = _draft(session, draft_id)
    draft.path = "/".join(part for part in path.strip().split("/") if part)
    return Changed.of(draft)


def mark_reviewed(session: Session, draft_id: str, months: int) -> Changed:
    """Notes that a published page was looked at, and when to look again (3, 6, 12, 18, 24, 36 months)."""
    if months not in REVIEW_MONTHS:
        raise HoldallError("A review is due in 3, 6, 12, 18, 24 or 36 months.", "Choose one of these.")
    draft = _draft(session, draft_id)
    draft.review_on = months_later(local_date(session.info["now"]), months)
    return Changed.of(draft)


def delete(session: Session, draft_id: str) -> Changed:
    """Puts a page and its blocks into the trash."""
    draft = _draft(session, draft_id)
    rows = _rows(session, draft_id) if draft.state is State.DRAFT else []
    for record in (draft, *rows):
        mark_deleted(record)
    return Changed.of(draft, *rows)


# Moves


def send_for_review(session: Session, draft_id: str) -> Changed:
    """Draft to review. Raises HoldallError while something is to put right or to settle."""
    draft = _draft(session, draft_id)
    if conflicts := open_conflicts(session, draft_id):
        raise HoldallError(
            f"{plural(len(conflicts), 'sentence')} on this page must be settled first.",
            "Choose which version stays, then send it.",
        )
    errors = rules.check(page_of(draft, _rows(session, draft_id))).errors
    if errors:
        listed = "; ".join(f"{error.title[0].lower()}{error.title[1:]}" for error in errors[:3])
        raise HoldallError(
            f"{plural(len(errors), 'thing')} to put right before it can go to review: {listed}.",
            "Each stands at the right with a way to it.",
        )
    author = _author(session)
    draft.author_id, draft.author_name = author.user_id, author.name
    draft.sent_back_note = draft.sent_back_by = ""
    return _move(session, draft, State.REVIEW)


def take_back(session: Session, draft_id: str) -> Changed:
    """Review to draft, by whoever wants to change it themselves."""
    return _move(session, _draft(session, draft_id), State.DRAFT)


def send_back(session: Session, draft_id: str, note: str) -> Changed:
    """Review to draft with a note for the writer; raises HoldallError without one."""
    if not note.strip():
        raise HoldallError("Say what to change, so that the writer knows.", "One sentence is enough.")
    draft = _draft(session, draft_id)
    draft.sent_back_note, draft.sent_back_by = note.strip(), _author(session).name
    return _move(session, draft, State.DRAFT)


def approve(session: Session, draft_id: str) -> Changed:
    """Review to published, by a lead who did not send it; the next look is a year on, unless one is set."""
    draft = _draft(session, draft_id)
    today = local_date(session.info["now"])
    if draft.review_on is None or draft.review_on <= today:
        draft.review_on = months_later(today, FIRST_REVIEW_MONTHS)
    return _move(session, draft, State.PUBLISHED)


def start_new_version(session: Session, draft_id: str) -> Changed:
    """Published (or, by a lead, archived) to draft. The page on the website stays as it is meanwhile."""
    return _move(session, _draft(session, draft_id), State.DRAFT)


def archive(session: Session, draft_id: str) -> Changed:
    """To the archive: the page is to come off the website."""
    return _move(session, _draft(session, draft_id), State.ARCHIVED)


def _move(session: Session, draft: Draft, state: State) -> Changed:
    """Changes the state; who may is checked from the policy, here and on the server."""
    draft.state = state
    draft.moved_at, draft.moved_by = session.info["now"], _author(session).name
    session.flush()
    return Changed.of(draft)


def _author(session: Session) -> Author:
    author: Author = session.info["author"]
    return author


# Conflicts and dates


def still_open() -> ColumnElement[bool]:
    """The condition for a conflict that nobody has decided, here or elsewhere (a decision that was refused
    or taken back counts for nothing)."""
    undone = [OpState.REJECTED.value, OpState.BLOCKED.value, OpState.WITHDRAWN.value]
    gone = select(OutboxOp.op_id).where(OutboxOp.state.in_(undone))
    return and_(
        Conflict.status == "open", or_(Conflict.resolved_op.is_(None), Conflict.resolved_op.in_(gone))
    )


def open_conflicts(session: Session, draft_id: str) -> list[Conflict]:
    """What two people changed apart on this page and nobody has settled, in the order it came."""
    ids = select(BlockRow.id).where(BlockRow.draft_id == draft_id)
    statement = select(Conflict).where(
        still_open(), Conflict.record_id.in_(ids) | (Conflict.record_id == draft_id)
    )
    return list(session.scalars(statement.order_by(Conflict.conflict_id)))


def months_later(day: date, months: int) -> date:
    """The same day some months on; the last day of a shorter month (31 August + 6 is 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
