"""From blocks to pieces: what is measured, and where it stands in the structure tree."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from app.errors import BadFile
from app.report import blocks as b
from app.report import fonts, grid, tags
from app.report.charts import drawing, ranges_height
from app.report.forms import Blank, CodeRow, PhotoRow, TickWords, picture_size
from app.report.pieces import Break, Drawn, KeyRow, Photo, Piece, SignLine, Words
from app.report.style import MARGIN, ROLES, WIDTH
from app.report.tags import Element
from app.report.text import Run

CHART_HEIGHT = 165.0
RANGES_A_PAGE = 14
TALLEST = 320.0  # of a picture, in points
DOTS_PER_POINT = 220 / 72  # finer than this a picture only makes the file larger
INDENT = 16.0


class Story:
    """Turns the blocks of one document into pieces, and hangs their elements into the tree in that order."""

    def __init__(self, document: b.Document, root: Element) -> None:
        self.document, self.root = document, root
        self.headings = 0
        self.level = 1

    def pieces(self) -> list[Piece]:
        """All pieces of the document, its title first."""
        made: list[Piece] = [self._heading(self.document.title or "Untitled", 1, "title")]
        if self.document.subtitle:
            made.append(self._words(self.document.subtitle, "subtitle"))
        else:
            made[0].after = 16.0
        makers: dict[type, Callable[[Any], Iterator[Piece]]] = {
            b.Heading: self._head,
            b.Text: self._text,
            b.Bullets: self._bullets,
            b.KeyFigures: self._figures,
            b.Table: self._table,
            b.Chart: self._chart,
            b.Facts: self._facts,
            b.Note: self._note,
            b.Signature: self._signature,
            b.Picture: self._picture,
            b.Pictures: self._pictures,
            b.Code: self._code,
            b.Ticks: self._ticks,
            b.Blanks: self._blanks,
            b.PageBreak: lambda _: iter([Break()]),
        }
        for block in self.document.blocks:
            if isinstance(block, b.Signature) and isinstance(made[-1], Words):
                made[-1].keeps = True  # what is signed for stands on the page of the signatures
            made += makers[type(block)](block)
        return made

    def _words(self, text: str, role: str) -> Words:
        return Words([Run(text, ROLES[role].font)], role, self.root.add("P"))

    def _heading(self, text: str, level: int, role: str) -> Words:
        """A heading; its level never skips one, for readers who move by them."""
        self.headings += 1
        self.level = level = min(level, self.level + 1)
        made = Words([Run(text, ROLES[role].font)], role, self.root.add(f"H{level}"))
        made.bookmark = (" ".join(text.split()), f"h{self.headings}", level - 1)
        made.keeps = True
        return made

    def _head(self, block: b.Heading) -> Iterator[Piece]:
        level = min(max(block.level, 2), 3)
        yield self._heading(block.text, level, f"h{level}_large" if block.large else f"h{level}")

    def _text(self, block: b.Text) -> Iterator[Piece]:
        role = "small" if block.small else "muted" if block.tone == "muted" else "body"
        role = "large" if block.large else role
        lead = [Run(f"{block.lead.rstrip()} ", fonts.STRONG)] if block.lead else []
        yield Words([*lead, Run(block.text)], role, self.root.add("P"))

    def _note(self, block: b.Note) -> Iterator[Piece]:
        title = block.title.rstrip()
        if title and title[-1] not in ".:?!…":
            title += "."
        lead = [Run(f"{title} ", fonts.STRONG)] if title else []
        yield Words([*lead, Run(block.text)], "note", self.root.add("P"))

    def _bullets(self, block: b.Bullets) -> Iterator[Piece]:
        listing = self.root.add("L", attribute=tags.NUMBERS if block.numbered else tags.DOTS)
        indent = INDENT + (6 * (len(str(len(block.items))) - 1) + 3 if block.numbered else 0)
        for number, item in enumerate(block.items, 1):
            entry = listing.add("LI")
            label = entry.add("Lbl")
            made = Words([Run(item)], "item", entry.add("LBody"), indent)
            made.mark, made.mark_element = f"{number}." if block.numbered else "•", label
            if number == len(block.items):
                made.after = 10.0
            yield made

    def _figures(self, block: b.KeyFigures) -> Iterator[Piece]:
        for start in range(0, len(block.figures), 4):
            some = block.figures[start : start + 4]
            yield KeyRow(some, [self.root.add("P") for _ in some])

    def _table(self, block: b.Table) -> Iterator[Piece]:
        if block.caption:
            yield self._heading(block.caption, 2, "h2")
        if not block.rows or not block.columns:
            yield self._words(block.empty, "muted")
            return
        columns, table = block.columns, self.root.add("Table")
        plain = [self._fitted(row, len(columns)) for row in block.rows]
        total = self._fitted(block.total, len(columns)) if block.total is not None else None
        seen = [[c.title for c in columns], *plain[:400], *([total] if total else [])]
        widths = grid.shared_widths([c.width for c in columns], seen, 6.5)
        frame = _Frame(widths, [c.figures for c in columns], (6.5, 4.5, 4.5))
        head = frame.row(table, [c.title for c in columns], ROLES["cell_head"], range(len(columns)), True)
        heading = () if block.row_header is None else (block.row_header,)
        rows = [frame.row(table, row, ROLES["cell"], heading) for row in plain]
        last = frame.row(table, total, grid.strong(ROLES["cell"]), heading) if total else None
        yield grid.Grid(frame.shared(head, last), [*rows, *([last] if last else [])])

    def _fitted(self, row: Sequence[str], count: int) -> list[str]:
        """A row with exactly as many cells as there are columns."""
        return [*row[:count], *[""] * (count - len(row))]

    def _facts(self, block: b.Facts) -> Iterator[Piece]:
        if not block.pairs:
            return
        table, label = self.root.add("Table"), ROLES["cell_head"]
        frame = _Frame((WIDTH * 0.28, WIDTH * 0.72), (False, False), (0.0, 3.8, 3.8))
        rows = []
        for name, value in block.pairs:
            line = table.add("TR")
            cells = [
                grid.cell(name, label, False, line.add("TH", attribute=tags.ROW_HEAD), frame.room(0) - 8),
                grid.cell(value, ROLES["cell"], False, line.add("TD"), frame.room(1)),
            ]
            rows.append(grid.made_row(cells, frame.above, frame.below))
        yield grid.Grid(frame.shared(None, None), rows)

    def _chart(self, block: b.Chart) -> Iterator[Piece]:
        spec = block.spec
        if block.title:
            yield self._heading(block.title, 2, "h2")
        if not (spec.rows if isinstance(spec, b.RangeBars) else spec.categories):
            yield self._words("There is nothing to draw yet.", "muted")
            return
        hue = {"hue": spec.hue or self.document.hue}
        for number, part in enumerate(_parts(spec)):
            tall = ranges_height(len(part.rows)) if isinstance(part, b.RangeBars) else CHART_HEIGHT
            told = block.alt if block.alt and not number else b.chart_alt(part)
            made = Drawn(drawing(part, WIDTH, tall, hue), self.root.add("Figure", alt=told))
            made.keeps = bool(block.note) and part is spec
            yield made
        if block.note:
            yield self._words(block.note, "muted")

    def _signature(self, block: b.Signature) -> Iterator[Piece]:
        signed = [(label, name) for label, name in block.lines if name or label.strip().casefold() != "date"]
        for number, (label, name) in enumerate(signed, 1):
            made = SignLine(label, name, self.root.add("P"))
            made.keeps = number < len(signed) and bool(number % 12)
            yield made

    def _picture(self, block: b.Picture) -> Iterator[Piece]:
        reader, wide, tall = _picture(block.data, WIDTH * min(max(block.width, 0.1), 1.0))
        made = Photo(reader, wide, tall, self.root.add("Figure", alt=block.alt or "Picture without words"))
        made.keeps = bool(block.caption)
        yield made
        if block.caption:
            yield self._words(block.caption, "caption")

    def _pictures(self, block: b.Pictures) -> Iterator[Piece]:
        for start in range(0, len(block.items), 3):
            row = []
            for item in block.items[start : start + 3]:
                reader, wide, tall = _picture(item.data, WIDTH / 3)
                figure = self.root.add("Figure", alt=item.alt or "Picture without words")
                row.append((reader, *picture_size(wide, tall), figure, item.caption, self.root.add("P")))
            yield PhotoRow(row)

    def _code(self, block: b.Code) -> Iterator[Piece]:
        figure = self.root.add("Figure", alt=f"QR code that says: {block.data}")
        yield CodeRow(block.data, block.lead, block.lines, figure, self.root.add("P"))

    def _ticks(self, block: b.Ticks) -> Iterator[Piece]:
        if block.help:
            made: Words = self._words(block.help, "muted")
            made.keeps = True
            yield made
        listing = self.root.add("L")
        for number, item in enumerate(block.items, 1):
            entry = listing.add("LI")
            runs = [Run(item.text)]
            if item.hint:
                runs.append(Run(f" ({item.hint})"))
            if item.goes_to:
                runs.append(Run(f"  →\u00a0{item.goes_to}", fonts.STRONG))
            label = entry.add("Lbl")
            made = TickWords(runs, entry.add("LBody"), label)
            made.keeps = number < len(block.items)
            if number == len(block.items):
                made.after = 12.0
            yield made

    def _blanks(self, block: b.Blanks) -> Iterator[Piece]:
        for label, rules in block.items:
            yield Blank(label, rules, self.root.add("P"))


class _Frame:
    """The columns of one table while its rows are made."""

    def __init__(
        self, widths: Sequence[float], figures: Sequence[bool], air: tuple[float, float, float]
    ) -> None:
        self.widths, self.figures = tuple(widths), figures
        self.side, self.above, self.below = air
        self.lefts = tuple(MARGIN + sum(self.widths[:n]) for n in range(len(self.widths)))

    def room(self, column: int) -> float:
        """The width that a column leaves for words."""
        return self.widths[column] - 2 * self.side

    def row(
        self, table: Element, texts: Sequence[str], role: Any, heads: Sequence[int], top: bool = False
    ) -> grid.GridRow:
        """A row of cells under a TR of their own; `heads` are the columns whose cells head others."""
        line, cells = table.add("TR"), []
        for column, text in enumerate(texts):
            if column in heads:
                element = line.add("TH", attribute=tags.COLUMN_HEAD if top else tags.ROW_HEAD)
            else:
                element = line.add("TD")
            cells.append(grid.cell(text, role, self.figures[column], element, self.room(column)))
        return grid.made_row(cells, self.above, self.below)

    def shared(self, head: grid.GridRow | None, total: grid.GridRow | None) -> grid.Frame:
        """What the parts of the table share."""
        return grid.Frame(self.lefts, self.widths, self.side, self.above, self.below, head, total)


def _parts(spec: b.Spec) -> Iterator[b.Spec]:
    """The chart, or charts of as many rows as a page takes."""
    from dataclasses import replace

    if not isinstance(spec, b.RangeBars) or len(spec.rows) <= RANGES_A_PAGE:
        yield spec
        return
    for start in range(0, len(spec.rows), RANGES_A_PAGE):
        yield replace(spec, rows=spec.rows[start : start + RANGES_A_PAGE])


def _picture(data: bytes, wide: float) -> tuple[Any, float, float]:
    """A picture upright and no finer than paper shows, with its width and height in points.

    Raises BadFile for bytes that are no picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError
    from reportlab.lib.utils import ImageReader

    try:
        with Image.open(io.BytesIO(data)) as opened:
            turned = ImageOps.exif_transpose(opened)
            image = turned.convert(
                "RGBA" if "A" in turned.getbands() or "transparency" in turned.info else "RGB"
            )
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise BadFile("A picture of this paper cannot be read.", "Take it out and add it again.") from error
    tall = wide * image.height / image.width
    if tall > TALLEST:
        wide, tall = wide * TALLEST / tall, TALLEST
    most = (max(1, round(wide * DOTS_PER_POINT)), max(1, round(tall * DOTS_PER_POINT)))
    if image.width > most[0]:
        image = image.resize(most, Image.Resampling.LANCZOS)
    if image.mode == "RGBA":
        return ImageReader(image), wide, tall
    small = io.BytesIO()
    image.save(small, "JPEG", quality=88)
    small.seek(0)
    return ImageReader(small), wide, tall
