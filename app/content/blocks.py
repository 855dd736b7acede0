"""A page in memory: its fields and its blocks, as rules, files, paper and the editor all see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.content import inline
from models.content import BlockKind, Kind, State

HEADINGS = {BlockKind.HEADING2: 2, BlockKind.HEADING3: 3, BlockKind.HEADING4: 4}
LISTS = (BlockKind.BULLET, BlockKind.NUMBER)
OBJECTS = (BlockKind.TABLE, BlockKind.IMAGE)
PROSE = (BlockKind.PARAGRAPH, *LISTS, BlockKind.QUOTE, BlockKind.NOTE)

TITLE = "title"  # the two fields of a page that findings can point at, beside block ids
SUMMARY = "summary"


@dataclass(frozen=True)
class Table:
    """A simple table: a header row, rows of the same length, words only."""

    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], caption: str = "") -> Table:
        """A table whose rows all have the length of the longest; at least one cell."""
        width = max((len(row) for row in rows), default=1) or 1
        full = tuple((*row, *[""] * (width - len(row))) for row in rows)
        return cls(full or (("",),), caption)


@dataclass(frozen=True)
class Picture:
    """A picture's file: its place in the store, its name, its size in pixels."""

    sha256: str
    name: str
    mime: str
    width: int
    height: int


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, list item, quote, note, table or picture; `text` is in written form."""

    id: str
    kind: BlockKind
    text: str = ""
    alt: str = ""
    table: Table | None = None
    picture: Picture | None = None

    @property
    def runs(self) -> inline.Runs:
        """The words with their looks."""
        return inline.read(self.text)

    @property
    def plain(self) -> str:
        """The words alone."""
        return inline.plain(self.text)

    @property
    def level(self) -> int:
        """2 to 4 for a heading, 0 otherwise."""
        return HEADINGS.get(self.kind, 0)


@dataclass(frozen=True)
class Page:
    """One page: what a draft record holds, and its blocks in order."""

    id: str
    kind: Kind
    state: State
    title: str
    summary: str
    blocks: tuple[Block, ...]
    language: str = "en-GB"
    path: str = ""
    author_id: str = ""
    author_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    review_on: date | None = None
    news_on: date | None = None
    sent_back_note: str = ""
    sent_back_by: str = ""
    moved_at: datetime | None = None
    moved_by: str = ""
    edited_at: datetime | None = None

    def block(self, block_id: str) -> Block | None:
        """The block with this id, or None."""
        return next((block for block in self.blocks if block.id == block_id), None)

    @property
    def words(self) -> int:
        """Words of the body and the lead, as the editor counts them."""
        texts = [self.summary, *(block.plain for block in self.blocks)]
        return sum(len(text.split()) for text in texts)
