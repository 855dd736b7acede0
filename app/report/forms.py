"""Pieces for paper that people fill in, hold or scan: boxes to tick, lines to write on, QR codes, pictures in
a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from app.report import fonts, tags
from app.report.pieces import Pen, Piece, Words
from app.report.style import EDGE, LINE, MARGIN, MM, MUTED, ROLES, TEXT, WIDTH, Role, ink
from app.report.tags import Element
from app.report.text import Run, differs, lines

TICK_INDENT = 26.0
BOX = 12.0  # side of a box to tick, in points
WRITING = 25.0  # from one writing line to the next
CODE_SIDE = 27 * MM
CODE_REST = 4  # modules of white around a code (ISO/IEC 18004)
ROW_GAP = 12.0
PICTURE_TALL = 150.0


class TickWords(Words):
    """An answer behind a box to tick."""

    def __init__(self, runs: Sequence[Run], element: Element, label: Element) -> None:
        super().__init__(runs, "tick", element, TICK_INDENT)
        self.mark, self.mark_element = "\u2610", label
        label.actual = "Box to tick"

    def _draw_mark(self, pen: Pen, top: float) -> None:
        if self.mark_element is None:
            return
        with pen.marks.content(pen.canvas, self.mark_element):
            pen.canvas.setStrokeColor(ink(EDGE))
            pen.canvas.setLineWidth(1.1)
            middle = top - self.role.leading / 2
            pen.canvas.rect(MARGIN + 2, middle - BOX / 2, BOX, BOX, stroke=1, fill=0)


class Blank(Piece):
    """A label, and rules below it to write on."""

    LABEL = Role(10, 13, fonts.STRONG, TEXT)

    def __init__(self, label: str, rules: int, element: Element) -> None:
        self.element, self.rules = element, max(1, rules)
        self.lines = lines([Run(label, fonts.STRONG)], self.LABEL.size, WIDTH)
        self.before, self.after = 6.0, 6.0
        self.height = self.LABEL.leading * len(self.lines) + WRITING * self.rules
        if differs(label):
            element.actual = label

    def draw(self, pen: Pen, top: float) -> None:
        """The label, then the rules as decoration."""
        with pen.marks.content(pen.canvas, self.element):
            pen.words(self.lines, MARGIN, top, self.LABEL)
        y = top - self.LABEL.leading * len(self.lines)
        with pen.marks.artifact(pen.canvas):
            for number in range(1, self.rules + 1):
                pen.rule(MARGIN, y - WRITING * number, MARGIN + WIDTH, y - WRITING * number, EDGE, 0.7)


class CodeRow(Piece):
    """A QR code at the left, the words that say the same at its right."""

    LEAD, LINE = Role(13, 18, fonts.STRONG, TEXT), Role(10, 14, fonts.REGULAR, MUTED)

    def __init__(self, data: str, lead: str, below: Sequence[str], figure: Element, words: Element) -> None:
        self.data, self.figure, self.element = data, figure, words
        room = WIDTH - CODE_SIDE - 18
        self.lead = lines([Run(lead + " ", fonts.STRONG)], self.LEAD.size, room)
        self.below = [line for text in below for line in lines([Run(text + " ")], self.LINE.size, room)]
        tall = self.LEAD.leading * len(self.lead) + self.LINE.leading * len(self.below)
        self.before, self.after, self.height = 18.0, 14.0, max(CODE_SIDE, tall)
        self.tall = tall
        said = " ".join([lead, *below])
        if differs(said):
            words.actual = said

    @cached_property
    def modules(self) -> list[list[bool]]:
        """The modules of the code, row by row from the top, True for dark; level M mends 15 % of damage."""
        from reportlab.graphics.barcode import qrencoder

        code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
        code.addData(qrencoder.QR8bitByte(self.data))
        code.make()
        count = code.getModuleCount()
        return [[bool(code.isDark(row, column)) for column in range(count)] for row in range(count)]

    def draw(self, pen: Pen, top: float) -> None:
        """The code as runs of dark modules, then the words beside its middle."""
        self.figure.attributes.append(tags.box(MARGIN, top - CODE_SIDE, MARGIN + CODE_SIDE, top))
        step = CODE_SIDE / len(self.modules)
        with pen.marks.content(pen.canvas, self.figure):
            pen.canvas.setFillColor(ink("#000000"))
            for row, modules in enumerate(self.modules):
                for start, length in _runs(modules):
                    pen.canvas.rect(
                        MARGIN + start * step,
                        top - (row + 1) * step,
                        length * step,
                        step,
                        stroke=0,
                        fill=1,
                    )
        y = top - max(0.0, (self.height - self.tall) / 2)
        with pen.marks.content(pen.canvas, self.element):
            pen.words(self.lead, MARGIN + CODE_SIDE + 18, y, self.LEAD)
            y -= self.LEAD.leading * len(self.lead)
            pen.words(self.below, MARGIN + CODE_SIDE + 18, y, self.LINE)


def _runs(modules: Sequence[bool]) -> list[tuple[int, int]]:
    """The stretches of dark modules in a row: where each begins and how long it is."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(modules):
        if dark and found and found[-1][0] + found[-1][1] == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((at, 1))
    return found


class PhotoRow(Piece):
    """Up to three pictures side by side, the words of each below it."""

    CAPTION = ROLES["caption"]

    def __init__(self, pictures: Sequence[tuple[Any, float, float, Element, str, Element]]) -> None:
        self.pictures = pictures
        self.step = (WIDTH + ROW_GAP) / 3
        self.words = [
            lines([Run(words)], self.CAPTION.size, self.step - ROW_GAP) if words else []
            for *_, words, _ in pictures
        ]
        self.tall = max(tall for _, _, tall, *_ in pictures)
        self.before, self.after = 4.0, 10.0
        self.height = self.tall + 4 + self.CAPTION.leading * max(len(made) for made in self.words)

    def draw(self, pen: Pen, top: float) -> None:
        """Each picture with its top at the top, inside a hairline; then its words."""
        for number, (reader, wide, tall, figure, _, words) in enumerate(self.pictures):
            x, y = MARGIN + number * self.step, top - tall
            figure.attributes.append(tags.box(x, y, x + wide, top))
            with pen.marks.content(pen.canvas, figure):
                pen.canvas.drawImage(reader, x, y, wide, tall, mask="auto")
            with pen.marks.artifact(pen.canvas):
                pen.canvas.setStrokeColor(ink(LINE))
                pen.canvas.setLineWidth(0.5)
                pen.canvas.rect(x, y, wide, tall, stroke=1, fill=0)
            if self.words[number]:
                with pen.marks.content(pen.canvas, words):
                    pen.words(self.words[number], x, top - self.tall - 4, self.CAPTION)


def picture_size(wide: float, tall: float) -> tuple[float, float]:
    """The width and height in points of a picture in a row, given its shape."""
    room = (WIDTH + ROW_GAP) / 3 - ROW_GAP
    height = room * tall / wide
    return (room, height) if height <= PICTURE_TALL else (PICTURE_TALL * wide / tall, PICTURE_TALL)
