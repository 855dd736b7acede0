"""How the sheet is drawn: fonts by kind, links, the gutter's words, bullets, notes, tables and pictures."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPyTextObject,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from app.content.blocks import SUMMARY, TITLE, Block, Table
from models.content import BlockKind
from ui.content.mapping import Prop, font_role, kind_of
from ui.theme import theme
from ui.widgets.paint import dot, panel

NAMES = {
    TITLE: "Title",
    SUMMARY: "Lead",
    BlockKind.PARAGRAPH.value: "Text",
    BlockKind.HEADING2.value: "H2",
    BlockKind.HEADING3.value: "H3",
    BlockKind.HEADING4.value: "H4",
    BlockKind.BULLET.value: "List",
    BlockKind.NUMBER.value: "List",
    BlockKind.QUOTE.value: "Quote",
    BlockKind.NOTE.value: "Note",
    BlockKind.TABLE.value: "Table",
    BlockKind.IMAGE.value: "Picture",
}
SPOKEN = {**NAMES, "heading2": "Heading 2", "heading3": "Heading 3", "heading4": "Heading 4"}
HINTS = {
    TITLE: "Name the task, as people search for it",
    SUMMARY: "Say in one sentence what people can do here",
    BlockKind.HEADING2.value: "Heading",
    BlockKind.HEADING3.value: "Heading",
    BlockKind.HEADING4.value: "Heading",
    BlockKind.BULLET.value: "List item",
    BlockKind.NUMBER.value: "List item",
    BlockKind.QUOTE.value: "What was said",
    BlockKind.NOTE.value: "Note",
}
CELL = (10, 5)  # room round the words of a table's cell
PICTURE_WIDEST = 360


class Looks(QSyntaxHighlighter):
    """Fonts and colours by kind and mark, from the theme; the document itself holds none of them."""

    def highlightBlock(self, text: str) -> None:
        """Dresses one paragraph."""
        t, block = theme(), self.currentBlock()
        kind = kind_of(block)
        if kind in (TITLE, SUMMARY) or kind.startswith("heading"):
            shape = QTextCharFormat()
            shape.setFont(t.font(font_role(kind)))
            if kind == SUMMARY:
                shape.setForeground(t.colour("muted"))
            self.setFormat(0, len(text) * 2, shape)
        step = block.begin()
        while not step.atEnd():
            fragment = step.fragment()
            if fragment.charFormat().isAnchor():
                link = QTextCharFormat()
                link.setForeground(t.colour("primary"))
                link.setFontUnderline(True)
                self.setFormat(fragment.position() - block.position(), fragment.length(), link)
            step += 1


class Objects(QPyTextObject):
    """Draws tables and pictures where their sign stands."""

    def __init__(
        self,
        document: QTextDocument,
        block_of: Callable[[str], Block | None],
        image_of: Callable[[str], QImage | str],
        width: Callable[[], int],
    ) -> None:
        super().__init__(document)
        self._block_of, self._image_of, self._width = block_of, image_of, width

    def intrinsicSize(self, doc: QTextDocument, at: int, shape: QTextFormat) -> QSizeF:
        """The room an object needs."""
        block = self._block_of(str(shape.property(Prop.ID)))
        if block is None:
            return QSizeF(10, theme().line_height())
        if block.table is not None:
            return QSizeF(
                self._width(), sum(_row_heights(block.table, self._width())) + _caption(block.table)
            )
        size = self._picture_size(block)
        return QSizeF(self._width(), size.height() + theme().line_height("hint") + 8)

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, doc: QTextDocument, at: int, shape: QTextFormat
    ) -> None:
        """Draws one object."""
        block = self._block_of(str(shape.property(Prop.ID)))
        if block is None:
            return
        painter.save()
        if block.table is not None:
            draw_table(painter, _whole(rect), block.table)
        else:
            self._draw_picture(painter, _whole(rect), block)
        painter.restore()

    def _picture_size(self, block: Block) -> QSize:
        picture = block.picture
        if picture is None or not picture.width or not picture.height:
            return QSize(160, 90)
        widest = min(theme().wide(PICTURE_WIDEST), self._width())
        share = min(1.0, widest / picture.width, theme().wide(240) / picture.height)
        return QSize(max(24, round(picture.width * share)), max(24, round(picture.height * share)))

    def _draw_picture(self, painter: QPainter, rect: QRect, block: Block) -> None:
        t, size = theme(), self._picture_size(block)
        place = QRect(rect.topLeft(), size)
        image = self._image_of(block.picture.sha256) if block.picture else ""
        if isinstance(image, str):
            _draw_missing(painter, place, image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, image)
        painter.setFont(t.font("hint"))
        painter.setPen(t.colour("muted" if block.alt else "danger"))
        words = block.alt or "Not told in words yet: press Enter"
        room = QRect(rect.x(), place.bottom() + 5, rect.width(), t.line_height("hint"))
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


def _draw_missing(painter: QPainter, place: QRect, words: str) -> None:
    """The ground of a picture that is not here, with a sign and the reason."""
    t, side = theme(), theme().icon_size(24)
    panel(painter, place, t.colour("soft"), t.colour("line"))
    room = place.adjusted(10, 8, -10, -8)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.setFont(t.font("hint"))
    text = painter.fontMetrics().boundingRect(room, int(flags), words) if words else QRect()
    fits = side + 6 + text.height() <= room.height()
    top = place.center().y() - (side + (6 + text.height() if words and fits else 0)) // 2
    painter.drawPixmap(place.center().x() - side // 2, top, t.pixmap("image", size=24))
    if words and fits:
        painter.setPen(t.colour("muted"))
        painter.drawText(QRect(room.x(), top + side + 6, room.width(), text.height()), int(flags), words)


def _caption(table: Table) -> int:
    return theme().line_height("hint") + 6 if table.caption else 0


def _column_widths(table: Table, width: int) -> list[int]:
    """Widths by the longest words of each column, filling the sheet."""
    metrics = theme().metrics("strong")
    wanted = [
        max(24.0, *(metrics.horizontalAdvance(row[n]) for row in table.rows)) + 2 * CELL[0]
        for n in range(len(table.rows[0]))
    ]
    total = sum(wanted)
    if total <= width:
        return [round(w) for w in wanted[:-1]] + [width - sum(round(w) for w in wanted[:-1])]
    return [max(40, round(w * width / total)) for w in wanted]


def _row_heights(table: Table, width: int) -> list[int]:
    """Heights of the rows with their words wrapped."""
    widths, out = _column_widths(table, width), []
    for number, row in enumerate(table.rows):
        metrics = theme().metrics("hint_strong" if number == 0 else "body")
        tallest = max(
            metrics.boundingRect(
                QRectF(0, 0, max(20, room - 2 * CELL[0]), 10_000), Qt.TextFlag.TextWordWrap.value, cell or " "
            ).height()
            for cell, room in zip(row, widths, strict=True)
        )
        out.append(round(tallest) + 2 * CELL[1])
    return out


def draw_table(painter: QPainter, rect: QRect, table: Table) -> None:
    """Draws a table: head on soft ground, hairlines between rows."""
    t = theme()
    y, widths = rect.y(), _column_widths(table, rect.width())
    if table.caption:
        painter.setFont(t.font("hint_strong"))
        painter.setPen(t.colour("text"))
        painter.drawText(QRect(rect.x(), y, rect.width(), t.line_height("hint")), 0, table.caption)
        y += _caption(table)
    for number, (row, height) in enumerate(zip(table.rows, _row_heights(table, rect.width()), strict=True)):
        if number == 0:
            painter.fillRect(rect.x(), y, rect.width(), height, t.colour("soft"))
        painter.setFont(t.font("hint_strong" if number == 0 else "body"))
        painter.setPen(t.colour("muted" if number == 0 else "text"))
        x = rect.x()
        for cell, width in zip(row, widths, strict=True):
            room = QRect(x + CELL[0], y + CELL[1], width - 2 * CELL[0], height - 2 * CELL[1])
            painter.drawText(room, Qt.TextFlag.TextWordWrap.value, cell)
            x += width
        y += height
        painter.fillRect(rect.x(), y - 1, rect.width(), 1, t.colour("edge" if t.contrast else "line"))


def draw_gutter(
    painter: QPainter, block: QTextBlock, box: QRectF, current: bool, name: str, left: int, ascent: float
) -> None:
    """Writes the kind of a block at the left of its first line."""
    t = theme()
    painter.setFont(t.font("hint_strong" if current else "hint"))
    painter.setPen(t.hue("content") if current else t.colour("muted"))
    metrics = t.metrics("hint")
    width = metrics.horizontalAdvance(name) + 2
    painter.drawText(QPointF(left - width, box.y() + ascent), name)


def draw_frame(painter: QPainter, box: QRect) -> None:
    """The frame of the block with the caret: a hairline and the hue rule."""
    t = theme()
    panel(painter, box, None, t.colour("edge" if t.contrast else "line"), t.stroke, 4)
    painter.fillRect(box.x(), box.y(), 3, box.height(), t.hue("content"))


def draw_note(painter: QPainter, box: QRect) -> None:
    """The ground of a note: the hue's tint with its rule."""
    t = theme()
    panel(painter, box, t.tint("content", "surface"), t.colour("edge") if t.contrast else None, t.stroke, 4)
    painter.fillRect(box.x(), box.y(), 4, box.height(), t.hue("content"))


def draw_quote(painter: QPainter, box: QRect) -> None:
    """The rule beside a quote."""
    painter.fillRect(box.x(), box.y(), 3, box.height(), theme().colour("edge"))


def draw_bullet(painter: QPainter, x: float, y: float) -> None:
    """The dot of a list item."""
    dot(painter, x, y, theme().colour("text"), 2.2 * (1 + 0.4 * (theme().factor - 1)))


def draw_number(painter: QPainter, x: float, baseline: float, number: int) -> None:
    """The number of a list item."""
    painter.setFont(theme().font("body"))
    painter.setPen(theme().colour("text"))
    painter.drawText(QPointF(x, baseline), f"{number}.")


def _whole(rect: QRectF | QRect) -> QRect:
    """A rectangle in whole pixels."""
    return rect.toRect() if isinstance(rect, QRectF) else rect
