"""Charts: one spec becomes one reportlab drawing, shown on paper by PDF and on screen by SVG.

Bars and lines only, labelled directly, from zero (range bars from their lowest answer, said beside them).
Nothing relies on colour: every bar has its figure, the current one is full and its name semibold; fine
hatching is drawn as lines, for the SVG reader of the screen knows no patterns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from app.report import fonts
from app.report.blocks import BarChart, LineChart, Range, RangeBars, Spec, tenths, value_words
from app.report.svg import written
from app.report.text import Run, drawable, lines, longest_word, width

PAPER = {"text": "#17191C", "muted": "#55585E", "line": "#6F6D66", "ground": "#FFFFFF", "track": "#E6E4DE"}
PALE, FULL, RANGE = 0.38, 1.0, 0.8  # shares of the hue over the ground
HATCH = 5.0
NAME, FIGURE = 10.0, 11.0
ROW = 40.0


def drawing(
    spec: Spec, wide: float, tall: float, palette: Mapping[str, str] | None = None, scale: float = 1.0
) -> Any:
    """The chart as a reportlab Drawing of this size in points.

    `palette` holds text, muted, line, ground, track and hue as #RRGGBB (paper's where not given); a hue
    that is the colour of text means high contrast, drawn in two colours with outlines. `scale` enlarges
    the words.
    """
    fonts.register()
    colours = {**PAPER, "hue": spec.hue or "#124E66", **(palette or {})}
    pen = _Pen(wide, tall, colours, scale)
    if isinstance(spec, BarChart):
        _bars(pen, spec)
    elif isinstance(spec, LineChart):
        _line(pen, spec)
    else:
        _ranges(pen, spec)
    return pen.made


def svg(
    spec: Spec, wide: float, tall: float, palette: Mapping[str, str] | None = None, scale: float = 1.0
) -> bytes:
    """The same drawing as SVG bytes, without clips or patterns, so that QSvgRenderer draws all of it."""
    return written(drawing(spec, wide, tall, palette, scale))


def ranges_height(count: int, scale: float = 1.0) -> float:
    """The height in points that a RangeBars chart of so many rows needs."""
    return (20 + count * ROW) * scale


class _Pen:
    """A drawing with shapes in the house manner."""

    def __init__(self, wide: float, tall: float, colours: Mapping[str, str], scale: float) -> None:
        from reportlab.graphics.shapes import Drawing

        self.made = Drawing(wide, tall)
        self.wide, self.tall, self.scale = wide, tall, scale
        self.colours = colours
        self.plain = colours["hue"].lower() == colours["text"].lower()

    def colour(self, name: str) -> Any:
        from reportlab.lib.colors import HexColor

        return HexColor(self.colours[name])

    def mixed(self, share: float) -> Any:
        """`share` of the hue over the ground."""
        from reportlab.lib.colors import Color

        hue, ground = self.colour("hue"), self.colour("ground")
        return Color(*(share * h + (1 - share) * g for h, g in zip(hue.rgb(), ground.rgb(), strict=True)))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size: float = NAME,
        strong: bool = False,
        tone: str = "text",
        anchor: str = "start",
    ) -> None:
        """One line of words; `anchor` is start, middle or end."""
        from reportlab.graphics.shapes import String

        font = fonts.STRONG if strong else fonts.REGULAR
        shown = drawable(text).replace("\n", " ")
        if not shown:
            return
        self.made.add(
            String(
                x,
                y,
                shown,
                fontName=font,
                fontSize=size * self.scale,
                fillColor=self.colour(tone),
                textAnchor=anchor,
            )
        )

    def span(self, text: str, size: float, strong: bool = False) -> float:
        """The width of words in points."""
        return width(drawable(text), fonts.STRONG if strong else fonts.REGULAR, size * self.scale)

    def fitted(self, text: str, size: float, room: float, strong: bool = False) -> tuple[str, float]:
        """A text and the size at which it fits: from `size` down to 0.8 of it, then cut with an ellipsis."""
        wide = self.span(text, size, strong)
        small = size * max(0.8, min(1.0, room / wide)) if wide else size
        while len(text) > 2 and self.span(text, small, strong) > room + 0.5:
            text = f"{text[:-2].rstrip()}…"
        return text, small

    def bar(self, x: float, y: float, wide: float, tall: float, share: float) -> None:
        """A bar with fine hatching; in high contrast a full bar is filled and any other an outline."""
        if self.plain:
            full = share >= RANGE
            self.box(x, y, wide, tall, self.colour("text" if full else "ground"), self.colour("text"))
            self._hatch(x, y, wide, tall, self.colour("ground" if full else "text"))
            return
        self.box(x, y, wide, tall, self.mixed(share))
        self._hatch(x, y, wide, tall, self.mixed(share - 0.16))

    def box(self, x: float, y: float, wide: float, tall: float, fill: Any, edge: Any = None) -> None:
        """A filled rectangle."""
        from reportlab.graphics.shapes import Rect

        self.made.add(
            Rect(x, y, wide, tall, fillColor=fill, strokeColor=edge, strokeWidth=1.5 if edge else 0)
        )

    def _hatch(self, x: float, y: float, wide: float, tall: float, colour: Any) -> None:
        offset = -tall + HATCH
        while offset < wide:
            x1, y1 = (offset, 0.0) if offset >= 0 else (0.0, -offset)
            x2, y2 = (offset + tall, tall) if offset + tall <= wide else (wide, wide - offset)
            if y2 > y1:
                self.rule(x + x1, y + y1, x + x2, y + y2, colour, 0.7)
            offset += HATCH

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: Any, thick: float) -> None:
        """A straight line."""
        from reportlab.graphics.shapes import Line

        self.made.add(Line(x1, y1, x2, y2, strokeColor=colour, strokeWidth=thick))


class _Plot:
    """Where values stand: columns of equal width over names that may take some lines, zero among them."""

    def __init__(self, pen: _Pen, names: Sequence[str], values: Sequence[int], unit: str) -> None:
        self.pen, self.names = pen, names
        self.step = pen.wide / max(1, len(names))
        longest = max((pen.span(name, NAME) for name in names), default=0.0)
        word = max((longest_word(name, fonts.STRONG, NAME * pen.scale) for name in names), default=0.0)
        fits = min(1.0, (self.step - 4) / word) if word else 1.0
        crowded = longest > self.step - 4 and (self.step < 34 * pen.scale or fits < 0.8)
        self.size = NAME if crowded else NAME * fits
        self.every = ceil((longest + 12) / self.step) if crowded else 1
        self.lines = [self._name(name) for name in names]
        leading = 12.5 * pen.scale
        most = 1 if crowded else max((len(made) for made in self.lines), default=1)
        self.foot = (9 + 12.5 * most) * pen.scale
        self.high, self.low = max([0, *values]), min([0, *values])
        self.leading, self.room = leading, pen.tall - self.foot - 18 * pen.scale
        if self.low < 0:
            self.room -= 16 * pen.scale
            self.foot += 16 * pen.scale
        self.widest = max((pen.span(value_words(v, unit), FIGURE, True) for v in values), default=0.0)
        self.roomy = self.widest < self.step - 1

    def _name(self, name: str) -> list[str]:
        """A name in at most three lines as wide as its column."""
        made = lines([Run(name)], self.size * self.pen.scale, max(self.step - 4, 12))
        return [line.text.strip() for line in made[:3]]

    def x(self, number: int) -> float:
        """The middle of a column."""
        return self.step * (number + 0.5)

    def y(self, value: int) -> float:
        """The height of a value."""
        return self.foot + self.room * (value - self.low) / max(1, self.high - self.low)

    def labelled(self, values: Sequence[int], current: int | None) -> set[int]:
        """Which figures are written: all where there is room, else the current, the highest, the last and the
        first, as far as none stands on another."""
        if self.roomy or not values:
            return set(range(len(values)))
        peak = max(range(len(values)), key=lambda n: values[n])
        shown: set[int] = set()
        for number in (current, peak, len(values) - 1, 0):
            if number is not None and all(
                abs(number - other) * self.step > self.widest * 1.5 + 4 for other in shown
            ):
                shown.add(number)
        return shown

    def figure(self, number: int, y: float, text: str, size: float) -> None:
        """A figure in the middle of its column, moved inward where it would leave the drawing."""
        half = self.pen.span(text, size, True) / 2
        x = min(max(self.x(number), half), self.pen.wide - half)
        self.pen.words(x, y, text, size, True, "text", "middle")

    def draw_names(self, current: int | None) -> None:
        """The names under their columns (every so many, where they are crowded) and the zero line."""
        bottom = self.foot - (16 * self.pen.scale if self.low < 0 else 0)
        for number, made in enumerate(self.lines):
            here = number == current
            if self.every > 1:
                if number % self.every and not here:
                    continue
                near = current is not None and not here and abs(number - current) < self.every
                made = [] if near else [self.names[number]]
            for line, text in enumerate(made):
                y = bottom - 15 * self.pen.scale - line * self.leading
                x, anchor = self.x(number), "middle"
                half = self.pen.span(text, self.size, here) / 2
                if self.every > 1 and not here and x + half > self.pen.wide + 4:
                    continue
                x = min(max(x, half), self.pen.wide - half)
                self.pen.words(x, y, text, self.size, here, "text" if here else "muted", anchor)
        zero = self.y(0)
        self.pen.rule(0, zero, self.pen.wide, zero, self.pen.colour("line"), 0.8)


def _bars(pen: _Pen, spec: BarChart) -> None:
    plot = _Plot(pen, spec.categories, spec.values, spec.unit)
    thick, shown = min(plot.step * 0.6, 90), plot.labelled(spec.values, spec.current)
    for number, (_, value) in enumerate(zip(spec.categories, spec.values, strict=True)):
        x, zero, end = plot.x(number), plot.y(0), plot.y(value)
        full = spec.current is None or number == spec.current
        if value:
            pen.bar(x - thick / 2, min(zero, end), thick, abs(end - zero), FULL if full else PALE)
        if number in shown:
            y = end - 13 * pen.scale if value < 0 else end + 5 * pen.scale
            plot.figure(number, y, value_words(value, spec.unit), FIGURE)
    plot.draw_names(spec.current)


def _line(pen: _Pen, spec: LineChart) -> None:
    from reportlab.graphics.shapes import Circle, PolyLine

    plot = _Plot(pen, spec.categories, spec.values, spec.unit)
    points = [(plot.x(number), plot.y(value)) for number, value in enumerate(spec.values)]
    plot.draw_names(None)
    shown = plot.labelled(spec.values, None)
    if len(points) > 1:
        flat = [part for point in points for part in point]
        pen.made.add(PolyLine(flat, strokeColor=pen.colour("hue"), strokeWidth=2, strokeLineJoin=1))
    for number, ((x, y), value) in enumerate(zip(points, spec.values, strict=True)):
        pen.made.add(
            Circle(x, y, 3.4, fillColor=pen.colour("hue"), strokeColor=pen.colour("ground"), strokeWidth=1.2)
        )
        if number in shown:
            after = spec.values[min(number + 1, len(points) - 1)]
            before = spec.values[max(number - 1, 0)]
            dips = value < before and value < after
            lift = -16 * pen.scale if dips and y - plot.foot > 20 * pen.scale else 8 * pen.scale
            plot.figure(number, y + lift, value_words(value, spec.unit), NAME)


def _ranges(pen: _Pen, spec: RangeBars) -> None:
    """Rows of label, bar, value and words; where it is narrow the label and words stand above the bar."""
    s = pen.scale
    stacked = pen.wide < 400 * s
    told = [row.words for row in spec.rows if row.words]
    names = max((pen.span(row.label, 10.5, True) for row in spec.rows), default=0.0)
    hints = max((pen.span(row.hint, 9) for row in spec.rows), default=0.0)
    label_wide = 0.0 if stacked else min(max(names, hints) + 2, pen.wide * 0.34)
    words_wide = min(max((pen.span(text, NAME) for text in told), default=0.0), pen.wide * 0.3)
    left = 0.0 if stacked else label_wide + 14 * s
    beside = 0.0 if stacked or not told else words_wide + 6 * s
    room = max(40.0, pen.wide - left - 36 * s - beside)
    y = pen.tall - 10 * s
    _scale_words(pen, spec, left, room, y, stacked)
    for row in spec.rows:
        y -= ROW * s
        under = y + (1 if stacked else 5) * s
        if stacked:
            words, size = pen.fitted(row.words, NAME, pen.wide * 0.5)
            free = pen.wide - pen.span(words, size) - 10 * s
            pen.words(pen.wide, y + 22 * s, words, size, anchor="end")
            text, size = pen.fitted(row.label, 10.5, free, True)
            pen.words(0, y + 22 * s, text, size, True)
        else:
            text, size = pen.fitted(row.label, 10.5, label_wide, True)
            pen.words(0, y + 14 * s, text, size, True)
            text, size = pen.fitted(row.hint, 9, label_wide)
            pen.words(0, y + 2 * s, text, size, False, "muted")
            text, size = pen.fitted(row.words, NAME, words_wide)
            pen.words(left + room + 38 * s, under + 4 * s, text, size)
        _range_bar(pen, spec, row, left, under, room)
        pen.words(left + room + 10 * s, under + 4 * s, tenths(row.value), 10.5, True)


def _scale_words(pen: _Pen, spec: RangeBars, left: float, room: float, y: float, stacked: bool) -> None:
    """What the ends of the scale and the upright mark mean."""
    s = pen.scale
    low, high = tenths(spec.low).removesuffix(".0"), tenths(spec.high).removesuffix(".0")
    first, last = f"{low}, lowest", f"{high}, best"
    pen.words(left, y, first, 9, False, "muted")
    pen.words(left + room, y, last, 9, False, "muted", "end")
    if any(row.last is not None for row in spec.rows):
        begin = pen.span(first, 9) + 16 * s if stacked else 1.0
        space = room - begin - pen.span(last, 9) - 20 * s if stacked else left - 22 * s
        pen.rule(begin, y - 3 * s, begin, y + 9 * s, pen.colour("text"), 1.8)
        text, size = pen.fitted(f"marks {spec.last_name.removeprefix('in ')}", 9, space)
        pen.words(begin + 7 * s, y, text, size, False, "muted")


def _range_bar(pen: _Pen, spec: RangeBars, row: Range, left: float, under: float, room: float) -> None:
    """Track, bar and the tick of last time with a halo of ground."""
    span, thick, over = max(1, spec.high - spec.low), 15 * pen.scale, 4 * pen.scale
    pen.box(left, under, room, thick, pen.colour("track"), pen.colour("text") if pen.plain else None)
    reach = room * min(max(row.value - spec.low, 0), span) / span
    if reach:
        pen.bar(left, under, reach, thick, RANGE)
    if row.last is not None:
        tick = left + room * min(max(row.last - spec.low, 0), span) / span
        pen.rule(tick, under - over, tick, under + thick + over, pen.colour("ground"), 5)
        pen.rule(tick, under - over, tick, under + thick + over, pen.colour("text"), 1.8)
