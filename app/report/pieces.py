"""Pieces: what a page is made of once it is measured. Each knows its height, may be cut at the foot of a
page, and draws itself inside its structure elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.report import fonts, tags
from app.report.blocks import KeyFigure
from app.report.style import EDGE, LINE, MARGIN, MUTED, ROLES, TEXT, WIDTH, Role, ink
from app.report.tags import Element, Marks
from app.report.text import Line, Run, differs, drawable, lines, width


class Pen:
    """A reportlab canvas with the marks that go into the structure tree."""

    def __init__(self, canvas: Any, marks: Marks) -> None:
        self.canvas, self.marks = canvas, marks

    def words(
        self, set_lines: Iterable[Line], x: float, top: float, role: Role, right: float | None = None
    ) -> None:
        """Lines one below the other from `top`; ending at `right` where that is given."""
        ink_of, y = self.canvas.beginText(), baseline(top, role)
        ink_of.setFillColor(ink(role.colour))
        font = ""
        for line in set_lines:
            ink_of.setTextOrigin(x if right is None else right - line.width, y)
            for run in line.runs:
                if run.font != font:
                    font = run.font
                    ink_of.setFont(font, role.size)
                ink_of.textOut(run.text)
            y -= role.leading
        self.canvas.drawText(ink_of)

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str, thick: float) -> None:
        """A straight rule; call it inside an artifact."""
        self.canvas.setStrokeColor(ink(colour))
        self.canvas.setLineWidth(thick)
        self.canvas.line(x1, y1, x2, y2)


def baseline(top: float, role: Role) -> float:
    """Where letters stand whose capitals are in the middle of their line."""
    return top - role.leading / 2 - role.size * 0.33


class Piece:
    """One measured piece: `before` and `after` are air, `keeps` binds it to what follows."""

    before = 0.0
    after = 0.0
    keeps = False
    height = 0.0

    @property
    def least(self) -> float:
        """The height of the smallest part that may stand alone at the foot of a page."""
        return self.height

    def split(self, room: float) -> tuple[Piece, Piece] | None:
        """Two pieces of which the first fits into `room`; None where it cannot be cut so."""
        return None

    def draw(self, pen: Pen, top: float) -> None:
        """Draws it downward from `top`, at the left margin."""
        raise NotImplementedError


class Break(Piece):
    """The end of a page."""

    def draw(self, pen: Pen, top: float) -> None:
        """Nothing is drawn."""


class Words(Piece):
    """A paragraph, heading or list item. `mark` is what stands in the indent: a number, or a dot for "•"."""

    def __init__(self, runs: Sequence[Run], role: str, element: Element, indent: float = 0.0) -> None:
        self.role = ROLES[role]
        self.before, self.after = self.role.before, self.role.after
        self.element, self.indent = element, indent
        self.mark, self.mark_element = "", None
        self.bookmark: tuple[str, str, int] | None = None  # its words, key and depth in the outline
        self._set(lines(runs, self.role.size, WIDTH - indent))
        if any(differs(run.text) for run in runs):
            element.actual = "".join(run.text for run in runs)

    mark: str
    mark_element: Element | None

    def _set(self, made: list[Line]) -> None:
        self.lines = made
        self.height = len(made) * self.role.leading

    @property
    def least(self) -> float:
        """Two lines, or all of three: neither a first nor a last line stands alone."""
        return min(self.height, (2 if len(self.lines) > 3 else 3) * self.role.leading)

    def split(self, room: float) -> tuple[Piece, Piece] | None:
        """Cut between lines, at least two on each side."""
        cut = min(int(room / self.role.leading + 0.001), len(self.lines) - 2)
        if cut < 2:
            return None
        first, second = self._part(self.lines[:cut]), self._part(self.lines[cut:])
        first.after, second.before = 0.0, 0.0
        second.mark, second.bookmark = "", None
        return first, second

    def _part(self, made: list[Line]) -> Words:
        part = Words.__new__(Words)
        part.__dict__.update(self.__dict__)
        part._set(made)
        return part

    def draw(self, pen: Pen, top: float) -> None:
        """The mark, then the words."""
        if self.bookmark is not None:
            words, key, depth = self.bookmark
            pen.canvas.bookmarkHorizontalAbsolute(key, top + 8)
            pen.canvas.addOutlineEntry(words, key, depth, closed=False)
        if self.mark:
            self._draw_mark(pen, top)
        with pen.marks.content(pen.canvas, self.element):
            pen.words(self.lines, MARGIN + self.indent, top, self.role)

    def _draw_mark(self, pen: Pen, top: float) -> None:
        if self.mark_element is None:
            return
        with pen.marks.content(pen.canvas, self.mark_element):
            made = [Line((Run(f"{self.mark} "),), width(self.mark, fonts.REGULAR, self.role.size))]
            right = MARGIN + self.indent - 6 if self.mark != "•" else None
            pen.words(made, MARGIN + 4, top, self.role, right)


class KeyRow(Piece):
    """Up to four key figures side by side with hairlines between them."""

    VALUE, LABEL, HINT = (
        Role(26, 30, fonts.STRONG, TEXT),
        Role(10, 13, fonts.STRONG, TEXT),
        Role(9.5, 12.5, fonts.REGULAR, MUTED),
    )
    GAP = 10.5

    def __init__(self, figures: Sequence[KeyFigure], elements: Sequence[Element]) -> None:
        self.before, self.after = 12.0, 22.0
        self.elements = list(elements)
        self.step = WIDTH / max(2, len(figures) if len(figures) < 4 else 4)
        room = self.step - self.GAP - 2
        self.set = [[self._shrunk(f.value, self.VALUE, room), *self._hung(f, room)] for f in figures]
        self.height = max(sum(role.leading * len(made) for made, role in column) for column in self.set)
        for figure, element in zip(figures, elements, strict=True):
            said = " ".join(filter(None, (figure.value, figure.label, figure.hint)))
            if differs(said):
                element.actual = said

    def _shrunk(self, text: str, role: Role, room: float) -> tuple[list[Line], Role]:
        """One line, set smaller where it would not fit, so that no figure is ever cut or broken."""
        wide = width(drawable(text), role.font, role.size)
        size = max(11.0, role.size * min(1.0, room / wide)) if wide else role.size
        small = Role(size, role.leading, role.font, role.colour)
        return lines([Run(f"{text} ", role.font)], size, room), small

    def _hung(self, figure: KeyFigure, room: float) -> list[tuple[list[Line], Role]]:
        rows = [(figure.label, self.LABEL), (figure.hint, self.HINT)]
        return [(lines([Run(f"{t} ", r.font)], r.size, room), r) for t, r in rows if t]

    def draw(self, pen: Pen, top: float) -> None:
        """Each figure is one paragraph: value, label, hint."""
        with pen.marks.artifact(pen.canvas):
            for number in range(1, len(self.set)):
                x = MARGIN + number * self.step - self.GAP
                pen.rule(x, top, x, top - self.height + 2, LINE, 0.7)
        for number, (column, element) in enumerate(zip(self.set, self.elements, strict=True)):
            y = top
            with pen.marks.content(pen.canvas, element):
                for made, role in column:
                    pen.words(made, MARGIN + number * self.step, y, role)
                    y -= role.leading * len(made)


class Drawn(Piece):
    """A chart as a Figure with its words."""

    def __init__(self, drawing: Any, element: Element) -> None:
        self.drawing, self.element = drawing, element
        self.height, self.after = float(drawing.height), 12.0

    def draw(self, pen: Pen, top: float) -> None:
        """The drawing inside marked content, with its place on the page."""
        from reportlab.graphics import renderPDF

        y = top - self.height
        self.element.attributes.append(tags.box(MARGIN, y, MARGIN + self.drawing.width, top))
        with pen.marks.content(pen.canvas, self.element):
            renderPDF.draw(self.drawing, pen.canvas, MARGIN, y)


class Photo(Piece):
    """A picture as a Figure with its words."""

    def __init__(self, reader: Any, wide: float, tall: float, element: Element) -> None:
        self.reader, self.element = reader, element
        self.wide, self.height, self.before, self.after = wide, tall, 4.0, 10.0

    def draw(self, pen: Pen, top: float) -> None:
        """The picture inside marked content."""
        y = top - self.height
        self.element.attributes.append(tags.box(MARGIN, y, MARGIN + self.wide, top))
        with pen.marks.content(pen.canvas, self.element):
            pen.canvas.drawImage(self.reader, MARGIN, y, self.wide, self.height, mask="auto")


class SignLine(Piece):
    """One line to sign on and one for the date: what it stands for and the name below the rules."""

    SMALL = Role(9, 12, fonts.REGULAR, MUTED)
    PART, DATE = 0.58, 0.64  # where the first rule ends and the second begins, as shares of the width

    def __init__(self, label: str, name: str, element: Element) -> None:
        said = f"{label}: {name}" if name else label
        self.element = element
        self.lines = lines([Run(said)], self.SMALL.size, WIDTH * self.PART)
        self.height = 36 + self.SMALL.leading * len(self.lines)
        if differs(said):
            element.actual = said

    def draw(self, pen: Pen, top: float) -> None:
        """Rules as artifacts, the words as a paragraph."""
        y = top - 34
        with pen.marks.artifact(pen.canvas):
            pen.rule(MARGIN, y, MARGIN + WIDTH * self.PART, y, EDGE, 0.8)
            pen.rule(MARGIN + WIDTH * self.DATE, y, MARGIN + WIDTH, y, EDGE, 0.8)
        with pen.marks.content(pen.canvas, self.element):
            pen.words(self.lines, MARGIN, y - 2, self.SMALL)
            made = lines([Run(" Date")], self.SMALL.size, WIDTH)
            pen.words(made, MARGIN + WIDTH * self.DATE - 1.8, y - 2, self.SMALL)
