"""Drafts for the council's website: the page, and its blocks as rows of their own.

A block is a row because two laptops that change different blocks then have nothing to settle, and a block
changed twice merges sentence by sentence (Merge.TEXT). Order is a fractional key, so that moving one block
changes one row.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import FrozenBy, Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, DateOnly, Json, LongText, ShortText, UtcDateTime


class Kind(StrEnum):
    """What sort of page a draft becomes; each has its own template and its own required fields."""

    SERVICE_PAGE = "service_page"
    NEWS_ARTICLE = "news_article"
    STEP_BY_STEP = "step_by_step"


class State(StrEnum):
    """Where a draft stands on its way to the website."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"  # ready: it may go on the website
    ARCHIVED = "archived"


class BlockKind(StrEnum):
    """What a block is. One list item is one block; items that follow each other form the list."""

    PARAGRAPH = "paragraph"
    HEADING2 = "heading2"
    HEADING3 = "heading3"
    HEADING4 = "heading4"
    BULLET = "bullet"
    NUMBER = "number"
    QUOTE = "quote"
    NOTE = "note"
    TABLE = "table"
    IMAGE = "image"


class Draft(Record):
    """One page on its way to the website, without its blocks."""

    __tablename__ = "content_draft"
    __table_args__ = (
        Index("ix_content_draft_state", "deleted", "state", "edited_at", "id"),
        Index("ix_content_draft_review", "state", "review_on"),
    )
    __policy__ = Policy(
        title="page",
        scope="team",
        merge={
            "kind": Merge.ONCE,
            "title": Merge.ASK,
            "summary": Merge.TEXT,
            "sent_back_note": Merge.LWW,
            "edited_at": Merge.MAX,
        },
        moves=Moves(
            field="state",
            start=("draft",),
            steps=(
                Step("draft", "review"),
                Step("review", "draft"),
                Step("review", "published", roles=("lead",), distinct_from="author_id"),
                Step("published", "draft"),
                Step("published", "review"),
                Step("draft", "archived", roles=("officer", "lead")),
                Step("review", "archived", roles=("officer", "lead")),
                Step("published", "archived", roles=("officer", "lead")),
                Step("archived", "draft", roles=("lead",)),
                Step("archived", "review"),
                Step("archived", "published", roles=("lead",), distinct_from="author_id"),
            ),
        ),
        search=SearchFields(title="title", body=("summary", "path", "contact_name"), detail=("path",)),
    )

    kind: Mapped[Kind] = mapped_column(Choice(Kind))
    state: Mapped[State] = mapped_column(Choice(State), default=State.DRAFT)
    title: Mapped[str] = mapped_column(ShortText(255), default="")
    summary: Mapped[str] = mapped_column(LongText(2_000), default="")  # the lead under the title
    language: Mapped[str] = mapped_column(ShortText(12), default="en-GB")  # or "cy"
    path: Mapped[str] = mapped_column(ShortText(400), default="")  # expected address, without the council's
    author_id: Mapped[str] = mapped_column(ShortText(64))  # who began it, then who sent it last
    author_name: Mapped[str] = mapped_column(ShortText(200))
    contact_name: Mapped[str] = mapped_column(ShortText(200), default="")  # who looks after the page
    contact_phone: Mapped[str] = mapped_column(ShortText(40), default="")
    review_on: Mapped[date | None] = mapped_column(DateOnly, default=None)  # next look at a published page
    news_on: Mapped[date | None] = mapped_column(DateOnly, default=None)  # day of a news article
    sent_back_note: Mapped[str] = mapped_column(LongText(4_000), default="")
    sent_back_by: Mapped[str] = mapped_column(ShortText(200), default="")
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)  # last change of state
    moved_by: Mapped[str] = mapped_column(ShortText(200), default="")
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)  # last change of words


class Block(Record):
    """One paragraph, heading, list item, table or picture of a draft.

    `text` holds words with Holdall's own marks (app.content.inline): **strong**, __emphasis__, [words](to).
    It cannot change once the page is with review: what one person approves is what was sent.
    """

    __tablename__ = "content_block"
    __table_args__ = (Index("ix_content_block_draft", "draft_id", "position", "id"),)
    __policy__ = Policy(
        title="part of a page",
        scope="team",
        merge={"draft_id": Merge.ONCE, "text": Merge.TEXT, "alt": Merge.ASK, "data": Merge.ASK},
        frozen_by=FrozenBy("content_draft", "draft_id", "state", ("review", "published", "archived")),
        search=SearchFields(title="text"),
        files=("data",),
    )

    draft_id: Mapped[str] = mapped_column(ShortText(36))
    kind: Mapped[BlockKind] = mapped_column(Choice(BlockKind))
    position: Mapped[str] = mapped_column(ShortText(200))
    text: Mapped[str] = mapped_column(LongText(100_000), default="")
    alt: Mapped[str] = mapped_column(LongText(2_000), default="")  # a picture in words
    data: Mapped[dict[str, Any] | None] = mapped_column(
        Json, default=None
    )  # rows of a table, file of a picture
