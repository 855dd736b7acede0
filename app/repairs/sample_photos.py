"""Photos for the sample council, drawn by code: a wall, a window, mould that grows with a seed."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIDE = 1_200
WALL, WALL_SHADE, SKIRTING = (214, 205, 190), (196, 184, 166), (236, 231, 218)
FRAME, GLASS, RAIN = (240, 240, 238), (150, 178, 198), (176, 199, 214)
MOULD = (52, 60, 48)


def draw_photo(scene: str, source: random.Random) -> bytes:
    """A picture of one scene ("window", "skirting" or "sink") as JPEG bytes; the same for the same seed."""
    from PIL import Image, ImageDraw, ImageFilter

    picture = Image.new("RGB", (SIDE, SIDE), WALL)
    pen = ImageDraw.Draw(picture)
    for y in range(SIDE):
        share = y / SIDE
        shade = tuple(round(a + (b - a) * share) for a, b in zip(WALL, WALL_SHADE, strict=True))
        pen.line((0, y, SIDE, y), fill=shade)
    if scene == "skirting":
        pen.rectangle((0, SIDE - 190, SIDE, SIDE), fill=SKIRTING)
        pen.line((0, SIDE - 190, SIDE, SIDE - 190), fill=(150, 140, 126), width=8)
    elif scene == "sink":
        _window(pen, source, (-80, 70, 460, 760))
    else:
        _window(pen, source, (720, 110, 1_320, 800))
    centre = {"window": (600, 760), "skirting": (330, 760), "sink": (760, 300)}[scene]
    picture = _spots(picture, source, centre)
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(out, "JPEG", quality=90)
    return out.getvalue()


def _window(pen: ImageDraw.ImageDraw, source: random.Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    pen.rectangle(box, fill=FRAME)
    inner = (left + 46, top + 46, right - 46, bottom - 46)
    pen.rectangle(inner, fill=GLASS)
    for _ in range(140):
        x, y = source.randint(inner[0], inner[2]), source.randint(inner[1], inner[3] - 40)
        pen.line((x, y, x - 6, y + source.randint(12, 36)), fill=RAIN, width=3)
    middle = (left + right) // 2
    pen.rectangle((middle - 18, top, middle + 18, bottom), fill=FRAME)


def _spots(picture: Image.Image, source: random.Random, centre: tuple[int, int]) -> Image.Image:
    """Mould as many small soft spots, thicker near the middle."""
    from PIL import Image, ImageDraw, ImageFilter

    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for _ in range(640):
        x, y = source.gauss(centre[0], 190), source.gauss(centre[1], 170)
        radius = source.uniform(4, 30)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*MOULD, source.randint(60, 190)))
    soft = layer.filter(ImageFilter.GaussianBlur(3))
    return Image.alpha_composite(picture.convert("RGBA"), soft).convert("RGB")
