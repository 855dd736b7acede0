"""The mark of Holdall: a bag with five folders in it, one in the hue of each tab."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import HUES, theme

_TOPS = (13.0, 3.0, 9.0, 0.0, 12.0)  # how far each folder stands out, in 140ths of the width


def paint_mark(painter: QPainter, box: QRectF) -> None:
    """Draws the mark into a box of 140 by 123 parts."""
    t, unit = theme(), box.width() / 140
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(unit, unit)
    painter.setPen(Qt.PenStyle.NoPen)
    for number, (hue, top) in enumerate(zip(HUES, _TOPS, strict=True)):
        painter.setBrush(t.hue(hue))
        painter.drawRoundedRect(QRectF(11 + number * 24.2, top, 21, 60), 4, 4)
    painter.setBrush(t.colour("primary"))
    painter.drawRoundedRect(QRectF(0, 39, 140, 84), 17, 17)
    pen = QPen(t.colour("on_primary"), 7.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawLine(QPointF(18, 63), QPointF(122, 63))
    painter.drawLine(QPointF(45, 63), QPointF(45, 74))
    painter.drawLine(QPointF(95, 63), QPointF(95, 74))
    painter.drawArc(QRectF(45, 50, 50, 47), 180 * 16, 180 * 16)
    painter.restore()


class Mark(QLabel):
    """The mark as a picture of a given width at 100 %."""

    def __init__(self, width: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = width
        self.setAccessibleName("Holdall")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def restyle(self) -> None:
        """Sizes anew."""
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Its width, and the height that goes with it."""
        side = theme().icon_size(self._width)
        return QSize(side, round(side * 123 / 140))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The mark."""
        paint_mark(QPainter(self), QRectF(self.rect()))


def app_icon() -> QIcon:
    """The mark as the window's icon."""
    icon = QIcon()
    for side in (16, 32, 64, 128, 256):
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_mark(painter, QRectF(0, side * 0.06, side, side * 123 / 140))
        painter.end()
        icon.addPixmap(picture)
    return icon
