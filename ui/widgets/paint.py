"""The strokes that painted widgets share: panels, rules, hairlines, keycaps, and which tab's hue is meant."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import HUES, theme

CARD_RADIUS = 6
CONTROL_RADIUS = 4

KEY_WORDS = {
    "Return": "Enter",
    "Escape": "Esc",
    "Up": "↑",
    "Down": "↓",
    "Left": "←",
    "Right": "→",
    "Delete": "Del",
    "Minus": "−",
}


def hue_key(widget: QWidget | None) -> str:
    """The slice whose page a widget stands on; empty outside the five pages."""
    node: QObject | None = widget
    while node is not None:
        key = getattr(node, "key", "")
        if isinstance(key, str) and key in HUES:
            return key
        node = node.parent()
    return ""


def tone_colour(tone: str, widget: QWidget | None = None) -> QColor:
    """The colour of a token, or of the widget's own page for the tone "hue"."""
    return theme().hue(hue_key(widget)) if tone == "hue" else theme().colour(tone)


def tone_tint(tone: str, ground: str, widget: QWidget | None = None) -> QColor:
    """A breath of the tone over a ground; see Theme.tint."""
    name = (hue_key(widget) or "primary") if tone == "hue" else tone
    return theme().tint(name, ground)


def panel(
    painter: QPainter,
    rect: QRect | QRectF,
    fill: QColor | None,
    border: QColor | None,
    width: float = 1,
    radius: float = CONTROL_RADIUS,
) -> None:
    """A filled, bordered, round-cornered rectangle whose border lies wholly inside `rect`."""
    half = width / 2 if border is not None else 0
    inner = QRectF(rect).adjusted(half, half, -half, -half)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(border, width) if border is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(inner, radius, radius)
    painter.restore()


def rule_in(painter: QPainter, rect: QRect, side: str, thickness: int, colour: QColor, radius: float) -> None:
    """A strip along the top or left of a round-cornered rectangle, cut to its corners."""
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(rect), radius, radius)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(shape)
    strip = QRect(rect)
    if side == "top":
        strip.setHeight(thickness)
    else:
        strip.setWidth(thickness)
    painter.fillRect(strip, colour)
    painter.restore()


def hairline(painter: QPainter, x: int, y: int, width: int, tone: str = "line") -> None:
    """A line of one pixel without antialiasing."""
    painter.fillRect(x, y, width, 1, theme().colour(tone))


def key_words(key: str) -> str:
    """What a keycap says: "Ctrl+Return" reads "Ctrl Enter"."""
    return " ".join(KEY_WORDS.get(part, part) for part in key.replace("+", " ").split()) or key


def keycap_size(key: str) -> tuple[int, int]:
    """Width and height of a keycap in pixels."""
    metrics, height = theme().metrics("hint_strong"), theme().tall(20, "hint")
    width = round(metrics.horizontalAdvance(key_words(key))) + 10
    return max(height, width), height


def keycap(painter: QPainter, x: int, middle: int, key: str, ink: QColor, edge: QColor | None = None) -> int:
    """Draws a keycap with its left edge at `x`, centred on the line `middle`; gives its width."""
    width, height = keycap_size(key)
    box = QRect(x, middle - height // 2, width, height)
    panel(painter, box, None, edge or ink, 1, 3.5)
    painter.save()
    painter.setFont(theme().font("hint_strong"))
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key_words(key))
    painter.restore()
    return width


def dot(painter: QPainter, x: float, y: float, colour: QColor, radius: float = 2) -> None:
    """A small filled circle: bullets and the marks between facts."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.restore()
