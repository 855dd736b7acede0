"""The files this slice takes in: photos, drawn anew so that only their pixels are kept.

The work stands in app.repairs.photos: sniffing, metadata, taking in, how a picture looks.
"""

from __future__ import annotations

from app.repairs.photos.metadata import metadata_in
from app.repairs.photos.taking import (
    LONGEST_SIDE,
    MIME,
    MOST_BYTES,
    MOST_PHOTOS,
    MOST_PIXELS,
    QUALITY,
    THUMB_SIDE,
    TakenPhoto,
    take_photo,
)

__all__ = [
    "LONGEST_SIDE",
    "MIME",
    "MOST_BYTES",
    "MOST_PHOTOS",
    "MOST_PIXELS",
    "QUALITY",
    "THUMB_SIDE",
    "TakenPhoto",
    "metadata_in",
    "take_photo",
]
