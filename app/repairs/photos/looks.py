"""How a picture looks, as far as arithmetic can tell: nearly the same as another, blurred, or too dark.

All of it is a hint to the officer who holds the camera, never a verdict and never a reason to refuse. The
thresholds were set on pictures that the tests draw: rooms with mould, sharp and out of focus, by day and
without light.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

BLURRED, DARK = "blurred", "dark"
SAME_LOOK = 6  # of 64 bits: so few may differ between two shots of one thing
FLAT_BITS = 4  # a hash with fewer bits set (or clear) is of a plain surface and says nothing
LOOK_SIDE = 512  # pixels of the longer side that sharpness is measured at
TILES = 4  # by side: one sharp corner makes a sharp picture, for a wall has no edges
SHARP = 6.0  # variance of the Laplacian in the sharpest tile, grey levels squared at a mean of 128
PLAIN = 4.0  # grey levels of standard deviation: below it is a bare surface, of which nothing can be told
DARK_MEAN, DARK_LIGHTS = 45.0, 110  # grey levels of 255: the mean, and the brightest twentieth

HINTS = {
    BLURRED: "Looks blurred: take it again?",
    DARK: "Looks dark: take it again with the light on?",
}


def look_hash(picture: Image.Image) -> str:
    """The 64-bit difference hash of a picture, 16 hexadecimal digits: each bit says whether one of 8 by 8
    cells is brighter than its left neighbour. Small changes of size, light and compression keep most bits."""
    from PIL import Image

    small = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    levels = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (levels[at + 1] > levels[at])
    return f"{bits:016x}"


def distance(one: str, other: str) -> int:
    """How many of the 64 bits differ; 64 where either is no hash or comes from a plain surface."""
    if not (_tells(one) and _tells(other)):
        return 64
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _tells(value: str) -> bool:
    if len(value) != 16:
        return False
    try:
        bits = int(value, 16).bit_count()
    except ValueError:
        return False
    return FLAT_BITS <= bits <= 64 - FLAT_BITS


def nearly_same(value: str, others: Iterable[tuple[str, str]]) -> str | None:
    """The key of the picture (key, hash) that looks most like this one, if any is near enough; else None."""
    near = [(distance(value, other), key) for key, other in others]
    best = min(near, default=(64, ""))
    return best[1] if best[0] <= SAME_LOOK else None


def hint_of(picture: Image.Image) -> str:
    """ "dark", "blurred", or "" for a picture that is neither as far as can be told."""
    from PIL import Image, ImageStat

    grey = picture.convert("L")
    if max(grey.size) > LOOK_SIDE:
        scale = LOOK_SIDE / max(grey.size)
        size = (max(8, round(grey.width * scale)), max(8, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.BOX)
    if _dark(grey):
        return DARK
    if min(grey.size) < 32 or ImageStat.Stat(grey).stddev[0] < PLAIN:
        return ""
    return BLURRED if sharpness(grey) < SHARP else ""


def _dark(grey: Image.Image) -> bool:
    counts, mean = grey.histogram(), _mean(grey)
    total, seen = sum(counts), 0
    for level in range(255, -1, -1):
        seen += counts[level]
        if seen * 20 >= total:
            return mean < DARK_MEAN and level < DARK_LIGHTS
    return False


def _mean(grey: Image.Image) -> float:
    counts = grey.histogram()
    return sum(level * count for level, count in enumerate(counts)) / sum(counts)


def sharpness(grey: Image.Image) -> float:
    """The variance of the Laplacian in the sharpest of 16 tiles of a grey picture, as if its mean were 128:
    a picture with little light has low edges however sharp it is."""
    from PIL import ImageFilter, ImageStat

    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128))
    edges = edges.crop((1, 1, grey.width - 1, grey.height - 1))  # the rim is not filtered
    wide, tall = edges.width / TILES, edges.height / TILES
    boxes = (
        (round(x * wide), round(y * tall), round((x + 1) * wide), round((y + 1) * tall))
        for x in range(TILES)
        for y in range(TILES)
    )
    best = max(float(ImageStat.Stat(edges.crop(box)).var[0]) for box in boxes)
    return best * (128 / max(_mean(grey), 1.0)) ** 2
