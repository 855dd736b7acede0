"""Charts: one spec becomes one reportlab drawing, on paper by PDF and on screen by SVG.

Bars and lines only, labelled directly, from zero (range bars from their lowest answer, said beside them).
Nothing relies on colour: full hue is also labelled, pale bars and full ones carry a fine hatching as lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.report import fonts
from app.report.blocks import BarChart, LineChart, RangeBars, Spec, tenths

PAPER = {"text": "#17191C", "muted": "#55585E", "line": "#6F6D66", "ground": "#FFFFFF", "track": "#E6E4DE"}
PALE = 0.38
HATCH = 5.0


def drawing(
    spec: Spec, width: float, height: float, palette: Mapping[str, str] | None = None, scale: float = 1.0
) -> Any:
    """The chart as a reportlab Drawing of this size in points; `palette` holds text, muted, line, ground,
    track and hue as #RRGGBB; `scale` enlarges the words."""
    fonts.register()
    colours = {**PAPER, "hue": spec.hue or "#124E66", **(palette or {})}
    pen = _Pen(width, height, colours, scale)
    if isinstance(spec, BarChart):
        _bars(pen, spec)
    elif isinstance(spec, LineChart):
        _line(pen, spec)
    else:
        _ranges(pen, spec)
    return pen.made


def svg(
    spec: Spec, width: int, height: int, palette: Mapping[str, str] | None = None, scale: float = 1.0
) -> bytes:
    """The same drawing as SVG bytes, without clips or patterns, so that QSvgRenderer draws all of it."""
    from reportlab.graphics import renderSVG

    text: str = renderSVG.drawToString(drawing(spec, width, height, palette, scale))
    for name, style in ((fonts.STRONG, 'font-weight="600"'), (fonts.REGULAR, 'font-weight="400"')):
        text = text.replace(f"font-family: {name};", "font-family: Source Sans 3;")
        text = text.replace(f'font-family="{name}"', f'font-family="Source Sans 3" {style}')
    # QSvgRenderer knows no clip paths and would paint this one's rectangle, black, over everything
    text = re.sub(r"<clipPath.*?</clipPath>", "", text, flags=re.DOTALL).replace("clip-path: url(#clip)", "")
    return text.encode("utf-8")


def ranges_height(count: int, scale: float = 1.0) -> float:
    """The height in points that a RangeBars chart of so many rows needs."""
    return (26 + count * 40) * scale


class _Pen:
    """A drawing with shapes in the house manner."""

    def __init__(self, width: float, height: float, colours: Mapping[str, str], scale: float) -> None:
        from reportlab.graphics.shapes import Drawing

        self.made = Drawing(width, height)
        self.width, self.height, self.scale = width, height, scale
        self.colours = colours

    def colour(self, name: str) -> Any:
        from reportlab.lib.colors import HexColor

        return HexColor(self.colours[name])

    def mixed(self, share: float) -> Any:
        """`share` of the hue over the ground."""
        from reportlab.lib.colors import Color

        hue, ground = self.colour("hue"), self.colour("ground")
        parts = (share * h + (1 - share) * g for h, g in zip(hue.rgb(), ground.rgb(), strict=True))
        return Color(*parts)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        strong: bool = False,
        tone: str = "text",
        anchor: str = "start",
    ) -> None:
        from reportlab.graphics.shapes import String

        font = fonts.STRONG if strong else fonts.REGULAR
        self.made.add(
            String(
                x,
                y,
                text,
                fontName=font,
                fontSize=size * self.scale,
                fillColor=self.colour(tone),
                textAnchor=anchor,
            )
        )

    def fitted(self, text: str, size: float, room: float, strong: bool = False) -> float:
        """The size at which a text fits into the room, at most `size`."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        wide = stringWidth(text, fonts.STRONG if strong else fonts.REGULAR, size * self.scale)
        return size * min(1.0, room / wide) if wide else size

    def bar(self, x: float, y: float, width: float, height: float, share: float) -> None:
        """A filled bar with fine hatching."""
        from reportlab.graphics.shapes import Rect

        fill = self.mixed(share)
        self.made.add(Rect(x, y, width, height, fillColor=fill, strokeColor=None))
        self._hatch(x, y, width, height, self.mixed(max(0.0, share - 0.16)))

    def _hatch(self, x: float, y: float, width: float, height: float, colour: Any) -> None:
        offset = -height + HATCH
        while offset < width:
            x1, y1 = (offset, 0.0) if offset >= 0 else (0.0, -offset)
            x2, y2 = (offset + height, height) if offset + height <= width else (width, width - offset)
            if y2 > y1:
                self.rule(x + x1, y + y1, x + x2, y + y2, colour, 0.7)
            offset += HATCH

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: Any, width: float) -> None:
        from reportlab.graphics.shapes import Line

        self.made.add(Line(x1, y1, x2, y2, strokeColor=colour, strokeWidth=width))


def _bars(pen: _Pen, spec: BarChart) -> None:
    foot, head = 22 * pen.scale, 18 * pen.scale
    top = max([*spec.values, 1])
    step = pen.width / max(1, len(spec.categories))
    wide = min(step * 0.6, 90)
    for number, (name, value) in enumerate(zip(spec.categories, spec.values, strict=True)):
        current = spec.current is None or number == spec.current
        middle = step * (number + 0.5)
        tall = (pen.height - foot - head) * max(0, value) / top
        if tall:
            pen.bar(middle - wide / 2, foot, wide, tall, 1.0 if current else PALE)
        pen.words(middle, foot + tall + 5, f"{value:,}{spec.unit}", 11, True, "text", "middle")
        size = pen.fitted(name, 10, step - 4, current)
        pen.words(
            middle,
            foot - 15 * pen.scale,
            name,
            size,
            current and spec.current is not None,
            "text" if current else "muted",
            "middle",
        )
    pen.rule(0, foot, pen.width, foot, pen.colour("line"), 0.8)


def _line(pen: _Pen, spec: LineChart) -> None:
    from reportlab.graphics.shapes import Circle, PolyLine

    foot, head = 22 * pen.scale, 20 * pen.scale
    top = max([*spec.values, 1])
    step = pen.width / max(1, len(spec.categories))
    points = [
        (step * (n + 0.5), foot + (pen.height - foot - head) * max(0, value) / top)
        for n, value in enumerate(spec.values)
    ]
    pen.made.add(
        PolyLine([c for point in points for c in point], strokeColor=pen.colour("hue"), strokeWidth=2)
    )
    for (x, y), name, value in zip(points, spec.categories, spec.values, strict=True):
        pen.made.add(Circle(x, y, 3.2, fillColor=pen.colour("hue"), strokeColor=pen.colour("ground")))
        pen.words(x, y + 7, f"{value:,}{spec.unit}", 10, True, "text", "middle")
        pen.words(x, foot - 15 * pen.scale, name, pen.fitted(name, 10, step - 4), False, "muted", "middle")
    pen.rule(0, foot, pen.width, foot, pen.colour("line"), 0.8)


def _ranges(pen: _Pen, spec: RangeBars) -> None:
    from reportlab.graphics.shapes import Rect

    s = pen.scale
    label_wide, value_wide = min(150 * s, pen.width * 0.3), 34 * s
    words_wide = min(130 * s, pen.width * 0.24) if any(row.words for row in spec.rows) else 0
    left = label_wide + 8 * s
    room = max(40.0, pen.width - left - value_wide - words_wide - 8 * s)
    span = spec.high - spec.low
    y = pen.height - 14 * s
    pen.words(left, y, f"{spec.low // 10}, lowest", 9, False, "muted")
    pen.words(left + room, y, f"{spec.high // 10}, best", 9, False, "muted", "end")
    for row in spec.rows:
        y -= 40 * s
        pen.words(0, y + 14 * s, row.label, pen.fitted(row.label, 10.5, label_wide, True), True)
        pen.words(0, y + 2 * s, row.hint, pen.fitted(row.hint, 9, label_wide), False, "muted")
        thick, low = 15 * s, y + 5 * s
        pen.made.add(Rect(left, low, room, thick, fillColor=pen.colour("track"), strokeColor=None))
        reach = room * min(max(row.value - spec.low, 0), span) / span
        if reach:
            pen.bar(left, low, reach, thick, 0.8)
        if row.last is not None:
            tick = left + room * min(max(row.last - spec.low, 0), span) / span
            pen.rule(tick, low - 5 * s, tick, low + thick + 5 * s, pen.colour("ground"), 5)
            pen.rule(tick, low - 5 * s, tick, low + thick + 5 * s, pen.colour("text"), 1.8)
        pen.words(left + room + 10 * s, low + 3 * s, tenths(row.value), 10.5, True)
        if row.words:
            size = pen.fitted(row.words, 10, words_wide)
            pen.words(left + room + value_wide + 8 * s, low + 3 * s, row.words, size)
