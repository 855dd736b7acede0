"""Source Sans 3 for paper: registered once, embedded and subset, with every Welsh letter."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

REGULAR, STRONG, ITALIC = "SourceSans3", "SourceSans3-Semibold", "SourceSans3-It"


@cache
def register() -> None:
    """Registers the family with reportlab; a second call does nothing."""
    from reportlab import rl_config
    from reportlab.graphics.shapes import STATE_DEFAULTS
    from reportlab.lib.fonts import addMapping
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = files("resources").joinpath("fonts")
    for name, file in ((REGULAR, "Regular"), (STRONG, "Semibold"), (ITALIC, "It")):
        with as_file(folder.joinpath(f"SourceSans3-{file}.ttf")) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    for bold, italic, name in ((0, 0, REGULAR), (1, 0, STRONG), (0, 1, ITALIC), (1, 1, STRONG)):
        addMapping(REGULAR, bold, italic, name)
    rl_config.useA85 = 0  # streams as bytes: spelling them in letters makes every file a quarter larger
    STATE_DEFAULTS["fontName"] = REGULAR  # else every chart writes an unembedded Helvetica into the file
