"""The files this slice takes in: photos, drawn anew so that only their pixels are kept.

A picture is sniffed by its bytes, decoded under a cap of pixels, turned upright, made small enough, and
encoded again. Place, time, camera, thumbnails, comments and colour profiles stay behind, on every way in.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import BadFile

if TYPE_CHECKING:
    from PIL import Image

MIME = "image/jpeg"
LONGEST_SIDE = 1_600
THUMB_SIDE = 256
QUALITY = 82
MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_PHOTOS = 10
FORMATS = ("JPEG", "PNG", "WEBP")  # the JPEG reader also takes the pairs that some phones make
HEIC_BRANDS = (b"heic", b"heix", b"mif1", b"hevc")
_COLOUR_MARK = 0xEE


@dataclass(frozen=True)
class TakenPhoto:
    """A photo as it may be kept: JPEG bytes without metadata, and a small copy of them."""

    data: bytes
    thumb: bytes
    width: int
    height: int
    left_behind: tuple[str, ...]  # what the file carried beside its pixels: "EXIF with a place", "XMP"

    @property
    def sha256(self) -> str:
        """The digest of the stored bytes; the same pixels have the same one."""
        return hashlib.sha256(self.data).hexdigest()


def take_photo(data: bytes, name: str) -> TakenPhoto:
    """Reads a photo file; raises BadFile with one sentence when it is not one, is cut short or too large."""
    if not data:
        raise BadFile(f"{name} is empty.", "Choose another photo.")
    if len(data) > MOST_BYTES:
        raise BadFile(f"{name} has {len(data) / 1048576:.0f} MB; a photo has at most 25.", "Send it smaller.")
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise BadFile(
            f"{name} is an HEIC photo, which this Holdall does not read yet.",
            "On the phone choose “Most compatible”, or share it as JPEG.",
        )
    found = tuple(metadata_in(data))
    picture = _decode(data, name)
    fitted = _fitted(picture, LONGEST_SIDE)
    full, thumb = _encode(fitted), _encode(_fitted(fitted, THUMB_SIDE))
    if metadata_in(full) or metadata_in(thumb):
        raise RuntimeError("a photo was encoded with metadata")
    return TakenPhoto(full, thumb, fitted.width, fitted.height, found)


def _decode(data: bytes, name: str) -> Image.Image:
    """The upright picture in RGB. Truncated and foreign files are told apart for the person."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
        pixels = picture.width * picture.height
        if pixels > MOST_PIXELS:
            raise _too_large(name, pixels)
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        return _flat(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise _too_large(name, 2 * MOST_PIXELS) from error
    except UnidentifiedImageError as error:
        raise BadFile(
            f"{name} is not a photo, whatever its name says.", "Choose a JPEG, PNG or WebP picture."
        ) from error
    except (OSError, SyntaxError, ValueError, struct.error, MemoryError) as error:
        raise BadFile(
            f"The photo {name} is cut short or damaged.", "Ask for it again, or take another one."
        ) from error


def _too_large(name: str, pixels: int) -> BadFile:
    return BadFile(
        f"{name} has {pixels // 1_000_000} million pixels or more; a photo here has at most 50.",
        "Send it in a smaller size.",
    )


def _flat(picture: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it was see-through, holding nothing but pixels."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
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
    return picture.resize(size, Image.Resampling.LANCZOS)


def _encode(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def metadata_in(data: bytes) -> list[str]:
    """What a picture file carries beside its pixels, in words; empty for what Holdall stores."""
    if data[:2] == b"\xff\xd8":
        return list(dict.fromkeys(_jpeg_extras(data)))
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return list(dict.fromkeys(_png_extras(data)))
    return []


def _jpeg_extras(data: bytes) -> Iterator[str]:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4])
        body = data[position + 4 : position + 2 + length]
        if marker == 0xDA:
            return
        if marker == 0xFE:
            yield "a comment"
        elif body.startswith(b"Exif\0"):
            yield "EXIF with a place" if b"\x88\x25" in body or b"\x25\x88" in body else "EXIF"
        elif body.startswith(b"http://ns.adobe.com/"):
            yield "XMP"
        elif body.startswith(b"ICC_PROFILE"):
            yield "a colour profile"
        elif body.startswith(b"Photoshop"):
            yield "IPTC"
        elif 0xE1 <= marker <= 0xEF and marker != _COLOUR_MARK:
            yield f"a block APP{marker - 0xE0}"
        position += 2 + length


def _png_extras(data: bytes) -> Iterator[str]:
    names = {
        b"eXIf": "EXIF",
        b"tEXt": "a comment",
        b"iTXt": "a comment",
        b"zTXt": "a comment",
        b"iCCP": "a colour profile",
        b"tIME": "a time",
    }
    position = 8
    while position + 8 <= len(data):
        length, kind = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        if kind in names:
            yield names[kind]
        position += 12 + length
