"""Photos: a 12-megapixel photo taken in, ten of them beside a living window, what is left of each file."""

from __future__ import annotations

import io
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from app.repairs.files import metadata_in, take_photo
from app.repairs.photos import looks
from app.repairs.photos.gathering import gather
from tests.bench.heic_grid import tiled
from tests.bench.lag import largest_gap

RUNS = 5
MEGAPIXELS_12 = (4_032, 3_024)
SMALL_HEIC = Path(__file__).parents[1] / "app" / "repairs" / "photos" / "wall.heic"


def rows() -> Iterator[tuple[str, str, str]]:
    """Each kind of file, then ten at once, then what the hints cost."""
    room = _room()
    for kind, asked, data in (
        ("JPEG", "at most 600 ms", _encoded(room, "JPEG", quality=92)),
        ("PNG", "", _encoded(room, "PNG", compress_level=1)),
        ("HEIC, a grid of 100 tiles", "", tiled(SMALL_HEIC.read_bytes(), 10, 10)),
    ):
        yield from _one(kind, asked, data)
    yield from _ten(_encoded(room, "JPEG", quality=92))
    yield from _hints(room)


def _room() -> object:
    """A wall with mould and the noise of a telephone's sensor, 12 megapixels."""
    from PIL import Image

    from app.repairs.sample_photos import draw_photo

    wall = Image.open(io.BytesIO(draw_photo("window", random.Random(12)))).resize(MEGAPIXELS_12)
    noise = Image.effect_noise(MEGAPIXELS_12, 24).convert("RGB")
    return Image.blend(wall.convert("RGB"), noise, 0.12)


def _encoded(picture: object, kind: str, **options: int) -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **options)  # type: ignore[attr-defined]
    return out.getvalue()


def _one(kind: str, asked: str, data: bytes) -> Iterator[tuple[str, str, str]]:
    spent = []
    for _ in range(RUNS):
        start = time.perf_counter()
        photo = take_photo(data, "photo")
        spent.append((time.perf_counter() - start) * 1000)
    left = metadata_in(photo.data) + metadata_in(photo.thumb)
    yield f"a 12-megapixel photo, {kind}, {len(data) / 1e6:.1f} MB", asked, f"{median(spent):.0f} ms"
    small = f"{len(photo.data) / 1000:.0f} kB and {len(photo.thumb) / 1000:.0f} kB"
    yield f"what is kept of it ({photo.width} by {photo.height}, and a small copy)", "", small
    yield "metadata left in it", "nothing", ", ".join(left) or "nothing"


def _ten(data: bytes) -> Iterator[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"{n}.jpg" for n in range(10)]
        for path in paths:
            path.write_bytes(data)
        start = time.perf_counter()
        worst, usual = largest_gap(lambda: gather(paths, 10))
        spent = time.perf_counter() - start
    yield "ten photos of 12 megapixels", "under 6 s", f"{spent:.1f} s"
    yield (
        "meanwhile the window is kept waiting",
        "",
        f"{worst:.0f} ms at most, {usual:.0f} ms usually",
    )


def _hints(room: object) -> Iterator[tuple[str, str, str]]:
    small = room.resize((1_600, 1_200))  # type: ignore[attr-defined]
    start = time.perf_counter()
    looks.hint_of(small)
    looks.look_hash(small)
    spent = (time.perf_counter() - start) * 1000
    yield "of that for blur, darkness and likeness", "", f"{spent:.0f} ms"
