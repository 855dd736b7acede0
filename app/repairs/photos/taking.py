"""Taking a photo in: one way for every picture, wherever it comes from.

A picture is sniffed by its bytes, decoded under a cap of pixels, turned upright, made small enough, and
encoded again. Place, time, camera, thumbnails, comments and colour profiles stay behind.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import BadFile, HoldallError
from app.repairs.photos import looks
from app.repairs.photos.metadata import PLACE, metadata_in, metadata_of_heic
from app.repairs.photos.sniff import Format, ending_says, format_of, other_words, size_in_header

if TYPE_CHECKING:
    from PIL import Image

MIME = "image/jpeg"
LONGEST_SIDE = 1_600  # pixels
THUMB_SIDE = 256
QUALITY = 82
MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_PHOTOS = 10  # of one repair
_READERS = {Format.JPEG: "JPEG", Format.PNG: "PNG", Format.WEBP: "WEBP", Format.TIFF: "TIFF"}
_WANTED = "Choose a JPEG, PNG, WebP, TIFF or HEIC picture."


@dataclass(frozen=True)
class TakenPhoto:
    """A photo as it may be kept: JPEG bytes without metadata, and a small copy of them."""

    data: bytes
    thumb: bytes
    width: int  # pixels
    height: int
    left_behind: tuple[str, ...]  # what the file carried beside its pixels: "EXIF with a place", "XMP"
    format: str = "JPEG"  # what the file was, by its bytes
    remark: str = ""  # a sentence when its name said something else
    look_hash: str = ""
    hint: str = ""  # "blurred", "dark" or ""

    @property
    def sha256(self) -> str:
        """The digest of the stored bytes; the same pixels have the same one."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def place_taken_out(self) -> bool:
        """Whether the file said where it was taken."""
        return PLACE in self.left_behind


def take_photo(data: bytes, name: str) -> TakenPhoto:
    """Reads a photo file; raises BadFile with one sentence when it is not one, is cut short or too large."""
    if not data:
        raise BadFile(f"{name} is empty.", "Choose another photo.")
    if len(data) > MOST_BYTES:
        raise BadFile(f"{name} has {len(data) / 1048576:.0f} MB; a photo has at most 25.", "Send it smaller.")
    kind = format_of(data)
    if kind is None:
        raise _no_photo(data, name)
    size = size_in_header(data, kind)
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise _too_large(name, size[0] * size[1])
    picture, found = _decode(data, name, kind)
    fitted = _fitted(_flat(_shrunk(picture)), LONGEST_SIDE)
    full, thumb = _encode(fitted), _encode(_fitted(fitted, THUMB_SIDE))
    if metadata_in(full) or metadata_in(thumb):
        raise RuntimeError("a photo was encoded with metadata")
    return TakenPhoto(
        full,
        thumb,
        fitted.width,
        fitted.height,
        tuple(found),
        kind.value,
        _remark(name, kind),
        looks.look_hash(fitted),
        looks.hint_of(fitted),
    )


def _remark(name: str, kind: Format) -> str:
    claimed = ending_says(name)
    if claimed is None or claimed is kind:
        return ""
    return f"{name} is a {kind.value} picture whatever its name says; it was taken all the same."


def _no_photo(data: bytes, name: str) -> BadFile:
    what = other_words(data)
    if what:
        return BadFile(f"{name} is not a photo but {what}, whatever its name says.", _WANTED)
    return BadFile(f"{name} is not a photo, whatever its name says.", _WANTED)


def _too_large(name: str, pixels: int) -> BadFile:
    return BadFile(
        f"{name} has {pixels // 1_000_000} million pixels; a photo here has at most 50.",
        "Send it in a smaller size.",
    )


def _damaged(name: str) -> BadFile:
    return BadFile(f"The photo {name} is cut short or damaged.", "Ask for it again, or take another one.")


def _decode(data: bytes, name: str, kind: Format) -> tuple[Image.Image, list[str]]:
    """The upright picture, and what lay beside its pixels. Truncated files raise BadFile."""
    from PIL import Image

    try:
        if kind is Format.HEIC:
            return _decode_heic(data, name)
        return _opened(data, name, kind), metadata_in(data)
    except HoldallError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(name, 2 * MOST_PIXELS) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError) as error:
        raise _damaged(name) from error


def _opened(data: bytes, name: str, kind: Format) -> Image.Image:
    """The picture as its reader gives it, upright; of a JPEG only as many pixels as are needed."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)  # of readers that make do with broken tags
        picture = Image.open(io.BytesIO(data), formats=[_READERS[kind]])
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_large(name, picture.width * picture.height)
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        return ImageOps.exif_transpose(picture)


def _decode_heic(data: bytes, name: str) -> tuple[Image.Image, list[str]]:
    """A HEIC picture by its reader, which turns it upright as the file says; raises BadFile.

    The reader is a library of its own that can be replaced; a copy of Holdall without it says so.
    """
    try:
        import pi_heif
    except ImportError as error:
        raise BadFile(
            f"{name} is an HEIC photo, and this copy of Holdall has no reader for those.",
            "On the phone choose “Most compatible”, or share it as JPEG.",
        ) from error
    try:
        opened = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        wide, tall = opened.size
        if wide * tall > MOST_PIXELS:
            raise _too_large(name, wide * tall)
        return opened.to_pillow(), metadata_of_heic(opened.info)
    except RuntimeError as error:  # the library’s own word for a file that goes past its limits
        raise _damaged(name) from error


def _shrunk(picture: Image.Image) -> Image.Image:
    """A large plain picture made small before anything else is done with it; any other as it is."""
    plain = picture.mode == "RGB" and "transparency" not in picture.info
    return _fitted(picture, LONGEST_SIDE) if plain else picture


def _flat(picture: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it was see-through, holding nothing but pixels."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits a pixel: the upper eight are kept
        picture = picture.convert("I").point([n // 256 for n in range(65_536)], "L")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    pixels = picture.convert("RGB")
    bare = Image.new("RGB", pixels.size)
    bare.paste(pixels)
    return bare


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    """The picture with its longer side at most `side`; never enlarged."""
    if max(picture.size) <= side:
        return picture
    from PIL import Image

    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encode(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
