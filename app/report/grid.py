"""Tables on paper: columns as wide as their words need, rows over many pages, a repeated heading row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.report import fonts
from app.report.pieces import Pen, Piece
from app.report.style import BLACK, LINE, MARGIN, ROLES, SOFT, TEXT, WIDTH, Role, ink
from app.report.tags import Element
from app.report.text import Line, Run, differs, lines, longest_word, width

TALL = 200.0  # a row higher than this is cut at the foot of a page instead of being moved


@dataclass(frozen=True)
class Cell:
    """One cell: its lines, how they are set, whether they stand right, and its element."""

    lines: tuple[Line, ...]
    role: Role
    right: bool
    element: Element


@dataclass(frozen=True)
class GridRow:
    """One row of cells, with its height in points."""

    cells: tuple[Cell, ...]
    height: float


@dataclass(frozen=True)
class Frame:
    """What the parts of one table share: the columns, the air in a cell, the heading row."""

    lefts: tuple[float, ...]
    widths: tuple[float, ...]
    side: float
    above: float
    below: float
    head: GridRow | None
    total: GridRow | None


class Grid(Piece):
    """A table or what is left of it on a later page; the heading row is an artifact from the second on."""

    def __init__(self, frame: Frame, rows: Sequence[GridRow], first: bool = True) -> None:
        self.frame, self.rows, self.first = frame, list(rows), first
        self.after = 12.0
        self.head_height = frame.head.height if frame.head else 0.0
        self.height = self.head_height + sum(row.height for row in self.rows)

    @property
    def least(self) -> float:
        """The heading with one row; a very tall row may be cut."""
        first = min(self.rows[0].height, TALL) if self.rows else 0.0
        if len(self.rows) == 2 and self.rows[1] is self.frame.total:
            first += self.rows[1].height
        return self.head_height + first

    def split(self, room: float) -> tuple[Piece, Piece] | None:
        """Cut between rows; the total is never parted from the row above it, nor one row left alone."""
        left, count = room - self.head_height, 0
        for row in self.rows:
            if row.height > left + 0.01:
                break
            left -= row.height
            count += 1
        if count == len(self.rows) - 1 and (self.rows[-1] is self.frame.total or count > 2):
            count -= 1
        tall = self.rows[count] if 0 <= count < len(self.rows) else None
        if tall is not None and tall.height > TALL:
            parts = self._cut_row(tall, left)
            if parts is not None:
                above, below = [*self.rows[:count], parts[0]], [parts[1], *self.rows[count + 1 :]]
                return self._parts(above, below)
        if count < 1:
            return None
        return self._parts(self.rows[:count], self.rows[count:])

    def _parts(self, above: list[GridRow], below: list[GridRow]) -> tuple[Piece, Piece]:
        return Grid(self.frame, above, self.first), Grid(self.frame, below, False)

    def _cut_row(self, row: GridRow, room: float) -> tuple[GridRow, GridRow] | None:
        leading = max(cell.role.leading for cell in row.cells)
        cut = int((room - self.frame.above - self.frame.below) / leading)
        if cut < 3:
            return None
        return (
            self._row_of([replace(c, lines=c.lines[:cut]) for c in row.cells]),
            self._row_of([replace(c, lines=c.lines[cut:]) for c in row.cells]),
        )

    def _row_of(self, cells: list[Cell]) -> GridRow:
        return made_row(cells, self.frame.above, self.frame.below)

    def draw(self, pen: Pen, top: float) -> None:
        """Ground and rules as artifacts, then the cells row by row."""
        f, y = self.frame, top
        with pen.marks.artifact(pen.canvas):
            if f.head is not None:
                pen.canvas.setFillColor(ink(SOFT))
                pen.canvas.rect(MARGIN, top - self.head_height, WIDTH, self.head_height, stroke=0, fill=1)
                y -= self.head_height
                pen.rule(MARGIN, y, MARGIN + WIDTH, y, TEXT, 0.8)
            for number, row in enumerate(self.rows):
                if row is f.total:
                    pen.rule(MARGIN, y, MARGIN + WIDTH, y, BLACK, 1.2)
                y -= row.height
                if row is not f.total and not (
                    number + 1 < len(self.rows) and self.rows[number + 1] is f.total
                ):
                    pen.rule(MARGIN, y, MARGIN + WIDTH, y, LINE, 0.6)
        y = top
        if f.head is not None:
            if self.first:
                self._row(pen, f.head, y)
            else:
                with pen.marks.artifact(pen.canvas):
                    self._row(pen, f.head, y, bare=True)
            y -= self.head_height
        for row in self.rows:
            self._row(pen, row, y)
            y -= row.height

    def _row(self, pen: Pen, row: GridRow, top: float, bare: bool = False) -> None:
        f = self.frame
        for left, wide, cell in zip(f.lefts, f.widths, row.cells, strict=True):
            if not cell.lines:
                continue
            right = left + wide - f.side if cell.right else None
            if bare:
                pen.words(cell.lines, left + f.side, top - f.above, cell.role, right)
                continue
            with pen.marks.content(pen.canvas, cell.element):
                pen.words(cell.lines, left + f.side, top - f.above, cell.role, right)


def made_row(cells: Sequence[Cell], above: float, below: float) -> GridRow:
    """A row as tall as its tallest cell."""
    tallest = max((len(cell.lines) * cell.role.leading for cell in cells), default=0.0)
    return GridRow(tuple(cells), above + max(tallest, 12.5) + below)


def cell(text: str, role: Role, right: bool, element: Element, room: float) -> Cell:
    """A cell with its text set to a width; the element gets the whole text where it cannot be drawn."""
    if differs(text):
        element.actual = text
    return Cell(tuple(lines([Run(text, role.font)], role.size, room)), role, right, element)


def strong(role: Role) -> Role:
    """The same role in semibold."""
    return replace(role, font=fonts.STRONG)


def shared_widths(shares: Sequence[float], texts: Sequence[Sequence[str]], side: float) -> tuple[float, ...]:
    """Widths of columns in points, together WIDTH. `texts` holds the heading row first, then some rows.

    Columns that ask for equal shares get what their words need; others their share. Then no column stays
    narrower than its longest word as long as others have room to give.
    """
    head, cellrole = ROLES["cell_head"], ROLES["cell"]
    count = len(shares)
    needs, wishes = [], []
    for column in range(count):
        words = [(row[column], head if number == 0 else cellrole) for number, row in enumerate(texts)]
        bold = fonts.STRONG
        needs.append(max((longest_word(t, bold, r.size) for t, r in words), default=0.0) + 2 * side + 0.5)
        whole = max((width(t[:200], bold, r.size) for t, r in words), default=0.0) + 2 * side + 1
        wishes.append(min(whole, WIDTH * 0.6))
    needs = [min(need, WIDTH / count if count > 2 else WIDTH * 0.7) for need in needs]
    equal = count > 1 and len(set(shares)) == 1
    if equal and sum(wishes) <= WIDTH:
        spare = (WIDTH - sum(wishes)) / count
        return tuple(wish + spare for wish in wishes)
    whole_share = sum(shares) or 1.0
    widths = [WIDTH * share / whole_share for share in shares]
    short = [max(0.0, need - wide) for need, wide in zip(needs, widths, strict=True)]
    spare_room = [max(0.0, wide - need) for need, wide in zip(needs, widths, strict=True)]
    given = min(1.0, sum(short) / sum(spare_room)) if sum(spare_room) else 0.0
    filled = min(1.0, sum(spare_room) / sum(short)) if sum(short) else 0.0
    return tuple(
        wide + miss * filled - spare * given
        for wide, miss, spare in zip(widths, short, spare_room, strict=True)
    )
