"""The stretches of a page that checks speak of, and how they are marked on the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit

from ui.content import mapping
from ui.content.mapping import id_of
from ui.theme import theme


@dataclass(frozen=True)
class Mark:
    """A stretch of a block (Python's counting) that a check speaks of; `tone` is "mark" or a tone's tint."""

    block_id: str
    start: int
    end: int
    tone: str = "mark"


def selections(document: QTextDocument, marks: Sequence[Mark]) -> list[QTextEdit.ExtraSelection]:
    """The marks as the editor paints them; one whose block is gone is left out."""
    found = {id_of(block): block for block in mapping.paragraphs(document)}
    shown = []
    for mark in marks:
        block = found.get(mark.block_id)
        if block is None or mark.start >= mark.end:
            continue
        text, last = block.text(), block.length() - 1
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(last, mapping.utf16(text, mark.start)))
        place = block.position() + min(last, mapping.utf16(text, mark.end))
        cursor.setPosition(place, QTextCursor.MoveMode.KeepAnchor)
        selection = QTextEdit.ExtraSelection()
        extra: Any = selection  # PySide6's stubs leave the two fields out
        extra.cursor, extra.format = cursor, _look(mark.tone)
        shown.append(selection)
    return shown


def _look(tone: str) -> QTextCharFormat:
    """The ground of a mark; a dashed line in high contrast."""
    shape, t = QTextCharFormat(), theme()
    if t.contrast:
        shape.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
    else:
        shape.setBackground(t.colour("mark") if tone == "mark" else t.tint(tone, "surface"))
    return shape
