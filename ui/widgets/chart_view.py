"""A chart drawn from the same spec as on paper, in the look in force, with its numbers as a table."""

from __future__ import annotations

from app.report.blocks import RangeBars, Spec, chart_alt, tenths, value_words
from ui.theme import theme
from ui.widgets.figures import ChartView
from ui.widgets.items import Column, Row
from ui.widgets.table import Table

PIXELS_TO_POINT = 4 / 3  # a chart is drawn in points on paper, in pixels on screen


def chart_palette(hue: str, ground: str = "surface") -> dict[str, str]:
    """The colours of a chart in the look in force: `hue` is a tab's key, `ground` the token behind it."""
    t = theme()
    track = t.colour(ground) if t.contrast else t.tint("muted", ground)
    return {
        "text": t.colour("text").name(),
        "muted": t.colour("muted").name(),
        "line": t.colour("edge").name(),
        "ground": t.colour(ground).name(),
        "track": track.name(),
        "hue": t.hue(hue).name(),
    }


class SpecChart(ChartView):
    """A chart of a spec (bars, line or ranges); `title` is its finding, read out before the numbers."""

    def __init__(self, spec: Spec, hue: str, title: str, first: str = "", value: str = "") -> None:
        self.spec, self.hue_key, self.title = spec, hue, title
        self.numbers = _table(spec, title, first, value)
        super().__init__(self.drawn, f"{title}. {chart_alt(spec)}", self.numbers)
        self.set_spec(spec, title)

    def set_spec(self, spec: Spec, title: str) -> None:
        """Shows other numbers of the same kind of chart."""
        self.spec, self.title = spec, title
        self.numbers.setAccessibleName(title)
        self.numbers.set_rows([Row(str(n), cells) for n, cells in enumerate(_cells(spec))])
        self.redraw(f"{title}. {chart_alt(spec)}")

    def drawn(self, width: int) -> bytes:
        """The SVG for a width in pixels."""
        from app.report.charts import ranges_height, svg  # reportlab is imported when a chart is first drawn

        t = theme()
        scale = t.factor * PIXELS_TO_POINT
        if isinstance(self.spec, RangeBars):
            height = ranges_height(len(self.spec.rows), scale)
        else:
            height = min(max(width * 0.32, t.tall(150)), t.tall(230))
        return svg(self.spec, width, height, chart_palette(self.hue_key), scale)


def _table(spec: Spec, title: str, first: str, value: str) -> Table:
    columns = [Column(first or "What", 160, stretch=True), Column(value or "Value", 90, figures=True)]
    if isinstance(spec, RangeBars):
        last = spec.last_name[:1].upper() + spec.last_name[1:]
        columns = [columns[0], Column(last, 110, figures=True), Column("Now", 80, figures=True)]
        columns.append(Column("", 150))
    return Table(columns, name=title)


def _cells(spec: Spec) -> list[tuple[str, ...]]:
    if isinstance(spec, RangeBars):
        return [
            (row.label, tenths(row.last) if row.last is not None else "none", tenths(row.value), row.words)
            for row in spec.rows
        ]
    pairs = zip(spec.categories, spec.values, strict=True)
    return [(name, value_words(value, spec.unit)) for name, value in pairs]
