"""What a file is, by its first bytes: the types that a council's laptops may send, and no others."""

from __future__ import annotations

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif")
ALLOWED = frozenset({*IMAGES, "application/pdf", "audio/mp4", "audio/x-m4a", "video/mp4", "text/plain"})
HEAD = 512  # bytes that tell

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_SOUND = frozenset({b"M4A ", b"M4B "})
_VIDEO = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"})
_PROGRAMS = (b"MZ", b"\x7fELF", b"PK\x03\x04", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kinds_of(head: bytes) -> frozenset[str]:
    """The types that a file beginning so may be declared as; none for a file that may not be kept."""
    for start, mime in _STARTS:
        if head.startswith(start):
            return frozenset({mime})
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return frozenset({"image/webp"})
    if head[4:8] == b"ftyp":
        return _boxed(head[8:12])
    if head.startswith(_PROGRAMS) or (b"\x00" in head and not head.startswith(_UTF16)):
        return frozenset()
    return frozenset({"text/plain"})


def _boxed(brand: bytes) -> frozenset[str]:
    """The types of the ISO media family, which share one frame: still pictures, sound, video."""
    if brand in _HEIF:
        return frozenset({"image/heic", "image/heif"})
    if brand in _SOUND:
        return frozenset({"audio/mp4", "audio/x-m4a"})
    return frozenset({"video/mp4", "audio/mp4"}) if brand in _VIDEO else frozenset()
