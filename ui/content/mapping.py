"""A page as a text document and back: one paragraph of the document is one block, with its id and kind.

The document is only a view. Title and lead are its first two paragraphs; a table or picture is a paragraph
that holds one object sign, its data stays beside the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtGui import (
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from app.content import inline
from app.content.blocks import HEADINGS, LISTS, OBJECTS, SUMMARY, TITLE, Block
from app.content.inline import Run
from models.content import BlockKind
from ui.theme import theme

OBJECT_SIGN = "\ufffc"
OBJECT_TYPE = int(QTextFormat.ObjectTypes.UserObject) + 1
GUTTER = 42  # width of the words that name a block's kind, at 100 %
GAP = 14  # between the rule of the current block and its words
INDENT = 18  # of list items and notes


class Prop(IntEnum):
    """What Holdall keeps on a paragraph's format."""

    KIND = int(QTextFormat.Property.UserProperty) + 1
    ID = int(QTextFormat.Property.UserProperty) + 2


@dataclass(frozen=True)
class Written:
    """What stands in the editor: title, lead, blocks."""

    title: str
    summary: str
    blocks: tuple[Block, ...]


def kind_of(block: QTextBlock) -> str:
    """The kind of a paragraph: "title", "summary", or the value of a BlockKind."""
    return str(block.blockFormat().property(Prop.KIND) or BlockKind.PARAGRAPH.value)


def id_of(block: QTextBlock) -> str:
    """The id of a paragraph's block; "title" or "summary" for the first two."""
    return str(block.blockFormat().property(Prop.ID) or "")


def is_object(kind: str) -> bool:
    """Whether a paragraph of this kind holds a table or picture and no words."""
    return kind in {member.value for member in OBJECTS}


def left_margin(kind: str) -> int:
    """Where the words of a block begin, from the left of the sheet, in pixels."""
    inset = {BlockKind.BULLET: INDENT, BlockKind.NUMBER: INDENT + 4, BlockKind.NOTE: INDENT}
    inset[BlockKind.QUOTE] = INDENT
    extra = next((space for member, space in inset.items() if member.value == kind), 0)
    return theme().wide(GUTTER) + GAP + 6 + extra


def block_format(kind: str, block_id: str, after: str = "") -> QTextBlockFormat:
    """The format of a paragraph; `after` is the kind above it, as list items stand closer together."""
    shape = QTextBlockFormat()
    shape.setProperty(Prop.KIND, kind)
    shape.setProperty(Prop.ID, block_id)
    shape.setLeftMargin(left_margin(kind))
    shape.setRightMargin(12)
    top, bottom = 8, 8
    if kind in {member.value for member in LISTS}:
        top, bottom = (1 if after == kind else 8), 1
    elif kind == TITLE:
        top, bottom = 10, 2
    elif kind == SUMMARY:
        top, bottom = 8, 10
    elif kind in {member.value for member in HEADINGS}:
        top, bottom = 14, 4
    elif kind == BlockKind.NOTE.value:
        top, bottom = 14, 14
    shape.setTopMargin(top)
    shape.setBottomMargin(bottom)
    if not is_object(kind):
        shape.setLineHeight(116, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
    if kind in {member.value for member in HEADINGS}:
        shape.setHeadingLevel(HEADINGS[BlockKind(kind)])
    return shape


def font_role(kind: str) -> str:
    """The theme's font role for a kind's words."""
    roles = {
        TITLE: "question",
        SUMMARY: "lead",
        BlockKind.HEADING2.value: "subfigure",
        BlockKind.HEADING3.value: "section",
        BlockKind.HEADING4.value: "strong",
    }
    return roles.get(kind, "body")


def run_format(run: Run) -> QTextCharFormat:
    """The looks of a run; links are drawn by the highlighter, which knows the theme."""
    shape = QTextCharFormat()
    if run.bold:
        shape.setFontWeight(QFont.Weight.DemiBold)
    if run.italic:
        shape.setFontItalic(True)
    if run.href:
        shape.setAnchor(True)
        shape.setAnchorHref(run.href)
    return shape


def object_format(block_id: str) -> QTextCharFormat:
    """The format of the one sign that stands for a table or picture."""
    shape = QTextCharFormat()
    shape.setObjectType(OBJECT_TYPE)
    shape.setProperty(Prop.ID, block_id)
    return shape


def insert_runs(cursor: QTextCursor, runs: inline.Runs) -> None:
    """Writes runs at the cursor."""
    for run in runs:
        cursor.insertText(run.text.replace("\n", "\u2028"), run_format(run))


def fill_block(cursor: QTextCursor, block: Block) -> None:
    """Writes a block's words, or its object sign, into the empty paragraph at the cursor."""
    if block.kind in OBJECTS:
        cursor.insertText(OBJECT_SIGN, object_format(block.id))
    else:
        insert_runs(cursor, block.runs)


def fill(document: QTextDocument, written: Written) -> None:
    """Replaces everything in the document; what could be undone before is gone."""
    document.setUndoRedoEnabled(False)
    document.clear()
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    cursor.setBlockFormat(block_format(TITLE, TITLE))
    cursor.insertText(written.title)
    cursor.insertBlock(block_format(SUMMARY, SUMMARY), QTextCharFormat())
    cursor.insertText(written.summary)
    above = SUMMARY
    for block in written.blocks:
        cursor.insertBlock(block_format(block.kind.value, block.id, above), QTextCharFormat())
        fill_block(cursor, block)
        above = block.kind.value
    cursor.endEditBlock()
    document.setUndoRedoEnabled(True)
    document.setModified(False)


def paragraphs(document: QTextDocument) -> Iterator[QTextBlock]:
    """The paragraphs of a document, in order."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def runs_of(block: QTextBlock, start: int = 0, end: int | None = None) -> inline.Runs:
    """The runs of a paragraph between two places of the document's own counting (UTF-16)."""
    out: list[Run] = []
    step = block.begin()
    first = block.position() + start
    last = block.position() + (block.length() - 1 if end is None else end)
    while not step.atEnd():
        fragment = step.fragment()
        begin, stop = fragment.position(), fragment.position() + fragment.length()
        a, b = max(begin, first), min(stop, last)
        if a < b:
            text = _utf16_cut(fragment.text(), a - begin, b - begin).replace("\u2028", "\n")
            shape = fragment.charFormat()
            href = shape.anchorHref() if shape.isAnchor() else ""
            bold = shape.fontWeight() >= QFont.Weight.DemiBold
            out.append(Run(text.replace(OBJECT_SIGN, ""), bold, shape.fontItalic(), href))
        step += 1
    return inline.joined(out)


def _utf16_cut(text: str, start: int, end: int) -> str:
    if len(text) == end - start and start == 0:
        return text
    return text.encode("utf-16-le", "surrogatepass")[start * 2 : end * 2].decode("utf-16-le", "replace")


def utf16(text: str, place: int) -> int:
    """A place in Python's counting as the document counts it."""
    return place if text.isascii() else len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def block_from(paragraph: QTextBlock, objects: dict[str, Block]) -> Block | None:
    """The block a paragraph stands for; None for title and lead and for an object without data."""
    kind, block_id = kind_of(paragraph), id_of(paragraph)
    if kind in (TITLE, SUMMARY):
        return None
    if is_object(kind):
        return objects.get(block_id)
    runs = runs_of(paragraph)
    if kind in {member.value for member in HEADINGS}:
        runs = inline.joined(Run(run.text) for run in runs)
    return Block(block_id, BlockKind(kind), inline.write(runs))


def read(document: QTextDocument, objects: dict[str, Block]) -> Written:
    """What stands in the document."""
    title = summary = ""
    blocks: list[Block] = []
    for paragraph in paragraphs(document):
        kind = kind_of(paragraph)
        if kind == TITLE:
            title = paragraph.text().replace("\u2028", " ")
        elif kind == SUMMARY:
            summary = paragraph.text().replace("\u2028", " ")
        elif (block := block_from(paragraph, objects)) is not None:
            blocks.append(block)
    return Written(title, summary, tuple(blocks))
