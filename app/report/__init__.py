"""The house style of paper: plain blocks in, a tagged PDF out. reportlab is imported when one is made."""

from __future__ import annotations

from app.report.blocks import (
    PENCE,
    BarChart,
    Blanks,
    Block,
    Bullets,
    Chart,
    Code,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    LineChart,
    Note,
    PageBreak,
    Picture,
    Pictures,
    Range,
    RangeBars,
    Report,
    Signature,
    Spec,
    Table,
    Text,
    Tick,
    Ticks,
    chart_alt,
)
from app.report.seal import Seal

Figure = KeyFigure

__all__ = [
    "PENCE",
    "BarChart",
    "Blanks",
    "Block",
    "Bullets",
    "Chart",
    "Code",
    "Column",
    "Document",
    "Facts",
    "Figure",
    "Heading",
    "KeyFigure",
    "KeyFigures",
    "LineChart",
    "Note",
    "PageBreak",
    "Picture",
    "Pictures",
    "Range",
    "RangeBars",
    "Report",
    "Seal",
    "Signature",
    "Spec",
    "Table",
    "Text",
    "Tick",
    "Ticks",
    "chart_alt",
    "chart_svg",
    "render",
]


def render(document: Document, seal: Seal | None = None) -> bytes:
    """The paper as PDF bytes, sealed where there is a seal and the paper is not somebody's own; the same
    document and seal give the same bytes on every run."""
    from app.report.making import render as make

    return make(document, seal)


def chart_svg(
    spec: Spec, width: float, height: float, palette: dict[str, str] | None = None, scale: float = 1.0
) -> bytes:
    """The chart as SVG for the screen; see app.report.charts.svg."""
    from app.report.charts import svg

    return svg(spec, width, height, palette, scale)
