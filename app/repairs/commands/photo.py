"""`repairs photo`: what would be kept of a photo file, and what would be left behind; stores nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.repairs.files import metadata_in, take_photo
from app.repairs.photos.gathering import read_photo
from app.repairs.photos.looks import HINTS
from app.told import Told


def run(options: argparse.Namespace) -> Told:
    """Takes the photo in as the screen would, and tells of it. Raises BadFile or NotFound in words."""
    path: Path = options.file
    data = read_photo(path)
    photo = take_photo(data, path.name)
    left = list(dict.fromkeys(metadata_in(photo.data) + metadata_in(photo.thumb)))
    document = {
        "accepted": True,
        "width": photo.width,
        "height": photo.height,
        "bytes": len(photo.data),
        "sha256": photo.sha256,
        "metadata_left": left,
        "left_behind": list(photo.left_behind),
        "thumb_bytes": len(photo.thumb),
        "format": photo.format,
        "hint": photo.hint,
        "look_hash": photo.look_hash,
        "remark": photo.remark,
    }
    behind = (
        f"Left behind: {', '.join(photo.left_behind)}." if photo.left_behind else "It carried nothing else."
    )
    words = [f"Kept: {photo.width} by {photo.height} pixels, {len(photo.data):,} bytes.", behind]
    return Told(document, [*words, *filter(None, (photo.remark, HINTS.get(photo.hint)))])
