"""A page to check and a page in the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.content import service
from app.content.blocks import Block, Page
from app.context import Context
from models.content import BlockKind, Kind, State
from models.ids import new_id

P, H2, H3, H4, LI = (
    BlockKind.PARAGRAPH,
    BlockKind.HEADING2,
    BlockKind.HEADING3,
    BlockKind.HEADING4,
    BlockKind.BULLET,
)


def block(kind: BlockKind, text: str = "", **more: object) -> Block:
    """A block with a fresh id."""
    return Block(new_id(), kind, text, **more)  # type: ignore[arg-type]


def page(*blocks: Block, **fields: object) -> Page:
    """A service page that nothing is wrong with, but for the blocks and fields given."""
    body = blocks or (block(P, "Ring us and we come."),)
    fine = Page(
        new_id(),
        Kind.SERVICE_PAGE,
        State.DRAFT,
        "Report a missed bin",
        "Tell us, and we come back.",
        tuple(body),
        author_id="u-1",
        author_name="Tomos Aldgate",
        contact_name="Waste team",
    )
    return replace(fine, **fields)  # type: ignore[arg-type]


@pytest.fixture
def draft_id(context: Context) -> str:
    """A draft in the store that may go to review."""
    made, _ = context.write("New page", lambda s: service.create(s, Kind.SERVICE_PAGE, "Report a missed bin"))
    before = context.read(lambda s: service.load(s, made)).blocks
    after = (block(P, "Ring us and we come."), block(H2, "What next"), block(P, "We send a text."))
    edit = service.Edit(summary="Tell us, and we come back.", before=before, after=after)
    context.write("Write", lambda s: service.save(s, made, edit))
    context.write("Name the contact", lambda s: service.set_contact(s, made, "Waste team", "01632 960 200"))
    return made
