"""What keys do to the document: splitting, joining, kinds, marks, pasting. Every act is one step of undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument

from app.content import inline
from app.content.blocks import LISTS, OBJECTS, SUMMARY, TITLE, Block
from app.content.inline import Run
from models.content import BlockKind
from models.ids import new_id
from ui.content import mapping
from ui.content.mapping import OBJECT_SIGN, block_format, id_of, is_object, kind_of

P = BlockKind.PARAGRAPH.value
FIELDS = (TITLE, SUMMARY)
_LISTS = {kind.value for kind in LISTS}
_OBJECTS = {kind.value for kind in OBJECTS}
_SHORTHAND = {
    "-": BlockKind.BULLET,
    "*": BlockKind.BULLET,
    "1.": BlockKind.NUMBER,
    "##": BlockKind.HEADING2,
    "###": BlockKind.HEADING3,
    "####": BlockKind.HEADING4,
    ">": BlockKind.QUOTE,
}


def set_shape(cursor: QTextCursor, kind: str, block_id: str) -> None:
    """Gives the paragraph at the cursor a kind and an id."""
    above = cursor.block().previous()
    cursor.setBlockFormat(block_format(kind, block_id, kind_of(above) if above.isValid() else ""))


def split(cursor: QTextCursor) -> QTextCursor:
    """Enter: a new block below. The words keep their id where the caret stands before them.

    In title and lead it moves on to what comes next; an empty list item becomes text.
    """
    cursor.beginEditBlock()
    cursor.removeSelectedText()
    block, kind = cursor.block(), kind_of(cursor.block())
    if kind == TITLE:
        cursor.setPosition(block.next().position())
    elif kind == SUMMARY:
        cursor = _into_body(cursor)
    elif is_object(kind):
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        cursor.insertBlock(block_format(P, new_id(), kind), QTextCharFormat())
    elif kind in _LISTS and not block.text():
        set_shape(cursor, P, id_of(block))
    elif cursor.atBlockStart() and block.text():
        own = id_of(block)
        cursor.insertBlock(block_format(kind, own, kind), cursor.charFormat())
        upper = QTextCursor(cursor.block().previous())
        set_shape(upper, P if kind.startswith("heading") else kind, new_id())
    else:
        goes_on = kind if kind in _LISTS else P
        cursor.insertBlock(block_format(goes_on, new_id(), kind), QTextCharFormat())
    cursor.endEditBlock()
    return cursor


def _into_body(cursor: QTextCursor) -> QTextCursor:
    """From the lead to the body: into its first block where that is empty text, else into a new one."""
    below = cursor.block().next()
    if below.isValid() and kind_of(below) == P and not below.text():
        cursor.setPosition(below.position())
    else:
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        cursor.insertBlock(block_format(P, new_id(), SUMMARY), QTextCharFormat())
    return cursor


def backspace(cursor: QTextCursor) -> bool:
    """Backspace at the start of a block: list and heading become text, text joins what stands above.

    False where the key has its usual meaning.
    """
    block, kind = cursor.block(), kind_of(cursor.block())
    if is_object(kind):
        remove(cursor)
        return True
    if cursor.hasSelection() or not cursor.atBlockStart():
        return False
    above = block.previous()
    if kind in FIELDS:
        if kind == SUMMARY:
            cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter)
        return True
    if kind != P:
        cursor.beginEditBlock()
        set_shape(cursor, P, id_of(block))
        cursor.endEditBlock()
        return True
    if kind_of(above) in FIELDS or is_object(kind_of(above)):
        if not block.text() and block.next().isValid():
            remove(cursor)
        cursor.setPosition(above.position() + above.length() - 1)
        return True
    return join(cursor, above)


def join(cursor: QTextCursor, above: QTextBlock) -> bool:
    """Joins the block at the cursor to the one above, which keeps its id and kind (the lower one's where
    the upper is empty)."""
    lower = cursor.block()
    keep = lower if not above.text() else above
    kind, block_id = kind_of(keep), id_of(keep)
    cursor.beginEditBlock()
    cursor.setPosition(lower.position())
    cursor.deletePreviousChar()
    set_shape(cursor, kind, block_id)
    cursor.endEditBlock()
    return True


def delete_forward(cursor: QTextCursor) -> bool:
    """Delete at the end of a block, the mirror of Backspace; False where the key has its usual meaning."""
    block, kind = cursor.block(), kind_of(cursor.block())
    if is_object(kind):
        remove(cursor)
        return True
    if cursor.hasSelection() or not cursor.atBlockEnd():
        return False
    below = block.next()
    if kind in FIELDS or not below.isValid():
        return True
    if is_object(kind_of(below)):
        cursor.setPosition(below.position())
        return True
    place = cursor.position()
    cursor.setPosition(below.position())
    join(cursor, block)
    cursor.setPosition(place)
    return True


def remove(cursor: QTextCursor) -> None:
    """Takes the block at the cursor away, the last one's words only."""
    block = cursor.block()
    cursor.beginEditBlock()
    below, above = block.next(), block.previous()
    if kind_of(above) in FIELDS and not below.isValid():
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        cursor.setPosition(block.position())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        set_shape(cursor, P, new_id())
    else:
        shape = above.blockFormat()
        cursor.setPosition(above.position() + above.length() - 1)
        cursor.setPosition(block.position() + block.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(shape)
    cursor.endEditBlock()


def shorthand(cursor: QTextCursor) -> bool:
    """A space after "-", "1.", "##" or ">" at the start of a text makes it a list, heading or quote."""
    block = cursor.block()
    typed = block.text()[: cursor.positionInBlock()]
    if kind_of(block) != P or cursor.hasSelection() or typed not in _SHORTHAND:
        return False
    cursor.beginEditBlock()
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    set_shape(cursor, _SHORTHAND[typed].value, id_of(block))
    cursor.endEditBlock()
    return True


def selected_blocks(cursor: QTextCursor) -> list[QTextBlock]:
    """The paragraphs a selection touches."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    last = document.findBlock(cursor.selectionEnd())
    out = [block]
    while block.isValid() and block.blockNumber() < last.blockNumber():
        block = block.next()
        out.append(block)
    return out


def set_kind(cursor: QTextCursor, kind: BlockKind) -> None:
    """Makes every text block of the selection one of this kind; asked again, plain text."""
    blocks = [b for b in selected_blocks(cursor) if kind_of(b) not in FIELDS and not is_object(kind_of(b))]
    same = all(kind_of(block) == kind.value for block in blocks)
    cursor.beginEditBlock()
    for block in blocks:
        set_shape(QTextCursor(block), P if same else kind.value, id_of(block))
    cursor.endEditBlock()


def replace_words(document: QTextDocument, block_id: str, start: int, end: int, text: str) -> None:
    """Puts other words between two places (Python's counting) of a block; they take over its looks there."""
    block = find(document, block_id)
    if block is None:
        return
    plain = "".join(run.text for run in mapping.runs_of(block))
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + mapping.utf16(plain, start))
    probe = QTextCursor(cursor)
    if start < end:
        probe.movePosition(QTextCursor.MoveOperation.NextCharacter)
    shape = probe.charFormat()
    cursor.setPosition(block.position() + mapping.utf16(plain, end), QTextCursor.MoveMode.KeepAnchor)
    cursor.beginEditBlock()
    cursor.insertText(text, shape)
    cursor.endEditBlock()


def find(document: QTextDocument, block_id: str) -> QTextBlock | None:
    """The paragraph of a block, by its id."""
    return next((block for block in mapping.paragraphs(document) if id_of(block) == block_id), None)


def replace_block(document: QTextDocument, block: Block) -> None:
    """Writes a block anew in its place, as one step of undo."""
    found = find(document, block.id)
    if found is None:
        return
    cursor = QTextCursor(found)
    cursor.beginEditBlock()
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    set_shape(cursor, block.kind.value, block.id)
    mapping.fill_block(cursor, block)
    cursor.endEditBlock()


def insert_blocks(cursor: QTextCursor, blocks: Sequence[Block]) -> None:
    """Pastes blocks at the cursor: words of a single text go into the line, more become blocks below."""
    if not blocks:
        return
    cursor.beginEditBlock()
    cursor.removeSelectedText()
    kind = kind_of(cursor.block())
    if kind in FIELDS:
        words = " ".join(block.plain for block in blocks if block.plain)
        cursor.insertText(" ".join(words.split()), QTextCharFormat())
    else:
        _insert_body(cursor, list(blocks), kind)
    cursor.endEditBlock()


def _insert_body(cursor: QTextCursor, blocks: list[Block], kind: str) -> None:
    first = blocks[0]
    if is_object(kind):
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    elif not cursor.block().text():
        own = id_of(cursor.block())
        if len(blocks) > 1 or first.kind is not BlockKind.PARAGRAPH:
            set_shape(cursor, first.kind.value, first.id if first.kind in OBJECTS else own)
        mapping.fill_block(cursor, first)
        blocks = blocks[1:]
    elif first.kind not in OBJECTS:
        mapping.insert_runs(cursor, first.runs)
        blocks = blocks[1:]
    if not blocks:
        return
    tail = _cut_tail(cursor)
    for block in blocks:
        above = kind_of(cursor.block())
        cursor.insertBlock(block_format(block.kind.value, block.id, above), QTextCharFormat())
        mapping.fill_block(cursor, block)
    if tail:
        if blocks[-1].kind in OBJECTS:
            cursor.insertBlock(block_format(P, new_id()), QTextCharFormat())
        place = cursor.position()
        mapping.insert_runs(cursor, tail)
        cursor.setPosition(place)


def _cut_tail(cursor: QTextCursor) -> inline.Runs:
    """Takes the words after the cursor out of its block."""
    block = cursor.block()
    if is_object(kind_of(block)) or cursor.atBlockEnd():
        return ()
    runs = mapping.runs_of(block, cursor.positionInBlock())
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    return runs


def copied(cursor: QTextCursor, objects: dict[str, Block]) -> list[Block]:
    """The selection as blocks with fresh ids."""
    out: list[Block] = []
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    for block in selected_blocks(cursor):
        kind = kind_of(block)
        if is_object(kind):
            held = objects.get(id_of(block))
            if held is not None:
                out.append(replace(held, id=new_id()))
            continue
        first = max(0, start - block.position())
        last = min(block.length() - 1, end - block.position())
        runs = mapping.runs_of(block, first, last)
        shown = BlockKind.PARAGRAPH if kind in FIELDS else BlockKind(kind)
        out.append(Block(new_id(), shown, inline.write(runs)))
    return out


def set_link(cursor: QTextCursor, href: str) -> None:
    """Makes the selection (or the link at the cursor) lead to an address; an empty one unlinks it."""
    if not cursor.hasSelection():
        cursor = whole_link(cursor)
    shape = QTextCharFormat()
    shape.setAnchor(bool(href))
    shape.setAnchorHref(href)
    cursor.beginEditBlock()
    if not cursor.hasSelection() and href:
        cursor.insertText(href, mapping.run_format(Run(href, href=href)))
    else:
        cursor.mergeCharFormat(shape)
    cursor.endEditBlock()


def whole_link(cursor: QTextCursor) -> QTextCursor:
    """The cursor with the whole link it stands in selected; as it was where it stands in none."""
    block = cursor.block()
    place = cursor.position()
    step = block.begin()
    while not step.atEnd():
        fragment = step.fragment()
        begin, end = fragment.position(), fragment.position() + fragment.length()
        if fragment.charFormat().isAnchor() and begin <= place <= end:
            found = QTextCursor(block)
            found.setPosition(begin)
            found.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            return found
        step += 1
    return cursor


def repair(document: QTextDocument) -> None:
    """Brings the document back into shape after any edit: title and lead first, every block its own id,
    objects alone in their paragraph, spaces between blocks as their kinds want. Joins the last undo step."""
    cursor = QTextCursor(document)
    cursor.joinPreviousEditBlock()
    _repair_fields(document)
    seen: set[str] = set()
    above = SUMMARY
    number = 2
    while (block := document.findBlockByNumber(number)).isValid():
        kind, block_id = kind_of(block), id_of(block)
        text = block.text()
        if kind in FIELDS or (kind in _OBJECTS and text != OBJECT_SIGN):
            _clear_signs(block)
            kind, block_id = P, ""
        elif kind not in _OBJECTS and OBJECT_SIGN in text:
            _clear_signs(block)
        if not block_id or block_id in seen:
            block_id = new_id()
        seen.add(block_id)
        wanted = block_format(kind, block_id, above)
        if wanted != block.blockFormat():
            QTextCursor(block).setBlockFormat(wanted)
        above = kind
        number += 1
    cursor.endEditBlock()


def _repair_fields(document: QTextDocument) -> None:
    first = document.begin()
    if first.blockFormat() != block_format(TITLE, TITLE):
        QTextCursor(first).setBlockFormat(block_format(TITLE, TITLE))
    second = first.next()
    if kind_of(second) != SUMMARY if second.isValid() else True:
        cursor = QTextCursor(first)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        cursor.insertBlock(block_format(SUMMARY, SUMMARY), QTextCharFormat())
        second = cursor.block()
    if not second.next().isValid():
        cursor = QTextCursor(second)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        cursor.insertBlock(block_format(P, new_id()), QTextCharFormat())


def _clear_signs(block: QTextBlock) -> None:
    """Takes object signs out of a paragraph."""
    text = block.text()
    for place in range(len(text) - 1, -1, -1):
        if text[place] == OBJECT_SIGN:
            cursor = QTextCursor(block)
            cursor.setPosition(block.position() + mapping.utf16(text, place))
            cursor.deleteChar()
