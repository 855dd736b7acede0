"""What a picture file carries beside its pixels, in words a person knows: "EXIF with a place", "XMP".

Only names are found out, never the values: nobody needs to read where a photo was taken to throw it away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.repairs.photos.sniff import Format, format_of

PLACE = "EXIF with a place"
_GPS = 0x8825
_ADOBE_COLOUR = 0xEE  # says only how colours are coded
_MOST_TAGS = 4_096
_PNG_NAMES = {
    b"tEXt": "a comment",
    b"iTXt": "a comment",
    b"zTXt": "a comment",
    b"iCCP": "a colour profile",
    b"tIME": "a time",
}
_WEBP_NAMES = {b"XMP ": "XMP", b"ICCP": "a colour profile"}
_TIFF_NAMES = {
    _GPS: PLACE,
    0x8769: "EXIF",
    0x02BC: "XMP",
    0x83BB: "IPTC",
    0x8649: "Photoshop data",
    0x8773: "a colour profile",
    0x010E: "a comment",
    0x010F: "the camera’s make",
    0x0110: "the camera’s model",
    0x0131: "the program’s name",
    0x0132: "a time",
    0x013B: "a name",
    0x8298: "a name",
}


def metadata_in(data: bytes) -> list[str]:
    """What a picture file carries beside its pixels, each once; empty for what Holdall stores.

    A HEIC file is asked through its reader: see `metadata_of_heic`.
    """
    ways = {
        Format.JPEG: _jpeg_extras,
        Format.PNG: _png_extras,
        Format.WEBP: _webp_extras,
        Format.TIFF: _tiff_extras,
    }
    kind = format_of(data)
    return list(dict.fromkeys(ways[kind](data))) if kind in ways else []


def metadata_of_heic(info: Mapping[str, Any]) -> list[str]:
    """The same for what the HEIC reader found beside the pixels (its `info`)."""
    found: list[str] = []
    exif = info.get("exif")
    if exif:
        found.append(exif_words(bytes(exif).removeprefix(b"Exif\0\0")))
    if info.get("xmp"):
        found.append("XMP")
    if info.get("metadata"):
        found.append("other data")
    if info.get("icc_profile"):
        found.append("a colour profile")
    return found


def exif_words(tiff: bytes) -> str:
    """ "EXIF with a place" when the first directory of an EXIF block leads to one of places, else "EXIF"."""
    return PLACE if _GPS in _tags(tiff) else "EXIF"


def _tags(tiff: bytes) -> list[int]:
    """The tags of the first directory of a TIFF structure; empty where it is broken."""
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return []
    big = order == "big"

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], "big" if big else "little")

    start = number(4, 4)
    count = min(number(start, 2), _MOST_TAGS) if start + 2 <= len(tiff) else 0
    return [number(start + 2 + 12 * n, 2) for n in range(count) if start + 14 + 12 * n <= len(tiff)]


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
            yield exif_words(body[6:])
        elif body.startswith(b"http://ns.adobe.com/"):
            yield "XMP"
        elif body.startswith(b"ICC_PROFILE"):
            yield "a colour profile"
        elif body.startswith(b"Photoshop"):
            yield "IPTC"
        elif body.startswith(b"MPF\0"):
            yield "a second picture"
        elif 0xE1 <= marker <= 0xEF and marker != _ADOBE_COLOUR:
            yield f"a block APP{marker - 0xE0}"
        position += 2 + length


def _png_extras(data: bytes) -> Iterator[str]:
    position = 8
    while position + 8 <= len(data):
        length, kind = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        if kind == b"eXIf":
            yield exif_words(data[position + 8 : position + 8 + length])
        elif kind in _PNG_NAMES:
            yield _PNG_NAMES[kind]
        position += 12 + length


def _webp_extras(data: bytes) -> Iterator[str]:
    position = 12
    while position + 8 <= len(data):
        kind, length = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8], "little"),
        )
        if kind == b"EXIF":
            yield exif_words(data[position + 8 : position + 8 + length].removeprefix(b"Exif\0\0"))
        elif kind in _WEBP_NAMES:
            yield _WEBP_NAMES[kind]
        position += 8 + length + length % 2


def _tiff_extras(data: bytes) -> Iterator[str]:
    yield from (_TIFF_NAMES[tag] for tag in _tags(data) if tag in _TIFF_NAMES)
