"""The measures of the house style on paper: sizes in points, colours, paragraph styles."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.report import fonts

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
MARGIN = 20 * MM
WIDTH = PAGE_WIDTH - 2 * MARGIN
TOP, BOTTOM = 22 * MM, 22 * MM

TEXT, MUTED, LINE, SOFT, EDGE = "#17191C", "#55585E", "#C9C6BD", "#F0EEE8", "#6F6D66"
NUMBERED_INDENT, BULLET_INDENT = 18, 14

SIZES = {
    "title": (18, 22, fonts.STRONG, TEXT, 0, 1),
    "subtitle": (10.5, 14, fonts.REGULAR, MUTED, 0, 16),
    "h2": (13, 17, fonts.STRONG, TEXT, 16, 6),
    "h3": (11, 15, fonts.STRONG, TEXT, 10, 4),
    "body": (10.5, 14.5, fonts.REGULAR, TEXT, 0, 7),
    "muted": (10, 14, fonts.REGULAR, MUTED, 2, 7),
    "small": (9, 12.5, fonts.REGULAR, MUTED, 0, 6),
    "cell": (10, 13, fonts.REGULAR, TEXT, 0, 0),
    "cell_strong": (10, 13, fonts.STRONG, TEXT, 0, 0),
    "cell_head": (9.5, 12.5, fonts.STRONG, MUTED, 0, 0),
    "fact": (10, 14, fonts.REGULAR, TEXT, 0, 0),
    "fact_label": (10, 14, fonts.STRONG, MUTED, 0, 0),
    "caption": (9.5, 13, fonts.REGULAR, MUTED, 3, 8),
}


@cache
def style(name: str, right: bool = False, indent: int = 0) -> Any:
    """A paragraph style by its role; aligned right for figures."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    size, leading, font, colour, before, after = SIZES[name]
    return ParagraphStyle(
        f"{name}{right}{indent}",
        fontName=font,
        fontSize=size,
        leading=leading,
        textColor=HexColor(colour),
        spaceBefore=before,
        spaceAfter=after,
        alignment=2 if right else 0,
        leftIndent=indent,
        splitLongWords=1,
        embeddedHyphenation=0,
        allowWidows=0,
        allowOrphans=0,
        uriWasteReduce=0.3,
    )
