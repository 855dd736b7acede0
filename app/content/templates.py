"""What a new page of each kind begins with: its blocks, its required fields, its words on screen."""

from __future__ import annotations

from dataclasses import dataclass

from models.content import BlockKind, Kind, State


@dataclass(frozen=True)
class Template:
    """One kind of page: its name, what it is for, the blocks it begins with."""

    kind: Kind
    name: str
    purpose: str
    blocks: tuple[tuple[BlockKind, str], ...]


P, H2, LI, N = BlockKind.PARAGRAPH, BlockKind.HEADING2, BlockKind.BULLET, BlockKind.NUMBER

TEMPLATES: tuple[Template, ...] = (
    Template(
        Kind.SERVICE_PAGE,
        "Service page",
        "How to do one thing with the council: report, apply, pay.",
        ((P, ""), (H2, "Before you start"), (LI, ""), (H2, "What happens next"), (P, "")),
    ),
    Template(
        Kind.NEWS_ARTICLE,
        "News article",
        "Something that happened or will happen, with its day.",
        ((P, ""), (P, ""), (H2, "Find out more"), (P, "")),
    ),
    Template(
        Kind.STEP_BY_STEP,
        "Step by step",
        "A task of several steps, in order. Each heading 2 begins a step.",
        (
            (P, ""),
            (H2, "Check that you can apply"),
            (P, ""),
            (H2, "Apply"),
            (P, ""),
            (H2, "What happens then"),
            (P, ""),
        ),
    ),
)
NAMES = {template.kind: template.name for template in TEMPLATES}

BLOCK_NAMES = {
    BlockKind.PARAGRAPH: "Text",
    BlockKind.HEADING2: "Heading 2",
    BlockKind.HEADING3: "Heading 3",
    BlockKind.HEADING4: "Heading 4",
    BlockKind.BULLET: "Bulleted list",
    BlockKind.NUMBER: "Numbered list",
    BlockKind.QUOTE: "Quote",
    BlockKind.NOTE: "Note",
    BlockKind.TABLE: "Table",
    BlockKind.IMAGE: "Picture",
}

STATE_NAMES = {
    State.DRAFT: "Draft",
    State.REVIEW: "In review",
    State.PUBLISHED: "Published",
    State.ARCHIVED: "Archived",
}

REVIEW_MONTHS = (3, 6, 12, 18, 24, 36)


def template_of(kind: Kind) -> Template:
    """The template of a kind."""
    return next(template for template in TEMPLATES if template.kind is kind)
