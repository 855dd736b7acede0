"""Two weeks of pages for Averwick Borough Council, which does not exist: drafts, one sent back, some live."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.content import order, service
from app.content.sample_pages import SamplePage, pages
from app.context import Context
from app.sample_kit import at, sample_id
from models.changes import Author, Changed
from models.content import Block, BlockKind, Draft, Kind, State

LEAD = ("u-2", "Priya Senn", frozenset({"officer", "lead"}))
KINDS = {
    "p": BlockKind.PARAGRAPH,
    "h2": BlockKind.HEADING2,
    "h3": BlockKind.HEADING3,
    "*": BlockKind.BULLET,
    "1": BlockKind.NUMBER,
    "note": BlockKind.NOTE,
    "quote": BlockKind.QUOTE,
    "table": BlockKind.TABLE,
}


def fill(context: Context, random: random.Random) -> None:
    """Writes the sample pages; the same for the same seed and day."""
    for page in pages():
        _write(context, page, random)


def _write(context: Context, page: SamplePage, source: random.Random) -> None:
    today = context.today()
    day = today - timedelta(days=page.days_ago)
    me = context.author
    lead = replace(me, user_id=LEAD[0], name=LEAD[1], roles=LEAD[2])
    author = lead if page.by_lead else me
    draft_id = sample_id(source)

    def act(
        who: Author, label: str, days: int, hour: int, minute: int, work: Callable[[Session], object]
    ) -> None:
        moment = min(at(day - timedelta(days=days), hour, minute), context.now())
        with context.store.write(who, label, moment) as session:
            work(session)

    later = 0 if page.state is State.DRAFT and not page.sent_back else 1
    act(
        author,
        f"Write “{page.title}”",
        later + page.before,
        11,
        5,
        lambda s: _add(s, page, draft_id, day, source),
    )
    if page.sent_back:
        act(author, "Send for review", 1, 16, 10, lambda s: service.send_for_review(s, draft_id))
        act(lead, "Send back", 0, 16, 40, lambda s: service.send_back(s, draft_id, page.sent_back))
    if page.state is not State.DRAFT:
        act(author, "Send for review", 1, 15, 20, lambda s: service.send_for_review(s, draft_id))
    if page.state in (State.PUBLISHED, State.ARCHIVED):
        other = replace(lead, user_id="u-3", name="J. Marlow") if page.by_lead else lead
        act(other, "Approve", 0, 9, 30, lambda s: service.approve(s, draft_id))
        if page.review_in is not None:
            due = today + timedelta(days=page.review_in)
            act(author, "Set the review date", 0, 9, 40, lambda s: _due(s, draft_id, due))
    if page.state is State.ARCHIVED:
        act(author, "Archive", 0, 9, 50, lambda s: service.archive(s, draft_id))


def _add(session: Session, page: SamplePage, draft_id: str, day: date, source: random.Random) -> Changed:
    author, now = session.info["author"], session.info["now"]
    draft = Draft(
        id=draft_id,
        kind=page.kind,
        state=State.DRAFT,
        title=page.title,
        summary=page.lead,
        language=page.language,
        path=page.path,
        author_id=author.user_id,
        author_name=author.name,
        contact_name=page.contact,
        contact_phone=page.phone,
        review_on=service.months_later(day, 12),
        news_on=day if page.kind is Kind.NEWS_ARTICLE else None,
        edited_at=now,
    )
    session.add(draft)
    for (kind, text), key in zip(page.blocks, order.spread(len(page.blocks)), strict=True):
        rows = [line.split("|") for line in text.split("\n")] if kind == "table" else None
        block = Block(
            id=sample_id(source),
            draft_id=draft_id,
            kind=KINDS[kind],
            text="" if rows else text,
            position=key,
            data={"rows": rows, "caption": ""} if rows else None,
        )
        session.add(block)
    return Changed.of(draft)


def _due(session: Session, draft_id: str, due: date) -> None:
    draft = session.get_one(Draft, draft_id)
    draft.review_on = due
