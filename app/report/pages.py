"""Pages: pieces set one below the other, cut or moved where a page ends, then drawn in their frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.report import fonts
from app.report.blocks import Document
from app.report.pieces import Break, Pen, Piece
from app.report.style import (
    FOOT_LINE,
    FOOT_RULE,
    HEAD_LINE,
    HEAD_RULE,
    LINE,
    LOG_LINE,
    MARGIN,
    MUTED,
    PAGE_WIDTH,
    ROOM,
    TOP,
    WIDTH,
    ink,
)
from app.report.text import drawable, width
from app.wording import long_day

SMALL = 9.0


@dataclass
class Sheet:
    """One page: its pieces, each with how far below the top it begins."""

    pieces: list[tuple[Piece, float]] = field(default_factory=list)
    used: float = 0.0
    after: float = 0.0  # the air the last piece asks for

    def gap(self, piece: Piece) -> float:
        """The air above a piece if it came next: the larger of what both ask for, none at the top."""
        return max(self.after, piece.before) if self.pieces else 0.0

    def put(self, piece: Piece) -> None:
        """Sets a piece below the others."""
        start = self.used + self.gap(piece)
        self.pieces.append((piece, start))
        self.used, self.after = start + piece.height, piece.after


def paginate(pieces: Iterable[Piece]) -> list[Sheet]:
    """The pages of the pieces. What `keeps` stays with the beginning of what follows; nothing is lost: a
    piece that can neither be cut nor fit a page of its own still gets one."""
    waiting, sheets = deque(pieces), [Sheet()]
    while waiting:
        piece, sheet = waiting.popleft(), sheets[-1]
        if isinstance(piece, Break):
            if sheet.pieces:
                sheets.append(Sheet())
            continue
        room = ROOM - sheet.used - sheet.gap(piece)
        if sheet.pieces and _bound(piece, waiting) > room:
            sheets.append(Sheet())
            waiting.appendleft(piece)
            continue
        parts = None if piece.height <= room + 0.01 else piece.split(room)
        if parts is None:
            sheet.put(piece)
            continue
        sheet.put(parts[0])
        sheets.append(Sheet())
        waiting.appendleft(parts[1])
    if len(sheets) > 1 and not sheets[-1].pieces:
        sheets.pop()
    return sheets


def _bound(piece: Piece, following: deque[Piece]) -> float:
    """The height that must have room for a piece to begin here."""
    needed, current = 0.0, piece
    for after in following:
        if not current.keeps:
            break
        needed += current.height + max(current.after, after.before)
        current = after
    return needed + min(current.least, ROOM)


def draw(sheets: list[Sheet], pen: Pen, paper: Document, log: str = "") -> None:
    """Draws every page; header and footer are artifacts, which readers pass over. `log` says on which log
    the paper stands, where it is sealed."""
    for number, sheet in enumerate(sheets, 1):
        with pen.marks.artifact(pen.canvas, "Header"):
            _header(pen, paper)
        for piece, start in sheet.pieces:
            piece.draw(pen, TOP - start)
        with pen.marks.artifact(pen.canvas, "Footer"):
            _footer(pen, paper, number, len(sheets))
            if log:
                _small(pen.canvas, log, LOG_LINE, "left")
        pen.canvas.showPage()
        if number < len(sheets):
            pen.marks.next_page()


def _header(pen: Pen, paper: Document) -> None:
    made = f"Made {long_day(paper.made_on)}"
    _small(pen.canvas, made, HEAD_LINE, "right")
    _small(pen.canvas, paper.council, HEAD_LINE, "left", WIDTH - width(made, fonts.REGULAR, SMALL) - 20)
    pen.rule(MARGIN, HEAD_RULE, PAGE_WIDTH - MARGIN, HEAD_RULE, paper.hue, 2)


def _footer(pen: Pen, paper: Document, number: int, total: int) -> None:
    pen.rule(MARGIN, FOOT_RULE, PAGE_WIDTH - MARGIN, FOOT_RULE, LINE, 0.7)
    third = WIDTH / 3 - 6
    if paper.reference:
        _small(pen.canvas, f"Reference {paper.reference}", FOOT_LINE, "left", third)
    if paper.telephone:
        _small(pen.canvas, f"Questions: {paper.telephone}", FOOT_LINE, "middle", third)
    _small(pen.canvas, f"Page {number} of {total}", FOOT_LINE, "right")


def _small(canvas: Any, text: str, y: float, where: str, room: float = WIDTH) -> None:
    """One line of page furniture, set smaller and at last cut where it would run into its neighbour."""
    shown = drawable(" ".join(text.split()))
    size = max(6.5, min(SMALL, SMALL * room / max(width(shown, fonts.REGULAR, SMALL), 0.1)))
    while len(shown) > 1 and width(shown, fonts.REGULAR, size) > room + 0.5:
        shown = f"{shown[:-2].rstrip()}…"
    canvas.setFont(fonts.REGULAR, size)
    canvas.setFillColor(ink(MUTED))
    if where == "left":
        canvas.drawString(MARGIN, y, shown)
    elif where == "right":
        canvas.drawRightString(PAGE_WIDTH - MARGIN, y, shown)
    else:
        canvas.drawCentredString(PAGE_WIDTH / 2, y, shown)
