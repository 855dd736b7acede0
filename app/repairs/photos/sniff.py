"""What a file is by its bytes, never by its name, and how many pixels its header promises.

A header is read before any decoder is asked, so a picture of too many pixels costs no memory.
"""

from __future__ import annotations

from enum import StrEnum

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OTHERS = (
    (b"%PDF-", "a PDF"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"PK\x03\x04", "a zip file or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"\x1aE\xdf\xa3", "a film"),
)
_FILM_BRANDS = (b"isom", b"mp41", b"mp42", b"qt  ", b"avc1", b"M4V ", b"iso2", b"iso5", b"3gp4", b"3gp5")


class Format(StrEnum):
    """A kind of picture that is taken in, named as people name it."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    TIFF = "TIFF"
    HEIC = "HEIC"


ENDINGS = {
    Format.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Format.PNG: (".png",),
    Format.WEBP: (".webp",),
    Format.TIFF: (".tif", ".tiff"),
    Format.HEIC: (".heic", ".heif", ".hif"),
}


def format_of(data: bytes) -> Format | None:
    """The kind of picture that these bytes begin like; None for anything else."""
    if data[:3] == b"\xff\xd8\xff":
        return Format.JPEG
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return Format.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    if data[:4] in (b"II*\0", b"MM\0*"):
        return Format.TIFF
    if data[4:8] == b"ftyp" and _brands(data) & set(HEIC_BRANDS):
        return Format.HEIC
    return None


def _brands(data: bytes) -> set[bytes]:
    """The brands that an ISO media file says it follows: the main one first, then those it works with."""
    length = min(int.from_bytes(data[:4]), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}


def other_words(data: bytes) -> str:
    """What a file that is no picture of ours is, in words: "a PDF"; "" when it cannot be told."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return "a film" if brand in _FILM_BRANDS else "an AVIF picture" if brand == b"avif" else ""
    start = data[:64].lstrip()
    return next((words for mark, words in _OTHERS if start.startswith(mark)), "")


def ending_says(name: str) -> Format | None:
    """The kind of picture that a file's name claims; None when it claims none."""
    lower = name.lower()
    return next((kind for kind, endings in ENDINGS.items() if lower.endswith(endings)), None)


def size_in_header(data: bytes, kind: Format) -> tuple[int, int] | None:
    """Width and height as the header promises them; None where it is for the decoder to say."""
    if kind is Format.PNG and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if kind is Format.WEBP:
        return _webp_size(data)
    if kind is Format.JPEG:
        return _jpeg_size(data)
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """From the first chunk of a WebP file (RFC 9649, section 2)."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From the frame header of a JPEG file (ISO/IEC 10918-1, B.2.2)."""
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            tall, wide = data[position + 5 : position + 7], data[position + 7 : position + 9]
            return int.from_bytes(wide), int.from_bytes(tall)
        if marker == 0xDA:
            return None
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return None
