"""Flowables that draw themselves inside their structure elements."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, Paragraph
from reportlab.platypus.tables import LongTable

from app.report import fonts, tags
from app.report.blocks import KeyFigure
from app.report.style import EDGE, LINE, MUTED, SOFT, TEXT, style
from app.report.tags import Element, Marks


def markup(text: str) -> str:
    """A person's text as reportlab markup: nothing in it is read as a tag; new lines are kept."""
    return escape(text).replace("\n", "<br/>").replace("\t", " ")


class TaggedParagraph(Paragraph):
    """A paragraph that belongs to a structure element; its pieces on several pages do too.

    `heading` (level, bookmark key) makes it an entry of the outline; `bullet` draws a dot before it.
    """

    element: Element | None = None
    heading: tuple[int, str, str] | None = None
    bullet = False

    def split(self, width: float, height: float) -> list[Any]:
        """The pieces; the first keeps bookmark and dot."""
        pieces: list[Any] = super().split(width, height)
        for number, piece in enumerate(pieces):
            piece.element = self.element
            if number == 0:
                piece.heading, piece.bullet = self.heading, self.bullet
        return pieces

    def draw(self) -> None:
        """Words inside marked content; the dot and the bookmark beside it."""
        marks: Marks = self.canv.marks
        if self.heading is not None:
            level, key, text = self.heading
            self.canv.bookmarkHorizontal(key, 0, self.height + 6)
            self.canv.addOutlineEntry(text, key, level, closed=False)
        if self.bullet:
            with marks.artifact(self.canv):
                self.canv.setFillColor(HexColor(TEXT))
                self.canv.circle(4, self.height - self.style.leading * 0.58, 1.6, stroke=0, fill=1)
        if self.element is None:
            with marks.artifact(self.canv):
                super().draw()
            return
        lines = getattr(self, "blPara", None)
        if lines is not None and len(lines.lines) > 1 and not self.element.actual:
            self.element.actual = self.getPlainText(identify=False)
        with marks.content(self.canv, self.element):
            super().draw()


def paragraph(text: str, name: str, element: Element | None, right: bool = False, indent: int = 0) -> Any:
    """A tagged paragraph of a person's text in a house style."""
    made = TaggedParagraph(markup(text), style(name, right, indent))
    made.element = element
    return made


class TaggedTable(LongTable):
    """A table over as many pages as it needs. Row elements follow the rows through every split; a heading
    row that is repeated on a later page is an artifact there."""

    row_elements: list[list[Element] | None]

    def split(self, width: float, height: float) -> list[Any]:
        """The pieces, each with the elements of its rows."""
        pieces: list[Any] = super().split(width, height)
        if len(pieces) == 2:
            first, second = pieces
            cut = len(first._cellvalues)
            first.row_elements = self.row_elements[:cut]
            rest = len(second._cellvalues) - self.repeatRows  # a row cut in two is in both pieces
            second.row_elements = [None] * self.repeatRows + self.row_elements[-rest:]
        return pieces

    def draw(self) -> None:
        """Counts the cells as they are drawn, row by row."""
        self._place = 0
        super().draw()

    def _drawBkgrnd(self) -> None:
        with self.canv.marks.artifact(self.canv):
            super()._drawBkgrnd()

    def _drawLines(self) -> None:
        with self.canv.marks.artifact(self.canv):
            super()._drawLines()

    def _drawCell(self, value: Any, cell: Any, position: Any, size: Any) -> None:
        row, column = divmod(self._place, self._ncols)
        self._place += 1
        elements = self.row_elements[row]
        if elements is None:
            with self.canv.marks.artifact(self.canv):
                super()._drawCell(value, cell, position, size)
            return
        element = elements[column]
        parts = value if isinstance(value, list | tuple) else [value]
        if any(len(getattr(getattr(part, "blPara", None), "lines", ())) > 1 for part in parts):
            element.actual = " ".join(part.getPlainText(identify=False) for part in parts)
        with self.canv.marks.content(self.canv, element):
            super()._drawCell(value, cell, position, size)


class FigureRow(Flowable):
    """Key figures side by side with hairlines between them."""

    VALUE, LABEL, HINT = 26, 10.5, 9.5
    HEIGHT = 62

    def __init__(self, figures: list[KeyFigure], elements: list[Element]) -> None:
        super().__init__()
        self.figures, self.elements = figures, elements

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """All of the width, a fixed height."""
        self.width = width
        return width, self.HEIGHT + 12

    def draw(self) -> None:
        """Value, label and hint of each, in columns of equal width."""
        canvas = self.canv
        step = self.width / max(len(self.figures), 4 if len(self.figures) > 2 else 3)
        for number, (figure, element) in enumerate(zip(self.figures, self.elements, strict=True)):
            left = number * step
            if number:
                with canvas.marks.artifact(canvas):
                    canvas.setStrokeColor(HexColor(LINE))
                    canvas.setLineWidth(0.7)
                    canvas.line(left, 6, left, self.HEIGHT)
            x, room = left + (10 if number else 0), step - (16 if number else 8)
            with canvas.marks.content(canvas, element):
                self._words(figure.value, fonts.STRONG, self.VALUE, TEXT, x, 36, room)
                self._words(figure.label, fonts.STRONG, self.LABEL, TEXT, x, 20, room)
                if figure.hint:
                    self._words(figure.hint, fonts.REGULAR, self.HINT, MUTED, x, 7, room)

    def _words(self, text: str, font: str, size: float, colour: str, x: float, y: float, room: float) -> None:
        """One line, set smaller where it would not fit, so that no figure is ever cut."""
        canvas = self.canv
        wide = canvas.stringWidth(text, font, size)
        canvas.setFont(font, size * min(1, room / wide) if wide else size)
        canvas.setFillColor(HexColor(colour))
        canvas.drawString(x, y, text + " ")


class DrawnFigure(Flowable):
    """A drawing (a chart) as a Figure with its words."""

    def __init__(self, drawing: Any, element: Element) -> None:
        super().__init__()
        self.drawing, self.element = drawing, element

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The drawing's own size."""
        return self.drawing.width, self.drawing.height + 6

    def draw(self) -> None:
        """The drawing inside marked content, with its place on the page."""
        from reportlab.graphics import renderPDF

        x, y = self.canv.absolutePosition(0, 0)
        self.element.attributes = tags.box(x, y, x + self.drawing.width, y + self.drawing.height)
        with self.canv.marks.content(self.canv, self.element):
            renderPDF.draw(self.drawing, self.canv, 0, 0)


class Photo(Flowable):
    """A picture as a Figure with its words."""

    def __init__(self, reader: Any, width: float, height: float, element: Element) -> None:
        super().__init__()
        self.reader, self.width, self.height, self.element = reader, width, height, element

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Its size with a little air below."""
        return self.width, self.height + 4

    def draw(self) -> None:
        """The picture inside marked content."""
        x, y = self.canv.absolutePosition(0, 0)
        self.element.attributes = tags.box(x, y, x + self.width, y + self.height)
        with self.canv.marks.content(self.canv, self.element):
            self.canv.drawImage(self.reader, 0, 4, self.width, self.height)


class SignLine(Flowable):
    """One line to sign on: what it stands for on the left, name and date below the rule."""

    def __init__(self, label: str, name: str, element: Element) -> None:
        super().__init__()
        self.label, self.name, self.element = label, name, element

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """All of the width."""
        self.width = width
        return width, 44

    def draw(self) -> None:
        """Rules to write on as artifacts, the words as a paragraph."""
        canvas = self.canv
        with canvas.marks.artifact(canvas):
            canvas.setStrokeColor(HexColor(EDGE))
            canvas.setLineWidth(0.7)
            canvas.line(0, 16, self.width * 0.58, 16)
            canvas.line(self.width * 0.64, 16, self.width, 16)
        with canvas.marks.content(canvas, self.element):
            canvas.setFillColor(HexColor(MUTED))
            canvas.setFont(fonts.REGULAR, 9)
            words = f"{self.label}: {self.name}" if self.name else self.label
            canvas.drawString(0, 4, words + " ")
            canvas.drawString(self.width * 0.64, 4, "Date ")


def soft_ground() -> Any:
    """The ground of table headings and quiet notes."""
    return HexColor(SOFT)
