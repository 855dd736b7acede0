"""The measures of the house style on paper: sizes in points, colours, roles of text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from app.report import fonts

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
MARGIN = 20 * MM
WIDTH = PAGE_WIDTH - 2 * MARGIN
HEAD_LINE, HEAD_RULE = PAGE_HEIGHT - 39, PAGE_HEIGHT - 56
FOOT_RULE, FOOT_LINE, LOG_LINE = 42.0, 29.5, 18.0
TOP, BOTTOM = PAGE_HEIGHT - 69, 56.0  # where the words of a page begin and end
ROOM = TOP - BOTTOM

TEXT, MUTED, LINE, SOFT, EDGE, BLACK = "#17191C", "#55585E", "#C9C6BD", "#F0EEE8", "#6F6D66", "#000000"


@dataclass(frozen=True)
class Role:
    """How one kind of text is set: size, leading, font, colour, and the air before and after."""

    size: float
    leading: float
    font: str
    colour: str
    before: float = 0.0
    after: float = 0.0


ROLES = {
    "title": Role(18, 23, fonts.STRONG, TEXT, 0, 0),
    "subtitle": Role(10, 14, fonts.REGULAR, MUTED, 0, 22),
    "h2": Role(12.5, 17, fonts.STRONG, TEXT, 24, 9),
    "h3": Role(11, 15, fonts.STRONG, TEXT, 16, 5),
    "h2_large": Role(16, 21, fonts.STRONG, TEXT, 22, 8),
    "h3_large": Role(14, 19, fonts.STRONG, TEXT, 16, 6),
    "large": Role(13, 18.5, fonts.REGULAR, TEXT, 0, 8),
    "tick": Role(13, 18, fonts.REGULAR, TEXT, 0, 6),
    "body": Role(10, 14, fonts.REGULAR, TEXT, 0, 8),
    "item": Role(10, 14, fonts.REGULAR, TEXT, 0, 4),
    "muted": Role(10, 14, fonts.REGULAR, MUTED, 0, 8),
    "small": Role(9, 12.5, fonts.REGULAR, MUTED, 0, 7),
    "note": Role(9.5, 13.5, fonts.REGULAR, TEXT, 18, 10),
    "caption": Role(9, 12.5, fonts.REGULAR, MUTED, 4, 10),
    "cell": Role(10, 13, fonts.REGULAR, TEXT),
    "cell_head": Role(9.5, 12.5, fonts.STRONG, MUTED),
}


@cache
def ink(colour: str) -> Any:
    """A colour given as #RRGGBB, for reportlab."""
    from reportlab.lib.colors import HexColor

    return HexColor(colour)
