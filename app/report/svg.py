"""A reportlab drawing written as plain SVG: only shapes and words that every reader draws."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from app.report import fonts

_FAMILY = "Source Sans 3"


def written(drawing: Any) -> bytes:
    """The SVG of a drawing of rectangles, lines, polylines, circles and strings; y grows downward there.

    Raises TypeError for any other shape, so that none is lost unseen.
    """
    tall = float(drawing.height)
    size = f'width="{_n(drawing.width)}" height="{_n(tall)}"'
    view = f'viewBox="0 0 {_n(drawing.width)} {_n(tall)}"'
    shapes = [_shape(shape, tall) for shape in drawing.contents]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>'
    return "\n".join([head, *shapes, "</svg>"]).encode("utf-8")


def _shape(shape: Any, tall: float) -> str:
    match type(shape).__name__:
        case "Rect":
            y = tall - shape.y - shape.height
            return (
                f'<rect x="{_n(shape.x)}" y="{_n(y)}" width="{_n(shape.width)}" '
                f'height="{_n(shape.height)}" {_paint(shape)}/>'
            )
        case "Line":
            return (
                f'<line x1="{_n(shape.x1)}" y1="{_n(tall - shape.y1)}" x2="{_n(shape.x2)}" '
                f'y2="{_n(tall - shape.y2)}" {_paint(shape)}/>'
            )
        case "PolyLine":
            flat = list(shape.points)
            pairs = " ".join(f"{_n(x)},{_n(tall - y)}" for x, y in zip(flat[::2], flat[1::2], strict=True))
            return f'<polyline points="{pairs}" stroke-linejoin="round" {_paint(shape)}/>'
        case "Circle":
            return (
                f'<circle cx="{_n(shape.cx)}" cy="{_n(tall - shape.cy)}" r="{_n(shape.r)}" {_paint(shape)}/>'
            )
        case "String":
            return _words(shape, tall)
        case other:
            raise TypeError(f"a chart holds a shape that SVG is not told of: {other}")


def _words(shape: Any, tall: float) -> str:
    weight = 600 if shape.fontName == fonts.STRONG else 400
    return (
        f'<text x="{_n(shape.x)}" y="{_n(tall - shape.y)}" font-family="{_FAMILY}" '
        f'font-size="{_n(shape.fontSize)}" font-weight="{weight}" text-anchor="{shape.textAnchor}" '
        f'fill="{_hex(shape.fillColor)}">{escape(shape.text)}</text>'
    )


def _paint(shape: Any) -> str:
    fill = getattr(shape, "fillColor", None)
    parts = [f'fill="{_hex(fill) if fill is not None else "none"}"']
    if shape.strokeColor is not None:
        parts.append(f'stroke="{_hex(shape.strokeColor)}" stroke-width="{_n(shape.strokeWidth)}"')
    return " ".join(parts)


def _hex(colour: Any) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in colour.rgb())


def _n(number: float) -> str:
    """A number with at most two places."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
